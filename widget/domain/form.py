"""The fields a petition asks for: no more than it needs (promise 8)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

FieldType = Literal["text", "email", "country", "textarea", "checkbox", "choice"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form. `maxlength` is in characters; `autocomplete` as in the HTML standard."""

    name: str
    type: FieldType
    required: bool = False
    autocomplete: str | None = None
    maxlength: int | None = None


# The built-in fields in the order a form shows them. 254 is the longest address that fits an SMTP
# path (RFC 5321, 4.5.3.1.3, less its brackets).
BUILT_IN: dict[str, Field] = {
    field.name: field
    for field in (
        Field("given_name", "text", autocomplete="given-name", maxlength=100),
        Field("family_name", "text", autocomplete="family-name", maxlength=100),
        Field("email", "email", required=True, autocomplete="email", maxlength=254),
        Field("country", "country", autocomplete="country"),
        Field("postal_code", "text", autocomplete="postal-code", maxlength=20),
        Field("comment", "textarea", maxlength=500),
        Field("show_name", "checkbox"),
        Field("updates", "checkbox"),
    )
}
MANDATORY = ("email",)  # petition + address make a signature unique: without it nothing can


def form(*, required: Iterable[str], optional: Iterable[str]) -> tuple[Field, ...]:
    """Build a form of built-in fields, in their standard order.

    Raises KeyError for a name that is not built in.
    """
    must = {*required, *MANDATORY}
    wanted = {BUILT_IN[name].name for name in (*must, *optional)}
    return tuple(
        Field(f.name, f.type, f.name in must, f.autocomplete, f.maxlength)
        for f in BUILT_IN.values()
        if f.name in wanted
    )


STANDARD_FORM = form(
    required=("given_name", "family_name", "email", "country"),
    optional=("postal_code", "show_name", "updates"),
)
