"""A backup is the whole ledger of one moment; going back to it happens whole or not at all."""

import gzip
import io
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, select, text

from tests.organisers import enrol
from tests.petitions import NOW, draft, signature
from tests.services import RedisServer
from widget import admitting, archiving
from widget.domain.admission import Admits
from widget.domain.organiser import Role
from widget.domain.refusals import LedgerUnavailable, LinkExpired, PetitionNotFound
from widget.domain.signature import Occasion
from widget.store import backups
from widget.store.backups import Unrestorable
from widget.store.counter import Counter
from widget.store.ledger import Ledger
from widget.store.migrating import migrate, upgrade
from widget.store.tables import metadata

pytestmark = pytest.mark.lasting


def now() -> datetime:
    return datetime.now(UTC)


def backed_up(url: str) -> bytes:
    out = io.BytesIO()
    backups.write(url, out, now())
    return out.getvalue()


def restore(url: str, backup: bytes, *, replace: bool = False) -> backups.Restored:
    return backups.read(url, io.BytesIO(backup), now(), replace=replace)


def inside(url: str, act: Callable[[Connection], object]) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        act(connection)
    engine.dispose()


def everything(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table, but for the versions of the tallies."""
    rows: dict[str, list[tuple[object, ...]]] = {}

    def look(connection: Connection) -> None:
        for table in metadata.sorted_tables:
            columns = [column for column in table.columns if column.name != "changes"]
            rows[table.name] = sorted((tuple(row) for row in connection.execute(select(*columns))), key=repr)

    inside(url, look)
    return rows


def sign(ledger: Ledger, petition_id: int, *names: str) -> None:
    for name in names:
        ledger.record(signature(petition_id, f"{name}@example.org"), Occasion.RECEIPT)


def test_what_was_there_is_there_again(ledger: Ledger, database_url: str) -> None:
    petition = ledger.add_petition(draft(), NOW)
    sign(ledger, petition.id, "sam", "petra")
    odd = "a tab\t, a line\n, a \\N, a \\., quotes \"' and Ստորագրիր 🕊"
    ledger.record(signature(petition.id, "omar@example.org", comment=odd), Occasion.RECEIPT)
    before, backup = everything(database_url), backed_up(database_url)
    sign(ledger, petition.id, "anahit", "mallory")
    restored = restore(database_url, backup, replace=True)
    assert (restored.petitions, restored.signatures, restored.drifts) == (1, 3, {})
    assert everything(database_url) == before
    assert ledger.tally(petition.id).here == 3
    sign(ledger, petition.id, "anahit")  # the next number is free
    assert ledger.tally(petition.id).here == 4


def test_a_backup_beside_signers_is_of_one_moment(ledger: Ledger, database_url: str) -> None:
    petition = ledger.add_petition(draft(), NOW)
    done, signed = threading.Event(), []

    def keep_signing(lane: int) -> None:
        while not done.is_set():
            sign(ledger, petition.id, f"sam.{lane}.{len(signed)}")
            signed.append(lane)

    signers = [threading.Thread(target=keep_signing, args=(lane,)) for lane in range(3)]
    for signer in signers:
        signer.start()
    try:
        copies = []
        for _ in range(5):
            begun = len(signed)
            copies.append((begun, backed_up(database_url), len(signed)))
    finally:
        done.set()
        for signer in signers:
            signer.join()
    for least, backup, most in copies:
        restored = restore(database_url, backup, replace=True)
        assert restored.drifts == {}
        assert least <= restored.signatures <= most + len(signers)
        assert ledger.tally(petition.id).here == restored.signatures


def test_going_back_ends_every_session_and_every_open_link(ledger: Ledger, database_url: str) -> None:
    ledger.add_petition(draft(), NOW)
    ours, moment = ledger.organisations()[0], now()
    anahit = enrol(ledger, "Anahit")
    sent = ledger.make_link(Admits.JOIN, "sam@example.org", moment, organisation=ours, role=Role.EDITOR)
    backup = backed_up(database_url)
    ended = ledger.end_sessions(anahit.id)
    sam = ledger.join_as_new(sent.number, "sam@example.org", "hash", moment)
    restore(database_url, backup, replace=True)
    again = ledger.organiser(anahit.id)
    assert again.session_epoch > ended.session_epoch
    with pytest.raises(LinkExpired):
        ledger.one_time_link(sent.number).refuse_unless_good(now())
    assert ledger.open_links(now(), Admits.JOIN) == []
    petra = enrol(ledger, "Petra")
    assert (petra.id, petra.session_epoch) == (sam.id, sam.session_epoch)  # so a cookie names more
    known = admitting.holds(petra.id, admitting.since(petra), petra.session_epoch, ledger=ledger)
    assert known == petra
    assert admitting.holds(sam.id, admitting.since(sam), sam.session_epoch, ledger=ledger) is None
    restore(database_url, backed_up(database_url), replace=True)
    assert ledger.organiser(anahit.id).session_epoch > again.session_epoch


def test_petitions_are_not_written_over_unasked(ledger: Ledger, database_url: str) -> None:
    petition = ledger.add_petition(draft(), NOW)
    backup = backed_up(database_url)
    sign(ledger, petition.id, "sam")
    with pytest.raises(Unrestorable, match="--replace"):
        restore(database_url, backup)
    assert ledger.tally(petition.id).here == 1


def test_an_empty_ledger_takes_a_backup(ledger: Ledger, database_url: str) -> None:
    ledger.add_petition(draft(), NOW)
    backup = backed_up(database_url)
    empty = ledger.petition("save-the-mill")
    with pytest.raises(Unrestorable, match="petitions"):
        restore(database_url, backup)
    inside(database_url, forget_all)
    assert ledger.petitions() == []
    restore(database_url, backup)
    assert ledger.petition("save-the-mill").id == empty.id


def forget_all(connection: Connection) -> None:
    for table in reversed(metadata.sorted_tables):
        connection.execute(table.delete())


def test_a_damaged_backup_changes_nothing(ledger: Ledger, database_url: str) -> None:
    petition = ledger.add_petition(draft(), NOW)
    sign(ledger, petition.id, *(f"sam.{number}" for number in range(200)))
    backup = backed_up(database_url)
    sign(ledger, petition.id, "petra")
    before = everything(database_url)
    half = len(backup) // 2
    broken = [
        *(b"", b"not a backup", backup[:half], backup[:-1], backup[:20]),
        backup[:half] + bytes([backup[half] ^ 1]) + backup[half + 1 :],
        gzip.compress(gzip.decompress(backup)[:-5_000]),
        gzip.compress(b'{"format": "support-now ledger", "version": 2}\n'),
    ]
    if not database_url.startswith("sqlite"):
        lines = gzip.decompress(backup).splitlines(keepends=True)
        broken += [gzip.compress(b"".join(part)) for part in (lines[:-1], lines[:-9], lines[:9] + lines[10:])]
    for which, one in enumerate(broken):
        with pytest.raises(Unrestorable):
            restore(database_url, one, replace=True)
        assert everything(database_url) == before, which


def test_a_backup_of_a_newer_version_is_refused(ledger: Ledger, database_url: str) -> None:
    ledger.add_petition(draft(), NOW)
    known = text("SELECT version_num FROM alembic_version")
    revision: list[str] = []
    inside(database_url, lambda connection: revision.extend(connection.scalars(known)))
    name = text("UPDATE alembic_version SET version_num = :name")
    inside(database_url, lambda connection: connection.execute(name, {"name": "9999"}))
    backup = backed_up(database_url)
    inside(database_url, lambda connection: connection.execute(name, {"name": revision[0]}))
    with pytest.raises(Unrestorable, match="newer version"):
        restore(database_url, backup, replace=True)
    assert len(ledger.petitions()) == 1


def test_a_backup_of_an_older_schema_is_brought_up_to_date(ledger: Ledger, database_url: str) -> None:
    def begin_anew(connection: Connection) -> None:
        metadata.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))
        upgrade(connection, "0001")

    inside(database_url, begin_anew)
    backup = backed_up(database_url)
    migrate(database_url)
    ledger.add_petition(draft(), NOW)
    assert restore(database_url, backup, replace=True).revision == "0001"
    assert ledger.petitions() == []
    ledger.add_petition(draft(), NOW)


FOREIGN = {
    "trigger 'quiet'": "CREATE TRIGGER quiet AFTER INSERT ON signatures BEGIN DELETE FROM signatures; END",
    "view 'everybody'": "CREATE VIEW everybody AS SELECT email FROM signatures",
    "table 'sqliteish'": "CREATE TABLE sqliteish (email TEXT)",
    "index 'odd'": "CREATE INDEX odd ON signatures (comment)",
}


@pytest.mark.parametrize("named", FOREIGN)
def test_a_backup_with_what_no_ledger_has_is_refused(sqlite_url: str, tmp_path: Path, named: str) -> None:
    with closing(Ledger.connect(sqlite_url)) as ledger:
        ledger.add_petition(draft(), NOW)
        before, backup = everything(sqlite_url), backed_up(sqlite_url)
        file = tmp_path / "mallory.sqlite3"
        file.write_bytes(gzip.decompress(backup))
        with closing(sqlite3.connect(file)) as tampered, tampered:
            tampered.execute(FOREIGN[named])
        with pytest.raises(Unrestorable, match=f"belongs to no ledger: {named}"):
            restore(sqlite_url, gzip.compress(file.read_bytes()), replace=True)
        assert everything(sqlite_url) == before
        with pytest.raises(Unrestorable, match=named):  # nor is one written that would be refused
            backed_up(f"sqlite:///{file}")


def test_what_sqlite_itself_keeps_in_a_ledger_is_taken(sqlite_url: str) -> None:
    with closing(Ledger.connect(sqlite_url)) as ledger:
        ledger.add_petition(draft(), NOW)
        inside(sqlite_url, lambda connection: connection.execute(text("ANALYZE")))
        assert restore(sqlite_url, backed_up(sqlite_url), replace=True).petitions == 1


def test_no_ledger_is_said(tmp_path: object) -> None:
    with pytest.raises(Unrestorable, match="no ledger"):
        backed_up(f"sqlite:///{tmp_path}/nowhere.sqlite3")


@pytest.mark.services
def test_a_database_that_is_gone_is_said() -> None:
    url = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    with pytest.raises(LedgerUnavailable):
        backed_up(url)


def test_an_unknown_petition_stays_unknown(ledger: Ledger, database_url: str) -> None:
    backup = backed_up(database_url)
    later = ledger.add_petition(draft(), NOW)
    restore(database_url, backup, replace=True)
    with pytest.raises(PetitionNotFound):
        ledger.tally(later.id)


# The number afterwards


@pytest.fixture
def counters(ledger: Ledger, redis_url: str) -> Iterator[list[Counter]]:
    """Those of two web processes and of the command."""
    made = [Counter(ledger.tally, redis_url=redis_url, clock=now) for _ in range(3)]
    yield made
    for counter in made:
        counter.close()


@pytest.mark.services
def test_the_number_is_right_with_the_next_read(
    ledger: Ledger, database_url: str, counters: list[Counter], redis_server: RedisServer
) -> None:
    web, other, command = counters
    petition = ledger.add_petition(draft(), NOW)
    sign(ledger, petition.id, "sam")
    backup = backed_up(database_url)
    sign(ledger, petition.id, "petra", "anahit", "omar")
    later = ledger.tally(petition.id)
    web.publish(petition.id, later)
    assert [one.read(petition.id).here for one in (web, other)] == [4, 4]

    def go_back() -> None:
        archiving.restore(
            io.BytesIO(backup),
            database_url=database_url,
            ledger=ledger,
            counter=command,
            now=now(),
            replace=True,
        )

    go_back()
    assert [one.read(petition.id).here for one in (web, other)] == [1, 1]
    other.publish(petition.id, later)  # a late word from before, as a paused process would say it
    assert [one.read(petition.id).here for one in (web, other)] == [1, 1]
    sign(ledger, petition.id, "petra")
    web.publish(petition.id, ledger.tally(petition.id))
    assert other.read(petition.id).here == 2
    go_back()  # the same backup again
    assert [one.read(petition.id).here for one in (web, other)] == [1, 1]
    redis_server.kill()
    assert web.read(petition.id).here == 1


@pytest.mark.services
def test_without_redis_a_later_version_is_never_given_twice(ledger: Ledger, database_url: str) -> None:
    """A version is an entity tag too: one that was seen must not come back with another number."""
    petition = ledger.add_petition(draft(), NOW)
    backup, seen = backed_up(database_url), set()
    for name in ("sam", "petra"):
        restore(database_url, backup, replace=True)
        with closing(Ledger.connect(database_url)) as fresh:
            seen.add(fresh.tally(petition.id).changes)
            sign(fresh, petition.id, name)
            seen.add(fresh.tally(petition.id).changes)
    assert len(seen) == 4
