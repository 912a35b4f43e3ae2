"""The ways to break the shared stage while a crowd is on it. Each leaves everything running again."""

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import redis

from drills.crowd import cut, form
from drills.disk import files_no_larger
from drills.scene import Scene
from drills.stage import Stage
from widget.store.ledger import Ledger

Break = Callable[[Scene], None]
OUTAGE = 2.0  # seconds that something is away, or stands still
LONG_OUTAGE = 6.0  # seconds; longer than any time limit inside the service
TIMES = 4
LEFT = 65_536  # bytes of a full disk
FULL_WITHIN = 30.0  # seconds
JUMPS = (3600, -3600, 86_400, -86_400, 0)  # seconds; the last is back to the truth
_FULL_KEYS = 20_000


# Web services


def kill_web_processes(scene: Scene) -> None:
    """Kill one web process after another."""
    for _ in range(TIMES):
        _kill(scene.chance.choice(scene.stage.processes()), signal.SIGKILL)
        scene.rest(0.5)


def kill_web_service(scene: Scene) -> None:
    """Kill a whole web service, as a machine that goes down, and start it again."""
    web = scene.chance.choice(scene.stage.webs)
    with scene.outage():
        web.kill()
        scene.rest(OUTAGE)
        web.start()


def pause_web_process(scene: Scene) -> None:
    """Freeze one web process: what it has in hand waits."""
    pid = scene.chance.choice(scene.stage.processes())
    with scene.outage(OUTAGE):
        _kill(pid, signal.SIGSTOP)
    _kill(pid, signal.SIGCONT)


def roll(scene: Scene) -> None:
    """Replace one web service after the other, each told to end, as a new version is brought out."""
    for web in scene.stage.webs:
        web.stop()
        web.start()
        scene.rest(0.3)


def cut_connections(scene: Scene) -> None:
    """Send the beginning of a signing, or a whole one, and hang up, at nginx and past it."""
    path = f"/api/v1/petitions/{scene.crowd.slug}/signatures"
    for number in range(120):
        address = f"sam.cut.{scene.crowd.slug}.{number}@example.org"
        raw = _raw(path, address)
        short = scene.chance.random() < 0.7
        (scene.never if short else scene.perhaps).add(address)
        port = scene.chance.choice([scene.stage.port, *(web.port for web in scene.stage.webs)])
        end = scene.chance.randrange(1, len(raw)) if short else len(raw)
        cut(port, raw[:end], reset=scene.chance.random() < 0.5)


# The worker


def kill_worker(scene: Scene) -> None:
    """Kill the worker that sends letters, again and again; its supervisor starts another."""
    for _ in range(TIMES):
        scene.stage.kill_worker()
        scene.rest(0.2)
        scene.stage.start_worker()
        scene.rest(1.0)


def pause_worker(scene: Scene) -> None:
    """Freeze one of two workers."""
    scene.stage.start_worker()
    frozen = scene.stage.workers[0]
    frozen.send_signal(signal.SIGSTOP)
    scene.rest(OUTAGE)
    frozen.send_signal(signal.SIGCONT)
    scene.rest(0.5)
    scene.stage.kill_worker()


# Redis


def kill_redis(scene: Scene) -> None:
    """Kill Redis; an empty one starts in its place."""
    assert scene.stage.redis
    scene.stage.redis.kill()
    scene.rest(OUTAGE)
    scene.stage.redis.start()


def pause_redis(scene: Scene) -> None:
    """Freeze Redis: it takes connections and never answers."""
    assert scene.stage.redis
    scene.stage.redis.pause()
    scene.rest(OUTAGE)
    scene.stage.redis.resume()


def fill_redis(scene: Scene) -> None:
    """Fill Redis to a limit above which it refuses every write (noeviction)."""
    with scene.redis as client:
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("maxmemory", "1mb")
        scene.rest(OUTAGE)
        client.config_set("maxmemory", 0)


def crowd_redis_out(scene: Scene) -> None:
    """Fill Redis to a limit above which it throws out what was used least lately (allkeys-lru)."""
    with scene.redis as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        client.config_set("maxmemory", client.info("memory")["used_memory"] + (2 << 20))
        deadline = time.monotonic() + OUTAGE
        while time.monotonic() < deadline:
            with client.pipeline(transaction=False) as many:
                for _ in range(500):
                    many.set(f"junk:{scene.chance.randrange(_FULL_KEYS)}", "x" * 1000)
                many.execute(raise_on_error=False)
            time.sleep(0.02)
        client.config_set("maxmemory", 0)
        client.config_set("maxmemory-policy", "noeviction")


