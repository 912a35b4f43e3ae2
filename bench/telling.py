"""Can a stopwatch tell who has signed? New addresses and known ones, in random order, one at a time.

The answer to both is the same (promise 10). What is left is how long it takes: printed here with the chance
that of a known and a new address the known one took longer (the area under the ROC curve; 0.5 is a coin).
"""

import argparse
import http.client
import json
import os
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Literal
from urllib.parse import urlencode

from bench import load, servers
from bench.stores import Stores
from bench.subjects import SIGNATURES, Subject
from widget.domain.petition import Confirmation
from widget.domain.signature import NewSignature, Occasion, State
from widget.store.ledger import Ledger

WARM_UP = 50  # signatures of each kind before the clock counts
SIGNED = timedelta(days=2)  # how long ago the known ones signed: their last letter is old, another one is due
# None of these is anybody's; the port of no mail server is never called, since no worker runs.
MAIL = {"SMTP_URL": "smtp://127.0.0.1:9", "MAIL_FROM": "post@petitions.example.org"}


@dataclass(frozen=True, slots=True)
class Case:
    """One way to run the service: which ledger, and when a signature counts."""

    ledger: Literal["sqlite", "postgresql"]
    confirmation: Confirmation

    @property
    def subject(self) -> Subject:
        """Return it as the bench brings it up."""
        name = f"{self.ledger}, confirmation {self.confirmation}"
        return Subject(name, name, ledger=self.ledger, redis=self.ledger == "postgresql")


CASES = [Case(ledger, when) for ledger in ("sqlite", "postgresql") for when in Confirmation]


@dataclass(frozen=True, slots=True)
class Told:
    """How long each kind took, in milliseconds, in the order they were sent."""

    known: tuple[float, ...]
    new: tuple[float, ...]


def area(known: Sequence[float], new: Sequence[float]) -> float:
    """Return the chance that a known one took longer than a new one; equal ones count half."""
    ranked = sorted([(took, 0) for took in new] + [(took, 1) for took in known])
    wins, start = 0.0, 0
    while start < len(ranked):
        end = start
        while end < len(ranked) and ranked[end][0] == ranked[start][0]:
            end += 1
        rank = (start + 1 + end) / 2  # of all that are equal
        wins += rank * sum(kind for _, kind in ranked[start:end])
        start = end
    return (wins - len(known) * (len(known) + 1) / 2) / (len(known) * len(new))


def doubt(known: int, new: int) -> float:
    """Return how far from 0.5 chance alone takes the area, as one standard deviation."""
    return float(((known + new + 1) / (12 * known * new)) ** 0.5)


def main() -> int:
    """Measure every case and print a line each; the status is 1 when an answer itself told the two apart."""
    each = _arguments()
    print(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, {each} of each kind, one at a time"
    )
    print("\n| case | new: median, middle half (ms) | known | area, 2 deviations |\n|---|---|---|---|")
    same = True
    with Stores() as stores:
        for case in CASES:
            told, answers = _measure(case, stores, each)
            same &= len(answers) == 1
            print(_line(case, told), flush=True)
            if len(answers) > 1:
                print(f"WRONG: the answers differ: {answers}", file=sys.stderr)
    return int(not same)


def _arguments() -> int:
    parser = argparse.ArgumentParser(prog="bench/telling", description=__doc__)
    parser.add_argument("--each", type=int, default=500, help="addresses of each kind (500)")
    return int(parser.parse_args().each)


def _measure(case: Case, stores: Stores, each: int) -> tuple[Told, set[tuple[int, str]]]:
    books = stores.open(case.subject)
    assert books is not None
    known, new = _addresses(each + WARM_UP), _addresses(each + WARM_UP)
    _sign_before(books.url, case.confirmation, known)
    with tempfile.TemporaryDirectory(dir=stores.folder) as name:
        settings = servers.environment(case.subject, books.url, stores.redis.url, Path(name)) | MAIL
        with servers.serve(case.subject, settings, Path(name)) as stage:
            list(_ask(stage.port, _shuffled(known[:WARM_UP], new[:WARM_UP])))
            load.wait_until_quiet(3)
            found = list(_ask(stage.port, _shuffled(known[WARM_UP:], new[WARM_UP:])))
    stores.close(books)
    times = [tuple(took for kind, took, _ in found if kind == wanted) for wanted in ("known", "new")]
    return Told(*times), {answer for _, _, answer in found}


def _addresses(number: int) -> list[str]:
    return [f"{secrets.token_hex(8)}@example.org" for _ in range(number)]


def _shuffled(known: Sequence[str], new: Sequence[str]) -> list[tuple[str, str]]:
    mixed = [("known", email) for email in known] + [("new", email) for email in new]
    random.shuffle(mixed)
    return mixed


def _sign_before(url: str, confirmation: Confirmation, addresses: Sequence[str]) -> None:
    """Let them sign two days ago, in full: confirmed, and with their letter sent."""
    ledger = Ledger.connect(url)
    petition = ledger.petition("petition-0")
    ledger.change(petition.id, {"confirmation": confirmation})
    then = datetime.now(UTC) - SIGNED
    asks = confirmation is Confirmation.EMAIL
    for email in addresses:
        state = State.PENDING if asks else State.CONFIRMED
        new = NewSignature(
            petition_id=petition.id,
            text_version=petition.wordings[0].text_version,
            state=state,
            email=email,
            canonical_email=email,
            signed_at=then,
            lang="en",
            given_name="Sam",
        )
        recorded = ledger.record(new, Occasion.CONFIRMATION if asks else Occasion.RECEIPT)
        if asks and recorded.id is not None:
            ledger.confirm_signature(recorded.id, then, reason="confirmed by mail")
    for letter in ledger.letters(limit=len(addresses)):
        ledger.mark_letter_sent(letter.id, then)
    ledger.close()


def _ask(port: int, mixed: Sequence[tuple[str, str]]) -> Iterator[tuple[str, float, tuple[int, str]]]:
    """Sign with each over one kept connection; give its kind, the milliseconds, and what was answered."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for kind, email in mixed:
        body = urlencode({"given_name": "Sam", "family_name": "of the Cast", "email": email, "country": "AM"})
        began = time.perf_counter()
        connection.request("POST", SIGNATURES, body, headers)
        response = connection.getresponse()
        content = response.read()
        took = (time.perf_counter() - began) * 1_000
        yield kind, took, (response.status, json.loads(content)["status"])
    connection.close()


def _line(case: Case, told: Told) -> str:
    spread = 2 * doubt(len(told.known), len(told.new))
    chance = f"{area(told.known, told.new):.3f} (0.500 ± {spread:.3f})"
    return f"| {case.subject.name} | {_times(told.new)} | {_times(told.known)} | {chance} |"


def _times(took: Sequence[float]) -> str:
    low, _, high = quantiles(took, n=4)
    return f"{median(took):.2f}, {low:.2f} to {high:.2f}"


if __name__ == "__main__":
    sys.exit(main())
