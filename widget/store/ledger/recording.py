"""Writing a signature: the one hot write, with the number, the audit and the letter, all or nothing."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    CTE,
    Connection,
    Select,
    and_,
    bindparam,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from widget.domain.petition import Status
from widget.domain.refusals import PetitionClosed
from widget.domain.signature import LETTER_PAUSE, NewSignature, Occasion, State, weight
from widget.domain.tally import Tally
from widget.store.engine import Database
from widget.store.ledger.outbox import LETTER, LETTER_COLUMNS, next_letter
from widget.store.ledger.prepared import Prepared, in_one_trip
from widget.store.ledger.tallies import SUMS, any_slot, audit_upsert, count_audit, read_tally, shift, tally_of
from widget.store.letter_tables import outbox
from widget.store.tables import petitions, signatures, tally


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a signature.

    `id` is None when the person had signed before; then `prior_id` and `prior_state` are those of the
    earlier signature, or None if that one was written in this very moment.
    """

    id: int | None
    tally: Tally
    prior_id: int | None = None
    prior_state: State | None = None


class RecordingRecords:
    """How a signature gets into the ledger."""

    _database: Database

    def record(self, new: NewSignature, letter: Occasion | None) -> Recorded:
        """Write a signature, its share of the number and of the audit, and its letter.

        A person who signed before adds nothing but a repeat to the audit, and gets another letter now
        and then: the unique constraint decides, not a look beforehand. `letter` is None where no mail
        goes out. The tally returned was read after the signature. Raises PetitionClosed, decided in
        the statement that inserts, so that a petition closed meanwhile takes no signature.
        """
        if self._database.is_sqlite:
            return self._record_in_transaction(new, letter)
        return self._record_in_one_statement(new, letter)

    def _record_in_transaction(self, new: NewSignature, letter: Occasion | None) -> Recorded:
        """Write on SQLite, which has one writer: the sums read before the commit are the sums after."""
        values, counts = _values(new, letter, lane=0), weight(new.state)
        with self._database.writing() as connection:
            added = _INSERT_SQLITE.run(connection, values)
            if not added:
                return self._repeated(connection, new, values)
            [(signature_id,)] = added
            if counts:
                shift(connection, new.petition_id, here=1, lane=0)
            count_audit(connection, new.petition_id, new.signed_at.date(), lane=0, added=1, confirmed=counts)
            if letter is not None:
                _FIRST_LETTER.run(connection, values | {"new_id": signature_id})
            return Recorded(signature_id, read_tally(connection, new.petition_id))

    def _repeated(self, connection: Connection, new: NewSignature, values: dict[str, Any]) -> Recorded:
        """Note a repeat in as many statements as a first signature takes, each as it is put to the driver.

        Whoever measures answers must not learn from them who has signed (promise 10).
        """
        found = _PRIOR_IF_OPEN.run(connection, values)
        if not found:  # the insert met neither an open petition nor this person
            raise PetitionClosed(str(new.petition_id))
        [(prior_id, prior_state)] = found
        count_audit(connection, new.petition_id, new.signed_at.date(), lane=0, repeated=1)
        _NEXT_LETTER.run(connection, values)
        number = read_tally(connection, new.petition_id)
        return Recorded(None, number, prior_id, State(prior_state))

    def _record_in_one_statement(self, new: NewSignature, letter: Occasion | None) -> Recorded:
        """Write on PostgreSQL in one statement, and read the sums after its commit, in the same trip.

        If the connection turns out dead both are sent again: the unique constraint makes a signature
        that did get through a repeat.
        """
        values = _values(new, letter, lane=any_slot("postgresql"))

        def send(connection: Connection) -> Recorded:
            as_of = datetime.now(UTC)
            found, sums = in_one_trip(
                connection, (_RECORD_POSTGRESQL, values), (SUMS, {"petition": new.petition_id})
            )
            if not found:
                _refuse_if_closed(connection, values)
            number = tally_of(sums, new.petition_id, as_of=as_of)
            if not found:
                return Recorded(None, number)
            [(signature_id, state, fresh)] = found
            return (
                Recorded(signature_id, number)
                if fresh
                else Recorded(None, number, signature_id, State(state))
            )

        return self._database.ask(send)


def _refuse_if_closed(connection: Connection, values: dict[str, Any]) -> None:
    """Tell the two reasons for an empty insert apart: a repeat, or a petition that takes no more."""
    if connection.scalar(_OPEN, values) is None:
        raise PetitionClosed(str(values["new_petition_id"]))


