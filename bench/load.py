"""The load: wrk, what it prints, and waiting until nobody else uses the machine."""

import re
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LUA = Path(__file__).with_name("lua")
CONNECTIONS = 32
QUIET = 0.9  # share of the processors' time that is idle
PROBE = 0.5  # seconds
_UNIT = {"us": 0.001, "ms": 1.0, "s": 1_000.0, "m": 60_000.0}


class NotWrk(ValueError):
    """The text is not what wrk prints."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What one load was answered: per second, in milliseconds, and how many failed."""

    answered: int
    rate: float
    p50: float
    p99: float
    refused: int
    broken: int

    @property
    def good(self) -> int:
        """How many were answered with 2xx or 3xx."""
        return self.answered - self.refused


def parse(text: str) -> Answers:
    """Read what `wrk --latency` prints. Raises NotWrk."""
    answered = re.search(r"(\d+) requests in ", text)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    if not answered or not rate:
        raise NotWrk(text[-500:])
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    return Answers(
        answered=int(answered[1]),
        rate=float(rate[1]),
        p50=_percentile(text, 50),
        p99=_percentile(text, 99),
        refused=int(refused[1]) if refused else 0,
        broken=sum(map(int, broken.groups())) if broken else 0,
    )


def press(
    url: str, seconds: int, script: str = "", arguments: Sequence[str] = (), headers: Sequence[str] = ()
) -> tuple[Answers, str]:
    """Ask `url` from all connections for some seconds; return the figures and wrk's own words."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s", "--latency"]
    for header in headers:
        command += ["-H", header]
    if script:
        command += ["-s", str(LUA / script)]
    command += [url, *(["--", *arguments] if arguments else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 60)
    return parse(done.stdout), f"$ {' '.join(command)}\n{done.stdout}{done.stderr}"


def wait_until_quiet(at_most: float) -> float:
    """Wait until the machine is idle, but not for ever; return the share that was idle last."""
    deadline = time.monotonic() + at_most
    while True:
        before = _processor_times()
        time.sleep(PROBE)
        spent = [now - then for now, then in zip(_processor_times(), before, strict=True)]
        idle = (spent[3] + spent[4]) / max(sum(spent), 1)
        if idle >= QUIET or time.monotonic() >= deadline:
            return idle


def _percentile(text: str, which: int) -> float:
    found = re.search(rf"^\s+{which}%\s+([\d.]+)(us|ms|s|m) *$", text, re.M)
    if not found:
        raise NotWrk(f"no {which}%: {text[-500:]}")
    return float(found[1]) * _UNIT[found[2]]


def _processor_times() -> list[int]:
    first = Path("/proc/stat").read_text().splitlines()[0]
    return [int(word) for word in first.split()[1:9]]
