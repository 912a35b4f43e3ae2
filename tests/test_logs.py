"""The log: one JSON object a line, and nobody can be found in it."""

import json
import logging

import pytest

from widget.logs import JsonFormatter, WithoutPeer


def record(
    message: str, *args: object, name: str = "widget", error: BaseException | None = None
) -> logging.LogRecord:
    exc_info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord(name, logging.ERROR, "file", 1, message, args, exc_info)


def test_a_line_is_one_object_with_time_and_level() -> None:
    line = JsonFormatter().format(record("two\nlines %s", "here"))
    assert "\n" not in line
    assert json.loads(line).items() >= {"level": "error", "message": "two\nlines here"}.items()


def test_a_failure_tells_its_kind_and_place_and_no_words_of_it() -> None:
    try:
        try:
            raise KeyError("sam@example.org")
        except KeyError as cause:
            raise ValueError("Sam of the Cast") from cause
    except ValueError as error:
        line = JsonFormatter().format(record("request failed", error=error))
    assert json.loads(line)["failure"] == ["builtins.ValueError", "builtins.KeyError"]
    assert "test_logs.py" in line
    assert "sam" not in line.lower().replace("sample", "")


@pytest.mark.parametrize(
    "said",
    [
        "Invalid request from ip=203.0.113.7: Invalid line: 'ly_name=Cast&email=sam@example.org'",
        "Invalid request from ip=2001:db8::1: bad line",
        "Error handling request /signature/sam@example.org",
        "Socket error from 203.0.113.7:4711 in request",
        "GET /confirm/sam@example.org",
        "sam@example.org in something it never said before",
    ],
)
def test_what_the_web_server_quotes_of_a_request_is_not_written(said: str) -> None:
    spoken = record(said, name="gunicorn.error", error=ValueError("sam@example.org"))
    assert WithoutPeer().filter(spoken)
    line = JsonFormatter().format(spoken)
    for secret in ("203.0.113.7", "2001:db8", "sam@", "ly_name"):
        assert secret not in line


@pytest.mark.parametrize("said", ["Booting worker with pid: 7", "Worker (pid:7) exited with code 3."])
def test_what_the_web_server_says_of_itself_is_written(said: str) -> None:
    spoken = record(said, name="gunicorn.error")
    assert WithoutPeer().filter(spoken)
    assert said in JsonFormatter().format(spoken)
