"""The petition the tests sign: Anahit's, for a mill."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from widget.domain.petition import CarriedOver, PetitionDraft, Wording
from widget.domain.signature import NewSignature, State

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
MILL = PetitionDraft(
    slug="save-the-mill",
    wording=Wording("en", "Save the mill", ("the town council",), "It has turned for three hundred years."),
    started_by="Anahit",
    started_on=date(2026, 4, 1),
    carried_over=CarriedOver(49, "an earlier page", date(2026, 4, 20)),
)


def draft(**changes: Any) -> PetitionDraft:
    """Return the mill's petition with some things changed."""
    return replace(MILL, **changes)


def signature(petition_id: int, email: str = "sam@example.org", **changes: Any) -> NewSignature:
    """Return Sam's signature, ready to be recorded."""
    return replace(
        NewSignature(
            petition_id=petition_id,
            text_version=MILL.wording.text_version,
            state=State.CONFIRMED,
            email=email,
            canonical_email=email.lower(),
            signed_at=NOW,
            lang="en",
            given_name="Sam",
            family_name="of the Cast",
            country="AM",
        ),
        **changes,
    )
