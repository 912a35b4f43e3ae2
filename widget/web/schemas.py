"""What may come in and what goes out. A field that is not listed here does not pass.

Problems are given as keys, not words: `edge.py` says them in the visitor's language.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from marshmallow import EXCLUDE, Schema, ValidationError
from marshmallow import fields as m
from marshmallow.validate import OneOf

from widget.domain.countries import COUNTRIES
from widget.domain.form import Field
from widget.domain.goal import GoalKind
from widget.domain.petition import Confirmation, Status
from widget.domain.refusals import FieldErrors, InvalidInput, Problem

LANG_LENGTH = 35
SOURCE_LENGTH = 100
PAGE_URL_LENGTH = 2_000
TEXT_VERSION_LENGTH = 32

# Controls, broken pairs, what decoding leaves of bytes that were not UTF-8, and the marks that turn
# the direction of what follows (a name could rewrite the line it is shown in). A joiner is a letter's
# neighbour in Persian and stays.
_UNREADABLE = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffd-\uffff"
_UNREADABLE_LINE = re.compile(f"[{_UNREADABLE}\t\n]")
_UNREADABLE_TEXT = re.compile(f"[{_UNREADABLE}]")


def _refuse(key: str, limit: int | None = None) -> ValidationError:
    return ValidationError([Problem(key, limit)])


def _said(*, null: str) -> dict[str, Any]:
    """Replace the words Marshmallow would use for a missing value and for null."""
    return {"required": [Problem("required")], "null": [Problem(null)]}


class Line(m.Field[str]):
    """Text in Unicode's composed form, trimmed, `limit` characters long: one line, or several."""

    def __init__(self, *, limit: int, multiline: bool = False, **kwargs: Any) -> None:
        self.limit = limit
        self.unreadable = _UNREADABLE_TEXT if multiline else _UNREADABLE_LINE
        super().__init__(**kwargs)
        self.error_messages = _said(null="required" if self.required else "not_a_text")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str):
            raise _refuse("not_a_text")
        if self.unreadable.search(value.replace("\r\n", "\n").strip()):
            raise _refuse("unreadable")
        text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").strip())
        if len(text) > self.limit:
            raise _refuse("too_long", self.limit)
        if self.required and not any(c.isprintable() and not c.isspace() for c in text):
            raise _refuse("required")
        return self._meant(text) if text else text

    def _meant(self, text: str) -> Any:
        return text


class Email(Line):
    """A mail address, checked for form only: nothing is asked of the network while a visitor waits.

    Gives the address as typed and the same with its domain in ASCII.
    """

    def _meant(self, text: str) -> tuple[str, str]:
        try:
            address = validate_email(text, check_deliverability=False)
        except EmailNotValidError as error:
            raise _refuse("invalid") from error
        return text, f"{address.local_part}@{address.ascii_domain}"


class Country(Line):
    """A country's two letters (ISO 3166-1 alpha-2)."""

    def _meant(self, text: str) -> str:
        if text.upper() not in COUNTRIES:
            raise _refuse("invalid")
        return text.upper()


class PageUrl(Line):
    """The address of a partner's page, without what stands behind "?" or "#"."""

    def _meant(self, text: str) -> str:
        try:
            parts = urlsplit(text)
        except ValueError as error:
            raise _refuse("invalid") from error
        if parts.scheme not in {"http", "https"} or not parts.netloc or "@" in parts.netloc:
            raise _refuse("invalid")
        return f"{parts.scheme}://{parts.netloc}{parts.path}"


