"""Redis as it is run on several servers: a primary that Sentinels watch, and a cluster. All on loopback."""

import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import redis

from tests.postgres_server import free_port

PATIENCE = 30.0
SLOTS = 16_384
SERVICE = "signs"
PASSWORD = "only/for:tests@redis"
SENTINELS_PASSWORD = "only+for%tests of sentinels"


class Node:
    """One redis-server, or one Sentinel, on a free port. Its client knows its password and its TLS."""

    def __init__(
        self, folder: Path, *options: str, password: str = "", tls: Path | None = None, conf: str = ""
    ) -> None:
        program = shutil.which("redis-server")
        if program is None:
            raise RuntimeError("redis-server is not installed: `make test` says how to get it")
        self.port, self._password, self._tls = free_port(), password, tls
        home = folder / str(self.port)
        home.mkdir()
        self._log = home / "log"
        ports = ("port 0", f"tls-port {self.port}") if tls else (f"port {self.port}",)
        files = ("tls-cert-file {}/server.crt", "tls-key-file {}/server.key", "tls-ca-cert-file {}/ca.crt")
        lines = ["bind 127.0.0.1", f"dir {home}", *ports, conf]
        if tls:
            lines += [one.format(tls) for one in files]
            lines += ["tls-auth-clients no", "tls-replication yes"]
        if password:
            lines.append(f'requirepass "{password}"')
        (home / "redis.conf").write_text("\n".join(lines) + "\n")
        self._command = [program, str(home / "redis.conf"), *options]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Node":
        """Start it and wait until it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        until(self._answers)
        return self

    def kill(self) -> None:
        """End it as a power cut would; it may be dead already."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
        if self._process is not None:
            self._process.wait(PATIENCE)

    @property
    def alive(self) -> bool:
        """Tell whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def pause(self) -> None:
        """Freeze it."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    def tell(self, *words: Any) -> Any:
        """Send a command and return its answer."""
        with self.client() as client:
            return client.execute_command(*words)

    def client(self) -> redis.Redis:
        """Return a client to look and meddle with. Close it."""
        ca = {"ssl": True, "ssl_ca_certs": f"{self._tls}/ca.crt"} if self._tls else {}
        return redis.Redis("127.0.0.1", self.port, password=self._password or None, protocol=2, **ca)  # type: ignore[arg-type]

    def _answers(self) -> bool:
        assert self._process
        if self._process.poll() is not None:
            raise RuntimeError(f"redis-server did not start: {self._log.read_text()}")
        try:
            return bool(self.tell("PING"))
        except redis.RedisError:
            return False


