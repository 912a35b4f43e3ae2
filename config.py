"""Every setting: its default, its unit and its reason, in one place.

This is the only reader of the environment. `NAME_FILE` may name a file that holds the value of `NAME`
(Docker secrets). All problems are reported together, so that a wrong start is mended in one go.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from marshmallow import INCLUDE, ValidationError, pre_load, validates_schema
from marshmallow import fields as m
from marshmallow.validate import Email, OneOf, Range, Regexp

import mailing
import privacy
import protection
import stores
import watching
from defaults import SECRET_LENGTH, completed

KNOWN_WEAK = {"changeme", "secret", "development", "dev", "password"}


class SettingsError(SystemExit):
    """The environment cannot be used; the text lists every problem, one a line.

    Ends a process that does not catch it: with these words and status 1, and without a traceback.
    """


class _Environment(privacy.Checked):
    """What may stand in the environment. `metadata` feeds the table in docs/operating.md."""

    class Meta:
        unknown = INCLUDE

    ENVIRONMENT = m.String(
        load_default="development",
        validate=OneOf(["development", "production"]),
        metadata={"reason": "production refuses to start on a default that is only safe on a desk"},
    )
    DATA_DIR = m.String(
        load_default="var",
        metadata={"reason": "the folder for all that is kept: the embedded ledger and the development key"},
    )
    DATABASE_URL = stores.DATABASE_URL
    DATABASE_POOL = stores.DATABASE_POOL
    REDIS_URL = stores.REDIS_URL
    SECRET_KEY = m.String(
        load_default=None,
        metadata={
            "default": "made and kept in DATA_DIR; required in production",
            "unit": f"at least {SECRET_LENGTH} characters",
            "reason": "signs and hashes; whoever has it can forge links",
        },
    )
    PUBLIC_URL = m.String(
        load_default=None,
        validate=Regexp(r"https?://[^/?#@;\s]+/?$", error="must be like https://petitions.example.org"),
        metadata={
            "default": "http://localhost:PORT; required in production",
            "reason": "the address visitors use; every link is made from it, never from a header",
        },
    )
    DEMO_URL = m.String(
        load_default=None,
        validate=Regexp(r"https?://[^/?#@;\s]+/?$", error="must be like https://petitions.example.org"),
        metadata={
            "default": "127.0.0.1 for localhost and the other way round, else PUBLIC_URL",
            "reason": "a second origin for the partner's page, so that the embed crosses origins",
        },
    )
    SMTP_URL = m.String(
        load_default=None,
        validate=Regexp(
            r"(smtps?|smtp\+starttls)://([^/@]+@)?(\[[0-9a-fA-F:]+\]|[^/@:\[\]]+)(:[0-9]{1,5})?/?$",
            error="must be like smtps://USER:PASSWORD@HOST:PORT, or smtp:// or smtp+starttls://",
        ),
        metadata={
            "default": "none",
            "reason": "the server that takes our letters; without it no new petition asks to confirm",
        },
    )
    MAIL_FROM = m.String(
        load_default=None,
        metadata={
            "default": "none; required with SMTP_URL",
            "unit": "an address, or NAME <ADDRESS>",
            "reason": "who the letters are from; its domain is the one that SPF and DKIM vouch for",
        },
    )
    HOST = m.String(load_default="127.0.0.1", metadata={"reason": "nobody outside reaches a fresh start"})
    PORT = m.Integer(load_default=8000, validate=Range(1, 65535), metadata={"reason": "free on most desks"})
    WEB_CONCURRENCY = m.Integer(
        load_default=2,
        validate=Range(1, 256),
        metadata={"unit": "processes", "reason": "one a core; the ledger keeps every promise across them"},
    )
    WEB_THREADS = m.Integer(
        load_default=4,
        validate=Range(1, 64),
        metadata={
            "unit": "threads a process",
            "reason": "more of them queue at the interpreter lock (bench/)",
        },
    )
    LOG_LEVEL = m.String(
        load_default="info",
        validate=OneOf(["debug", "info", "warning", "error"]),
        metadata={"reason": "info logs writes, refusals and failures; debug every request"},
    )

    @pre_load
    def trim(self, data: Mapping[str, str], **_: Any) -> dict[str, str]:
        """Take an empty value for an unset one, as compose files write it."""
        return {k: v.strip() for k, v in data.items() if v.strip()}

    @validates_schema(skip_on_field_errors=False)
    def production_is_complete(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse to guess in production what would be wrong or unsafe there."""
        if data.get("ENVIRONMENT") == "production":
            missing = [name for name in ("SECRET_KEY", "PUBLIC_URL") if data.get(name) is None]
            if missing:
                raise ValidationError({name: ["is required in production"] for name in missing})
            if urlsplit(data["PUBLIC_URL"]).scheme == "http" and not _is_near(data["PUBLIC_URL"]):
                raise ValidationError(
                    "must be https in production: names and links would travel in clear", "PUBLIC_URL"
                )

    @validates_schema(skip_on_field_errors=False)
    def mail_can_go_out(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a sender that no server would take, and a password sent for everybody on the way to read."""
        url, sender = data.get("SMTP_URL"), data.get("MAIL_FROM")
        if sender is None and url is not None:
            raise ValidationError("is required with SMTP_URL", "MAIL_FROM")
        if sender is not None and not _is_sender(sender):
            raise ValidationError("must be an address, or NAME <ADDRESS>", "MAIL_FROM")
        if url and urlsplit(url).scheme == "smtp" and urlsplit(url).password and not _is_near(url):
            raise ValidationError("would send its password in clear: use smtps or smtp+starttls", "SMTP_URL")

    @validates_schema(skip_on_field_errors=False)
    def secret_is_strong(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a short or well-known secret, in development too: keys travel."""
        secret = data.get("SECRET_KEY")
        if secret is not None and (
            len(secret) < SECRET_LENGTH or secret.lower() in KNOWN_WEAK or len(set(secret)) < 11
        ):
            raise ValidationError(
                f"is too weak: at least {SECRET_LENGTH} characters, made at random", "SECRET_KEY"
            )


_Everything = _Environment.from_dict(mailing.FIELDS | privacy.FIELDS | protection.FIELDS | watching.FIELDS)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process; see `_Environment` for what each is for."""

    environment: str
    data_dir: str
    database_url: str
    database_pool: int
    redis_url: str | None
    secret_key: str
    public_url: str
    demo_url: str
    smtp_url: str | None
    mail_from: str | None
    mail_per_minute: int
    mail_timeout: int
    mail_worker: str
    confirm_within: int
    news_per_minute: int
    host: str
    port: int
    web_concurrency: int
    web_threads: int
    log_level: str
    privacy: privacy.Privacy
    protection: protection.Protection
    watching: watching.Watching

    @property
    def shows_mailbox(self) -> bool:
        """Tell whether letters are shown on a page instead of being sent: on a desk without a mail server."""
        return self.environment == "development" and self.smtp_url is None

    @property
    def writes_letters(self) -> bool:
        """Tell whether a letter that is written will be seen by anybody."""
        return self.smtp_url is not None or self.shows_mailbox

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read and check the environment. Raises SettingsError with all problems at once."""
        known, unreadable = _known(os.environ if environ is None else environ)
        loaded, invalid = _checked(known)
        problems = invalid | unreadable
        if problems:
            raise SettingsError("\n".join(f"{name} {why}" for name, why in sorted(problems.items())))
        known = {name.lower(): value for name, value in loaded.items()}
        for sister in (privacy, protection, watching):
            known = sister.gathered(known)
        return cls(**completed(known))


def open_figures_folder() -> str:
    """Make the folder in which all processes of this start keep their figures, unless it is there."""
    return watching.open_folder(os.environ)


def note_minder(pid: int) -> None:
    """Note who minds the worker beside the server, for the server that this process becomes."""
    watching.note_minder(os.environ, pid)


def noted_minder() -> int | None:
    """Return who minds the worker beside this server; None when none was started."""
    return watching.noted_minder(os.environ)


def note_greeting(said: str) -> None:
    """Note what the server that this process becomes says once it serves."""
    watching.note_greeting(os.environ, said)


def taken_greeting() -> str | None:
    """Return what is to be said once it serves, and forget it; None where nobody wanted anything."""
    return watching.taken_greeting(os.environ)


def described() -> list[tuple[str, str, str, str]]:
    """Return (name, default, unit, reason) of every setting, for the docs and their test."""
    rows = []
    for name, field in _Everything().fields.items():
        about = field.metadata
        rows.append(
            (name, str(about.get("default", field.load_default)), about.get("unit", ""), about["reason"])
        )
    return rows


def _known(environ: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Collect the values, from the environment or from files; return them and what could not be read."""
    names = _Everything().fields
    known = {name: environ[name] for name in names if name in environ}
    unreadable: dict[str, str] = {}
    for name in names:
        path = environ.get(f"{name}_FILE", "").strip()
        if not path:
            continue
        if known.get(name, "").strip():
            unreadable[name] = f"is set twice: as {name} and as {name}_FILE"
            continue
        try:
            known[name] = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            unreadable[name] = f"{name}_FILE cannot be read: {error}"
    return known, unreadable


def _checked(known: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Run the schema; return what it made of the values and what it found wrong, by name."""
    try:
        return _Everything().load(known), {}
    except ValidationError as error:
        found: dict[str, list[str]] = error.normalized_messages()  # type: ignore[no-untyped-call]
        return {}, {name: "; ".join(why) for name, why in found.items()}


def _is_sender(text: str) -> bool:
    address = parseaddr(text)[1]
    try:
        Email()(address)
    except ValidationError:
        return False
    return text.isprintable() and address.isascii() and (text == address or text.endswith(f"<{address}>"))


def _is_near(url: str) -> bool:
    return urlsplit(url).hostname in {"localhost", "127.0.0.1", "::1"}
