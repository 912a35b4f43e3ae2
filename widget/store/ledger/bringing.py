"""What workers do with files on their way in: try them, and take them in batch by batch.

How far a file was read is written in the transaction of the batch that was read, and only if it still stands
where the batch began: of two workers at one file one writes, and a killed one leaves the end of the last.
"""

import hmac
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from widget.domain.intake_refusals import ImportElsewhere
from widget.domain.refusals import PetitionClosed
from widget.domain.signature import State
from widget.domain.upload import UNDERWAY, Batch, Stage, Upload, added_up, kept_of
from widget.store.bounded import PATIENCE
from widget.store.engine import Database
from widget.store.ledger.erased_people import forget_erased, without_erased
from widget.store.ledger.imports import begin_import, take_batch
from widget.store.ledger.uploads import (
    NOTHING_READ,
    forget_errors,
    forget_people,
    from_the_beginning,
    upload_of,
)
from widget.store.tables import imports, petitions
from widget.store.upload_tables import upload_errors, upload_people, upload_pieces, uploads


class BringingRecords:
    """What becomes of a file on its way in."""

    _database: Database
    _key: bytes

    def upload_underway(self) -> Upload | None:
        """Return the file that has waited longest for a worker."""
        wanted = (
            select(uploads)
            .where(uploads.c.stage.in_([*UNDERWAY]))
            .order_by(uploads.c.touched_at, uploads.c.id)
            .limit(1)
        )
        row = self._database.ask(lambda connection: connection.execute(wanted).one_or_none())
        return None if row is None else upload_of(row)

    def try_upload(
        self, upload: Upload, columns: Mapping[str, int], state: State | None, now: datetime
    ) -> bool:
        """Let a worker try it with these columns; tell whether it stood where somebody saw it."""
        given = {"columns": dict(columns), "state": state, "attempt": upload.attempt + 1}
        anew: dict[str, Any] = given | NOTHING_READ | from_the_beginning()
        with self._database.writing() as connection:
            moved = _moved(connection, upload, Stage.TRYING, now, **anew)
            if moved:
                forget_errors(connection, upload.id)
        return moved

    def start_import(
        self, upload: Upload, mapping: Mapping[str, str], *, recorded_by: str, now: datetime
    ) -> bool:
        """Let a worker take it in; tell whether it stood where somebody saw it: pressed twice, begun once."""
        with self._database.writing() as connection:
            if not _moved(connection, upload, Stage.GOING, now, **(NOTHING_READ | from_the_beginning())):
                return False
            begun = begin_import(
                connection,
                upload.petition_id,
                file_name=upload.file_name,
                fingerprint=upload.fingerprint,
                mapping=mapping,
                recorded_by=recorded_by,
                now=now,
            )
            forget_errors(connection, upload.id)
            connection.execute(update(uploads).where(uploads.c.id == upload.id).values(import_id=begun.id))
        return True

    def move_upload(self, upload: Upload, stage: Stage, now: datetime, *, why: str = "") -> bool:
        """Put it on another stage; tell whether it stood where somebody saw it."""
        with self._database.writing() as connection:
            return _moved(connection, upload, stage, now, why=why[:300])

    def try_batch(self, upload: Upload, batch: Batch, unsigned: Collection[str], now: datetime) -> None:
        """Note what would become of a batch, of whose people the `unsigned` have not signed.

        Raises ImportElsewhere when it was noted already.
        """
        with self._database.writing() as connection:
            batch = without_erased(connection, upload, batch)
            people = {*unsigned} & {one.new.canonical_email for one in batch.fit}
            new = _new_people(connection, upload.id, self._noted(upload, people))
            _read_on(connection, upload, batch, added=new, stage=Stage.TRIED, now=now)

    def take_batch_of(self, upload: Upload, batch: Batch, now: datetime) -> int:
        """Take a batch in, as `take_in` does; return how many were new.

        With the last one the file goes. Raises ImportElsewhere when it was taken already, and PetitionClosed.
        """
        if upload.import_id is None:
            raise ImportElsewhere(f"upload {upload.id} was not begun")
        with self._database.writing(unhurried=PATIENCE) as connection:
            gone = select(petitions.c.anonymised_at).where(petitions.c.id == upload.petition_id)
            if connection.scalar(gone) is not None:
                raise PetitionClosed("its signers were anonymised")
            batch = without_erased(connection, upload, batch)
            added = take_batch(
                *(connection, upload.import_id, upload.at.row, batch.rows, batch.fit),
                refused=batch.refused,
                now=now,
            )
            _read_on(connection, upload, batch, added=added, stage=Stage.DONE, now=now)
            if batch.ended:
                done = update(imports).where(imports.c.id == upload.import_id)
                connection.execute(done.values(finished_at=now))
                forget_erased(connection, upload.id)
                connection.execute(delete(upload_pieces).where(upload_pieces.c.upload_id == upload.id))
        return added

    def forget_people(self, upload_id: int) -> None:
        """Forget whom a trial has met, some at a time."""
        forget_people(self._database, upload_id)

    def _noted(self, upload: Upload, people: Collection[str]) -> list[int]:
        """Return half a keyed hash of each: of one trial alone, so that no two can be compared."""
        trial = hmac.digest(self._key, f"{upload.key} {upload.attempt}".encode(), "sha256")
        hashes = (hmac.digest(trial, one.encode(), "sha256") for one in people)
        return sorted(int.from_bytes(one[:8], "big", signed=True) for one in hashes)