def until(condition: Callable[[], object]) -> None:
    """Wait for a condition, never for a duration."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("it never came true")
        time.sleep(0.01)


# Sentinel


class Watched:
    """A primary, a replica and three Sentinels that watch them."""

    def __init__(self, servers: Sequence[Node], sentinels: Sequence[Node]) -> None:
        self.servers, self.sentinels = servers, sentinels

    @property
    def primary(self) -> Node:
        """Return whom the Sentinels that live call the primary."""
        told = self.sentinels[-1].tell("SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE)
        return next(one for one in self.servers if one.port == int(told[1]))

    def wait_for(self, other_than: Node) -> Node:
        """Wait until another server is the primary and takes writes."""
        until(lambda: self.primary is not other_than)
        until(lambda: self.primary.tell("ROLE")[0] == b"master")
        return self.primary


@contextmanager
def watched(folder: Path, tls: Path | None = None) -> Iterator[Watched]:
    """Bring them up with passwords of their own, and with TLS if there are certificates."""
    with ExitStack() as ended:

        def begun(node: Node) -> Node:
            ended.callback(node.kill)
            return node.start()

        common = f'save ""\nmasterauth "{PASSWORD}"\nrepl-diskless-sync-delay 0'
        first = begun(Node(folder, password=PASSWORD, tls=tls, conf=common))
        second = Node(folder, password=PASSWORD, tls=tls, conf=f"{common}\nreplicaof 127.0.0.1 {first.port}")
        servers = (first, begun(second))
        until(lambda: first.client().info("replication")["connected_slaves"] == 1)
        watching = (
            f"sentinel monitor {SERVICE} 127.0.0.1 {first.port} 2\n"
            f'sentinel auth-pass {SERVICE} "{PASSWORD}"\n'
            f"sentinel down-after-milliseconds {SERVICE} 500\nsentinel failover-timeout {SERVICE} 2000\n"
            f'sentinel sentinel-pass "{SENTINELS_PASSWORD}"'
        )
        sentinels = [
            begun(Node(folder, "--sentinel", password=SENTINELS_PASSWORD, tls=tls, conf=watching))
            for _ in range(3)
        ]
        for one in sentinels:
            until(lambda one=one: _knows_all(one))  # type: ignore[misc]
        yield Watched(servers, sentinels)


def _knows_all(sentinel: Node) -> bool:
    told = sentinel.tell("SENTINEL", "MASTER", SERVICE)
    facts = told if isinstance(told, dict) else dict(zip(told[::2], told[1::2], strict=True))
    known = {str(name if isinstance(name, str) else name.decode()): value for name, value in facts.items()}
    return int(known["num-other-sentinels"]) == 2 and int(known["num-slaves"]) == 1


# Cluster


class Cluster:
    """Three primaries, each with as many replicas."""

    def __init__(self, primaries: Sequence[Node], replicas: Sequence[Node]) -> None:
        self.primaries, self.replicas = primaries, replicas

    def owner(self, key: str) -> Node:
        """Return the primary that has a key now."""
        slot = self._living().tell("CLUSTER", "KEYSLOT", key)
        for first, last, place, *_ in self._living().tell("CLUSTER", "SLOTS"):
            if first <= slot <= last:
                return next(one for one in self._all if one.port == int(place[1]))
        raise AssertionError("nobody has it")

    def is_whole(self) -> bool:
        """Tell whether every server that lives sees all slots served."""
        return all(b"cluster_state:ok" in _raw(one) for one in self._all if one.alive)

    @property
    def _all(self) -> Sequence[Node]:
        return [*self.primaries, *self.replicas]

    def _living(self) -> Node:
        return next(one for one in self._all if one.alive)


@contextmanager
def clustered(folder: Path, *, replicas: bool = False, tls: Path | None = None) -> Iterator[Cluster]:
    """Bring up a cluster of three primaries, with a replica each if asked for, and with TLS."""
    with ExitStack() as ended:
        made = [_member(folder, tls) for _ in range(6 if replicas else 3)]
        for node, _ in made:
            ended.callback(node.kill)
            node.start()
        first, bus = made[0]
        for node, _ in made[1:]:
            node.tell("CLUSTER", "MEET", "127.0.0.1", first.port, bus)
        primaries = [node for node, _ in made[:3]]
        for which, node in enumerate(primaries):
            node.tell("CLUSTER", "ADDSLOTSRANGE", which * SLOTS // 3, (which + 1) * SLOTS // 3 - 1)
        whole = Cluster(primaries, [node for node, _ in made[3:]])
        until(lambda: all(len(_members(node)) == len(made) for node, _ in made))
        for primary, replica in zip(primaries, whole.replicas, strict=False):
            replica.tell("CLUSTER", "REPLICATE", primary.tell("CLUSTER", "MYID"))
        until(whole.is_whole)
        for replica in whole.replicas:
            until(lambda replica=replica: replica.tell("ROLE")[3] == b"connected")  # type: ignore[misc]
        yield whole


def _member(folder: Path, tls: Path | None) -> tuple[Node, int]:
    bus = free_port()
    lines = ("cluster-enabled yes", f"cluster-port {bus}", "cluster-node-timeout 1000", 'save ""')
    more = (
        "cluster-announce-ip 127.0.0.1",
        "repl-diskless-sync-delay 0",
        *(["tls-cluster yes"] if tls else []),
    )
    return Node(folder, tls=tls, conf="\n".join([*lines, *more])), bus


def _members(node: Node) -> list[bytes]:
    told = node.tell("CLUSTER", "NODES")
    return list(told) if isinstance(told, dict) else told.strip().splitlines()


def _raw(node: Node) -> bytes:
    told = node.tell("CLUSTER", "INFO")
    if isinstance(told, dict):
        return f"cluster_state:{told['cluster_state']}".encode()
    return told.encode() if isinstance(told, str) else bytes(told)