class Tick(m.Field[bool]):
    """A box: what a form or a program sends for ticked, or for not."""

    MEANT = {  # noqa: RUF012 - read only
        **dict.fromkeys(("true", "on", "1", "yes"), True),
        **dict.fromkeys(("false", "off", "0", "no", ""), False),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.error_messages = _said(null="not_a_yes_or_no")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if isinstance(value, bool):
            return value
        meant = self.MEANT.get(value.strip().lower()) if isinstance(value, str) else None
        if meant is None:
            raise _refuse("not_a_yes_or_no")
        return meant


def _field(asked: Field) -> m.Field[Any]:
    required = {"required": asked.required} if asked.required else {"load_default": ""}
    limit = asked.maxlength or 2
    match asked.type:
        case "email":
            return Email(limit=limit, **required)
        case "country":
            return Country(limit=limit, **required)
        case "textarea":
            return Line(limit=limit, multiline=True, **required)
        case "checkbox":
            return Tick(load_default=False)
        case "text":
            return Line(limit=limit, **required)


# What every form sends beside the fields it asks for.
_ALWAYS: dict[str, m.Field[Any]] = {
    "lang": Line(limit=LANG_LENGTH, load_default=""),
    "source": Line(limit=SOURCE_LENGTH, load_default=""),
    "page_url": PageUrl(limit=PAGE_URL_LENGTH, load_default=""),
    "text_version": Line(limit=TEXT_VERSION_LENGTH, load_default=""),
    "test": Tick(load_default=False),
}


@lru_cache(maxsize=512)
def signature_form(form: tuple[Field, ...]) -> Schema:
    """Build the schema of what a petition with these fields takes; anything else is left out."""
    fields = {field.name: _field(field) for field in form} | _ALWAYS
    return Schema.from_dict(dict(fields), name="SignatureForm")(unknown=EXCLUDE)


def load_signature(form: tuple[Field, ...], sent: Mapping[str, Any]) -> dict[str, Any]:
    """Check what was sent against the form. Raises InvalidInput with every problem at once."""
    try:
        loaded: dict[str, Any] = signature_form(form).load(sent)
    except ValidationError as error:
        raise InvalidInput(cast("FieldErrors", error.messages)) from error
    return loaded


class OfWhich(Schema):
    """What the number is made of."""

    here = m.Integer(required=True)
    carried_over = m.Integer(required=True)
    paper = m.Integer(required=True)


class ProgressAnswer(Schema):
    """Count and goal, which always travel together."""

    count = m.Integer(required=True)
    goal = m.Integer(required=True)
    ratio = m.Float(required=True)
    goal_kind = m.Enum(GoalKind, by_value=True, required=True)
    of_which = m.Nested(OfWhich, required=True)
    as_of = m.DateTime(format="iso", required=True)


class SignedAnswer(Schema):
    """The answer to a signer. `test` is there, and true, only in a dry run: nothing was stored."""

    status = m.String(required=True, validate=OneOf(["counted", "check_email"]))
    progress = m.Nested(ProgressAnswer, required=True)
    test = m.Boolean()


class FieldAnswer(Schema):
    """One field of the form, as the widget is to show it."""

    name = m.String(required=True)
    type = m.String(required=True, validate=OneOf(["text", "email", "country", "textarea", "checkbox"]))
    required = m.Boolean(required=True)
    label = m.String(required=True)
    autocomplete = m.String()
    maxlength = m.Integer()


class PetitionAnswer(Schema):
    """A petition as the widget shows it."""

    slug = m.String(required=True)
    title = m.String(required=True)
    addressed_to = m.List(m.String(), required=True)
    started_by = m.String(required=True)
    summary = m.String(required=True)
    url = m.String(required=True)
    status = m.Enum(Status, by_value=True, required=True)
    text_version = m.String(required=True)
    confirmation = m.Enum(Confirmation, by_value=True, required=True)
    lang = m.String(required=True, metadata={"description": "language of title, addressees and summary"})
    dir = m.String(required=True, validate=OneOf(["ltr", "rtl"]))
    thanks_url = m.String(metadata={"description": "the organiser's page for those who have signed"})


class ShareAnswer(Schema):
    """A way to pass the petition on. `{url}` in `href` is the place of its address, percent-encoded."""

    via = m.String(required=True)
    name = m.String(required=True)
    href = m.String(required=True)


class WidgetAnswer(Schema):
    """All that one widget needs, in one answer. `lang` and `dir` are those of `messages`."""

    petition = m.Nested(PetitionAnswer, required=True)
    progress = m.Nested(ProgressAnswer, required=True)
    form = m.List(m.Nested(FieldAnswer), required=True)
    sign_url = m.String(required=True)
    lang = m.String(required=True)
    dir = m.String(required=True, validate=OneOf(["ltr", "rtl"]))
    messages = m.Dict(keys=m.String(), required=True)
    share = m.List(m.Nested(ShareAnswer), required=True)


class CarriedOverAnswer(Schema):
    """A figure from elsewhere, with where it is from."""

    count = m.Integer(required=True)
    source = m.String(required=True)
    counted_on = m.Date(required=True, allow_none=True)


class AuditDayAnswer(Schema):
    """One day (UTC). `added` is all that came in, repeats among it; `total` is the number at its end."""

    day = m.Date(required=True)
    added = m.Integer(required=True)
    confirmed = m.Integer(required=True)
    withdrawn = m.Integer(required=True)
    invalidated = m.Integer(required=True)
    corrected = m.Integer(required=True)
    total = m.Integer(required=True)


class AuditAnswer(Schema):
    """How the number came about."""

    petition = m.String(required=True)
    count = m.Integer(required=True)
    carried_over = m.List(m.Nested(CarriedOverAnswer), required=True)
    paper = m.Integer(required=True)
    days = m.List(m.Nested(AuditDayAnswer), required=True)


class ProblemAnswer(Schema):
    """Why something was refused (RFC 9457)."""

    type = m.String(required=True)
    title = m.String(required=True)
    status = m.Integer(required=True)
    detail = m.String(required=True)
    code = m.String(required=True)
    errors = m.Dict(keys=m.String(), values=m.List(m.String()))
