"""The stages: one that most drills share, and those that a drill needs for itself."""

import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path

from drills.disk import may_mount, small_disk
from drills.stage import Stage
from tests.postgres_server import PostgresServer
from tests.services import RedisServer

FIVE = 5
SMALL = 24  # megabytes of the disk under SQLite
SMALL_CLUSTER = 160  # megabytes of the disk under PostgreSQL


class House:
    """A PostgreSQL, a Redis and a folder for all drills of a run, and the stage that most of them share."""

    def __init__(self) -> None:
        self._ended = ExitStack()
        self._stages = 0
        self._shared: dict[bool, Stage] = {}

    def __enter__(self) -> "House":
        try:
            self._open()
        except BaseException:  # Ctrl-C, too: what was started by then is ended
            self._close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def _open(self) -> None:
        self.folder = Path(self._ended.enter_context(tempfile.TemporaryDirectory(prefix="sn-drills-")))
        self.postgresql = PostgresServer()
        self._ended.callback(self.postgresql.remove)
        self.postgresql.start()
        self.redis = RedisServer(self.folder)
        self._ended.callback(self.redis.stop)
        self.redis.start()

    def _close(self) -> None:
        """End all that was started. Whoever is impatient now would leave processes behind."""
        before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            self._ended.close()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def clear(self) -> None:
        """Take the shared stages down after a drill that broke off: the next one finds new ones."""
        for letters in list(self._shared):
            with suppress(Exception):  # it is broken; what is left of it ends with the house
                self._shared.pop(letters).stop()
        self.postgresql.heal()
        self.redis.heal()

    def shared(self, *, letters: bool) -> Stage:
        """Return a stage that many drills share, everything on it running; with or without letters."""
        if letters not in self._shared:
            ledger = self.postgresql.url(self.postgresql.create_database())
            stage = Stage(
                self.room(), ledger=ledger, redis=self.redis, postgresql=self.postgresql, letters=letters
            )
            self._ended.callback(stage.stop)
            stage.start()
            self._shared[letters] = stage
        self._shared[letters].heal()
        return self._shared[letters]

    def room(self) -> Path:
        """Return an empty folder."""
        self._stages += 1
        return self.folder / f"stage{self._stages}"


Staged = Callable[[House], AbstractContextManager[Stage]]


@contextmanager
def shared(house: House) -> Iterator[Stage]:
    """Two web services of two processes, Redis and PostgreSQL; no letters, which would pile up."""
    yield house.shared(letters=False)


@contextmanager
def with_letters(house: House) -> Iterator[Stage]:
    """The same, and a worker that sends a letter to everybody who signs."""
    yield house.shared(letters=True)


@contextmanager
def on_small_sqlite(house: House) -> Iterator[Stage]:
    """One web service on SQLite; a small disk under it where we may mount one."""
    with ExitStack() as ended:
        disk = ended.enter_context(small_disk(SMALL)) if may_mount() else None
        folder = house.room()
        folder.mkdir()
        ledger = (disk.folder if disk else folder) / "ledger.sqlite3"
        stage = Stage(folder, ledger=f"sqlite:///{ledger}", webs=1, disk=disk, letters=False)
        ended.callback(stage.stop)
        yield stage.start()


@contextmanager
def on_small_postgresql(house: House) -> Iterator[Stage]:
    """Two web services on a PostgreSQL of its own with a small disk under it; needs root."""
    with ExitStack() as ended:
        disk = ended.enter_context(small_disk(SMALL_CLUSTER))
        postgresql = PostgresServer(within=disk.folder)
        ended.callback(postgresql.remove)
        ledger = postgresql.start().url(postgresql.create_database())
        house.redis.heal()
        stage = Stage(
            house.room(),
            ledger=ledger,
            redis=house.redis,
            postgresql=postgresql,
            disk=disk,
            letters=False,
        )
        ended.callback(stage.stop)
        yield stage.start()


@contextmanager
def five_at_once(house: House) -> Iterator[Stage]:
    """Five web services that start together on an empty database."""
    house.redis.heal()
    stage = Stage(
        house.room(),
        ledger=house.postgresql.url(house.postgresql.create_database()),
        redis=house.redis,
        webs=FIVE,
        processes=1,
        command=("flask", "serve"),
        letters=False,  # else the sample would ask to confirm
    )
    with ExitStack() as ended:
        ended.callback(stage.stop)
        yield stage.start(migrated=False)


@contextmanager
def on_another_clock(house: House) -> Iterator[Stage]:
    """Web services that add to the time what stands in the file `clock`, in seconds."""
    house.redis.heal()
    ledger = house.postgresql.url(house.postgresql.create_database())
    command = ("gunicorn", "drills.shifted:app")
    stage = Stage(house.room(), ledger=ledger, redis=house.redis, command=command, letters=False)
    clock = stage.folder / "clock"
    clock.write_text("0")
    with ExitStack() as ended:
        ended.callback(stage.stop)
        yield stage.start(CLOCK_OFFSET=str(clock))
