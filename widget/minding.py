"""Beside the server: start the worker again when it dies alone, until the server itself is gone.

A small process of its own, since gunicorn takes the place of whoever started it and minds only its own
workers. Its standard input is a pipe that only the server's processes hold open; the worker has the same.
"""

import logging
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import NoReturn

from widget import logs

FIRST_PAUSE = 1.0  # seconds; twice as long after each death that follows soon
LONGEST_PAUSE = 60.0  # seconds
STEADY = 60.0  # seconds after which a death is the first one again

log = logging.getLogger(__name__)


class Told(Exception):
    """Somebody asked us to end."""


def mind(command: Sequence[str]) -> None:
    """Run a command, and again whenever it ends, until standard input does or a signal says so."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _told)
    pause, process = FIRST_PAUSE, None
    try:
        while True:
            begun = time.monotonic()
            process = subprocess.Popen(command)
            status = process.wait()
            pause = FIRST_PAUSE if time.monotonic() - begun >= STEADY else pause
            if _server_gone(0.0):
                return
            log.warning(
                "the worker ended and is started again", extra={"facts": {"status": status, "in": pause}}
            )
            if _server_gone(pause):
                return
            pause = min(2 * pause, LONGEST_PAUSE)
    except Told:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        if process is not None:
            process.terminate()
            process.wait()


def _told(_number: int, _frame: object) -> NoReturn:
    raise Told


def _server_gone(within: float) -> bool:
    """Tell whether the other end of standard input is closed, waiting so many seconds for it."""
    return bool(select.select([sys.stdin], [], [], within)[0])


if __name__ == "__main__":
    logs.configure("info")
    mind(sys.argv[1:])
