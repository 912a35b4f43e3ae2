"""How long an organiser waits for the console's pages over a large ledger: one at a time, as they are.

A ledger on PostgreSQL is filled, gunicorn serves it, an organiser signs in with a password, and each page is
opened so many times over HTTP. What is printed is the time until the last byte, redirects included, and the
processor time that PostgreSQL and Python spent on it, which drifts less on a busy machine.
"""

import argparse
import re
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http.cookiejar import CookieJar
from pathlib import Path
from statistics import median, quantiles
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

from bench import load, servers, spending
from bench.stores import Stores
from bench.subjects import Subject
from widget import passwords
from widget.domain.admission import Admits
from widget.domain.criteria import Criteria
from widget.domain.organiser import Role
from widget.domain.signature import State
from widget.store.ledger import Ledger
from widget.summing import Summing

CONFIRM_WITHIN = timedelta(days=21)
TARGET = 300  # milliseconds, for the median
PASSWORD = "three quiet mills turning"
ANAHIT = "anahit@example.org"
SLUG = "petition-0"
SUBJECT = Subject("console", "the console", ledger="postgresql", redis=True)
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Page:
    """A page to open: under the petition, `shows` being what must stand in it; with a form it is posted."""

    says: str
    path: str
    shows: str = "</html>"
    form: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Timed:
    """How long a page took each time, and what it cost whom, both in milliseconds."""

    page: Page
    took: tuple[float, ...]
    spent: Mapping[str, float]


class NotServed(RuntimeError):
    """A page was not what it should be."""


class Desk:
    """A browser at which Anahit is signed in."""

    def __init__(self, origin: str) -> None:
        self._origin = f"{origin}/manage"
        self._opener: OpenerDirector = build_opener(HTTPCookieProcessor(CookieJar()))
        self._token = ""
        self._sign_in()

    def open(self, path: str, form: Mapping[str, str] | None = None) -> str:
        """Open a page, or send a form to it, and follow where it leads. Raises HTTPError."""
        sent = urlencode({**form, "csrf_token": self._token}).encode() if form is not None else None
        with self._opener.open(f"{self._origin}{path}", sent, timeout=60) as answer:
            text: str = answer.read().decode()
        return text

    def _sign_in(self) -> None:
        self._read_token("/sign-in")
        if "Sign out" not in self.open("/sign-in", {"email": ANAHIT, "password": PASSWORD, "next": ""}):
            raise NotServed("Anahit was not let in")
        self._read_token(f"/petitions/{SLUG}/signers")  # each session has its own

    def _read_token(self, path: str) -> None:
        found = _TOKEN.search(self.open(path))
        if not found:
            raise NotServed(f"no form at {path}")
        self._token = found[1]


