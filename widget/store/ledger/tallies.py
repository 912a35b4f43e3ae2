"""The number: slots that are changed with the signatures, and their sums."""

import random
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Integer, Select, bindparam, cast, func, insert, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from widget.domain.refusals import PetitionNotFound
from widget.domain.signature import COUNTABLE
from widget.domain.tally import Tally
from widget.store.bounded import PATIENCE
from widget.store.engine import Database
from widget.store.ledger.prepared import Prepared, Rows
from widget.store.paper_tables import paper
from widget.store.tables import audit_days, carried_over, petitions, signatures, tally

# PostgreSQL lets signers of one petition pass each other in as many lanes (performance.md measures
# one hot row eight times slower). SQLite has one writer and sums one row.
SLOTS = {"postgresql": 16, "sqlite": 1}
AUDIT_COLUMNS = ("added", "repeated", "confirmed", "withdrawn", "invalidated", "corrected")


@dataclass(frozen=True, slots=True)
class Recounted:
    """A tally before and after it was counted again from the signatures."""

    before: Tally
    after: Tally

    @property
    def drift(self) -> int:
        """How many signatures too many (or, below 0, too few) had been shown."""
        return self.before.count - self.after.count


class TallyRecords:
    """What the ledger counted."""

    _database: Database

    def tally(self, petition_id: int) -> Tally:
        """Return the sums of all slots, read in one statement. Raises PetitionNotFound.

        Read outside the signing transaction, after its commit: then of any two tallies the one with
        more changes is the later one (snapshots of one database are ordered), which is what the
        counter's copy relies on (promise 4).
        """
        return self._database.ask(lambda connection: read_tally(connection, petition_id))

    def raise_goal_floor(self, petition_id: int, goal: int) -> Tally:
        """Note that `goal` was shown, so that no lower one is ever shown again; return the new sums.

        Counts as a change: a tally's version also identifies its goal.
        """
        with self._database.writing() as connection:
            raised = connection.execute(
                update(petitions)
                .where(petitions.c.id == petition_id, petitions.c.goal_floor < goal)
                .values(goal_floor=goal)
            )
            if raised.rowcount:
                shift(connection, petition_id, here=0)
        return self.tally(petition_id)

    def recount(self, petition_id: int) -> Recounted:
        """Count the signatures and figures again and set the tally to what they say.

        The public audit gets the difference as a correction of today. Number and rows are read in one
        statement, which sees both as they were at one moment; only the difference is written then. Since
        every other change moves both alike, no signer has to wait while it counts, however long it takes.
        Two recounts take turns. `after` is read after the commit: before it, a signer who commits meanwhile
        may hold the same version with another number (promise 4). Raises PetitionNotFound.
        """
        with self._database.writing(unhurried=PATIENCE) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(_ONE_RECOUNT, {"petition_id": petition_id})
            read_tally(connection, petition_id)
            found = connection.execute(_MEASURED, {"petition_id": petition_id}).one()
            here, carried, on_paper = (
                int(found.here - found.countable),
                int(found.carried - found.carried_rows),
                int(found.paper - found.paper_rows),
            )
            connection.execute(
                update(tally)
                .where(tally.c.petition_id == petition_id, tally.c.slot == 0)
                .values(
                    here=tally.c.here - here,
                    carried_over=tally.c.carried_over - carried,
                    paper=tally.c.paper - on_paper,
                    changes=tally.c.changes + 1,
                )
            )
            off = int(found.countable - (found.audited or 0))
            if off:
                count_audit(connection, petition_id, datetime.now(UTC).date(), lane=0, corrected=off)
        after = self.tally(petition_id)
        before = replace(
            after,
            here=after.here + here,
            carried_over=after.carried_over + carried,
            paper=after.paper + on_paper,
        )
        return Recounted(before, after)


def open_slots(connection: Connection, petition_id: int, *, carried: int) -> None:
    """Make the slots of a new petition; the first one holds what is carried over."""
    connection.execute(
        insert(tally),
        [
            {
                "petition_id": petition_id,
                "slot": slot,
                "here": 0,
                "carried_over": carried if slot == 0 else 0,
                "paper": 0,
                "changes": 0,
            }
            for slot in range(SLOTS[connection.dialect.name])
        ],
    )


def any_slot(dialect: str) -> int:
    """Pick the slot a change goes to."""
    return random.randrange(SLOTS[dialect])  # noqa: S311 - spreads load, guards nothing


def shift(connection: Connection, petition_id: int, *, here: int, lane: int | None = None) -> None:
    """Change the number by `here` (0 marks a change of something shown with it)."""
    slot = any_slot(connection.dialect.name) if lane is None else lane
    _SHIFT.run(connection, {"petition": petition_id, "lane": slot, "by": here})


