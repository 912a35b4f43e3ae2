"""A web process listens once it can answer: until then whoever knocks is sent on to another at once."""

import os
import socket
import time
from pathlib import Path

import pytest

from tests.live_service import PATIENCE, LiveService

pytestmark = pytest.mark.services

HELD = """
import pathlib
here = pathlib.Path(__file__).parent
(here / "loading").touch()
(here / "gate").read_bytes()  # a pipe: waits until the test opens it

from server import app
"""


def test_nobody_knocks_at_a_process_that_still_loads(tmp_path: Path) -> None:
    (tmp_path / "held.py").write_text(HELD)
    os.mkfifo(tmp_path / "gate")
    live = LiveService(tmp_path, ("gunicorn", "--pythonpath", str(tmp_path), "held:app"))
    try:
        live.begin()
        _until_there(tmp_path / "loading")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", live.port), timeout=PATIENCE)
        (tmp_path / "gate").write_bytes(b"open")
        live.wait()
    finally:
        live.kill()


def _until_there(file: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not file.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
