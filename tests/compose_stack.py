"""What `docker compose up` starts, started without Docker: the same commands, settings, secrets and files.

Names that Docker would resolve, and folders it would mount, are put in the place of those in compose.yaml and
ops/nginx/place.conf; nothing else differs. The stores are those of the tests.
"""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import yaml

from tests.live_service import WITHOUT_DOTENV
from tests.logbook import new_file
from tests.postgres_server import free_port

ROOT = Path(__file__).parents[1]
PATIENCE = 30.0
BINARIES = Path(sys.executable).parent
SBIN = "/usr/sbin:/sbin"

Answer = tuple[int, Mapping[str, str], bytes]


def composed(**environ: str) -> dict[str, Any]:
    """Return compose.yaml as Docker reads it with these variables set and no others."""
    return _interpolated(yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8")), environ)


def _interpolated(node: Any, environ: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {name: _interpolated(value, environ) for name, value in node.items()}
    if isinstance(node, list):
        return [_interpolated(value, environ) for value in node]
    return _filled(node, environ) if isinstance(node, str) else node


def _filled(text: str, environ: Mapping[str, str]) -> str:
    innermost = re.compile(r"\$\{([A-Z_]+)(?:(:?-)([^${}]*))?\}")

    def value(found: re.Match[str]) -> str:
        name, how, default = found.groups()
        known = environ.get(name)
        return (default or "") if known is None or (known == "" and how == ":-") else known

    while innermost.search(text):
        text = innermost.sub(value, text)
    return text


def image() -> tuple[dict[str, str], list[str]]:
    """Return what the Dockerfile's last stage sets in the environment, and the command it runs."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").rpartition("\nFROM ")[2]
    block = re.search(r"^ENV (?:.*\\\n)*.*$", text, re.M)
    command = re.search(r"^CMD (\[.*\])$", text, re.M)
    assert block
    assert command
    return dict(re.findall(r"(\w+)=(\S+)", block.group())), json.loads(command.group(1))


def until(condition: Callable[[], Any], what: str = "what was waited for") -> Any:
    """Return what a condition gives as soon as it gives something."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, f"{what} did not come"
        time.sleep(0.02)
    return found


class ComposeStack:
    """nginx, two web services, a worker. `start` and `stop` all of it, or meddle with one."""

    def __init__(self, folder: Path, *, database: str, redis: str, webs: int = 2) -> None:
        self.folder = folder
        self.port = free_port()
        self.webs = [free_port() for _ in range(webs)]
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self._logs: dict[str, Path] = {}
        self._services = composed(PORT=str(self.port))["services"]
        self._places = {
            "postgres:5432/support_now": database.partition("@")[2],
            "redis:6379": re.sub(r"redis://|/0", "", redis),
            "/run/secrets": str(folder / "secrets"),
            "/make-secrets": str(ROOT / "scripts/make-secrets"),
            "/etc/nginx": str(folder / "nginx"),
            "/run/nginx": str(folder / "run"),
            "/var/lib/support-now": str(folder / "data"),
        }

    # Life

    def start(self) -> "ComposeStack":
        """Start everything in the order of `depends_on`, and wait until it is healthy."""
        subprocess.run(self._words("secrets"), check=True, capture_output=True, env=self._environ({}))
        url = self.folder / "secrets/database_url"
        url.write_text(self._placed(url.read_text()))
        for number in range(len(self.webs)):
            self.start_web(number)
        for port in self.webs:
            until(lambda port=port: self._healthy(port), "a web service")
        self._run("worker", "worker", self._words("worker"), self._settings("worker"))
        self.start_nginx()
        return self

    def start_web(self, number: int) -> None:
        """Start one of the web services."""
        settings = self._settings("web") | {"PORT": str(self.webs[number]), "HOST": "127.0.0.1"}
        self._run(f"web{number}", "web", image()[1], settings)

    def start_nginx(self) -> None:
        """Start nginx on the files of ops/nginx."""
        write_nginx(self.folder / "nginx", self.port, self.webs)
        (self.folder / "run").mkdir(exist_ok=True)
        self._run("nginx", "nginx", as_nginx(self._words("nginx")), {"PATH": f"{os.environ['PATH']}:{SBIN}"})
        until(lambda: self._healthy(self.port), "nginx")

    def stop(self) -> None:
        """End everything in good order, each within its grace period."""
        for name in reversed(list(self.running)):
            self.end(name)

    def end(self, name: str, by: signal.Signals = signal.SIGTERM) -> int:
        """End one; SIGKILL takes all its processes at once. Return its exit status."""
        process = self.running.pop(name)
        grace = int(self._services[name.rstrip("0123456789")]["stop_grace_period"].removesuffix("s"))
        if by is signal.SIGKILL:
            os.killpg(process.pid, by)
        else:
            process.send_signal(by)
        return process.wait(grace)

    def log(self, name: str) -> str:
        """Return what one has said."""
        return self._log(name).read_text(encoding="utf-8")

    # A visitor

    def ask(
        self,
        path: str,
        form: Mapping[str, str] | None = None,
        *,
        address: str = "127.0.0.1",
        port: int = 0,
        **headers: str,
    ) -> Answer:
        """Ask once from an address of this machine; headers are written with underscores."""
        known = {name.replace("_", "-"): value for name, value in headers.items()}
        body = None if form is None else urlencode(form)
        if body is not None:
            known.setdefault("Content-Type", "application/x-www-form-urlencoded")
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, PATIENCE, (address, 0))
        try:
            connection.request("GET" if body is None else "POST", path, body, known)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    # Inside

    def _log(self, name: str) -> Path:
        if name not in self._logs:
            self._logs[name] = new_file(f"compose-{name}", self.folder)
        return self._logs[name]

    def _healthy(self, port: int) -> bool:
        for name, process in self.running.items():
            assert process.poll() is None, f"{name} ended: {self.log(name)}"
        try:
            return self.ask("/healthz", port=port)[0] == 200
        except (OSError, http.client.HTTPException):  # not yet, or not all of an answer yet
            return False

    def _words(self, name: str) -> list[str]:
        return [self._placed(word) for word in self._services[name]["command"]]

    def _settings(self, name: str) -> dict[str, str]:
        given = self._services[name]["environment"]
        return self._environ(image()[0] | {key: self._placed(value) for key, value in given.items()})

    def _environ(self, more: Mapping[str, str]) -> dict[str, str]:
        return {**more, **WITHOUT_DOTENV, "PATH": f"{BINARIES}:{os.environ['PATH']}"}

    def _placed(self, text: str) -> str:
        for theirs, ours in self._places.items():
            text = text.replace(theirs, ours)
        return text

    def _run(self, name: str, service: str, words: list[str], environ: Mapping[str, str]) -> None:
        with self._log(name).open("ab") as log:
            self.running[name] = subprocess.Popen(
                words,
                cwd=ROOT,
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def write_nginx(folder: Path, port: int, webs: list[int]) -> None:
    """Copy ops/nginx with a place.conf for this machine.

    Debian's nginx does not know `resolve` yet, nor is there a name server to ask: the web services are
    named one by one.
    """
    folder.mkdir(exist_ok=True)
    for file in (ROOT / "ops/nginx").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    place = (folder / "place.conf").read_text(encoding="utf-8")
    place, named = re.subn(
        r"server web:8000 resolve (.*;)",
        lambda found: "\n    ".join(f"server 127.0.0.1:{web} {found.group(1)}" for web in webs),
        place,
    )
    place, resolved = re.subn(r"\nresolver .*;\n", "\n", place)
    place, listens = re.subn(r"listen 8080 ", f"listen 127.0.0.1:{port} ", place)
    place, rooted = re.subn(r"root /etc/nginx;", f"root {folder};", place)
    assert (named, resolved, listens, rooted) == (1, 1, 1, 1)
    (folder / "place.conf").write_text(place, encoding="utf-8")


def as_nginx(words: list[str]) -> list[str]:
    """Let nginx's workers be who runs the tests: the folders of a test are closed to others."""
    mine = " user root;" if os.geteuid() == 0 else ""
    return [*words[:-1], words[-1] + mine]