def _values(new: NewSignature, letter: Occasion | None, *, lane: int) -> dict[str, Any]:
    """Name each value of the new row `new_<column>`: a bare column name would also be set elsewhere."""
    consent = new.consent
    return {
        "new_petition_id": new.petition_id,
        "new_text_version": new.text_version,
        "new_state": new.state,
        "new_email": new.email,
        "new_canonical_email": new.canonical_email,
        "new_given_name": new.given_name,
        "new_family_name": new.family_name,
        "new_country": new.country,
        "new_postal_code": new.postal_code,
        "new_comment": new.comment,
        "new_show_name": new.show_name,
        "new_consent_at": consent.given_at if consent else None,
        "new_consent_wording": consent.wording if consent else None,
        "new_lang": new.lang,
        "new_source": new.source,
        "new_page_url": new.page_url,
        "new_found_by": new.found_by,
        "new_signed_at": new.signed_at,
        "new_confirmed_at": new.signed_at if weight(new.state) else None,
        "new_moved_at": new.signed_at,
        "new_network_key": new.network_key,
        "new_held_because": new.held_because,
        "new_answers": new.answers,
        "today": new.signed_at.date(),
        "lane": lane,
        "counts": weight(new.state),
        "letter": letter,
        "quiet_since": new.signed_at - LETTER_PAUSE,
    }


_AT = bindparam("new_signed_at", type_=signatures.c.signed_at.type)
_COLUMNS = [column for column in signatures.c if column.name not in {"id", "import_id"}]
_OPEN = select(petitions.c.id).where(
    petitions.c.id == bindparam("new_petition_id", type_=signatures.c.petition_id.type),
    petitions.c.status == Status.OPEN.value,
    or_(petitions.c.closes_at.is_(None), petitions.c.closes_at > _AT),
    petitions.c.anonymised_at.is_(None),
)
_PRIOR = select(signatures.c.id, signatures.c.state).where(
    signatures.c.petition_id == bindparam("new_petition_id", type_=signatures.c.petition_id.type),
    signatures.c.canonical_email == bindparam("new_canonical_email"),
)


def _row_of_open_petition() -> Select[Any]:
    """Select the new row's values, once if the petition is open and not at all otherwise."""
    values = [bindparam(f"new_{column.name}", type_=column.type) for column in _COLUMNS]
    return _OPEN.with_only_columns(*values, maintain_column_froms=True)


def _insert(dialect: Any) -> Any:
    return (
        dialect.insert(signatures)
        .from_select([column.name for column in _COLUMNS], _row_of_open_petition())
        .on_conflict_do_nothing(index_elements=["petition_id", "canonical_email"])
        .returning(signatures.c.id)
    )


def _postgresql_statement() -> Select[Any]:
    """Put the whole write into one statement: new row, slot, audit, letter; else a repeat."""
    new = _insert(postgresql).cte("new")
    prior = (
        _PRIOR.where(~select(new.c.id).exists(), _OPEN.exists()).cte("prior")  # not for a closed petition
    )
    slot = _slot(new)
    added, repeated = _rows(new), _rows(prior)
    # Reads `slot`, so that everybody locks the slot first and the day after it.
    day = (
        audit_upsert(
            "postgresql",
            select(
                bindparam("new_petition_id", type_=signatures.c.petition_id.type),
                bindparam("today"),
                bindparam("lane"),
                added,
                repeated,
                _rows(slot),
                *(literal(0),) * 3,
            ).where(or_(added > 0, repeated > 0)),
        )
    ).cte("day")
    first = insert(outbox).from_select(
        [*LETTER_COLUMNS, "number"],
        select(new.c.id, LETTER, _AT, _AT, literal(0), literal(1)).where(LETTER.is_not(None)),
    )
    outcome = select(
        new.c.id, literal(None, signatures.c.state.type).label("state"), literal(True).label("fresh")
    )
    before = select(prior.c.id, prior.c.state, literal(False))
    both = outcome.union_all(before)
    return both.add_cte(slot, day, first.cte("first"), next_letter(prior, postgresql).cte("next"))  # type: ignore[return-value]


def _slot(new: CTE) -> CTE:
    return (
        update(tally)
        .where(
            tally.c.petition_id == bindparam("new_petition_id", type_=signatures.c.petition_id.type),
            tally.c.slot == bindparam("lane"),
            and_(bindparam("counts") == 1, select(new.c.id).exists()),
        )
        .values(here=tally.c.here + 1, changes=tally.c.changes + 1)
        .returning(tally.c.slot)
        .cte("slot")
    )


def _rows(of: CTE) -> Any:
    return select(func.count()).select_from(of).scalar_subquery()


_INSERT_SQLITE = Prepared(_insert(sqlite))
_FIRST_LETTER = Prepared(
    insert(outbox).from_select(
        [*LETTER_COLUMNS, "number"],
        select(
            bindparam("new_id", type_=outbox.c.signature_id.type), LETTER, _AT, _AT, literal(0), literal(1)
        ),
    )
)
_PRIOR_IF_OPEN = Prepared(_PRIOR.where(_OPEN.exists()))
_NEXT_LETTER = Prepared(next_letter(_PRIOR.subquery("prior"), sqlite))
_RECORD_POSTGRESQL = Prepared(_postgresql_statement())
