"""What may come in and what goes out. A field that is not listed here does not pass.

Problems are given as keys, not words: `edge.py` says them in the visitor's language.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast, get_args

from marshmallow import EXCLUDE, Schema, ValidationError
from marshmallow import fields as m
from marshmallow.validate import OneOf

from widget.domain.form import Field, FieldType
from widget.domain.goal import GoalKind
from widget.domain.guard import PROOF_LENGTH
from widget.domain.petition import Confirmation, Status
from widget.domain.question import Question
from widget.domain.refusals import FieldErrors, InvalidInput, Problem
from widget.web.fields import Agreed, Choice, Country, Email, Line, PageUrl, Seconds, Tick, Trap

LANG_LENGTH = 35
SOURCE_LENGTH = 100
PAGE_URL_LENGTH = 2_000
TEXT_VERSION_LENGTH = 32


def _own_field(asked: Question) -> m.Field[Any]:
    missing = Problem("unticked" if asked.type == "checkbox" else "unanswered", asked=asked.labels)
    given: dict[str, Any] = {"missing": missing}
    given |= {"required": True} if asked.required else {"load_default": ""}
    match asked.type:
        case "checkbox":
            return Agreed(missing) if asked.required else Tick(load_default=False)
        case "choice":
            return Choice(asked, **given)
        case _:
            return Line(limit=asked.maxlength or 0, multiline=asked.type == "textarea", **given)


def _field(asked: Field) -> m.Field[Any]:
    if isinstance(asked, Question):
        return _own_field(asked)
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
        case "text" | "choice":
            return Line(limit=limit, **required)


# What every form sends beside the fields it asks for.
_ALWAYS: dict[str, m.Field[Any]] = {
    "lang": Line(limit=LANG_LENGTH, load_default=""),
    "source": Line(limit=SOURCE_LENGTH, load_default=""),
    "page_url": PageUrl(limit=PAGE_URL_LENGTH, load_default=""),
    "text_version": Line(limit=TEXT_VERSION_LENGTH, load_default=""),
    "test": Tick(load_default=False),
    # For the guard: a field that no person sees, how long the form stood open, a proof of work.
    "website": Trap(load_default=""),
    "elapsed": Seconds(load_default=None),
    "proof": Line(limit=PROOF_LENGTH, load_default=""),
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


_OPTIONS = {
    "description": "of a country: ISO 3166-1 codes, two letters each; of a choice: the words of each option",
    "oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
}


class FieldAnswer(Schema):
    """One field of the form, as the widget is to show it."""

    name = m.String(required=True)
    type = m.String(required=True, validate=OneOf(get_args(FieldType)))
    required = m.Boolean(required=True)
    label = m.String(required=True)
    autocomplete = m.String()
    maxlength = m.Integer()
    lang = m.String(metadata={"description": "of the words of a question of the organiser's own"})
    options = m.Raw(metadata=_OPTIONS)


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


class PaperAnswer(Schema):
    """Signatures on paper: where and when they were collected, on which scan; below 0 what was taken back."""

    number = m.Integer(required=True)
    count = m.Integer(required=True)
    place = m.String(required=True)
    collected_on = m.Date(required=True)
    reference = m.String(required=True)
    recorded_at = m.DateTime(required=True)
    takes_back = m.Integer(required=True, allow_none=True)


class AuditDayAnswer(Schema):
    """One day (UTC). `added` is all that came in, repeats among it; `total` is the number at its end.

    `imported` of `confirmed` came in a file from elsewhere.

    `paper` is by how much what was recorded on paper that day changed it.
    """

    day = m.Date(required=True)
    added = m.Integer(required=True)
    confirmed = m.Integer(required=True)
    imported = m.Integer(required=True)
    withdrawn = m.Integer(required=True)
    invalidated = m.Integer(required=True)
    corrected = m.Integer(required=True)
    paper = m.Integer(required=True)
    total = m.Integer(required=True)


class AuditAnswer(Schema):
    """How the number came about."""

    petition = m.String(required=True)
    count = m.Integer(required=True)
    carried_over = m.List(m.Nested(CarriedOverAnswer), required=True)
    paper = m.Integer(required=True)
    on_paper = m.List(m.Nested(PaperAnswer), required=True)
    days = m.List(m.Nested(AuditDayAnswer), required=True)


class ProblemAnswer(Schema):
    """Why something was refused (RFC 9457)."""

    type = m.String(required=True)
    title = m.String(required=True)
    status = m.Integer(required=True)
    detail = m.String(required=True)
    code = m.String(required=True)
    errors = m.Dict(keys=m.String(), values=m.List(m.String()))
    challenge = m.Dict(metadata={"description": "with proof_required: what to work off, as ALTCHA has it"})
