"""Signatures: written once a person, with the number and the letter in the same transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, insert, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from widget.domain.petition import Status
from widget.domain.refusals import PetitionClosed
from widget.domain.signature import Consent, NewSignature, Occasion, Signature, State, may_move, weight
from widget.domain.tally import Tally
from widget.store.engine import Database
from widget.store.ledger.tallies import any_slot, read_tally, shift
from widget.store.tables import outbox, petitions, signatures, tally


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a signature: `id` is None when the person had signed before."""

    id: int | None
    tally: Tally


class SignatureRecords:
    """What the ledger knows of signatures."""

    _database: Database

    def record(self, new: NewSignature, letter: Occasion) -> Recorded:
        """Write a signature, its share of the number and its letter, all or nothing.

        A person who signed before adds nothing: the unique constraint decides, not a look beforehand.
        The tally returned was read after the signature. Raises PetitionClosed, decided in the same
        statement that inserts, so that a petition closed meanwhile takes no signature.
        """
        if self._database.is_sqlite:
            return self._record_in_transaction(new, letter)
        return self._record_in_one_statement(new, letter)

    def move(self, signature_id: int, target: State, now: datetime) -> bool:
        """Move a signature to another state and the number with it; tell whether it moved.

        The row is changed only if it is still in the state that was read, so two that move the same
        signature at once move it once.
        """
        with self._database.writing() as connection:
            row = connection.execute(
                select(signatures.c.state, signatures.c.petition_id)
                .where(signatures.c.id == signature_id)
                .with_for_update()
            ).one_or_none()
            if row is None or not may_move(State(row.state), target):
                return False
            connection.execute(
                update(signatures).where(signatures.c.id == signature_id).values(state=target, moved_at=now)
            )
            by = weight(target) - weight(State(row.state))
            if by:
                shift(connection, row.petition_id, here=by)
            return True

    def signature(self, petition_id: int, canonical_email: str) -> Signature | None:
        """Return what this person signed, if anything."""
        wanted = select(signatures).where(
            signatures.c.petition_id == petition_id, signatures.c.canonical_email == canonical_email
        )
        row = self._database.ask(lambda connection: connection.execute(wanted).one_or_none())
        return None if row is None else _signature(row)

    def _record_in_transaction(self, new: NewSignature, letter: Occasion) -> Recorded:
        """Write on SQLite, which has one writer: the sums read before the commit are the sums after."""
        values = _values(new)
        with self._database.writing() as connection:
            signature_id = connection.scalar(_INSERT_SQLITE, values)
            if signature_id is None:
                _refuse_if_closed(connection, new)
            else:
                if weight(new.state):
                    shift(connection, new.petition_id, here=1)
                connection.execute(insert(outbox).values(_letter(signature_id, letter, new.signed_at)))
            return Recorded(signature_id, read_tally(connection, new.petition_id))

    def _record_in_one_statement(self, new: NewSignature, letter: Occasion) -> Recorded:
        """Write on PostgreSQL in a single round trip, then read the sums in a second one.

        If the connection turns out dead both are sent again: the unique constraint makes a signature
        that did get through a repeat.
        """
        values = _values(new) | {
            "lane": any_slot("postgresql"),
            "by": weight(new.state),
            "occasion": letter,
        }

        def send(connection: Connection) -> Recorded:
            signature_id = connection.scalar(_RECORD_POSTGRESQL, values)
            if signature_id is None:
                _refuse_if_closed(connection, new)
            return Recorded(signature_id, read_tally(connection, new.petition_id))

        return self._database.ask(send)


def _refuse_if_closed(connection: Connection, new: NewSignature) -> None:
    """Tell the two reasons for an empty insert apart: a repeat, or a petition that takes no more."""
    if connection.scalar(_OPEN, {"new_petition_id": new.petition_id, "new_signed_at": new.signed_at}) is None:
        raise PetitionClosed(str(new.petition_id))


def _values(new: NewSignature) -> dict[str, Any]:
    """Name each value of the new row `new_<column>`: a bare column name would also be set in the slot."""
    consent = new.consent
    row = {
        "petition_id": new.petition_id,
        "text_version": new.text_version,
        "state": new.state,
        "email": new.email,
        "canonical_email": new.canonical_email,
        "given_name": new.given_name,
        "family_name": new.family_name,
        "country": new.country,
        "postal_code": new.postal_code,
        "comment": new.comment,
        "show_name": new.show_name,
        "consent_at": consent.given_at if consent else None,
        "consent_wording": consent.wording if consent else None,
        "lang": new.lang,
        "source": new.source,
        "page_url": new.page_url,
        "signed_at": new.signed_at,
        "moved_at": new.signed_at,
    }
    return {f"new_{column}": value for column, value in row.items()}


def _letter(signature_id: int, occasion: Occasion, at: datetime) -> dict[str, Any]:
    return {
        "signature_id": signature_id,
        "occasion": occasion,
        "written_at": at,
        "due_at": at,
        "attempts": 0,
    }


def _signature(row: Row[Any]) -> Signature:
    consent = Consent(row.consent_at, row.consent_wording) if row.consent_at else None
    return Signature(
        id=row.id,
        petition_id=row.petition_id,
        text_version=row.text_version,
        state=State(row.state),
        email=row.email or "",
        canonical_email=row.canonical_email or "",
        given_name=row.given_name,
        family_name=row.family_name,
        country=row.country,
        postal_code=row.postal_code,
        comment=row.comment,
        show_name=row.show_name,
        consent=consent,
        lang=row.lang,
        source=row.source,
        page_url=row.page_url,
        signed_at=row.signed_at,
        moved_at=row.moved_at,
    )


_COLUMNS = [column for column in signatures.c if column.name != "id"]
_AT = bindparam("new_signed_at", type_=signatures.c.signed_at.type)
_OPEN = select(petitions.c.id).where(
    petitions.c.id == bindparam("new_petition_id"),
    petitions.c.status == Status.OPEN.value,
    or_(
        petitions.c.closes_at.is_(None),
        petitions.c.closes_at > _AT,
    ),
)


def _row_of_open_petition() -> Select[Any]:
    """Select the new row's values, once if the petition is open and not at all otherwise."""
    values = [bindparam(f"new_{column.name}", type_=column.type) for column in _COLUMNS]
    return _OPEN.with_only_columns(*values, maintain_column_froms=True)


def _postgresql_statement() -> Select[Any]:
    new = (
        postgresql.insert(signatures)
        .from_select([column.name for column in _COLUMNS], _row_of_open_petition())
        .on_conflict_do_nothing(index_elements=["petition_id", "canonical_email"])
        .returning(signatures.c.id)
        .cte("new")
    )
    slot = (
        update(tally)
        .where(
            tally.c.petition_id == bindparam("new_petition_id"),
            tally.c.slot == bindparam("lane"),
            bindparam("by") == 1,
            select(new.c.id).exists(),
        )
        .values(here=tally.c.here + 1, changes=tally.c.changes + 1)
        .cte("slot")
    )
    written = (
        insert(outbox)
        .from_select(
            ["signature_id", "occasion", "written_at", "due_at", "attempts"],
            select(new.c.id, bindparam("occasion", type_=outbox.c.occasion.type), _AT, _AT, literal(0)),
        )
        .cte("written")
    )
    return select(new.c.id).add_cte(slot, written)


_INSERT_SQLITE = (
    sqlite.insert(signatures)
    .from_select([column.name for column in _COLUMNS], _row_of_open_petition())
    .on_conflict_do_nothing(index_elements=["petition_id", "canonical_email"])
    .returning(signatures.c.id)
)
_RECORD_POSTGRESQL = _postgresql_statement()
