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
        "Invalid request from ip=203.0.113.7: bad line",
        "Invalid request from ip=2001:db8::1: bad line",
        "Socket error from 203.0.113.7:4711 in request",
    ],
)
def test_the_web_servers_words_lose_the_visitors_address(said: str) -> None:
    spoken = record(said, name="gunicorn.error")
    assert WithoutPeer().filter(spoken)
    assert "203.0.113.7" not in spoken.getMessage()
    assert "2001:db8" not in spoken.getMessage()
