"""Signatures from elsewhere: where they are from, and many of them in one transaction."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, Row, String, bindparam, cast, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from widget.domain.intake import Import, Incoming, Struck
from widget.domain.intake_refusals import ImportElsewhere
from widget.domain.signature import State, weight
from widget.store.bounded import PATIENCE
from widget.store.engine import Database
from widget.store.ledger.figures import note_imported
from widget.store.ledger.tallies import any_slot, count_audit, shift
from widget.store.tables import imports, moves, signatures


class ImportRecords:
    """What the ledger knows of imports."""

    _database: Database

    def begin_import(
        self,
        petition_id: int,
        *,
        file_name: str,
        fingerprint: str,
        mapping: Mapping[str, str],
        recorded_by: str,
        now: datetime,
    ) -> Import:
        """Write down an import before its first signature."""
        with self._database.writing() as connection:
            return begin_import(
                connection,
                petition_id,
                file_name=file_name,
                fingerprint=fingerprint,
                mapping=mapping,
                recorded_by=recorded_by,
                now=now,
            )

    def imported(self, petition_id: int, import_id: int) -> Import | None:
        """Return an import of a petition, if there is one."""
        found = [one for one in self.imports(petition_id) if one.id == import_id]
        return found[0] if found else None

    def imports(self, petition_id: int) -> list[Import]:
        """Return every import of a petition, the earliest first."""
        wanted = select(imports).where(imports.c.petition_id == petition_id).order_by(imports.c.id)
        return [_import(row) for row in self._database.ask(lambda one: one.execute(wanted).all())]

    def struck_of_imports(self, petition_id: int) -> dict[int, Struck]:
        """Return what reviews struck of each import and nobody has moved since, without what is `left`."""
        later = moves.alias()
        moved_on = select(later.c.id).where(
            later.c.signature_id == moves.c.signature_id, later.c.id > moves.c.id
        )
        struck = (moves.c.target == State.INVALIDATED, signatures.c.state == State.INVALIDATED)
        wanted = (
            select(signatures.c.import_id, moves.c.batch, func.count(), func.max(moves.c.moved_at))
            .join(signatures, signatures.c.id == moves.c.signature_id)
            .where(moves.c.petition_id == petition_id, moves.c.batch.is_not(None), *struck)
            .where(signatures.c.import_id.is_not(None), ~moved_on.exists())
            .group_by(signatures.c.import_id, moves.c.batch)
            .order_by(func.max(moves.c.id))
        )
        found: dict[int, Struck] = {}
        with self._database.unhurried() as connection:
            for import_id, batch, count, at in connection.execute(wanted):
                known = found.get(import_id, Struck(0, (), at))
                found[import_id] = Struck(known.count + count, (*known.batches, batch), at)
        return found

    def who_signed(self, petition_id: int, people: Collection[str]) -> set[str]:
        """Return which of these canonical addresses have signed a petition."""
        wanted = select(signatures.c.canonical_email).where(
            signatures.c.petition_id == petition_id, signatures.c.canonical_email.in_(people)
        )
        return {str(one) for one in self._database.ask(lambda one: one.scalars(wanted).all())}

    def take_in(
        self,
        import_id: int,
        last_row: int,
        rows: int,
        fit: Sequence[Incoming],
        *,
        refused: int,
        now: datetime,
    ) -> int:
        """Write one batch with its share of the number and the audit; return how many were new.

        The unique constraint decides who has signed before, as for everybody. The number moves today: that is
        the day on which it changed. Raises ImportElsewhere when the import is no longer at `last_row`.
        """
        with self._database.writing(unhurried=PATIENCE) as connection:
            return take_batch(connection, import_id, last_row, rows, fit, refused=refused, now=now)

    def finish_import(self, import_id: int, now: datetime) -> None:
        """Note that nothing of a file is left."""
        with self._database.writing() as connection:
            connection.execute(update(imports).where(imports.c.id == import_id).values(finished_at=now))


def begin_import(
    connection: Connection, petition_id: int, *, mapping: Mapping[str, str], now: datetime, **known: str
) -> Import:
    """Do the same within a transaction; `known` as in the method."""
    begun = dict.fromkeys(("last_row", "added", "merged", "refused"), 0)
    values = {"petition_id": petition_id, "mapping": dict(mapping), "recorded_at": now, **known, **begun}
    return _import(connection.execute(insert(imports).values(values).returning(*imports.c)).one())


def take_batch(
    connection: Connection,
    import_id: int,
    last_row: int,
    rows: int,
    fit: Sequence[Incoming],
    *,
    refused: int,
    now: datetime,
) -> int:
    """Do the same within a transaction that writes something else, too."""
    taken = connection.execute(
        update(imports)
        .where(imports.c.id == import_id, imports.c.last_row == last_row)
        .values(last_row=last_row + rows, refused=imports.c.refused + refused)
        .returning(imports.c.petition_id)
    ).scalar_one_or_none()
    if taken is None:
        raise ImportElsewhere(f"somebody else carries import {import_id} on")
    states: list[str] = []
    if fit:
        if connection.dialect.name == "postgresql":
            connection.execute(ONE_IMPORT, {"petition_id": taken})
        states = _inserted(connection, [_row(one, import_id) for one in fit])
    counted, merged = sum(map(_weight, states)), len(fit) - len(states)
    lane = any_slot(connection.dialect.name)
    if counted:
        shift(connection, taken, here=counted, lane=lane)
    if fit:
        new = {"added": len(states), "repeated": merged, "confirmed": counted}
        count_audit(connection, taken, now.date(), lane=lane, **new)
        note_imported(connection, taken, now.date(), counted)
    totals = {"added": imports.c.added + len(states), "merged": imports.c.merged + merged}
    connection.execute(update(imports).where(imports.c.id == import_id).values(totals))
    return len(states)


def _weight(state: str) -> int:
    return weight(State(state))


def _row(one: Incoming, import_id: int) -> dict[str, Any]:
    new = one.new
    return {
        "petition_id": new.petition_id,
        "text_version": new.text_version,
        "state": new.state.value,
        "email": new.email,
        "canonical_email": new.canonical_email,
        "given_name": new.given_name,
        "family_name": new.family_name,
        "country": new.country,
        "postal_code": new.postal_code,
        "comment": new.comment,
        "show_name": new.show_name,
        "consent_at": new.consent.given_at if new.consent else None,
        "consent_wording": new.consent.wording if new.consent else None,
        "lang": new.lang,
        "source": new.source,
        "page_url": new.page_url,
        "found_by": new.found_by,
        "signed_at": new.signed_at,
        "confirmed_at": one.confirmed_at,
        "moved_at": one.moved_at,
        "network_key": None,
        "held_because": new.held_because,
        "answers": new.answers,
        "import_id": import_id,
    }


def _import(row: Row[Any]) -> Import:
    return Import(**{column.name: row._mapping[column] for column in imports.c})


def _inserted(connection: Connection, rows: list[dict[str, Any]]) -> list[str]:
    """Insert those who have not signed yet, in the order of the file; return the states of the new ones."""
    if connection.dialect.name == "sqlite":
        return list(connection.scalars(_INSERT_SQLITE, rows))
    columns = {name: [row[name] for row in rows] for name in _COLUMNS}
    columns["answers"] = [answers and json.dumps(answers) for answers in columns["answers"]]
    return [str(state) for (state,) in connection.exec_driver_sql(_INSERT_POSTGRESQL, columns)]


def _array(name: str) -> str:
    """Return a parameter that has a column of all rows. Text has no length here: a cast would cut it off."""
    kind = signatures.c[name].type
    of = "text" if isinstance(kind, String) else kind.compile(postgresql.dialect())  # type: ignore[no-untyped-call]
    return f"%({name})s::{of}[]"


_COLUMNS = [column.name for column in signatures.c if column.name != "id"]
_INSERT_SQLITE = (
    sqlite.insert(signatures)
    .on_conflict_do_nothing(index_elements=["petition_id", "canonical_email"])
    .returning(signatures.c.state)
)
# An array a column: a thousand rows are some twenty parameters instead of twenty thousand.
_INSERT_POSTGRESQL = (
    f"INSERT INTO signatures ({', '.join(_COLUMNS)}) "  # noqa: S608 - names of our own columns
    f"SELECT * FROM unnest({', '.join(map(_array, _COLUMNS))}) "
    "ON CONFLICT (petition_id, canonical_email) DO NOTHING RETURNING state"
)
# Two files with the same people in another order would wait for each other in a ring. Held until the
# transaction ends; the first number is any that no other lock of ours has.
ONE_IMPORT = select(func.pg_advisory_xact_lock(7_306, cast(bindparam("petition_id"), Integer)))
