"""Every drill: how it breaks something, and how long anybody may be refused by it."""

import random
from dataclasses import dataclass

from drills import breaking, staging
from drills.books import Checked, check
from drills.breaking import Break
from drills.crowd import Crowd, Kind
from drills.scene import Scene
from drills.staging import House, Staged

SAMPLE = "stop-bloodshed-in-artsakh"
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


def play(drill: Drill, house: House, chance: random.Random, *, tempo: float, patience: float) -> Played:
    """Bring a crowd on the stage, break something, and look afterwards whether a promise broke."""
    with drill.staged(house) as stage:
        slug = drill.slug or f"drill-{chance.randrange(1 << 40)}"
        if not drill.slug:
            stage.open(slug)
        crowd = Crowd(stage.port, slug).come()
        scene = Scene(stage, crowd, chance, tempo)
        try:
            crowd.wait_for(ENOUGH)
            drill.breaks(scene)
            crowd.wait_for(ENOUGH)
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
        if not bound.holds(waited, scene.away, patience):
            faults.append(f"{kind} was refused for {waited:.1f} s (away: {scene.away:.1f} s)")
    return Played(
        drill,
        *(len(crowd.done), crowd.refusals, crowd.longest("signing"), crowd.longest("reading"), scene.away),
        *(checked, tuple(faults)),
    )
