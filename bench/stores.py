"""The stores of a run: one PostgreSQL, one Redis and a folder for SQLite; empty for each subject."""

import shutil
import sqlite3
import tempfile
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg

from bench import peers
from bench.filling import Filled, fill
from bench.subjects import MANY, Subject
from tests.postgres_server import PostgresServer
from tests.services import RedisServer
from widget.domain.petition import CarriedOver, PetitionDraft, Wording
from widget.store.ledger import Ledger
from widget.store.migrating import migrate

CARRIED = 49
# PostgreSQL's settings that decide how much log a signing writes; a test holds them to compose.yaml.
AS_COMPOSE_HAS_IT = {"wal_compression": "lz4", "checkpoint_timeout": "15min", "max_wal_size": "4GB"}
_TEXT = "It has turned for three hundred years, and it shall go on turning. " * 40


@dataclass(frozen=True, slots=True)
class Books:
    """The ledger of one subject, to be looked into from outside."""

    url: str
    ours: bool
    before: int = 0  # how many were counted when the subject got it
    last: int = 0  # the number of the last of them

    def rows(self) -> int:
        """Count the new signatures one by one."""
        question = f"SELECT count(*) FROM {'signatures' if self.ours else 'signature'} WHERE id > {self.last}"
        if self.url.startswith("sqlite"):
            with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as connection:
                return int(connection.execute(question).fetchone()[0])
        with psycopg.connect(self.url.replace("+psycopg", "")) as connection:
            row = connection.execute(question).fetchone()
        return int(row[0]) if row else 0


class Stores:
    """All of them, started by the constructor's caller with `with`, ended and removed after it."""

    def __enter__(self) -> "Stores":
        self.folder = Path(tempfile.mkdtemp(prefix="sn-bench-"))
        self.postgresql = PostgresServer().start()
        _set_as_compose_does(self.postgresql.url())
        self.redis = RedisServer(self.folder)
        self.redis.start()
        self.template = self.postgresql.create_database()
        migrate(self.postgresql.url(self.template))
        migrate(f"sqlite:///{self.folder / 'template.sqlite3'}")
        self._filled: dict[int, Filled] = {}
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(Exception):
            self.redis.stop()
        self.postgresql.remove()
        shutil.rmtree(self.folder)

    def open(self, subject: Subject) -> Books | None:
        """Give a subject an empty Redis and a ledger of its own, with its petitions."""
        self.redis.heal()
        with self.redis.client() as client:
            client.set(peers.KEY, peers.BODY)
        if not subject.ledger:
            return None
        if subject.signatures:
            return self._with_signatures(subject.signatures)
        url = self._sqlite(subject.ours) if subject.ledger == "sqlite" else self._postgresql(subject.ours)
        if subject.ours:
            add_petitions(url, subject.petitions)
        return Books(url, subject.ours)

    def close(self, books: Books | None) -> None:
        """Drop a subject's ledger."""
        if books is None or books.before:  # a large one took long to fill: it serves the next one too
            return
        if books.url.startswith("sqlite"):
            for file in self.folder.glob("ledger.sqlite3*"):
                file.unlink()
        else:
            self.postgresql.drop_database(books.url.rpartition("/")[2])

    def fill(self, sizes: set[int], *, checkpoint: bool = False) -> None:
        """Make the ledgers that hold so many signatures, those that are not there yet; see `filling.fill`."""
        for many in sorted(sizes - set(self._filled)):
            began = time.monotonic()
            url = self._postgresql(ours=True)
            add_petitions(url, MANY + 1)
            self._filled[many] = fill(url, many, MANY + 1, checkpoint=checkpoint)
            print(f"{many} signatures written in {time.monotonic() - began:.0f} s", flush=True)

    def filled(self, many: int) -> Filled:
        """Return the ledger that was filled with so many."""
        return self._filled[many]

    def _with_signatures(self, many: int) -> Books:
        filled = self._filled[many]
        since = Books(filled.url, ours=True, last=filled.last)
        with psycopg.connect(filled.url.replace("+psycopg", "")) as connection:
            row = connection.execute("SELECT max(id) FROM signatures").fetchone()
        last = int(row[0]) if row else 0
        return Books(filled.url, ours=True, before=filled.counted + since.rows(), last=last)

    def _sqlite(self, ours: bool) -> str:
        path = self.folder / "ledger.sqlite3"
        if ours:
            shutil.copyfile(self.folder / "template.sqlite3", path)
        else:
            with closing(sqlite3.connect(path)) as connection:
                # Once, and here: two workers that switch at the same moment collide.
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute(peers.SQLITE_TABLE)
        return f"sqlite:///{path}"

    def _postgresql(self, ours: bool) -> str:
        server = self.postgresql
        name = server.create_database(self.template) if ours else server.create_database()
        if not ours:
            with psycopg.connect(server.url(name).replace("+psycopg", "")) as connection:
                connection.execute(peers.POSTGRESQL_TABLE)
        return server.url(name)


def _set_as_compose_does(url: str) -> None:
    """Write pages whole less often, and packed, as compose.yaml has it; for our peers on this server, too."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        for name, value in AS_COMPOSE_HAS_IT.items():
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")  # type: ignore[arg-type]
        connection.execute("SELECT pg_reload_conf()")


def add_petitions(url: str, number: int) -> None:
    """Open so many petitions in a ledger of ours."""
    ledger = Ledger.connect(url)
    now = datetime.now(UTC)
    for which in range(number):
        ledger.add_petition(
            PetitionDraft(
                slug=f"petition-{which}",
                wording=Wording("en", "Save the mill", ("the town council",), _TEXT),
                started_by="Anahit",
                started_on=date(2026, 4, 1),
                carried_over=CarriedOver(CARRIED, "an earlier page", date(2026, 4, 20)),
            ),
            now,
        )
    ledger.close()
