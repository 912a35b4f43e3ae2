"""What a person meets first: `make`, `make run`, and what they say when something is missing."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from socket import socket
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.live_service import WITHOUT_DOTENV
from tests.postgres_server import free_port

pytestmark = pytest.mark.lasting

ROOT = Path(__file__).parents[1]
FLASK = Path(sys.executable).parent / "flask"
PATIENCE = 20.0


def run(*command: str, cwd: Path = ROOT, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env={"PATH": os.environ["PATH"], **WITHOUT_DOTENV, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A fresh copy of what `make run` starts with, in a path with a space."""
    fresh = tmp_path / "a fresh folder"
    shutil.copytree(ROOT / "scripts", fresh / "scripts")
    shutil.copy(ROOT / "requirements.txt", fresh)
    return fresh


def programs(folder: Path, **bodies: str) -> str:
    """Write programs that stand before the real ones on the PATH which is returned."""
    folder.mkdir()
    for name, body in bodies.items():
        program = folder / name
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def pythons(body: str) -> dict[str, str]:
    return dict.fromkeys(("python3", *(f"python3.{minor}" for minor in range(11, 15))), body)


def test_make_alone_lists_every_target_in_a_line() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.M))
    listed = run("make").stdout.splitlines()
    assert {line.split()[1] for line in listed} == targets
    assert all(len(line) <= 110 and len(line.split()) > 3 for line in listed)


def test_an_old_python_is_named_in_one_line(folder: Path, tmp_path: Path) -> None:
    path = programs(
        tmp_path / "bin", **pythons('[ "$1" = --version ] && echo "Python 3.9.2" && exit 0; exit 1')
    )
    done = run("scripts/prepare-venv", "requirements.txt", cwd=folder, PATH=path)
    assert done.returncode == 1
    assert re.fullmatch(
        r"Support Now: .*3\.11 or newer, found Python 3\.9\.2.*apt install python3.*\n", done.stderr
    )
    assert not (folder / ".venv").exists()


def test_a_missing_venv_is_named_in_one_line(folder: Path, tmp_path: Path) -> None:
    body = 'case "$*" in *ensurepip*) exit 1 ;; --version) echo Python 3.11.2 ;; esac'
    done = run(
        "scripts/prepare-venv",
        "requirements.txt",
        cwd=folder,
        PATH=programs(tmp_path / "bin", **pythons(body)),
    )
    assert done.returncode == 1
    assert re.fullmatch(r"Support Now: .*apt install python3-venv\n", done.stderr)


def test_a_missing_program_is_named_where_nothing_may_be_installed(folder: Path, tmp_path: Path) -> None:
    (folder / "list.txt").write_text("# program  package\nsh  dash\nno-such-program  its-package\n")
    path = programs(tmp_path / "bin", id="echo 1000", sudo="exit 1")
    done = run("scripts/prepare-debian", "list.txt", cwd=folder, PATH=path)
    assert done.returncode == 1
    assert re.fullmatch(r"Support Now: .*apt install its-package \n", done.stderr)


