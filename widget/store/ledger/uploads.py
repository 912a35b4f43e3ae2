"""Files on their way in: kept in pieces until they are in, and then gone. `bringing` has what workers do."""

import zlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    bindparam,
    cast,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from widget.domain.intake_refusals import UploadNotFound
from widget.domain.signature import State
from widget.domain.upload import OPEN, Position, Stage, Upload
from widget.store.engine import Database
from widget.store.ledger.erased_people import forget_erased
from widget.store.tables import petitions
from widget.store.upload_tables import upload_errors, upload_people, upload_pieces, uploads

PACKED = 1  # of zlib's 9: tables shrink to a fifth with it already
AT_ONCE = 10_000  # people forgotten in one transaction
NOTHING_READ: dict[str, Any] = {
    "added": 0,
    "merged": 0,
    "refused": 0,
    "kept": 0,
    "kept_bytes": 0,
    "reasons": {},
    "why": "",
}


# Of files sent at once into one petition each counts the others. Any number that no other lock of ours has.
_ONE_BEGINS = select(func.pg_advisory_xact_lock(7_307, cast(bindparam("petition_id"), Integer)))


class UploadRecords:
    """What the ledger knows of files on their way in."""

    _database: Database

    def begin_upload(
        self,
        petition_id: int,
        *,
        file_name: str,
        sent_by: str,
        now: datetime,
        at_most: int,
        arriving_since: datetime,
    ) -> int | None:
        """Make room for a file that arrives; return its number, None where `at_most` files lie already.

        Those that still arrive are counted with them, unless they began before a moment.
        """
        values = {
            **{"petition_id": petition_id, "stage": Stage.ARRIVING, "file_name": file_name},
            **{"sent_by": sent_by, "sent_at": now, "touched_at": now, "fingerprint": "", "size": 0},
            **{"delimiter": ",", "head": [], "columns": {}, "attempt": 0, **NOTHING_READ},
            **dict.fromkeys(("first_line", "first_byte", "row", "line", "byte"), 0),
        }
        arrives = (uploads.c.stage == Stage.ARRIVING) & (uploads.c.touched_at > arriving_since)
        lie = select(func.count()).where(
            uploads.c.petition_id == petition_id, or_(uploads.c.stage.in_([*OPEN]), arrives)
        )
        with self._database.writing() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(_ONE_BEGINS, {"petition_id": petition_id})
            if (connection.scalar(lie) or 0) >= at_most:
                return None
            return int(
                connection.execute(insert(uploads).values(values).returning(uploads.c.id)).scalar_one()
            )

    def add_piece(self, upload_id: int, number: int, content: bytes) -> None:
        """Keep a piece of it, in a transaction of its own: a large file holds no signer up."""
        packed = zlib.compress(content, PACKED)
        with self._database.writing() as connection:
            connection.execute(
                insert(upload_pieces).values(upload_id=upload_id, number=number, content=packed)
            )

    def piece(self, upload_id: int, number: int) -> bytes | None:
        """Return a piece of a file, None behind its end."""
        wanted = select(upload_pieces.c.content).where(
            upload_pieces.c.upload_id == upload_id, upload_pieces.c.number == number
        )
        found = self._database.ask(lambda connection: connection.scalar(wanted))
        return None if found is None else zlib.decompress(found)

    def end_upload(
        self,
        upload_id: int,
        *,
        fingerprint: str,
        size: int,
        delimiter: str,
        head: tuple[str, ...],
        at: Position,
    ) -> None:
        """Note that all of it is here, and where its data begin."""
        known = {"fingerprint": fingerprint, "size": size, "delimiter": delimiter, "head": list(head)}
        begins = {"first_line": at.line, "first_byte": at.byte}
        with self._database.writing() as connection:
            connection.execute(
                update(uploads)
                .where(uploads.c.id == upload_id)
                .values(stage=Stage.ARRIVED, **known, **begins, **from_the_beginning())
            )

    def upload(self, petition_id: int, upload_id: int) -> Upload:
        """Return a file of a petition that is all here. Raises UploadNotFound."""
        mine = (uploads.c.id == upload_id, uploads.c.petition_id == petition_id)
        found = self._uploads(*mine, uploads.c.stage != Stage.ARRIVING)
        if not found:
            raise UploadNotFound(str(upload_id))
        return found[0]

    def uploads(self, petition_id: int) -> list[Upload]:
        """Return the files of a petition that are all here, the latest first."""
        mine = uploads.c.petition_id == petition_id
        return self._uploads(mine, uploads.c.stage != Stage.ARRIVING)[::-1]

    def upload_errors(self, upload_id: int) -> Iterator[str]:
        """Yield the lines that were not taken, those of one batch at a time."""
        after = -1
        while True:
            mine = (upload_errors.c.upload_id == upload_id, upload_errors.c.row > after)
            wanted = select(upload_errors).where(*mine).order_by(upload_errors.c.row).limit(1)
            row = self._database.ask(lambda connection, asked=wanted: connection.execute(asked).one_or_none())  # type: ignore[misc]
            if row is None:
                return
            after = row.row
            yield row.content

    def drop_upload(self, upload_id: int) -> None:
        """Delete a file with all that is known of it. What was brought in stays, with its import."""
        with self._database.writing() as connection:
            # First of all, so that no worker writes anything more about it.
            connection.execute(update(uploads).where(uploads.c.id == upload_id).values(stage=Stage.ARRIVING))
        forget_people(self._database, upload_id)
        with self._database.writing() as connection:
            # Whoever is erasing a signer has it first, and all that hangs on it afterwards.
            connection.execute(select(uploads.c.id).where(uploads.c.id == upload_id).with_for_update())
            forget_errors(connection, upload_id)
            forget_erased(connection, upload_id)
            connection.execute(delete(upload_pieces).where(upload_pieces.c.upload_id == upload_id))
            connection.execute(delete(uploads).where(uploads.c.id == upload_id))

    def old_uploads(self, before: datetime, arriving_before: datetime) -> list[int]:
        """Return the files not touched since a moment, not all here, or of a petition without signers."""
        anonymised = exists().where(
            petitions.c.id == uploads.c.petition_id, petitions.c.anonymised_at.is_not(None)
        )
        old = or_(
            uploads.c.touched_at < before,
            (uploads.c.stage == Stage.ARRIVING) & (uploads.c.touched_at < arriving_before),
            anonymised,
        )
        wanted = select(uploads.c.id).where(old).order_by(uploads.c.id)
        return list(self._database.ask(lambda connection: connection.scalars(wanted).all()))

    def _uploads(self, *conditions: ColumnElement[bool]) -> list[Upload]:
        wanted = select(uploads).where(*conditions).order_by(uploads.c.id)
        return [upload_of(row) for row in self._database.ask(lambda one: one.execute(wanted).all())]