def flush_redis(scene: Scene) -> None:
    """Throw away all that Redis holds, again and again."""
    with scene.redis as client:
        for _ in range(TIMES * 2):
            client.flushall()
            scene.rest(0.25)


def put_garbage(scene: Scene) -> None:
    """Put something that we never wrote under every key we have, of every type."""
    with scene.redis as client:
        for _ in range(TIMES * 3):
            for key in list(client.scan_iter("sn:*", count=500)):
                _spoil(client, key, scene.chance)
            scene.rest(0.15)


def _spoil(client: redis.Redis, key: bytes, chance: random.Random) -> None:
    odd = chance.randrange(6)
    if odd > 1:
        client.set(key, (b"", chance.randbytes(60), b"sn1 1 2 3", b'{"count": 999999999}')[odd - 2])
        return
    with client.pipeline() as at_once:  # else a visitor writes a line of ours between the two
        at_once.delete(key)
        if odd:
            at_once.rpush(key, "a", "list")
        else:
            at_once.hset(key, "a", "hash")
        at_once.execute()


# PostgreSQL


def kill_postgresql(scene: Scene) -> None:
    """Kill PostgreSQL with all its processes, and start it: it recovers from its log."""
    assert scene.stage.postgresql
    with scene.outage():
        scene.stage.postgresql.kill()
        scene.rest(OUTAGE)
        scene.stage.postgresql.start()


def restart_postgresql(scene: Scene) -> None:
    """Restart PostgreSQL in good order, as an update does: open connections are cut."""
    assert scene.stage.postgresql
    with scene.outage():
        scene.stage.postgresql.stop()
        scene.stage.postgresql.start()


def pause_postgresql(scene: Scene) -> None:
    """Freeze PostgreSQL for less time than we wait for a statement."""
    assert scene.stage.postgresql
    with scene.stage.postgresql.paused(), scene.outage(OUTAGE):
        pass


def pause_postgresql_long(scene: Scene) -> None:
    """Freeze PostgreSQL for longer than we wait for a statement."""
    assert scene.stage.postgresql
    with scene.stage.postgresql.paused(), scene.outage(LONG_OUTAGE):
        pass


# Disk, clock and start


def fill_disk(scene: Scene) -> None:
    """Fill the disk under the ledger until signings are refused; then make room."""
    disk = scene.stage.disk
    with scene.outage():
        if disk:
            disk.fill(leave=LEFT)
            _until_refused(scene)
            disk.clear()
        else:
            with files_no_larger(scene.stage.processes(), _largest(scene.stage) + LEFT):
                _until_refused(scene)
        if scene.stage.postgresql:
            scene.stage.postgresql.heal()  # it may have given up, and is started by whoever made room


def _until_refused(scene: Scene) -> None:
    before, deadline = scene.crowd.refusals, time.monotonic() + FULL_WITHIN
    while scene.crowd.refusals == before:
        if time.monotonic() > deadline:
            scene.faults.append("the disk was never full")
            return
        time.sleep(0.05)
    scene.rest(OUTAGE)


def _largest(stage: Stage) -> int:
    place = Path(stage.ledger.removeprefix("sqlite:///")).parent
    return max(file.stat().st_size for file in place.rglob("*") if file.is_file())


def let_clock_jump(scene: Scene) -> None:
    """Set the clock of the web services an hour and a day ahead and back."""
    clock, fresh = scene.stage.folder / "clock", scene.stage.folder / "clock.new"
    for jump in JUMPS:
        fresh.write_text(str(jump))
        fresh.replace(clock)
        scene.rest(1.0)


def change_nothing(scene: Scene) -> None:
    """Do nothing: the start was the drill. There is to be one sample petition."""
    ledger = Ledger.connect(scene.stage.ledger)
    try:
        found = len(ledger.petitions())
    finally:
        ledger.close()
    if found != 1:
        scene.faults.append(f"{found} sample petitions")


# At random

_ALL: tuple[Break, ...] = (
    *(kill_web_processes, kill_web_service, pause_web_process, cut_connections, kill_worker),
    *(kill_redis, pause_redis, fill_redis, crowd_redis_out, flush_redis, put_garbage),
    *(kill_postgresql, restart_postgresql, pause_postgresql),
)


def break_at_random(scene: Scene) -> None:
    """Break four things one after another, with hardly a rest between them."""
    for one in scene.chance.sample(_ALL, 4):
        one(scene)
        scene.rest(0.2)


def _kill(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:  # it was replaced meanwhile
        return


def _raw(path: str, address: str) -> bytes:
    body = "&".join(f"{name}={value}" for name, value in form(address).items()).replace(" ", "+").encode()
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"Content-Type: application/x-www-form-urlencoded\r\n\r\n" + body