def _moved(connection: Connection, upload: Upload, stage: Stage, now: datetime, **values: Any) -> bool:
    seen = _same(upload)
    moved = connection.execute(update(uploads).where(*seen).values(stage=stage, touched_at=now, **values))
    return moved.rowcount == 1


def _same(upload: Upload) -> tuple[ColumnElement[bool], ...]:
    """Return what holds while an upload is the one that was seen, on that stage.

    Its number is not enough: SQLite may give that of a deleted file to the next one, of whatever petition.
    """
    return (
        *(uploads.c.id == upload.id, uploads.c.petition_id == upload.petition_id),
        *(uploads.c.sent_at == upload.sent_at, uploads.c.stage == upload.stage),
        uploads.c.attempt == upload.attempt,
    )


def _read_on(
    connection: Connection, upload: Upload, batch: Batch, *, added: int, stage: Stage, now: datetime
) -> None:
    """Write how far it is. Raises ImportElsewhere when it does not stand where the batch began."""
    kept, lines = kept_of(batch, upload)
    moved = connection.execute(
        update(uploads)
        .where(*_same(upload), uploads.c.byte == upload.at.byte)
        .values(
            stage=stage if batch.ended else upload.stage,
            touched_at=now,
            row=batch.at.row,
            line=batch.at.line,
            byte=batch.at.byte,
            added=uploads.c.added + added,
            merged=uploads.c.merged + len(batch.fit) - added,
            refused=uploads.c.refused + batch.refused,
            kept=uploads.c.kept + kept,
            kept_bytes=uploads.c.kept_bytes + len(lines.encode()),
            reasons=added_up(upload.reasons, batch.reasons),
        )
    )
    if moved.rowcount != 1:
        raise ImportElsewhere(f"somebody else carries upload {upload.id} on")
    if kept:
        connection.execute(
            insert(upload_errors).values(upload_id=upload.id, row=upload.at.row, content=lines)
        )


def _new_people(connection: Connection, upload_id: int, met: Sequence[int]) -> int:
    if not met:
        return 0
    if connection.dialect.name == "sqlite":
        return connection.execute(
            _MET_SQLITE, [{"upload_id": upload_id, "person": one} for one in met]
        ).rowcount
    return len(connection.execute(_MET_POSTGRESQL, {"upload": upload_id, "people": met}).all())


_MET_SQLITE = sqlite.insert(upload_people).on_conflict_do_nothing()
_MET_POSTGRESQL = (
    postgresql.insert(upload_people)
    .from_select(
        ["upload_id", "person"],
        select(
            bindparam("upload", type_=BigInteger), func.unnest(bindparam("people", type_=ARRAY(BigInteger)))
        ),
    )
    .on_conflict_do_nothing()
    .returning(upload_people.c.person)
)