def from_the_beginning() -> dict[str, Any]:
    """Return where the data begin, as columns."""
    return {"row": 0, "line": uploads.c.first_line, "byte": uploads.c.first_byte}


def forget_people(database: Database, upload_id: int) -> None:
    """Forget whom a trial has met, some at a time."""
    met = upload_people.c.upload_id == upload_id
    some = select(upload_people.c.person).where(met).limit(AT_ONCE)
    gone = AT_ONCE
    while gone == AT_ONCE:
        with database.writing() as connection:
            gone = connection.execute(
                delete(upload_people).where(met, upload_people.c.person.in_(some))
            ).rowcount


def forget_errors(connection: Connection, upload_id: int) -> None:
    """Forget which lines were not taken."""
    connection.execute(delete(upload_errors).where(upload_errors.c.upload_id == upload_id))


def upload_of(row: Row[Any]) -> Upload:
    """Return the upload of a row."""
    known = {name: row._mapping[name] for name in Upload.__dataclass_fields__ if name in row._mapping}
    return Upload(
        **known
        | {
            "stage": Stage(row.stage),
            "state": State(row.state) if row.state else None,
            "head": tuple(row.head),
            "begins_at": Position(0, row.first_line, row.first_byte),
            "at": Position(row.row, row.line, row.byte),
        }
    )