def shift_paper(connection: Connection, petition_id: int, by: int) -> None:
    """Change what of the number is on paper, all of which the first slot holds."""
    connection.execute(
        update(tally)
        .where(tally.c.petition_id == petition_id, tally.c.slot == 0)
        .values(paper=tally.c.paper + by, changes=tally.c.changes + 1)
    )


def count_audit(
    connection: Connection, petition_id: int, day: date, *, lane: int | None = None, **changes: int
) -> None:
    """Add to a day of the public audit; `changes` are columns and by how much.

    Always after `shift` and in the same slot: whoever locks both rows locks them in one order.
    """
    slot = any_slot(connection.dialect.name) if lane is None else lane
    values = dict.fromkeys(AUDIT_COLUMNS, 0) | changes
    _COUNT_AUDIT[connection.dialect.name].run(
        connection, values | {"petition_id": petition_id, "day": day, "slot": slot}
    )


def audit_upsert(dialect: str, source: Select[Any] | None = None) -> Any:
    """Return the statement that adds to a day, from given values or from a query."""
    insert_into = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert_into(audit_days)
    columns = [column.name for column in audit_days.c]
    if source is None:
        statement = statement.values({name: bindparam(name) for name in columns})
    else:
        statement = statement.from_select(columns, source)
    return statement.on_conflict_do_update(
        index_elements=["petition_id", "day", "slot"],
        set_={name: audit_days.c[name] + statement.excluded[name] for name in AUDIT_COLUMNS},
    )


def read_tally(connection: Connection, petition_id: int) -> Tally:
    """Return the sums as this connection sees them. Raises PetitionNotFound."""
    as_of = datetime.now(UTC)
    return tally_of(SUMS.run(connection, {"petition": petition_id}), petition_id, as_of=as_of)


def tally_of(rows: Rows, petition_id: int, *, as_of: datetime) -> Tally:
    """Read the answer of SUMS; `as_of` is from before it was asked for. Raises PetitionNotFound."""
    [(here, carried, paper, changes, goal_floor)] = rows
    if changes is None:
        raise PetitionNotFound(str(petition_id))
    return Tally(
        here=int(here),
        carried_over=int(carried),
        paper=int(paper),
        changes=int(changes),
        goal_floor=int(goal_floor),
        as_of=as_of,
    )


SUMS = Prepared(
    select(
        func.sum(tally.c.here).label("here"),
        func.sum(tally.c.carried_over).label("carried_over"),
        func.sum(tally.c.paper).label("paper"),
        func.sum(tally.c.changes).label("changes"),
        func.max(petitions.c.goal_floor).label("goal_floor"),
    )
    .select_from(tally.join(petitions, petitions.c.id == tally.c.petition_id))
    .where(tally.c.petition_id == bindparam("petition"))
)
_SHIFT = Prepared(
    update(tally)
    .where(tally.c.petition_id == bindparam("petition"), tally.c.slot == bindparam("lane"))
    .values(here=tally.c.here + bindparam("by"), changes=tally.c.changes + 1)
)
_COUNT_AUDIT = {dialect: Prepared(audit_upsert(dialect)) for dialect in SLOTS}
_COUNTABLE_ROWS = (
    select(func.count())
    .select_from(signatures)
    .where(
        signatures.c.petition_id == bindparam("petition_id"),
        signatures.c.state.in_([str(state) for state in COUNTABLE]),
    )
)
_AUDIT_SUM = select(
    func.sum(
        audit_days.c.confirmed - audit_days.c.withdrawn - audit_days.c.invalidated + audit_days.c.corrected
    )
).where(audit_days.c.petition_id == bindparam("petition_id"))
_CARRIED_SUM = select(func.coalesce(func.sum(carried_over.c.count), literal(0))).where(
    carried_over.c.petition_id == bindparam("petition_id")
)
_PAPER_SUM = select(func.coalesce(func.sum(paper.c.count), literal(0))).where(
    paper.c.petition_id == bindparam("petition_id")
)
_MINE = tally.c.petition_id == bindparam("petition_id")
_MEASURED = select(
    select(func.sum(tally.c.here)).where(_MINE).scalar_subquery().label("here"),
    select(func.sum(tally.c.carried_over)).where(_MINE).scalar_subquery().label("carried"),
    select(func.sum(tally.c.paper)).where(_MINE).scalar_subquery().label("paper"),
    _COUNTABLE_ROWS.scalar_subquery().label("countable"),
    _CARRIED_SUM.scalar_subquery().label("carried_rows"),
    _PAPER_SUM.scalar_subquery().label("paper_rows"),
    _AUDIT_SUM.scalar_subquery().label("audited"),
)
# Held until the transaction ends. The first number is any that no other lock of ours has.
_ONE_RECOUNT = select(func.pg_advisory_xact_lock(7_305, cast(bindparam("petition_id"), Integer)))
