"""Forms of the console, on WTForms: what was typed stays, and each field says what is wrong with it.

The token against forged requests is checked for every form before any view (`widget/web/console`), so a
form here carries none of its own; the macro `form` writes it.
"""

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from email_validator import EmailNotValidError, validate_email
from flask_wtf import FlaskForm
from wtforms import EmailField, Field, PasswordField, SelectChoice, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from widget.domain.typed import UNREADABLE_LINE, UNREADABLE_TEXT

T = TypeVar("T")


class Form(FlaskForm):
    """A form of the console."""

    class Meta(FlaskForm.Meta):
        """No second token."""

        csrf = False

    def complain(self, name: str, words: str) -> None:
        """Add what a story found wrong with a field to what the form itself found."""
        field: Any = self[name]
        field.errors = [*field.errors, words]

    def read(self, name: str, reader: Callable[[str], T]) -> T | None:
        """Return what the domain reads from a field; None where it cannot, and the field says why."""
        try:
            return reader(self[name].data or "")
        except ValueError as error:
            words = str(error)
            self.complain(name, f"{words[:1].upper()}{words[1:]}.")
            return None


def options(labels: Mapping[Any, str]) -> list[SelectChoice]:
    """Return the choices of a RadioField or SelectField from values and their labels, in their order."""
    return [SelectChoice(str(value), label) for value, label in labels.items()]


def line_field(label: str, *, limit: int, required: str = "", **more: Any) -> StringField:
    """Return a field for one line of at most `limit` characters; `required` is what an empty one is told."""
    return StringField(label, _rules(limit, required, _is_a_line), filters=[_composed], **more)


def text_field(label: str, *, limit: int, required: str = "", **more: Any) -> TextAreaField:
    """Return a field for several lines, otherwise as `line_field`."""
    return TextAreaField(label, _rules(limit, required, _is_a_text), filters=[_composed], **more)


def address_field(label: str, **more: Any) -> EmailField:
    """Return a field for a mail address, checked for form."""
    return EmailField(label, [InputRequired("Type the address."), Length(max=254), _is_address], **more)


def new_password_field(label: str = "New password") -> PasswordField:
    """Return a field for a password that is to be taken; the story judges it."""
    return PasswordField(
        label, [InputRequired("Type a password.")], render_kw={"autocomplete": "new-password"}
    )


def present_password_field(label: str = "Password") -> PasswordField:
    """Return a field for a password that is known."""
    return PasswordField(
        label, [InputRequired("Type your password.")], render_kw={"autocomplete": "current-password"}
    )


def id_of(text: str | None) -> int | None:
    """Return a number of the ledger that came in an address or a hidden field, None for what is none."""
    return int(text) if text and text.isdecimal() and text.isascii() and len(text) < 19 else None


class SureForm(Form):
    """Before something that cannot be undone: the number of what it touches is typed."""

    typed_number = StringField("Type the number to go on", render_kw={"inputmode": "numeric"})

    def says(self, count: int) -> bool:
        """Tell whether the number was typed. Spaces and commas are no matter."""
        typed = "".join(c for c in self.typed_number.data or "" if not c.isspace() and c not in ",.'")
        return typed == str(count)

    def agrees(self, count: int) -> bool:
        """Tell whether the number was typed; else the field says so."""
        if self.says(count):
            return True
        self.complain("typed_number", f"This touches {count:,}. Type that number to go on.")
        return False


def _rules(limit: int, required: str, readable: Any) -> list[Any]:
    first = [DataRequired(required)] if required else []
    return [*first, Length(max=limit, message=f"Take at most {limit:,} characters."), readable]


def _composed(text: str | None) -> str:
    """Trim, and take Unicode's composed form, as what signers type. A field that was not sent is empty."""
    return unicodedata.normalize("NFC", (text or "").replace("\r\n", "\n").strip())


def _is_a_line(_form: Form, field: Field) -> None:
    if UNREADABLE_LINE.search(field.data or ""):
        raise ValidationError("Something in it cannot be read: type it again by hand.")


def _is_a_text(_form: Form, field: Field) -> None:
    if UNREADABLE_TEXT.search(field.data or ""):
        raise ValidationError("Something in it cannot be read: type it again by hand.")


def _is_address(_form: Form, field: Field) -> None:
    try:
        checked = validate_email((field.data or "").strip(), check_deliverability=False)
    except EmailNotValidError as error:
        raise ValidationError("This is no mail address.") from error
    field.data = f"{checked.local_part}@{checked.ascii_domain}"
