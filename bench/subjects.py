"""What is measured, each beside what it has to stand up to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

PROGRESS = "/api/v1/petitions/petition-0/progress"
WIDGET = "/api/v1/petitions/petition-0/widget"
SIGNATURES = "/api/v1/petitions/petition-0/signatures"
PAGE = "/p/petition-0"
MANY = 100  # petitions
AGAIN = 500  # addresses that lua/again.lua signs with


@dataclass(frozen=True, slots=True)
class Against:
    """Another subject whose rate ours is divided by, and the ratio to reach; None asks for nothing."""

    name: str
    at_least: float | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that is measured.

    `app` is what gunicorn serves. `front` puts nginx before it, which serves a file itself or caches.
    `script` (under lua/) writes; `share` is the part of the answers that counts. `rate` is a figure a
    second to reach, `p99` milliseconds to stay under. `services` is how many gunicorns stand behind nginx,
    `signatures` how many the ledger holds already. `pgbench`: no server is asked, but PostgreSQL itself, in a
    transaction or a statement each. `entries`: it is Isso that answers, with so many comments in a thread.
    """

    name: str
    says: str
    app: str = "server:app"
    ledger: Literal["", "sqlite", "postgresql"] = ""
    redis: bool = False
    front: Literal["", "file", "cache"] = ""
    path: str = PROGRESS
    script: str = ""
    conditional: bool = False
    petitions: int = 1
    share: float = 1.0
    services: int = 1
    signatures: int = 0
    pgbench: Literal["", "transaction", "autocommit"] = ""
    entries: int = 0
    against: tuple[Against, ...] = ()
    rate: float | None = None
    p99: float | None = None

    @property
    def ours(self) -> bool:
        """Tell whether it is the service that answers, and not a peer."""
        return self.app == "server:app" and self.front != "file"


def reading(name: str, says: str, *against: Against, **more: Any) -> Subject:
    """Make a subject that only looks, with all stores unless told otherwise."""
    settings: dict[str, Any] = {"ledger": "postgresql", "redis": True} | more
    return Subject(name, says, against=against, **settings)


def signing(name: str, says: str, *against: Against, **more: Any) -> Subject:
    """Make a subject that signs."""
    settings: dict[str, Any] = {"path": SIGNATURES, "script": "sign.lua"} | more
    return Subject(name, says, against=against, **settings)


def _isso(name: str, says: str, script: str, *, entries: int) -> Subject:
    return Subject(name, says, "isso", script=script, path="/", entries=entries)


_BARE = Against("bare")
_GET = Against("flask-redis")
_FILE = Against("nginx-file", 0.80)

READS = (
    Subject("bare", "bare Flask, fixed bytes", "bench.peers:bare()"),
    Subject("flask-redis", "Flask + one Redis GET", "bench.peers:redis_get()", redis=True, against=(_BARE,)),
    reading(
        *("progress", "progress, count in Redis", Against("flask-redis", 0.85), _BARE),
        *(Against("isso-count-100", 1.5), Against("isso-count-20000", 20)),
    ),
    reading("progress-304", "the same, conditional: 304", Against("progress", 1.0), conditional=True),
    reading("progress-sqlite", "progress from SQLite, no Redis", _GET, ledger="sqlite", redis=False),
    reading("progress-postgresql", "progress from PostgreSQL, no Redis", _GET, redis=False),
    reading("widget", "widget JSON, count in Redis", _GET, path=WIDGET),
    reading("page", "petition page, count in Redis", _GET, path=PAGE),
    _isso("isso-count-100", "Isso 0.14, how many comments: 100", "isso-count.lua", entries=100),
    _isso("isso-count-20000", "the same: 20 000", "isso-count.lua", entries=20_000),
    Subject("nginx-file", "nginx, a static JSON file", "", front="file"),
    reading("nginx-progress", "progress through nginx, micro-cache", _FILE, front="cache"),
    reading("nginx-widget", "widget JSON through nginx, micro-cache", _FILE, front="cache", path=WIDGET),
)

_POSTGRESQL_AND_REDIS: dict[str, Any] = {"ledger": "postgresql", "redis": True}
_MIXED = _POSTGRESQL_AND_REDIS | {"script": "mixed.lua", "share": 1 / 11}

WRITES = (
    Subject(
        *("pgbench-insert", "pgbench: BEGIN, INSERT, COMMIT; nothing before PostgreSQL", ""),
        ledger="postgresql",
        pgbench="transaction",
    ),
    Subject(
        *("pgbench-autocommit", "pgbench: one INSERT that commits itself", ""),
        ledger="postgresql",
        pgbench="autocommit",
    ),
    _isso("isso-write", "Isso 0.14, a new comment", "isso-write.lua", entries=1),
    signing(
        "flask-postgresql",
        "Flask + INSERT, psycopg (BEGIN, INSERT, COMMIT)",
        Against("pgbench-insert"),
        app="bench.peers:postgresql_insert()",
        ledger="postgresql",
    ),
    signing(
        "flask-sqlite",
        "Flask + INSERT, SQLite FULL behind one lock",
        app="bench.peers:sqlite_insert()",
        ledger="sqlite",
    ),
    signing(
        "signing",
        "signing, PostgreSQL and Redis, one viral petition",
        Against("flask-postgresql", 0.50),
        Against("signing-many", 0.90),
        Against("pgbench-insert"),
        **_POSTGRESQL_AND_REDIS,
    ),
    signing(
        "signing-many",
        f"signing, PostgreSQL and Redis, {MANY} petitions",
        Against("flask-postgresql"),
        petitions=MANY,
        **_POSTGRESQL_AND_REDIS,
    ),
    signing(
        *("signing-sqlite", "signing, SQLite", Against("flask-sqlite", 0.50), Against("isso-write", 2.0)),
        ledger="sqlite",
        p99=250,
    ),
    signing(
        "again",
        "signing again with the same address, PostgreSQL and Redis",
        Against("signing"),
        script="again.lua",
        **_POSTGRESQL_AND_REDIS,
    ),
    signing("mixed", "signings among 10 times as many reads, straight at gunicorn", **_MIXED),
    signing(
        *("mixed-nginx", "the same, through nginx with a micro-cache"),
        front="cache",
        rate=500,
        p99=250,
        **_MIXED,
    ),
    signing(
        "viral-nginx",
        f"ten looks to one signature, one viral petition and {MANY} small ones, 2 services behind nginx",
        front="cache",
        services=2,
        petitions=MANY + 1,
        rate=500,
        p99=250,
        **(_MIXED | {"script": "viral.lua"}),
    ),
)
ALL = (*READS, *WRITES)

# How much dearer it may be with many signatures in the ledger than with the fewest, as a ratio of rates.
SIZES = (1_000, 1_000_000, 10_000_000)
SIZED = {"signing": 1 / 1.2, "progress": 1 / 1.05, "progress-postgresql": 1 / 1.05, "viral-nginx": None}


def sized(names: Sequence[str], sizes: Sequence[int]) -> list[Subject]:
    """Return subjects that need PostgreSQL once for each size of the ledger, each beside the smallest."""
    smallest = min(sizes)
    return [
        replace(
            one,
            name=f"{one.name}@{size}",
            says=f"{one.says}; " + f"{size:,} signatures".replace(",", " "),
            signatures=size,
            against=() if size == smallest else (Against(f"{one.name}@{smallest}", SIZED.get(one.name)),),
        )
        for one in ALL
        if one.name in names and one.ours and one.ledger == "postgresql"
        for size in sorted(sizes)
    ]
