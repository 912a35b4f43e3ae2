"""What stands in a letter, and how it travels.

Of what a signer typed, nothing stands in a letter but the address on the envelope: whoever signs with
somebody else's address cannot send them a word. Dates and numbers are those of the language.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr
from functools import cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from email_validator import validate_email
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from widget import i18n, prose, tokens
from widget.domain.language import spoken
from widget.domain.letter import Letter
from widget.domain.refusals import PetitionNotFound
from widget.store.ledger import Ledger
from widget.tokens import Purpose

LETTERS = Path(__file__).parents[1] / "letters"
SUBJECT_LENGTH = 150  # characters of a title that stand in a subject
_ISOLATE, _UNTIL = "\u2068", "\u2069"  # so that a title in another direction disturbs nothing around it


class MailSettings(Protocol):
    """What of the settings concerns letters."""

    @property
    def public_url(self) -> str:
        """The address that links begin with."""

    @property
    def mail_from(self) -> str | None:
        """Who letters are from."""

    @property
    def secret_key(self) -> str:
        """What signs the links."""

    @property
    def confirm_within(self) -> int:
        """Days that a link works."""


@dataclass(frozen=True, slots=True)
class Stationery:
    """What all letters share: who they are from, and where their links lead."""

    public_url: str
    mail_from: str
    secret_key: str
    confirm_within: timedelta


@dataclass(frozen=True, slots=True)
class Written:
    """A letter in words. `links` are the addresses in it that open something of the signer's."""

    subject: str
    text: str
    html: str
    lang: str
    links: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Posted:
    """A letter in words and who it is to; nobody any more once the signature is erased."""

    to: str
    written: Written


def stationery(settings: MailSettings) -> Stationery:
    """Return what these settings make letters look like; a desk needs no sender."""
    host = urlsplit(settings.public_url).hostname or "localhost"
    return Stationery(
        public_url=settings.public_url,
        mail_from=settings.mail_from or f"Support Now <no-reply@{host}>",
        secret_key=settings.secret_key,
        confirm_within=timedelta(days=settings.confirm_within),
    )


def read(letter_id: int, *, ledger: Ledger, paper: Stationery) -> Posted | None:
    """Return a letter as it would be sent, for the mailbox page; None if there is none."""
    letter = ledger.letter(letter_id)
    if letter is None:
        return None
    try:
        return Posted(letter.email, write(letter, paper, count=ledger.tally(letter.petition_id).count))
    except PetitionNotFound:  # pragma: no cover - petitions are never deleted
        return None


def write(letter: Letter, paper: Stationery, *, count: int) -> Written:
    """Write a letter in the signer's language; `count` is the petition's number."""
    lang = i18n.choose(letter.lang)
    links = _links(letter, paper)
    facts: dict[str, Any] = {
        "letter": letter,
        "count": count,
        "signed_on": letter.signed_at.date(),
        "confirm_by": (letter.written_at + paper.confirm_within).date(),
        "title_dir": i18n.direction(letter.title_lang),
        "petition_url": f"{paper.public_url}/p/{letter.slug}",
        **links,
    }
    facts["thanks_lang"], thanks = spoken(letter.thanks_text, letter.title_lang, lang)
    facts |= {
        "thanks": thanks.split("\n") if thanks else [],
        "thanks_dir": i18n.direction(facts["thanks_lang"]),
    }
    if letter.news is not None:
        facts["news_dir"] = i18n.direction(letter.news.lang)
        facts["news_html"] = prose.html(letter.news.text)
    subject = _subject(letter, lang)
    facts["subject"] = subject
    html = templates().get_template(f"{letter.occasion}.html").render(**_speech(lang, escape), **facts)
    text = templates().get_template(f"{letter.occasion}.txt").render(**_speech(lang, str), **facts)
    return Written(subject, f"{text.strip()}\n", html, lang, links)


def write_test(letter: Letter, paper: Stationery) -> Written:
    """Write an update as its signers would get it, marked as a test in its subject."""
    written = write(letter, paper, count=0)
    return replace(written, subject=i18n.text(written.lang, "letter.test_subject", subject=written.subject))


