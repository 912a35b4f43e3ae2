"""A real PostgreSQL of our own in a temporary folder, to start, stop, freeze and kill."""

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import socket
from typing import Any

import psycopg
from psycopg import sql

from tests.logbook import new_file

OWNER = "support_now"
START_SECONDS = 60
# Debian keeps the servers of all versions apart and none of them on PATH.
DEBIAN_HOMES = Path("/usr/lib/postgresql")
# PostgreSQL refuses to run as root; tests in a container often do.
STAND_INS = ("postgres", "nobody")


class PostgresServer:
    """One PostgreSQL cluster on a free port of 127.0.0.1, durable as in production (fsync on).

    Made by the constructor, removed by `remove()`. Between the two it may be started, stopped,
    killed and paused as often as a test likes; the port stays the same.
    """

    def __init__(self, within: Path | None = None) -> None:
        self.bin = find_binaries()
        self.user = unprivileged_user()
        self.folder = Path(tempfile.mkdtemp(prefix="sn-pg-", dir=within))
        self.log = new_file("postgresql", self.folder)
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0
        if self.user:
            shutil.chown(self.folder, self.user)
        self._run(
            *("initdb", "-D", str(self.data), "--no-sync"),  # nothing is in it yet that could be lost
            *("-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"),
        )

    @property
    def data(self) -> Path:
        """Return the folder of the cluster."""
        return self.folder / "data"

    def url(self, database: str = "postgres") -> str:
        """Return the address of a database, as DATABASE_URL takes it and Settings hand it on."""
        return f"postgresql+psycopg://{self._address(database)}"

    # Life

    def start(self) -> "PostgresServer":
        """Start, or start again after `stop` or `kill`, and return when it takes connections."""
        if self.running:
            return self
        options = {"listen_addresses": "127.0.0.1", "unix_socket_directories": str(self.folder)}
        arguments = [f"--{name}={value}" for name, value in options.items()]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(self.bin / "postgres"), "-D", str(self.data), "-p", str(self.port), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                **self._as_user(),
            )
        self._wait_until_ready()
        return self

    def stop(self) -> None:
        """Stop as an operator would (`pg_ctl stop -m fast`): open connections are cut."""
        if self._process:
            self.resume()
            self._process.send_signal(signal.SIGINT)
            self._process.wait(START_SECONDS)
            self._process = None

    def kill(self) -> None:
        """End every process of the server at once with SIGKILL, as a power cut would."""
        if self._process:
            family = self._family()
            for pid in family:
                _signal(pid, signal.SIGKILL)
            self._process.wait(START_SECONDS)
            self._process = None
            # A start while a child still holds the shared memory is refused.
            _wait(lambda: not any(_alive(pid) for pid in family), "the children of the killed server to go")

    def pause(self) -> None:
        """Freeze it: connections are accepted by the kernel and never answered (a black hole)."""
        for pid in self._family():
            _signal(pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused server go on where it stood."""
        for pid in self._family():
            _signal(pid, signal.SIGCONT)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Pause for the length of a block."""
        self.pause()
        try:
            yield
        finally:
            self.resume()

    def heal(self) -> None:
        """Make it run whatever a test did to it before."""
        self.resume()
        self.start()

    def remove(self) -> None:
        """Kill it and delete its folder."""
        self.kill()
        shutil.rmtree(self.folder)

    @property
    def running(self) -> bool:
        """Tell whether the server's process lives."""
        return self._process is not None and self._process.poll() is None

    # Databases

    def create_database(self, template: str = "template1") -> str:
        """Create a database as a copy of `template` (which nobody may be connected to); return its name."""
        self._databases += 1
        name = f"test_{os.getpid()}_{self._databases}"
        self.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database and cut whoever is still connected to it."""
        self.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def execute(self, statement: sql.Composed | sql.SQL, database: str = "postgres") -> None:
        """Run one statement outside any transaction."""
        address = f"postgresql://{self._address(database)}"
        with psycopg.connect(address, autocommit=True, connect_timeout=10) as connection:
            connection.execute(statement)

    # Inside

    def _address(self, database: str) -> str:
        return f"{OWNER}@127.0.0.1:{self.port}/{database}"

    def _family(self) -> list[int]:
        # The first process comes first, so that it starts no replacement for a child just killed.
        if not self.running or not self._process:
            return []
        first = self._process.pid
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [first, *map(int, children)]

    def _wait_until_ready(self) -> None:
        def ready() -> bool:
            if not self.running:
                raise RuntimeError(f"PostgreSQL ended while starting:\n{self.log.read_text()[-2000:]}")
            with suppress(psycopg.OperationalError):
                self.execute(sql.SQL("SELECT 1"))
                return True
            return False

        _wait(ready, "PostgreSQL to take connections")

    def _as_user(self) -> dict[str, Any]:
        if not self.user:
            return {}
        return {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid, "extra_groups": []}

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self.bin / program), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd=self.folder,
            check=False,
            **self._as_user(),
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{done.stdout}{done.stderr}")


def find_binaries() -> Path:
    """Return the folder of the newest PostgreSQL server here.

    Raises RuntimeError where there is none: a test that needs it must fail, not vanish.
    """
    homes = sorted(DEBIAN_HOMES.glob("*/bin/postgres"), key=_version, reverse=True)
    on_path = shutil.which("postgres")
    for program in (*homes, *([Path(on_path).resolve()] if on_path else [])):
        if (program.parent / "initdb").exists():
            return program.parent
    raise RuntimeError("PostgreSQL's server is missing: `make test` installs it, or apt install postgresql")


def unprivileged_user() -> str | None:
    """Return whom to run the server as, or None where we are not root and may run it ourselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in STAND_INS if name in known)


def free_port() -> int:
    """Return a port of 127.0.0.1 that nothing listens on now."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _version(program: Path) -> int:
    found = re.match(r"\d+", program.parts[-3])
    return int(found.group()) if found else 0


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _alive(pid: int) -> bool:
    # A zombie whose parent was killed first waits for init and holds nothing any more.
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def _wait(condition: Any, what: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {START_SECONDS} s for {what}")
        time.sleep(0.02)
