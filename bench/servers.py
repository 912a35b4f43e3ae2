"""The servers of a subject: gunicorn, with nginx before it where that is measured."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import peers
from bench.subjects import PROGRESS, Subject
from tests.postgres_server import free_port

ROOT = Path(__file__).parents[1]
NGINX = ROOT / "bench/out/nginx/usr/sbin/nginx"  # unpacked there by bench/prepare
SECRET = "only-for-timing-0123456789-abcdefghij"
LIMITS = ("LIMIT_FAMILY", "LIMIT_CROWD", "LIMIT_NETWORK", "LIMIT_DOMAIN", "LIMIT_SURGE")
PATIENCE = 20.0  # seconds to start
_NGINX = """
daemon off; worker_processes auto; pid {folder}/nginx.pid; error_log {folder}/nginx.log; {user}
events {{ worker_connections 1024; }}
http {{
  access_log off; default_type application/json; keepalive_requests 100000000; sendfile on; tcp_nopush on;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  open_file_cache max=100;
  proxy_cache_path {folder}/cache keys_zone=micro:1m;
  upstream service {{ server 127.0.0.1:{service}; keepalive 8; }}
  server {{
    listen 127.0.0.1:{port} reuseport;
    location / {{ {does} }}
  }}
}}
"""
_DOES = {
    "file": "root {folder}/files;",
    "cache": "proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection '';"
    " proxy_cache micro; proxy_cache_lock on; proxy_cache_use_stale updating error timeout;"
    " proxy_cache_background_update on;",
}


Answer = tuple[int, Mapping[str, str], bytes]


@dataclass(frozen=True, slots=True)
class Stage:
    """A subject that answers, and behind it the port of gunicorn and its process, None if there is none."""

    port: int
    service: int
    gunicorn: subprocess.Popen[bytes] | None

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
        behind = Stage(self.service, self.service, None)  # a cache may show an older number, and says so
        facts: Any = json.loads(behind.get(path)[2])
        return int(facts["of_which"]["here"])

    def memory(self) -> float:
        """Return the resident memory of the largest worker, in MB."""
        if self.gunicorn is None:
            return 0.0
        children = Path(f"/proc/{self.gunicorn.pid}/task/{self.gunicorn.pid}/children").read_text().split()
        return max(_resident(int(pid)) for pid in children)


@contextmanager
def serve(subject: Subject, environment: Mapping[str, str], folder: Path) -> Iterator[Stage]:
    """Bring a subject up on free ports; end what was started, and nothing else."""
    started: list[subprocess.Popen[bytes]] = []
    service = port = free_port()
    gunicorn = None
    try:
        if subject.app:
            more = dict(environment) | {"PORT": str(service), "PUBLIC_URL": f"http://127.0.0.1:{service}"}
            gunicorn = _start([sys.executable, "-m", "gunicorn", subject.app], folder / "gunicorn.log", more)
            started.append(gunicorn)
            _wait_for(service, gunicorn)
        if subject.front:
            port = free_port()
            command = [str(NGINX), "-p", str(folder), "-c", str(_configure(subject, folder, port, service))]
            started.append(_start(command, folder / "nginx.out", {}))
            _wait_for(port, started[-1])
        yield Stage(port, service, gunicorn)
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


def _configure(subject: Subject, folder: Path, port: int, service: int) -> Path:
    file = folder / f"files{PROGRESS}"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(peers.BODY)
    path = folder / "nginx.conf"
    does = _DOES[subject.front].format(folder=folder)
    user = "user root;" if os.geteuid() == 0 else ""
    path.write_text(_NGINX.format(folder=folder, user=user, port=port, service=service, does=does))
    return path


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
            Stage(port, port, None).get("/")
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{process.args!r} did not start")


def _resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024
