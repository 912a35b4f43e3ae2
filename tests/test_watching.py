"""Figures of several processes: added up, kept when one dies, open to whom the settings let in."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from urllib.request import urlopen

import pytest

from config import Settings, SettingsError
from tests.live_service import BINARIES, PATIENCE, ROOT, WITHOUT_DOTENV, LiveService
from tests.postgres_server import free_port

pytestmark = pytest.mark.lasting


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    live = LiveService(tmp_path_factory.mktemp("watching"), WEB_CONCURRENCY="2")
    live.flask("ledger", "migrate")
    yield live.start()
    live.stop()


def figure(live: LiveService, name: str) -> float:
    with urlopen(f"http://127.0.0.1:{live.port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found = re.search(rf"^support_now_{re.escape(name)} (\S+)$", text, re.M)
    return float(found[1]) if found else 0.0


def test_processes_add_up_and_none_of_it_is_lost_with_one(service: LiveService) -> None:
    health = 'requests_total{method="GET",route="/healthz",status="200"}'
    begun = figure(service, health)
    for asked in range(20):  # each on a connection of its own: both processes answer some
        with urlopen(f"http://127.0.0.1:{service.port}/healthz", timeout=10):
            assert figure(service, health) == begun + asked + 1
    killed = min(service.web_processes())
    os.kill(killed, signal.SIGKILL)
    while killed in service.web_processes() or figure(service, "processes") != 2:
        pass
    assert figure(service, health) == begun + 20


def test_the_folder_goes_with_the_service(tmp_path: Path) -> None:
    figures = tmp_path / "temporary"
    figures.mkdir()
    live = LiveService(tmp_path, TMPDIR=str(figures))
    live.flask("ledger", "migrate")
    live.start()
    assert list(figures.glob("support-now-figures-*/*.db"))
    live.stop()
    assert not list(figures.glob("support-now-figures-*"))


def test_a_worker_that_runs_apart_shows_its_own(tmp_path: Path) -> None:
    port = free_port()
    environ = {
        "PATH": os.environ["PATH"],
        **WITHOUT_DOTENV,
        "DATA_DIR": str(tmp_path),
        "METRICS_PORT": str(port),
    }
    command = [str(BINARIES / "flask"), "deliver"]
    subprocess.run([command[0], "ledger", "migrate"], cwd=ROOT, env=environ, check=True, capture_output=True)
    worker = subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + PATIENCE
        while (text := shown(port)) is None:
            assert worker.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert 'support_now_letters_total{outcome="sent"} 0.0' in text
        second = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
        assert second.returncode == 1
        assert re.fullmatch(r"Error: METRICS_PORT: .* cannot be used .*\n", second.stderr)
    finally:
        worker.terminate()
        worker.communicate(timeout=PATIENCE)


def shown(port: int) -> str | None:
    try:
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            text: str = answer.read().decode()
            return text
    except OSError:
        return None


@pytest.mark.parametrize(
    ("metrics", "peer", "let_in"),
    [
        ("off", "127.0.0.1", False),
        ("loopback", "127.0.0.1", True),
        ("10.0.0.0/8, fd00::/8", "10.1.2.3", True),
        ("10.0.0.0/8, fd00::/8", "fd00::7", True),
        ("10.0.0.0/8", "127.0.0.1", False),
    ],
)
def test_the_setting_says_who_may_read(tmp_path: Path, metrics: str, peer: str, let_in: bool) -> None:
    watching = Settings.from_env({"DATA_DIR": str(tmp_path), "METRICS": metrics}).watching
    assert watching.lets_in(ip_address(peer), forwarded=False, bearer="") is let_in
    assert watching.on is (metrics != "off")


def test_the_token_opens_from_anywhere(tmp_path: Path) -> None:
    token = "a long and random token"
    watching = Settings.from_env(
        {"DATA_DIR": str(tmp_path), "METRICS": "off", "METRICS_TOKEN": token}
    ).watching
    assert watching.lets_in(ip_address("203.0.113.7"), forwarded=True, bearer=token)
    assert not watching.lets_in(ip_address("203.0.113.7"), forwarded=True, bearer=token[:-1] + "é")


@pytest.mark.parametrize("metrics", ["on", "10.0.0.0/99", "example.org"])
def test_readers_that_are_none_are_refused(tmp_path: Path, metrics: str) -> None:
    with pytest.raises(SettingsError, match="METRICS must be off, loopback"):
        Settings.from_env({"DATA_DIR": str(tmp_path), "METRICS": metrics})
