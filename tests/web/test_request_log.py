"""The request log: every write and refusal leaves a line, and no line says who."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from config import Settings
from widget import create_app
from widget.logs import JsonFormatter

SIGN = "/api/v1/petitions/save-the-mill/signatures"


class Lines(logging.Handler):
    """What the log says, as it would be written."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonFormatter())
        self.written: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.written.append(self.format(record))


@pytest.fixture
def lines(client: FlaskClient) -> Iterator[Lines]:
    handler = Lines()
    root = logging.getLogger()
    root.addHandler(handler)
    before, root.level = root.level, logging.DEBUG
    yield handler
    root.setLevel(before)
    root.removeHandler(handler)


def test_a_signing_leaves_a_line_that_names_nobody(
    client: FlaskClient, lines: Lines, sam: dict[str, str]
) -> None:
    answer = client.post(
        SIGN + "?from=sam@example.org", data=sam, environ_base={"REMOTE_ADDR": "203.0.113.7"}
    )
    line: dict[str, Any] = json.loads(lines.written[-1])
    assert line["route"] == "/api/v1/petitions/<slug>/signatures"
    assert (line["method"], line["status"], line["code"]) == ("POST", 201, None)
    assert line["request"] == answer.headers["X-Request-Id"]
    assert line["milliseconds"] > 0
    said = " ".join(lines.written).lower()
    for secret in ("sam@", "sam", "cast", "203.0.113.7", "save-the-mill"):
        assert secret not in said, secret


@pytest.mark.parametrize(
    ("method", "address", "status", "code"),
    [
        ("POST", SIGN, 415, "unsupported_media_type"),
        ("GET", "/api/v1/petitions/sam@example.org/widget", 404, "petition_not_found"),
        ("GET", "/sam@example.org", 404, "not_found"),
        ("SAM", "/p/save-the-mill", 405, "method_not_allowed"),
    ],
)
def test_a_refusal_leaves_its_code_and_not_its_address(
    client: FlaskClient, lines: Lines, method: str, address: str, status: int, code: str
) -> None:
    client.open(address, method=method)
    line = json.loads(lines.written[-1])
    assert (line["level"], line["status"], line["code"]) == ("info", status, code)
    assert "sam" not in " ".join(lines.written).lower()


def test_reading_is_quiet(client: FlaskClient, lines: Lines) -> None:
    client.get("/api/v1/petitions/save-the-mill/progress")
    assert [json.loads(line)["level"] for line in lines.written] == ["debug"]


FORWARDED = {"X-Forwarded-For": "203.0.113.7"}
OURS = "4f0c1a9be2d84c55a0f3f1d2c3b4a596"  # as nginx makes its $request_id


@pytest.mark.parametrize(
    ("trusted", "headers", "taken"),
    [
        ("1", FORWARDED | {"X-Request-Id": OURS}, True),
        ("127.0.0.0/8", {"X-Request-Id": OURS}, True),
        ("127.0.0.0/8", {"X-Request-Id": "0b9d6f0e-6f43-4a3b-9d3c-2f1c64a1c0de"}, True),
        ("", {"X-Request-Id": OURS}, False),
        ("1", {"X-Request-Id": OURS}, False),
        ("10.0.0.0/8", {"X-Request-Id": OURS}, False),
        ("127.0.0.0/8", {"X-Request-Id": "sam@example.org"}, False),
        ("127.0.0.0/8", {"X-Request-Id": "f" * 65}, False),
    ],
)
def test_the_proxys_name_for_a_request_is_taken_over_if_it_is_one(
    tmp_path: Path, trusted: str, headers: dict[str, str], taken: bool
) -> None:
    app = create_app(Settings.from_env({"DATA_DIR": str(tmp_path), "TRUSTED_PROXIES": trusted}))
    answer = app.test_client().post("/healthz", headers=headers)
    assert answer.status_code == 405
    assert (answer.headers["X-Request-Id"] == headers["X-Request-Id"]) is taken
    assert answer.headers["X-Request-Id"]
