"""Every drill: how it breaks something, and how long anybody may be refused by it."""

import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from drills import breaking, staging
from drills.books import Checked, check
from drills.breaking import Break
from drills.crowd import Crowd, Kind
from drills.scene import Scene
from drills.staging import House, Staged

SAMPLE = "stop-bloodshed-in-artsakh"
WITHIN = 300.0  # seconds for one drill, a start of everything and the look afterwards included
# What half the crowd waits for an answer at most while nothing is broken, on a quiet machine of two cores. On
# one that others use as well the bounds are as much wider as the crowd waits longer, up to SLOWEST times.
QUIET = 0.15  # seconds
SLOWEST = 4.0
ENOUGH = 12  # answers of each kind before, and after, something is broken


@dataclass(frozen=True, slots=True)
class Bound:
    """How many seconds at most; `outage`: on top of the time for which the part itself is away."""

    seconds: float
    outage: bool = False

    def holds(self, waited: float, away: float, patience: float) -> bool:
        """Tell whether a wait is within it, on a machine so many times slower than a quiet one."""
        return waited <= self.seconds * patience + (away if self.outage else 0)

    def __str__(self) -> str:
        return f"outage + {self.seconds:g} s" if self.outage else f"{self.seconds:g} s"


@dataclass(frozen=True, slots=True)
class Drill:
    """One way to break something, on a stage, with its bounds. On LETTERS each letter has to arrive."""

    name: str
    breaks: Break
    signing: Bound
    reading: Bound
    staged: Staged = staging.shared
    mounts: bool = False
    slug: str = ""
    short: bool = False


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a drill."""

    drill: Drill
    answers: int
    refusals: int
    signing: float
    reading: float
    away: float
    checked: Checked
    faults: tuple[str, ...]
    round: int = 1
    slowness: float = 1.0


@dataclass(frozen=True, slots=True)
class How:
    """How a drill is played: `tempo` below 1 shortens what is away; `patience` widens bounds; its round."""

    tempo: float = 1.0
    patience: float = 1.0
    round: int = 1


class TookTooLong(Exception):
    """A drill did not end in time."""


SOON = Bound(3)  # one attempt more, or a process that starts
BACK = Bound(5, outage=True)  # signing needs what is away
LEDGER = Bound(6)  # a reader finds out that the ledger stands still

LETTERS = staging.with_letters

DRILLS = (
    Drill("web process killed", breaking.kill_web_processes, SOON, SOON, short=True),
    Drill("web service killed", breaking.kill_web_service, SOON, SOON),
    Drill("web process frozen", breaking.pause_web_process, Bound(3, outage=True), Bound(3, outage=True)),
    Drill("new version", breaking.roll, SOON, SOON, short=True),
    Drill("connections cut", breaking.cut_connections, SOON, SOON),
    Drill("worker killed", breaking.kill_worker, SOON, SOON, LETTERS),
    Drill("worker frozen", breaking.pause_worker, SOON, SOON, LETTERS),
    Drill("Redis killed", breaking.kill_redis, SOON, SOON, short=True),
    Drill("Redis frozen", breaking.pause_redis, SOON, SOON),
    Drill("Redis full, noeviction", breaking.fill_redis, SOON, SOON),
    Drill("Redis full, allkeys-lru", breaking.crowd_redis_out, SOON, SOON),
    Drill("Redis flushed", breaking.flush_redis, SOON, SOON),
    Drill("garbage in Redis", breaking.put_garbage, SOON, SOON, short=True),
    Drill("PostgreSQL killed", breaking.kill_postgresql, BACK, LEDGER, short=True),
    Drill("PostgreSQL restarted", breaking.restart_postgresql, BACK, LEDGER),
    Drill("PostgreSQL frozen", breaking.pause_postgresql, BACK, LEDGER),
    Drill("PostgreSQL frozen for long", breaking.pause_postgresql_long, BACK, LEDGER),
    Drill("disk full, SQLite", breaking.fill_disk, BACK, SOON, staging.on_small_sqlite),
    Drill(
        "disk full, PostgreSQL", breaking.fill_disk, BACK, LEDGER, staging.on_small_postgresql, mounts=True
    ),
    Drill("clock jumps", breaking.let_clock_jump, SOON, SOON, staging.on_another_clock),
    Drill("five at once", breaking.change_nothing, SOON, SOON, staging.five_at_once, slug=SAMPLE),
    Drill("all at random", breaking.break_at_random, BACK, Bound(6, outage=True), LETTERS),
)


def play(drill: Drill, house: House, chance: random.Random, how: How) -> Played:
    """Play a drill; whatever goes wrong is told and ends nothing but this one."""
    try:
        with _no_longer_than(WITHIN * how.patience):
            return _play(drill, house, chance, how)
    except Exception as broken:  # noqa: BLE001 - stage, program, busy machine: the next drill may still hold
        with suppress(TookTooLong), _no_longer_than(WITHIN):
            house.clear()
        said = f"broke off: {type(broken).__name__}: {str(broken)[:500]}"
        return Played(drill, 0, 0, 0.0, 0.0, 0.0, Checked(0, 0, (said,)), (said,), how.round)


def _play(drill: Drill, house: House, chance: random.Random, how: How) -> Played:
    """Bring a crowd on the stage, break something, and look afterwards whether a promise broke."""
    with drill.staged(house) as stage:
        slug = drill.slug or f"drill-{chance.randrange(1 << 40)}"
        if not drill.slug:
            stage.open(slug)
        crowd = Crowd(stage.port, slug).come()
        scene = Scene(stage, crowd, chance, how.tempo)
        try:
            crowd.wait_for(ENOUGH)
            slowness = slower(crowd.usual())
            drill.breaks(scene)
            crowd.wait_for(ENOUGH)
        except BaseException:
            stage.heal()  # else who waits for what is broken tries for a minute before they leave
            raise
        finally:
            crowd.leave()
            stage.heal()
        checked = check(
            stage, crowd, never=scene.never, perhaps=scene.perhaps, letters=drill.staged is LETTERS
        )
    faults = [*scene.faults, *checked.faults]
    bounds: dict[Kind, Bound] = {"signing": drill.signing, "reading": drill.reading}
    for kind, bound in bounds.items():
        waited = crowd.longest(kind)
        if not bound.holds(waited, scene.away, how.patience * slowness):
            faults.append(f"{kind} was refused for {waited:.1f} s (away: {scene.away:.1f} s)")
    return Played(
        drill,
        *(len(crowd.done), crowd.refusals, crowd.longest("signing"), crowd.longest("reading"), scene.away),
        *(checked, tuple(faults), how.round, slowness),
    )


def slower(usual: float) -> float:
    """Return how many times slower than a quiet machine this one is, by the wait before anything broke."""
    return min(max(usual / QUIET, 1.0), SLOWEST)


@contextmanager
def _no_longer_than(seconds: float) -> Iterator[None]:
    """Raise TookTooLong in the block when it takes longer. For the main thread."""

    def end(*_: object) -> None:
        raise TookTooLong(f"after {seconds:.0f} s")

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
