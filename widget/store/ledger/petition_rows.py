"""Between a petition and its rows: what is read from them, and what is written to them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, select

from widget.domain.goal import GoalKind
from widget.domain.petition import Confirmation, Petition, Status, Wording
from widget.domain.picture import Picture, Rendition
from widget.domain.refusals import PetitionNotFound
from widget.store.ledger.petition_columns import read_form
from widget.store.tables import petitions


def lock(connection: Connection, petition_id: int) -> None:
    """Let nobody else change a petition until the transaction ends. Raises PetitionNotFound."""
    # Without the key: rows that point here are written by signers who hold a slot that a change waits for.
    locked = select(petitions.c.id).where(petitions.c.id == petition_id).with_for_update(key_share=True)
    if connection.scalar(locked) is None:
        raise PetitionNotFound(str(petition_id))


def wording_of(row: Row[Any]) -> Wording:
    """Return a wording from its row."""
    return Wording(row.lang, row.title, tuple(row.addressed_to), row.text, row.appendix)


def petition_of(row: Row[Any], texts: Sequence[Row[Any]]) -> Petition:
    """Return a petition from its row and those of its wordings."""
    current = [wording_of(text) for text in texts if text.is_current]
    form, questions = read_form(row)
    current.sort(key=lambda wording: (wording.lang != row.default_lang, wording.lang))
    return Petition(
        id=row.id,
        slug=row.slug,
        status=Status(row.status),
        started_by=row.started_by,
        started_on=row.started_on,
        confirmation=Confirmation(row.confirmation),
        goal_kind=GoalKind(row.goal_kind),
        goal_aim=row.goal_aim,
        ladder=tuple(row.ladder),
        form=form,
        allowed_origins=tuple(row.allowed_origins),
        closes_at=row.closes_at,
        decision_makers=row.decision_makers,
        revision=row.revision,
        wordings=tuple(current),
        text_versions=frozenset(text.text_version for text in texts),
        thanks_url=row.thanks_url,
        privacy_contact=row.privacy_contact,
        public_signers=row.public_signers,
        anonymised_at=row.anonymised_at,
        organisation_id=row.organisation_id,
        questions=questions,
        picture=picture_of(row.picture),
        thanks_text=tuple((lang, words) for lang, words in row.thanks_text),
    )


def picture_facts(picture: Picture | None) -> dict[str, Any] | None:
    """Return what is known of a picture as its petition's row keeps it."""
    if picture is None:
        return None
    return {
        "descriptions": [list(one) for one in picture.descriptions],
        "credit": picture.credit,
        "renditions": [asdict(one) for one in picture.renditions],
    }


def picture_of(kept: Mapping[str, Any] | None) -> Picture | None:
    """Return what a petition's row says of its picture."""
    if kept is None:
        return None
    return Picture(
        descriptions=tuple((lang, words) for lang, words in kept["descriptions"]),
        credit=kept["credit"],
        renditions=tuple(Rendition(**one) for one in kept["renditions"]),
    )
