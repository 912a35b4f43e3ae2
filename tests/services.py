"""A real Redis of our own in a temporary folder, to start, stop, kill, freeze and fill."""

import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import redis

from tests.logbook import new_file

PATIENCE = 10.0


class RedisServer:
    """One redis-server on a free port of 127.0.0.1. It keeps nothing: a restart is an empty Redis."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("redis-server")
        if program is None:
            raise RuntimeError("redis-server is not installed: `make test` says how to get it")
        self._log = new_file("redis", folder)
        self._port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._command = [
            *(program, "--bind", "127.0.0.1", "--port", str(self._port), "--dir", str(folder)),
            *("--save", "", "--appendonly", "no", "--loglevel", "warning"),
        ]

    @property
    def url(self) -> str:
        """The address of database 0."""
        return f"redis://127.0.0.1:{self._port}/0"

    @property
    def running(self) -> bool:
        """Tell whether the process lives, be it frozen or not."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it unless it runs, and wait until it answers."""
        if self.running:
            return
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if not self.running or time.monotonic() > deadline:
                raise RuntimeError(f"redis-server did not start: {self._log.read_text()}")
            time.sleep(0.005)

    def stop(self) -> None:
        """End it in good order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Freeze it: connections are still accepted by the kernel, nothing is ever answered."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on where it was."""
        self._signal(signal.SIGCONT)

    def client(self) -> redis.Redis:
        """A plain client to look and meddle with. Close it."""
        return redis.Redis.from_url(self.url)

    def heal(self) -> None:
        """Make it what it was when new: running, empty, unlimited."""
        if self.running:
            self.resume()
        self.start()
        with self.client() as client:
            client.config_set("maxmemory", 0)
            client.config_set("min-replicas-to-write", 0)
            client.flushall()
            client.script_flush()

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(how)
            self._process.send_signal(signal.SIGCONT)
        self._process.wait(PATIENCE)
        self._process = None

    def _signal(self, which: signal.Signals) -> None:
        if self._process is None:
            raise RuntimeError("redis-server is not running")
        self._process.send_signal(which)

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
