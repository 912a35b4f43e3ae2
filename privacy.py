"""The settings of privacy: how long what is kept, and who answers for it.

Part of config.py, which alone reads the environment; here so that neither file grows past a screen or two.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError, validates_schema
from marshmallow import fields as m
from marshmallow.validate import Length, Range

from widget.domain.retention import Retention

WITH_LINKS = ("UNCONFIRMED_DAYS", "HELD_DAYS")


@dataclass(frozen=True, slots=True)
class Privacy:
    """What the operator decided about the data of signers. `contact` is empty if there is none."""

    retention: Retention
    contact: str


class Checked(Schema):
    """What these settings must agree on, among themselves and with others."""

    @validates_schema
    def nobody_is_forgotten_too_early(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse to forget somebody whose link still works."""
        early = [name for name in WITH_LINKS if data.get(name, 0) < data.get("CONFIRM_WITHIN", 0)]
        if early:
            raise ValidationError({name: ["must not be less than CONFIRM_WITHIN"] for name in early})


FIELDS: dict[str, m.Field[Any]] = {
    "UNCONFIRMED_DAYS": m.Integer(
        load_default=21,
        validate=Range(1, 3_650),
        metadata={
            "unit": "days after the last letter",
            "reason": "who never confirms is forgotten, but not while a link still works (CONFIRM_WITHIN)",
        },
    ),
    "HELD_DAYS": m.Integer(
        load_default=90,
        validate=Range(1, 3_650),
        metadata={
            "unit": "days after it was held, or after the last letter",
            "reason": "a look that nobody took in three months is not coming; the person may sign again",
        },
    ),
    "NETWORK_KEY_DAYS": m.Integer(
        load_default=30,
        validate=Range(1, 3_650),
        metadata={
            "unit": "days after signing",
            "reason": "a flood is found within weeks; after that the hash of a network serves nobody",
        },
    ),
    "UPLOAD_DAYS": m.Integer(
        load_default=7,
        validate=Range(1, 365),
        metadata={
            "unit": "days after it was last touched",
            "reason": "a file that nobody brings in is a list of addresses that lies about",
        },
    ),
    "ANONYMISE_MONTHS": m.Integer(
        load_default=6,
        validate=Range(1, 120),
        metadata={
            "unit": "months after closing",
            "reason": "time to hand over and to send the result; then the number is enough",
        },
    ),
    "PRIVACY_CONTACT": m.String(
        load_default="",
        validate=Length(max=300),
        metadata={
            "default": "none",
            "unit": "an address or how to write to you",
            "reason": "whom signers may ask, in the notice of petitions without a contact of their own",
        },
    ),
}


def gathered(known: Mapping[str, Any]) -> dict[str, Any]:
    """Replace the settings here, by their names in lower case, by one `privacy`."""
    own = {name.lower() for name in FIELDS}
    retention = Retention(
        unconfirmed_days=known["unconfirmed_days"],
        network_key_days=known["network_key_days"],
        anonymise_months=known["anonymise_months"],
        held_days=known["held_days"],
        upload_days=known["upload_days"],
    )
    rest = {name: value for name, value in known.items() if name not in own}
    return rest | {"privacy": Privacy(retention, known["privacy_contact"])}