def message(letter: Letter, written: Written, paper: Stationery, *, to: str, now: datetime) -> EmailMessage:
    """Put a letter into its envelope. Its number stays, so that a second copy is known as one.

    Only news carries List-Unsubscribe, to leave it with one click (RFC 8058): every other letter answers
    what was done with the address.
    """
    mail = envelope(paper, to=to, subject=written.subject, now=now)
    domain = parseaddr(paper.mail_from)[1].rpartition("@")[2]
    mail["Message-ID"] = f"<letter-{letter.id}-{int(letter.written_at.timestamp() * 1000)}@{domain}>"
    if letter.news is not None:
        mail["List-Unsubscribe"] = f"<{written.links['leave_url']}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail["Precedence"] = "bulk"
    mail.set_content(written.text, cte="quoted-printable")
    mail.add_alternative(written.html, subtype="html", cte="quoted-printable")
    mail["Content-Language"] = written.lang
    return mail


def envelope(paper: Stationery, *, to: str, subject: str, now: datetime) -> EmailMessage:
    """Return a letter that is still empty: from whom, to whom, when, about what."""
    mail = EmailMessage(policy=SMTP if to.isascii() else SMTPUTF8)
    name, address = parseaddr(paper.mail_from)
    mail["From"] = Address(name, addr_spec=address)
    local, _, host = to.rpartition("@")
    mail["To"] = Address(username=local, domain=host)
    mail["Subject"] = subject
    mail["Date"] = format_datetime(now.astimezone(UTC))
    mail["Auto-Submitted"] = "auto-generated"
    return mail


def recipient(email: str) -> str:
    """Return an address as mail servers take it: the domain in ASCII. Raises ValueError."""
    checked = validate_email(email, check_deliverability=False)
    return checked.ascii_email or f"{checked.local_part}@{checked.ascii_domain}"


def _links(letter: Letter, paper: Stationery) -> dict[str, str]:
    def link(path: str, purpose: Purpose) -> str:
        return f"{paper.public_url}/{path}/{tokens.make(paper.secret_key, purpose, letter.link)}"

    return {
        "confirm_url": link("confirm", Purpose.CONFIRM),
        "own_page_url": link("signature", Purpose.OWN_PAGE),
        "leave_url": link("news", Purpose.LEAVE_NEWS),
    }


def _subject(letter: Letter, lang: str) -> str:
    if letter.news is None:
        title = _one_line(letter.title, letter.title_lang, lang)
        return i18n.text(lang, f"letter.{letter.occasion}_subject", title=title)
    title = _one_line(letter.news.title, letter.news.lang, lang)
    return i18n.text(lang, f"letter.{letter.news.kind}_subject", title=title)


def _one_line(title: str, title_lang: str, lang: str) -> str:
    """Return a title for a header: no line break gets there, nothing invisible, nothing endless."""
    visible = "".join(c if c.isprintable() else " " for c in title)
    title = " ".join(visible.split())
    if len(title) > SUBJECT_LENGTH:
        title = f"{title[: SUBJECT_LENGTH - 1].rstrip()}…"
    same = i18n.direction(title_lang) == i18n.direction(lang)
    return title if same else f"{_ISOLATE}{title}{_UNTIL}"


@cache
def templates() -> Environment:
    """Return the templates of all letters."""
    return Environment(
        loader=FileSystemLoader(LETTERS),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _speech(lang: str, safe: Callable[[str], str]) -> dict[str, Any]:
    """Return what a template speaks with; `safe` makes a pattern one whose values are escaped, or not."""

    def names(people: tuple[str, ...]) -> str:
        if safe is str:
            return i18n.listing(lang, people)
        one_by_one = [Markup("<bdi>{}</bdi>").format(name) for name in people]
        return Markup(i18n.listing(lang, one_by_one))  # noqa: S704 - every name was escaped above

    return {
        "lang": lang,
        "dir": i18n.direction(lang),
        "t": lambda key, /, **params: safe(i18n.pattern(lang, key)).format_map(params),
        "tn": lambda key, count, /: safe(i18n.plural(lang, key, count)),
        "date": lambda day: i18n.date(lang, day),
        "names": names,
    }
