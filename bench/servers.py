"""The servers of a subject: gunicorn, with nginx before it where that is measured."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import isso, peers
from bench.subjects import PROGRESS, Subject
from config import Settings
from tests.compose_stack import as_nginx, write_nginx
from tests.postgres_server import free_port

ROOT = Path(__file__).parents[1]
NGINX = ROOT / "bench/out/nginx/usr/sbin/nginx"  # unpacked there by bench/prepare
SECRET = "only-for-timing-0123456789-abcdefghij"
LIMITS = ("LIMIT_FAMILY", "LIMIT_CROWD", "LIMIT_NETWORK", "LIMIT_DOMAIN", "LIMIT_SURGE")
PATIENCE = 20.0  # seconds to start
# A file as nginx serves it at its best: nothing is logged, nothing is looked for twice.
_FILE = """
worker_processes auto; pid {folder}/nginx.pid;
events {{ worker_connections 4096; }}
http {{
  access_log off; default_type application/json; keepalive_requests 10000; sendfile on; tcp_nopush on;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  open_file_cache max=100;
  server {{ listen 127.0.0.1:{port} reuseport; root {folder}/files; }}
}}
"""


@dataclass(frozen=True, slots=True)
class Memory:
    """Of one process, in MB: all it sees; the same, what is shared divided among who share it; its own."""

    resident: float
    proportional: float
    own: float


Answer = tuple[int, Mapping[str, str], bytes]


@dataclass(frozen=True, slots=True)
class Stage:
    """A subject that answers, and behind it the port of a gunicorn, and all gunicorns there are."""

    port: int
    service: int
    gunicorns: tuple[subprocess.Popen[bytes], ...] = ()

    @property
    def origin(self) -> str:
        """Return the address without a path."""
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask once; return status, headers and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path, headers=dict(headers or {}))
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            connection.close()

    def counted(self, path: str) -> int:
        """Return how many signatures given here the service shows."""
        behind = Stage(self.service, self.service)  # a cache may show an older number, and says so
        facts: Any = json.loads(behind.get(path)[2])
        return int(facts["of_which"]["here"])

    def workers(self) -> list[int]:
        """Return the processes that answer."""
        return [pid for gunicorn in self.gunicorns for pid in _children(gunicorn.pid)]

    def memory(self) -> float:
        """Return the resident memory of the largest worker, in MB."""
        return max((one.resident for one in self.memories().values()), default=0.0)

    def memories(self) -> dict[int, Memory]:
        """Return what each worker takes."""
        return {pid: _memory(pid) for pid in self.workers()}


@contextmanager
def serve(subject: Subject, environment: Mapping[str, str], folder: Path) -> Iterator[Stage]:
    """Bring a subject up on free ports; end what was started, and nothing else."""
    started: list[subprocess.Popen[bytes]] = []
    services = [free_port() for _ in range(subject.services)]
    port = services[0]
    try:
        if subject.app:
            for service in services:
                more = dict(environment) | {"PORT": str(service), "PUBLIC_URL": f"http://127.0.0.1:{port}"}
                words = [sys.executable, "-m", "gunicorn", subject.app]
                if subject.entries:
                    words, more = isso.command(
                        folder, service, Settings.from_env(asked() | {"SECRET_KEY": SECRET})
                    )
                started.append(_start(words, folder / f"gunicorn.{service}.log", more))
                _wait_for(service, started[-1])
        if subject.entries:
            isso.fill(folder, subject.entries, port)
        gunicorns = tuple(started)
        if subject.front:
            port = free_port()
            words = _nginx_of(subject, folder, port, services)
            started.append(_start(words, folder / "nginx.out", {}))
            _wait_for(port, started[-1])
        yield Stage(port, services[0], gunicorns)
    finally:
        for process in reversed(started):
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE * 2)


def environment(subject: Subject, url: str, redis_url: str, folder: Path) -> dict[str, str]:
    """Return the settings of a subject: the defaults, and the stores that it is to have."""
    stores = {"DATABASE_URL": url} if url else {}
    if subject.redis:
        stores["REDIS_URL"] = redis_url
    # One machine signs for thousands. So that what the guard asks is asked and paid for all the same, its
    # limits are far away rather than off.
    far = dict.fromkeys(LIMITS, "1000000 per hour")
    own = {"ENVIRONMENT": "production", "DATA_DIR": str(folder), "SECRET_KEY": SECRET}
    return asked() | stores | far | own


def asked() -> dict[str, str]:
    """Return the settings that whoever measures may choose."""
    return {name: os.environ[name] for name in ("WEB_CONCURRENCY", "WEB_THREADS") if name in os.environ}


def _nginx_of(subject: Subject, folder: Path, port: int, services: list[int]) -> list[str]:
    """Write nginx's configuration, that of ops/nginx where it stands before us, and return its command."""
    words = [str(NGINX), "-e", f"{folder}/nginx.log", "-p", f"{folder}/", "-c"]
    if subject.front == "cache":
        write_nginx(folder / "nginx", port, services)
        return as_nginx([*words, f"{folder}/nginx/nginx.conf", "-g", "daemon off;"])
    file = folder / f"files{PROGRESS}"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(peers.BODY)
    path = folder / "nginx.conf"
    path.write_text(_FILE.format(folder=folder, port=port))
    return as_nginx([*words, str(path), "-g", "daemon off;"])


def _start(command: list[str], log: Path, more: Mapping[str, str]) -> subprocess.Popen[bytes]:
    clean = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    with log.open("ab") as out:
        return subprocess.Popen(
            command, cwd=ROOT, env=clean | dict(more), stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            Stage(port, port).get("/")
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{process.args!r} did not start")


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _memory(pid: int) -> Memory:
    told = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = dict(re.findall(r"^(\w+): +(\d+) kB", told, re.M))
    own = sum(int(found[name]) for name in ("Private_Clean", "Private_Dirty"))
    return Memory(*(size / 1024 for size in (int(found["Rss"]), int(found["Pss"]), own)))
