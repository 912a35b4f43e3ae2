"""Counting signatures for the figures people look at, and keeping what was counted.

One statement counts everything, so that all parts are of one moment, whoever signs meanwhile.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from widget.domain.figures import KEPT, Asked, Figures, Group, Kind, Part, Period, gathered, since
from widget.domain.signature import COUNTABLE, State
from widget.store.engine import Database
from widget.store.figure_tables import figures, imported_days
from widget.store.tables import audit_days, moves, signatures

# Sites are counted by more than their origin at first; there may be a few more of them than are kept.
READ = 2 * KEPT
_MODEST = {"jit": "off", "max_parallel_workers_per_gather": "0"}


@dataclass(frozen=True, slots=True)
class KeptFigures:
    """Figures that were counted before, and how many seconds that took."""

    figures: Figures
    seconds: float


class FigureRecords:
    """How many signed when, where and how."""

    _database: Database

    def count_figures(
        self, petition_id: int, now: datetime, *, confirm_within: timedelta, unhurried: bool
    ) -> Figures:
        """Count a petition's signatures. `unhurried` for a large one, and outside any request.

        Raises LedgerUnavailable.
        """
        wanted = _everything(petition_id, now, now - confirm_within)
        if unhurried:
            with self._database.unhurried() as connection, _modestly(connection):
                rows = connection.execute(wanted).all()
        else:
            rows = self._database.ask(lambda connection: connection.execute(wanted).all())
        found = ((Part(part), Group(Kind(kind), name, tuple(counts))) for part, kind, name, *counts in rows)
        return gathered(found, now)

    def keep_figures(self, petition_id: int, counted: Figures, seconds: float) -> None:
        """Keep figures for whoever looks next, unless later ones are kept already."""
        content = {
            part: [[one.kind, one.name, list(one.counts)] for one in groups]
            for part, groups in counted.parts.items()
        }
        values = {
            "petition_id": petition_id,
            "as_of": counted.as_of,
            "seconds": seconds,
            "content": content,
        }
        with self._database.writing() as connection:
            insert = _insert(connection, figures).values(values)
            later = {name: insert.excluded[name] for name in ("as_of", "seconds", "content")}
            connection.execute(
                insert.on_conflict_do_update(
                    index_elements=["petition_id"],
                    set_=later,
                    where=insert.excluded.as_of > figures.c.as_of,
                )
            )

    def kept_figures(self, petition_id: int) -> KeptFigures | None:
        """Return the figures that were counted last, if any are kept."""
        wanted = select(figures).where(figures.c.petition_id == petition_id)
        row = self._database.ask(lambda connection: connection.execute(wanted).one_or_none())
        if row is None:
            return None
        parts = {
            Part(part): tuple(Group(Kind(kind), name, tuple(counts)) for kind, name, counts in groups)
            for part, groups in row.content.items()
        }
        return KeptFigures(Figures(row.as_of, parts), row.seconds)

    def imported_days(self, petition_id: int) -> dict[date, int]:
        """Return by day how many an import made count."""
        wanted = select(imported_days.c.day, imported_days.c.counted).where(
            imported_days.c.petition_id == petition_id
        )
        rows = self._database.ask(lambda connection: connection.execute(wanted).all())
        return {row.day: int(row.counted) for row in rows}

    def larger_than(self, size: int) -> list[int]:
        """Return the petitions that have more signatures, in whatever state."""
        added = func.sum(audit_days.c.added)
        wanted = select(audit_days.c.petition_id).group_by(audit_days.c.petition_id).having(added > size)
        with self._database.unhurried() as connection:
            return list(connection.scalars(wanted))

    def is_larger_than(self, petition_id: int, size: int) -> bool:
        """Tell whether a petition has more signatures, in whatever state."""
        added = select(func.sum(audit_days.c.added)).where(audit_days.c.petition_id == petition_id)
        found = self._database.ask(lambda connection: connection.scalar(added))
        return int(found or 0) > size

    def latest(self) -> tuple[int, int]:
        """Return the number of the last signature there is, and of the last move."""
        wanted = select(
            select(func.max(signatures.c.id)).scalar_subquery(),
            select(func.max(moves.c.id)).scalar_subquery(),
        )
        signature, move = self._database.ask(lambda connection: connection.execute(wanted).one())
        return int(signature or 0), int(move or 0)

    def touched(self, after: tuple[int, int], until: tuple[int, int]) -> set[int]:
        """Return the petitions whose signatures were given or moved between two answers of `latest`."""
        with self._database.unhurried() as connection:
            return {
                number
                for table, first, last in zip((signatures, moves), after, until, strict=True)
                for number in connection.scalars(
                    select(table.c.petition_id).distinct().where(table.c.id > first, table.c.id <= last)
                )
            }


def note_imported(connection: Connection, petition_id: int, day: date, counted: int) -> None:
    """Add to what imports brought on a day, in the transaction that writes them."""
    if not counted:
        return
    insert = _insert(connection, imported_days).values(petition_id=petition_id, day=day, counted=counted)
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=["petition_id", "day"],
            set_={"counted": imported_days.c.counted + insert.excluded.counted},
        )
    )


@contextmanager
def _modestly(connection: Connection) -> Iterator[None]:
    """Let PostgreSQL take one processor for it, and compile nothing that is run once: others sign now."""
    if connection.dialect.name == "sqlite":
        yield
        return
    for name, value in _MODEST.items():
        connection.exec_driver_sql(f"SET {name} = {value}")
    try:
        yield
    finally:
        with suppress(DBAPIError):  # the connection is gone, or its transaction, and the settings with either
            for name in _MODEST:
                connection.exec_driver_sql(f"RESET {name}")


def _insert(connection: Connection, table: Any) -> Any:
    return {"sqlite": sqlite, "postgresql": postgresql}[connection.dialect.name].insert(table)


def _everything(petition_id: int, now: datetime, links_since: datetime) -> Any:
    """Return the statement that counts all parts."""
    mine = signatures.c.petition_id == petition_id
    counts = and_(mine, signatures.c.state.in_([str(state) for state in COUNTABLE]))
    lately = signatures.c.signed_at >= since(Period.WEEK, now)
    named = {
        Part.SITE: Site(signatures.c.page_url),
        Part.SOURCE: signatures.c.source,
        Part.COUNTRY: signatures.c.country,
        Part.LANG: signatures.c.lang,
    }
    here = signatures.c.import_id.is_(None)
    parts = [
        _part(Part.HOUR, literal(Kind.NAMED.value), Hour(signatures.c.signed_at), now, counts, here, lately),
        *(_part(part, _kind(part, name), name, now, counts) for part, name in named.items()),
        _part(Part.STATE, literal(Kind.NAMED.value), signatures.c.state, now, mine),
        _part(Part.ASKED, literal(Kind.NAMED.value), _asked(links_since), now, mine, here),
    ]
    return union_all(*parts)


def _part(
    part: Part,
    kind: ColumnElement[Any],
    name: ColumnElement[Any],
    now: datetime,
    *conditions: ColumnElement[bool],
) -> Select[Any]:
    # Named first and grouped then: to PostgreSQL one expression with two parameters is two.
    shown = case((kind == Kind.NAMED.value, name), else_="")
    row = (
        select(kind.label("kind"), shown.label("name"), signatures.c.signed_at).where(*conditions).subquery()
    )
    sums = []
    for period in Period:
        begins = since(period, now)
        count = func.count() if begins is None else func.count().filter(row.c.signed_at >= begins)
        sums.append(count.label(period.name.lower()))
    grouped = (
        select(row.c.kind, row.c.name, *sums)
        .group_by(row.c.kind, row.c.name)
        .order_by(sums[-1].desc())
        .limit(READ)
        .subquery()
    )
    return select(literal(part.value).label("part"), *grouped.c)


def _kind(part: Part, name: ColumnElement[Any]) -> ColumnElement[Any]:
    """Tell what has a name from what has none, and why it has none."""
    whens: list[Any] = [(signatures.c.canonical_email.is_(None), Kind.FORGOTTEN.value)]
    if part is Part.SITE:  # an import has no partner site, whatever its pages were
        whens.append((signatures.c.import_id.is_not(None), Kind.IMPORTED.value))
    return case(*whens, (name == "", Kind.NONE.value), else_=Kind.NAMED.value)


def _asked(links_since: datetime) -> ColumnElement[Any]:
    """Tell what became of a signature as to its confirmation.

    One that counts at once has one moment for both. Those the guard held, and those nobody could ask,
    are apart: when they counted says nothing of a letter.
    """
    one = signatures.c
    held = or_(one.held_because.is_not(None), one.state == State.HELD.value)
    waiting = and_(one.state == State.PENDING.value, one.signed_at > links_since)
    return case(
        (held, Asked.HELD.value),
        (one.confirmed_at == one.signed_at, Asked.AT_ONCE.value),
        (one.confirmed_at.is_not(None), Asked.CONFIRMED.value),
        (waiting, Asked.WAITING.value),
        else_=Asked.UNCONFIRMED.value,
    )


class Site(FunctionElement[str]):
    """The origin of a page's address: what stands before the first slash after its name."""

    inherit_cache = True
    type = String()
    name = "site"


@compiles(Site)
def _site(element: Site, compiler: Any, **how: Any) -> str:
    return _origin(compiler.process(element.clauses, **how), "instr")


@compiles(Site, "postgresql")
def _site_there(element: Site, compiler: Any, **how: Any) -> str:
    return _origin(compiler.process(element.clauses, **how), "strpos")


def _origin(page: str, position: str) -> str:
    # The shortest beginning, "http://", has seven letters; from the ninth on a name has gone on.
    return f"substr({page}, 1, coalesce(nullif({position}(substr({page}, 9), '/'), 0) + 7, length({page})))"


class Hour(FunctionElement[str]):
    """The hour (UTC) of a moment, as 2026-05-01 12."""

    inherit_cache = True
    type = String()
    name = "hour"


@compiles(Hour)
def _hour(element: Hour, compiler: Any, **how: Any) -> str:
    return f"substr({compiler.process(element.clauses, **how)}, 1, 13)"


@compiles(Hour, "postgresql")
def _hour_there(element: Hour, compiler: Any, **how: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **how)} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24')"