def main() -> int:
    """Measure and print; the status is 1 when a page was not what it should be, never for being slow."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that all that was started is ended
    parser = argparse.ArgumentParser(prog="bench/console", description="Time the console.")
    parser.add_argument("--signatures", type=int, default=1_000_000, help="how many the ledger holds")
    parser.add_argument("--each", type=int, default=21, help="how often each page is opened")
    chosen = parser.parse_args()
    with Stores() as stores, tempfile.TemporaryDirectory(dir=stores.folder) as name:
        stores.fill({chosen.signatures})
        url = stores.filled(chosen.signatures).url
        pages = _pages(url)
        settings = servers.environment(SUBJECT, url, stores.redis.url, Path(name))
        with servers.serve(SUBJECT, settings, Path(name)) as stage:
            desk = Desk(stage.origin)
            print(f"the machine is {load.wait_until_quiet(10):.0%} idle", flush=True)
            measured = list(_measured(desk, pages, chosen.each))
    print(f"\n{_heading(chosen.signatures, chosen.each)}\n\n{table(measured)}")
    return 0


def _pages(url: str) -> list[Page]:
    """Make Anahit an organiser, and choose what she opens by what the ledger holds."""
    now, ledger = datetime.now(UTC), Ledger.connect(url)
    organisation = ledger.organisations()[0]
    link = ledger.make_link(Admits.JOIN, ANAHIT, now, organisation=organisation, role=Role.OWNER)
    ledger.join_as_new(link.number, ANAHIT, passwords.hashed(PASSWORD), now)
    petition = ledger.petition(SLUG)
    signers = ledger.newest(petition.id, Criteria(states=frozenset({State.CONFIRMED})), limit=50)
    deep = ledger.newest(petition.id, Criteria(), before=signers[0].id // 2, limit=1)[0]
    began = time.monotonic()
    Summing(ledger=ledger, clock=lambda: datetime.now(UTC), confirm_within=CONFIRM_WITHIN)()
    print(f"the worker counted the figures in {time.monotonic() - began:.1f} s", flush=True)
    ledger.close()
    rare = f"{deep.given_name} {deep.family_name}"
    return [*_looks(deep.id), *_searches(rare, deep.email)]


def _looks(deep: int) -> Iterator[Page]:
    yield Page("petitions", "")
    yield Page("overview", f"/petitions/{SLUG}")
    yield Page("snippet", f"/petitions/{SLUG}/snippet")
    yield Page("text", f"/petitions/{SLUG}/editing/text/en")
    yield Page("settings", f"/petitions/{SLUG}/editing/settings")
    yield Page("figures", f"/petitions/{SLUG}/figures")
    yield Page("updates", f"/petitions/{SLUG}/updates")
    yield Page("reviews", f"/petitions/{SLUG}/signers/reviews")
    yield Page("held", f"/petitions/{SLUG}/signers/held")
    yield Page("one signer", f"/petitions/{SLUG}/signers/{deep}")
    yield Page("signers, first page", f"/petitions/{SLUG}/signers")
    yield Page("signers, older, half way down", f"/petitions/{SLUG}/signers?before={deep}")
    yield Page("signers, newer, half way down", f"/petitions/{SLUG}/signers?after={deep}")
    for state in (State.CONFIRMED, State.HELD, State.INVALIDATED, State.PENDING):
        yield Page(f"signers, {state}", f"/petitions/{SLUG}/signers?state={state}")
    yield Page("signers, invalidated, half way", f"/petitions/{SLUG}/signers?state=invalidated&before={deep}")


def _searches(rare: str, address: str) -> Iterator[Page]:
    nobody = "Nobody found"
    for says, words, shows in (
        ("an address", address, address),
        ("a rare name", rare, rare),
        ("a rare end of a name", f"* {rare.rsplit(maxsplit=1)[-1]}", rare.rsplit(maxsplit=1)[-1]),
        ("nobody's name", "Petra Host", nobody),
        ("nobody's middle of a name", "*petra*", nobody),
        ("nobody's name in Armenian", "Անահիտ *", nobody),
        ("a common name", "Sam *", "Sam of the Cast"),
        ("one letter", "s*", "Sam of the Cast"),
        ("a common domain", "@mail3.example.org", "@mail3.example.org"),
        ("nobody's domain", "@*.example.net", nobody),
        ("a common site", "https://partner-2.example.org", "of the Cast"),
        ("nobody's site", "https://petra.example.org", nobody),
    ):
        form = {"words": words, "state": ""}
        yield Page(f"search: {says}", f"/petitions/{SLUG}/signers", shows, form)
    both = {"words": "Petra *", "state": "invalidated"}
    yield Page("search: nobody's name, invalidated", f"/petitions/{SLUG}/signers", nobody, both)


def _measured(desk: Desk, pages: Sequence[Page], each: int) -> Iterator[Timed]:
    for page in pages:
        try:
            text = desk.open(page.path, page.form)  # once before the clock runs
        except HTTPError as error:
            if error.code != 404:
                raise
            yield Timed(page, (), {})
            continue
        if page.shows.casefold() not in text.casefold():
            raise NotServed(f"{page.says}: no {page.shows!r} at {page.path}")
        before = spending.seconds()
        took = tuple(_milliseconds(partial(desk.open, page.path, page.form)) for _ in range(each))
        spent = spending.an_answer(before, spending.seconds(), each)
        yield Timed(page, took, {kind: time / 1_000 for kind, time in spent.items()})
        print(f"{page.says:40} {median(took):7.1f} ms", flush=True)


def _milliseconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1_000


def _heading(signatures: int, each: int) -> str:
    many = f"{signatures:,}".replace(",", " ")
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {many} signatures on PostgreSQL, each page {each} times"


def table(measured: Sequence[Timed]) -> str:
    """Return the table; a page that the service does not have says so."""
    lines = [
        "| page | median ms | p95 ms | PostgreSQL's processor ms | Python's | target |  |",
        "| --- | ---: | ---: | ---: | ---: | --- | --- |",
    ]
    for one in measured:
        if not one.took:
            lines.append(f"| {one.page.says} | not there |  |  |  |  |  |")
            continue
        middle, high = median(one.took), quantiles(one.took, n=20)[-1] if len(one.took) > 1 else one.took[0]
        reached = "reached" if middle < TARGET else "**missed**"
        spent = " | ".join(f"{one.spent.get(kind, 0):.0f}" for kind in ("PostgreSQL", "Python"))
        lines.append(f"| {one.page.says} | {middle:.0f} | {high:.0f} | {spent} | < {TARGET} | {reached} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
