"""What a visitor may type, field by field: cleaned, limited, and refused in keys that become words."""

import unicodedata
from math import isfinite
from typing import Any
from urllib.parse import urlsplit

from marshmallow import ValidationError
from marshmallow import fields as m

from widget.addressing import in_ascii
from widget.domain.countries import COUNTRIES
from widget.domain.question import OPTION_LENGTH, Question
from widget.domain.refusals import Problem
from widget.domain.typed import UNREADABLE_LINE, UNREADABLE_TEXT, UNSEEN

TRAP_LENGTH = 100
REQUIRED = Problem("required")


def _refuse(key: str, limit: int | None = None) -> ValidationError:
    return ValidationError([Problem(key, limit)])


def _said(missing: Problem, *, null: Problem) -> dict[str, Any]:
    """Replace the words Marshmallow would use for a missing value and for null."""
    return {"required": [missing], "null": [null]}


class Line(m.Field[str]):
    """Text in Unicode's composed form, trimmed, `limit` characters long: one line, or several."""

    def __init__(
        self, *, limit: int, multiline: bool = False, missing: Problem = REQUIRED, **kwargs: Any
    ) -> None:
        self.limit, self.missing_problem = limit, missing
        self.unreadable = UNREADABLE_TEXT if multiline else UNREADABLE_LINE
        super().__init__(**kwargs)
        self.error_messages = _said(missing, null=missing if self.required else Problem("not_a_text"))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str):
            raise _refuse("not_a_text")
        typed = value.replace("\r\n", "\n").strip()
        if self.unreadable.search(typed):
            raise _refuse("unreadable")
        text = unicodedata.normalize("NFC", typed)
        if len(text) > self.limit:
            raise _refuse("too_long", self.limit)
        if self.required and not any(c.isprintable() and not c.isspace() for c in text):
            raise ValidationError([self.missing_problem])
        return self._meant(text) if text else text

    def _meant(self, text: str) -> Any:
        return text


class Email(Line):
    """A mail address, checked for form only: nothing is asked of the network while a visitor waits.

    Gives the address as typed and the same with its domain in ASCII.
    """

    def _meant(self, text: str) -> tuple[str, str]:
        if UNSEEN.search(text):
            raise _refuse("invalid")
        try:
            return text, in_ascii(text)
        except ValueError as error:
            raise _refuse("invalid") from error


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
        self.error_messages = _said(REQUIRED, null=Problem("not_a_yes_or_no"))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if isinstance(value, bool):
            return value
        meant = self.MEANT.get(value.strip().lower()) if isinstance(value, str) else None
        if meant is None:
            raise _refuse("not_a_yes_or_no")
        return meant


class Agreed(Tick):
    """A box that has to be ticked, because the organiser asks for it."""

    def __init__(self, missing: Problem) -> None:
        super().__init__(required=True)
        self.error_messages = _said(missing, null=missing)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not super()._deserialize(value, attr, data, **kwargs):
            raise ValidationError(self.error_messages["required"])
        return True


class Choice(Line):
    """One of a question's options, in the words of any language: gives its value."""

    def __init__(self, question: Question, **kwargs: Any) -> None:
        super().__init__(limit=OPTION_LENGTH, **kwargs)
        self.question = question

    def _meant(self, text: str) -> str:
        value = self.question.meant(text)
        if value is None:
            raise ValidationError([Problem("not_a_choice", among=self.question.options)])
        return value


class Trap(m.Field[str]):
    """What a robot fills in; nothing in it is worth a complaint, null neither."""

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> str:
        """Return what was sent, and nothing for what is no text."""
        return super().deserialize("" if value is None else value, attr, data, **kwargs) or ""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return value.strip()[:TRAP_LENGTH] if isinstance(value, str) else ""


class Seconds(m.Field[float | None]):
    """Seconds, as the form measured them; what is none is as good as nothing said."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_none=True, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float | None:
        try:
            seconds = float(value)
        except (TypeError, ValueError, OverflowError):
            return None
        return seconds if isfinite(seconds) else None
