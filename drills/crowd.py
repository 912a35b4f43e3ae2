"""The load: people who sign, each with an address of their own, and people who look at the number."""

import json
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import count
from statistics import median
from typing import Literal

Kind = Literal["signing", "reading"]
ATTEMPT = 15.0  # seconds until one attempt is given up
AGAIN = 0.1  # seconds until the next attempt
GIVEN_UP = 60.0  # seconds after which nobody tries any more


@dataclass(frozen=True, slots=True)
class Done:
    """What one person wanted, and how long they waited for it, all refusals and attempts together."""

    kind: Kind
    began: float
    waited: float
    refused: int
    good: bool
    address: str = ""


@dataclass(slots=True)
class Crowd:
    """Threads that sign and read until `leave`; who was refused tries again until it is done.

    Half of the readers ask for what nginx has in its cache, half past it. `pause`: seconds a person
    rests between two requests.
    """

    port: int
    slug: str
    signers: int = 6
    readers: int = 4
    pause: float = 0.03
    done: list[Done] = field(default_factory=list)
    tried: set[str] = field(default_factory=set)
    refusals: int = 0  # as far as known; races may lose a few
    _leaving: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def come(self) -> "Crowd":
        """Begin."""
        for which in range(self.signers):
            self._threads.append(threading.Thread(target=self._sign, args=(which,), daemon=True))
        for which in range(self.readers):
            self._threads.append(threading.Thread(target=self._read, args=(which,), daemon=True))
        for thread in self._threads:
            thread.start()
        return self

    def leave(self) -> None:
        """End; who has begun finishes."""
        self._leaving.set()
        deadline = time.monotonic() + GIVEN_UP + ATTEMPT
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0))

    def wait_for(self, answers: int) -> None:
        """Wait until so many more of each kind who came from now on got what they wanted."""
        since, deadline = time.monotonic(), time.monotonic() + GIVEN_UP
        kinds = [kind for kind, number in (("signing", self.signers), ("reading", self.readers)) if number]
        while any(self._good(kind, since) < answers for kind in kinds):
            if time.monotonic() > deadline:
                return  # whoever was not answered is found afterwards
            time.sleep(0.05)

    def usual(self) -> float:
        """Return how many seconds half of them waited at most, so far."""
        return median(one.waited for one in list(self.done)) if self.done else 0.0

    def longest(self, kind: Kind) -> float:
        """Return how many seconds somebody waited at most."""
        return max((one.waited for one in self.done if one.kind == kind), default=0.0)

    def _good(self, kind: str, since: float) -> int:
        return sum(one.good and one.kind == kind and one.began >= since for one in reversed(self.done))

    def _sign(self, which: int) -> None:
        path = f"/api/v1/petitions/{self.slug}/signatures"
        self._live("signing", (("POST", path, f"sam.{self.slug}.{which}.{n}@example.org") for n in count()))

    def _read(self, which: int) -> None:
        path = f"/api/v1/petitions/{self.slug}/progress"
        past = (f"?past={which}.{n}" if which % 2 else "" for n in count())
        self._live("reading", (("GET", path + query, "") for query in past))

    def _live(self, kind: Kind, wishes: object) -> None:
        asking = Asking(self.port)
        for method, path, address in wishes:  # type: ignore[attr-defined]
            if self._leaving.is_set():
                break
            if address:
                self.tried.add(address)
            began, refused = time.monotonic(), 0
            while not (good := asking.ask(method, path, address)):
                refused += 1
                self.refusals += 1
                if time.monotonic() - began > GIVEN_UP:
                    break
                time.sleep(AGAIN)
            self.done.append(Done(kind, began, time.monotonic() - began, refused, good, address))
            time.sleep(self.pause)
        asking.hang_up()


class Asking:
    """One person's connection, kept open as a browser keeps it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: HTTPConnection | None = None

    def ask(self, method: str, path: str, address: str = "") -> bool:
        """Ask once; tell whether the answer was 2xx."""
        body = json.dumps(form(address)) if address else None
        try:
            if self._connection is None:
                self._connection = HTTPConnection("127.0.0.1", self._port, timeout=ATTEMPT)
            self._connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, HTTPException):
            self.hang_up()
            return False
        return 200 <= answer.status < 300

    def hang_up(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def form(address: str) -> dict[str, str]:
    """Return what Sam sends."""
    return {
        **{"given_name": "Sam", "family_name": "of the Cast", "email": address},
        **{"country": "AM", "lang": "en", "source": "drill"},
    }


def cut(port: int, raw: bytes, *, reset: bool) -> None:
    """Send the beginning of a request and go away, politely or not."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2) as line:
        line.sendall(raw)
        if reset:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
