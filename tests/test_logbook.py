"""The look through the logs of a run: it finds whoever can be found, and fails the run for it."""

import logging
from pathlib import Path

import pytest

from tests import logbook

pytestmark = pytest.mark.lasting

CLEAN = """\
{"at": "2026-05-01T12:00:00.123+00:00", "level": "info", "logger": "support_now.request", "status": 201}
Booting worker with pid: 7
2026-05-01 12:00:00.123 UTC [7] LOG:  listening on IPv4 address "127.0.0.1", port 4711
8:C 01 May 2026 12:00:00.123 # Redis version=8.0.2, bits=64
{"message": "cannot reach redis://127.0.0.1:6379/0", "at_line": ["tests/test_sam.py:12 test_sam_signs"]}
Support Now listens at http://127.0.0.1:8000
{"message": "cannot reach postgresql+psycopg://postgres:secret@127.0.0.1:5432/postgres, http://[::1]:8000/"}
{"page": "http://localhost:8000/p/save-the-mill?lang=hy", "asked": "https://a.example/p/save-the-mill"}
{"took": "1.2.3", "version": "0.1.0", "example": "a sample of 4"}
"""


def test_a_clean_log_is_clean() -> None:
    assert list(logbook.findings(CLEAN)) == []


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ('{"message": "Sam signed"}', "name"),
        ('{"given_name": "petra"}', "name"),
        ('{"family_name": "of the Cast"}', "name"),
        ("DETAIL:  Key (canonical_email)=(1, s.1+x@example.org) already exists.", "address"),
        ("RCPT TO:<s.7@d7.example.org>", "address"),
        ('{"peer": "127.0.0.1"}', "ip"),
        ("Invalid request from ip=203.0.113.7: bad line", "ip"),
        ("Socket error from 203.0.113.7:4711", "ip"),
        ("forwarded for 2001:db8::7", "ip"),
        ("forwarded for 2001:db8:0:0:0:0:0:7", "ip"),
        ('{"page":"https://a.example/?e=sam@example.org&n=Sam"}', "name"),
        ('{"page":"https://a.example/?n=Sam"}', "name"),
        ("cannot reach http://localhost:8000/?e=s.7@example.org", "address"),
        ("cannot reach http://127.0.0.1:8000/signed/Sam", "name"),
        ("cannot reach http://petra@127.0.0.1:8000/", "name"),
        ("cannot reach http://127.0.0.1:8000/from/203.0.113.9", "ip"),
        ("from http://203.0.113.9/x", "ip"),
        ("from http://203.0.113.9:127/127.0.0.1", "ip"),
        ("from http://[2001:db8::7]:80/", "ip"),
        ("mailto://s.7@example.org", "address"),
        ("127.0.0.1 - - [01/May/2026:12:00:00] GET http://127.0.0.1:8000/", "ip"),
    ],
)
def test_a_planted_line_is_found(line: str, kind: str) -> None:
    assert [found[:2] for found in logbook.findings(f"{CLEAN}{line}\n")] == [(10, kind)]


PLANTED = """
import logging
from pathlib import Path
from tests import logbook

def test_in_process():
    logging.getLogger("support_now.request").debug("%s signed", "Sam")

def test_of_a_service():
    logbook.new_file("service", Path()).write_text("from 203.0.113.7\\n")
"""


@pytest.mark.parametrize("spread", [[], ["-n", "2"]])
def test_a_run_that_names_somebody_fails(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, spread: list[str]
) -> None:
    """Every test passes, and the run does not: with one process and with several."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    hooks = "pytest_configure, pytest_sessionfinish, pytest_terminal_summary"
    pytester.makeconftest(f"from tests.logbook import {hooks}  # noqa: F401")
    pytester.makepyfile(PLANTED)
    run = pytester.runpytest_subprocess("-p", "no:cacheprovider", *spread)
    run.assert_outcomes(passed=2)
    assert run.ret == pytest.ExitCode.TESTS_FAILED
    run.stdout.fnmatch_lines(["*somebody can be found in the logs*"])
    run.stdout.fnmatch_lines_random(["*in-process*name*Sam signed*", "*service*ip*203.0.113.7*", "2 lines;*"])


def test_a_run_that_names_nobody_passes(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    hooks = "pytest_configure, pytest_sessionfinish, pytest_terminal_summary"
    pytester.makeconftest(f"from tests.logbook import {hooks}  # noqa: F401")
    pytester.makepyfile(PLANTED.replace("Sam", "Somebody").replace("203.0.113.7", "somewhere"))
    run = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    assert run.ret == pytest.ExitCode.OK


def test_our_own_loggers_are_listened_to_in_this_run() -> None:
    for name in logbook.OURS:
        handlers = logging.getLogger(name).handlers
        assert any(isinstance(one, logging.FileHandler) for one in handlers)