def test_nothing_is_installed_where_all_is_there(folder: Path, tmp_path: Path) -> None:
    (folder / "list.txt").write_text("sh  dash\n")
    path = programs(tmp_path / "bin", **{"apt-get": "echo must not be called >&2; exit 1"})
    done = run("scripts/prepare-debian", "list.txt", cwd=folder, PATH=path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_ctrl_c_ends_the_service_and_leaves_nothing(tmp_path: Path) -> None:
    port = str(free_port())
    environ = {"PATH": os.environ["PATH"], **WITHOUT_DOTENV, "DATA_DIR": str(tmp_path / "var"), "PORT": port}
    served = subprocess.Popen(
        [str(FLASK), "serve"],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + PATIENCE
        while not _answers(f"http://127.0.0.1:{port}/healthz"):
            assert served.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        os.killpg(served.pid, signal.SIGINT)  # as a terminal does: to every process at once
        said, _ = served.communicate(timeout=PATIENCE)
        assert served.returncode == 0
        assert f"http://localhost:{port}/p/stop-bloodshed-in-artsakh" in said
        assert not _is_left(served.pid)  # the prompt comes back when the worker for letters is gone, too
    finally:
        if served.poll() is None:
            os.killpg(served.pid, signal.SIGKILL)
            served.wait()


def test_ready_is_said_when_it_answers_and_a_ctrl_c_before_ends_in_one_line(tmp_path: Path) -> None:
    """The first line is printed by whoever answers; before, there is one line and no traceback."""
    port = str(free_port())
    environ = {"PATH": os.environ["PATH"], **WITHOUT_DOTENV, "DATA_DIR": str(tmp_path / "var"), "PORT": port}

    def begin() -> subprocess.Popen[str]:
        both = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return subprocess.Popen(
            [str(FLASK), "serve"], cwd=ROOT, env=environ, text=True, start_new_session=True, **both
        )

    served = begin()
    try:
        assert served.stdout
        while "is ready" not in (line := served.stdout.readline()):
            assert line, "it ended"
        assert _answers(f"http://127.0.0.1:{port}/healthz")
        os.killpg(served.pid, signal.SIGINT)
        served.communicate(timeout=PATIENCE)
        served = begin()
        while b"gunicorn" not in Path(f"/proc/{served.pid}/cmdline").read_bytes():
            assert served.poll() is None
            time.sleep(0.01)
        os.killpg(served.pid, signal.SIGINT)  # it is importing now
        said, _ = served.communicate(timeout=PATIENCE)
        assert said.splitlines()[-1] == "Stopped before it was ready. Nothing is lost."
        assert "Traceback" not in said
        assert "is ready" not in said
        assert (served.returncode, _is_left(served.pid)) == (0, False)
    finally:
        if served.poll() is None:
            os.killpg(served.pid, signal.SIGKILL)
            served.wait()


def test_of_two_that_start_together_one_serves(tmp_path: Path) -> None:
    """Both find the port free, and the kernel would let both listen: each worker has a socket of its own."""
    environ = {"PATH": os.environ["PATH"], **WITHOUT_DOTENV, "PORT": str(free_port())}
    both = [
        subprocess.Popen(
            [str(FLASK), "serve"],
            cwd=ROOT,
            env={**environ, "DATA_DIR": str(tmp_path / name)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        for name in ("first", "second")
    ]
    try:
        deadline = time.monotonic() + PATIENCE
        while not (ended := [one for one in both if one.poll() is not None]):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        (late,) = ended
        assert re.fullmatch(r"Error: .* cannot be used .*such as PORT=\d+\n", late.communicate()[1])
        assert late.returncode == 1
    finally:
        for one in both:
            if one.poll() is None:
                os.killpg(one.pid, signal.SIGKILL)
                one.communicate()


def test_a_ctrl_c_after_a_hang_up_ends_all_of_it_and_says_nothing(tmp_path: Path) -> None:
    """gunicorn reads what it is told anew at a SIGHUP; how it ends is as before."""
    port = str(free_port())
    environ = {"PATH": os.environ["PATH"], **WITHOUT_DOTENV, "DATA_DIR": str(tmp_path / "var"), "PORT": port}
    served = subprocess.Popen(
        [str(FLASK), "serve"],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    children = Path(f"/proc/{served.pid}/task/{served.pid}/children")
    try:
        assert served.stdout
        while "Ctrl-C ends it" not in (line := served.stdout.readline()):
            assert line, "it ended"
        before = set(children.read_text().split())
        os.kill(served.pid, signal.SIGHUP)
        deadline = time.monotonic() + PATIENCE
        while len(before & set(children.read_text().split())) > 1:  # who minds the letters' worker stays
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert _answers(f"http://127.0.0.1:{port}/healthz")
        os.killpg(served.pid, signal.SIGINT)
        said, _ = served.communicate(timeout=PATIENCE)
        assert said.strip() == ""
        assert (served.returncode, _is_left(served.pid)) == (0, False)
    finally:
        if served.poll() is None:
            os.killpg(served.pid, signal.SIGKILL)
            served.wait()


def _is_left(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_taken_port_is_named_in_one_line(tmp_path: Path) -> None:
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run(str(FLASK), "serve", DATA_DIR=str(tmp_path / "var"), PORT=str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert re.fullmatch(
        r"Error: .* cannot be used .*put another into the file .env, such as PORT=\d+\n", done.stderr
    )
    assert not (tmp_path / "var" / "ledger.sqlite3").exists()


def _answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=1) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
