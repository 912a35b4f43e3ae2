"""Every log of a test run in one place, and a look through all of it when the run ends (promise 10).

What is gathered: what each service that was started for real writes, on standard output and error alike
(gunicorn and its workers, the mail worker, PostgreSQL, Redis); and whatever our own loggers say inside the
tests' process, from `debug` up, as it would be written. What is found in it fails the run:

- a name of the cast, as a word of its own; - anything like a mail address; - any IP address.

A loopback address behind a scheme (`http://127.0.0.1:8000`) is where a service listens or is found, never
who came: visitors have no scheme. What such a URL says besides (user, path, query) is looked at like the
rest, and so is every other host. PostgreSQL also says where it listens in words of its own, which are named
below. Nothing else is let through: 127.0.0.1 by itself is a visitor of these tests.
"""

import logging
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from widget.logs import JsonFormatter

FOLDER = "SUPPORT_NOW_TEST_LOGS"  # in the environment, so that the workers of a run write to one place
OURS = ("widget", "support_now")
CAST = ("Anahit", "Sam", "Petra", "Mallory", "Omar", "of the Cast")
SHOWN = 20

_WHO = re.compile(
    rf"(?P<name>\b(?:{'|'.join(CAST)})\b)"
    r"|(?P<address>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<ip>(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\w)|(?<![\w:])(?:[0-9a-f]{1,4}:+){2,}[0-9a-f]{1,4}(?!\w))",
    re.IGNORECASE,
)
_WHERE = re.compile(
    r"\b[a-z+]+://(?:(?P<user>[^\s/@\"'<>]*)@)?"
    r"(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?(?!\.?[\w-])"  # nothing that only begins like it
    r"|listening on IPv[46] address \"[^\"]+\""  # PostgreSQL
    r"|\b\d{1,2}:\d{2}:\d{2}(?:\.\d+)?\b"  # a time of day, which is written like an IPv6 address
)


def new_file(name: str, otherwise: Path) -> Path:
    """Return a new file for the log of a service: among the others while tests run, else in a folder."""
    number, path = tempfile.mkstemp(prefix=f"{name}-", suffix=".log", dir=os.environ.get(FOLDER, otherwise))
    os.close(number)
    return Path(path)


def findings(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield what says who: the number of the line, what kind it is (name, address, ip), and the line."""
    for number, line in enumerate(text.splitlines(), 1):
        found = _WHO.search(_WHERE.sub(r" \g<user> ", line))
        if found:
            yield number, str(found.lastgroup), line


def found_in(folder: Path) -> list[str]:
    """Look through every log of a run; return what was found, a line each."""
    return [
        f"{path.name}:{number}: {kind}: {line[:300]}"
        for path in sorted(folder.glob("*.log"))
        for number, kind, line in findings(path.read_text(encoding="utf-8", errors="replace"))
    ]


# The hooks of pytest, which tests/conftest.py hands on


def pytest_configure(config: pytest.Config) -> None:
    """Make the place, once a run; listen to our own loggers, in each of its processes."""
    if not _is_worker(config):
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="sn-logs-")
    handler = logging.FileHandler(new_file("in-process", Path()), delay=True)
    handler.setFormatter(JsonFormatter())
    for name in OURS:
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)


@pytest.hookimpl(trylast=True)  # the workers of the run have ended
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run if anybody can be found in its logs."""
    if _is_worker(session.config):
        return
    folder = Path(os.environ.pop(FOLDER))
    found = found_in(folder)
    session.config.stash[_FOUND] = (folder, found)
    if found:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    else:
        shutil.rmtree(folder)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say what was found, and where all of it is."""
    folder, found = config.stash.get(_FOUND, (None, []))
    if found:
        terminalreporter.section("somebody can be found in the logs", sep="=", red=True)
        for line in found[:SHOWN]:
            terminalreporter.line(line)
        terminalreporter.line(f"{len(found)} lines; all logs of this run are in {folder}")


_FOUND = pytest.StashKey[tuple[Path, list[str]]]()


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")
