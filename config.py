"""Every setting: its default, its unit and its reason, in one place.

This is the only reader of the environment. `NAME_FILE` may name a file that holds the value of `NAME`
(Docker secrets). All problems are reported together, so that a wrong start is mended in one go.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from marshmallow import INCLUDE, Schema, ValidationError, pre_load, validates_schema
from marshmallow import fields as m
from marshmallow.validate import URL, OneOf, Range, Regexp

SECRET_LENGTH = 32  # characters; token_urlsafe(32) gives 43
KNOWN_WEAK = {"changeme", "secret", "development", "dev", "password"}


class SettingsError(Exception):
    """The environment cannot be used; the text lists every problem, one a line."""


class _Environment(Schema):
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
    DATABASE_URL = m.String(
        load_default=None,
        validate=Regexp(
            r"(sqlite:///|postgres(ql)?(\+psycopg)?://).+",
            error="must start with sqlite:/// or postgresql://",
        ),
        metadata={"default": "SQLite in DATA_DIR", "reason": "the ledger, the one truth about signatures"},
    )
    DATABASE_POOL = m.Integer(
        load_default=None,
        validate=Range(1, 200),
        metadata={
            "default": "WEB_THREADS",
            "unit": "connections a process",
            "reason": "a thread waits for no other; keep processes times this below PostgreSQL's limit",
        },
    )
    REDIS_URL = m.String(
        load_default=None,
        validate=Regexp(r"(rediss?|unix)://.+", error="must start with redis://, rediss:// or unix://"),
        metadata={
            "default": "none",
            "reason": "where the copy of the count lives; without it the ledger is read",
        },
    )
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
        validate=URL(schemes={"http", "https"}, require_tld=False),
        metadata={
            "default": "http://localhost:PORT; required in production",
            "reason": "the address visitors use; every link is made from it, never from a header",
        },
    )
    DEMO_URL = m.String(
        load_default=None,
        validate=URL(schemes={"http", "https"}, require_tld=False),
        metadata={
            "default": "127.0.0.1 for localhost and the other way round, else PUBLIC_URL",
            "reason": "a second origin for the partner's page, so that the embed crosses origins",
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

    @validates_schema
    def production_is_complete(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse to guess in production what would be wrong or unsafe there."""
        if data["ENVIRONMENT"] == "production":
            missing = [name for name in ("SECRET_KEY", "PUBLIC_URL") if data.get(name) is None]
            if missing:
                raise ValidationError({name: ["is required in production"] for name in missing})

    @validates_schema
    def secret_is_strong(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a short or well-known secret, in development too: keys travel."""
        secret = data.get("SECRET_KEY")
        if secret is not None and (
            len(secret) < SECRET_LENGTH or secret.lower() in KNOWN_WEAK or len(set(secret)) < 8
        ):
            raise ValidationError(
                f"is too weak: at least {SECRET_LENGTH} characters, made at random", "SECRET_KEY"
            )


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
    host: str
    port: int
    web_concurrency: int
    web_threads: int
    log_level: str

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read and check the environment. Raises SettingsError with all problems at once."""
        known, unreadable = _known(os.environ if environ is None else environ)
        loaded, invalid = _checked(known)
        problems = invalid | unreadable
        if problems:
            raise SettingsError("\n".join(f"{name} {why}" for name, why in sorted(problems.items())))
        return cls(**_completed({k.lower(): v for k, v in loaded.items()}))


def described() -> list[tuple[str, str, str, str]]:
    """Return (name, default, unit, reason) of every setting, for the docs and their test."""
    rows = []
    for name, field in _Environment().fields.items():
        about = field.metadata
        rows.append(
            (name, str(about.get("default", field.load_default)), about.get("unit", ""), about["reason"])
        )
    return rows


def _known(environ: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Collect the values, from the environment or from files; return them and what could not be read."""
    names = _Environment().fields
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
        return _Environment().load(known), {}
    except ValidationError as error:
        found: dict[str, list[str]] = error.normalized_messages()  # type: ignore[no-untyped-call]
        return {}, {name: "; ".join(why) for name, why in found.items()}


def _completed(known: dict[str, Any]) -> dict[str, Any]:
    """Fill in the defaults that follow from other settings."""
    folder = Path(known["data_dir"])
    public = (known["public_url"] or f"http://localhost:{known['port']}").rstrip("/")
    database = known["database_url"] or f"sqlite:///{folder.absolute() / 'ledger.sqlite3'}"
    return known | {
        "database_url": _with_driver(database),
        "database_pool": known["database_pool"] or known["web_threads"],
        "secret_key": known["secret_key"] or _development_key(folder),
        "public_url": public,
        "demo_url": (known["demo_url"] or _other_loopback(public)).rstrip("/"),
    }


def _with_driver(url: str) -> str:
    # Hosts hand out postgres:// and postgresql://; both mean psycopg 3 here.
    scheme, _, rest = url.partition("://")
    return url if scheme == "sqlite" else f"postgresql+psycopg://{rest}"


def _other_loopback(public: str) -> str:
    parts = urlsplit(public)
    other = {"localhost": "127.0.0.1", "127.0.0.1": "localhost"}.get(parts.hostname or "")
    if other is None:
        return public
    return f"{parts.scheme}://{other}:{parts.port}" if parts.port else f"{parts.scheme}://{other}"


def _development_key(folder: Path) -> str:
    """Make a key once and keep it. Two processes that start together end up with the same one."""
    path = folder / "secret_key"
    folder.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"secret_key.{os.getpid()}")
    if not path.exists():
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(SECRET_LENGTH), encoding="utf-8")
        try:
            os.link(draft, path)  # fails when another process was first: its key is the key
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="utf-8").strip()
