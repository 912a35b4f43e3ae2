"""Afterwards: who was answered stands in the ledger once, and every process shows the number of rows."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any

import psycopg

from drills.crowd import Crowd
from drills.stage import Stage

LOOKS = 5  # at most, on a machine so busy that requests whose sender left are still under way
AT_REST = 0.3  # seconds without a new row
RIGHT_WITHIN = (
    5.0  # seconds after the last signature, by which every process shows the number; see operating.md
)
ASKED = 8  # times that each web service is asked: enough to reach each of its processes
LETTERS_WITHIN = 30.0  # seconds without another letter after which none is waited for


@dataclass(frozen=True, slots=True)
class Checked:
    """What ledger, processes and mail server said: signatures lost and double, and all faults in words."""

    lost: int
    double: int
    faults: tuple[str, ...]


def check(
    stage: Stage, crowd: Crowd, *, never: set[str], perhaps: set[str], letters: bool = False
) -> Checked:
    """Look once all is at rest, and again where somebody's signature came in while we looked.

    `never`: addresses of requests that were cut before they were whole. `perhaps`: whole, but nobody
    waited for the answer. `letters`: each of them is to have got one.
    """
    rows = _rows(stage.ledger, crowd.slug)
    for _ in range(LOOKS):
        found = _look(stage, crowd, rows, never=never, perhaps=perhaps, letters=letters)
        before, rows = rows, _rows(stage.ledger, crowd.slug)
        if rows == before:
            break
    return found


def _look(
    stage: Stage, crowd: Crowd, rows: list[str], *, never: set[str], perhaps: set[str], letters: bool
) -> Checked:
    answered = {one.address for one in crowd.done if one.kind == "signing" and one.good}
    lost = answered - set(rows)
    double = len(rows) - len(set(rows))
    found = [
        *_some("answered, and not in the ledger", lost),
        *([f"{double} in the ledger more than once"] if double else []),
        *_some("in the ledger, and never whole", never & set(rows)),
        *_some("in the ledger, and nobody signed so", set(rows) - crowd.tried - perhaps),
        *_some("never answered", [one.address or "a reader" for one in crowd.done if not one.good]),
        *_numbers(stage, crowd.slug, len(rows)),
        *(_some("without a letter", _letters_missing(stage, answered)) if letters else []),
    ]
    return Checked(len(lost), double, tuple(found))


def _numbers(stage: Stage, slug: str, rows: int) -> Iterator[str]:
    tally = int(_ask(stage.ledger, _TALLY, slug)[0][0])
    if tally != rows:
        yield f"the tally says {tally}, there are {rows} rows"
    for web in stage.webs:
        yield from _shown(web.port, slug, rows)


def _letters_missing(stage: Stage, answered: set[str]) -> list[str]:
    """Return whom no letter reached, once none comes in any more."""
    arrived, deadline = -1, 0.0
    while missing := answered - {letter.to for letter in list(stage.mail.letters)}:
        if len(stage.mail.letters) > arrived:
            arrived, deadline = len(stage.mail.letters), time.monotonic() + LETTERS_WITHIN
        if time.monotonic() > deadline:
            break
        time.sleep(0.1)
    return sorted(missing)


_ROWS = """SELECT s.canonical_email FROM signatures s JOIN petitions p ON p.id = s.petition_id
    WHERE p.slug = {} AND s.state = 'confirmed'"""
_TALLY = "SELECT sum(t.here) FROM tally t JOIN petitions p ON p.id = t.petition_id WHERE p.slug = {}"


def _rows(url: str, slug: str) -> list[str]:
    """Return who signed, once requests that nobody waited for have run out."""
    before: list[str] | None = None
    while (rows := [row[0] for row in _ask(url, _ROWS, slug)]) != before:
        before = rows
        time.sleep(AT_REST)
    return rows


def _ask(url: str, question: str, slug: str) -> list[tuple[Any, ...]]:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as book:
            return book.execute(question.format("?"), (slug,)).fetchall()
    with psycopg.connect(url.replace("+psycopg", "")) as book:
        return list(book.execute(question.format("%s").encode(), (slug,)).fetchall())


def _shown(port: int, slug: str, rows: int) -> Iterator[str]:
    """Yield what is wrong with the number that a web service shows, and with its audit."""
    wrong = _settled(
        lambda: {int(_get(port, slug, "progress")["of_which"]["here"]) for _ in range(ASKED)}, rows
    )
    if wrong:
        yield f"{wrong} shown, there are {rows} rows"
    audited = _settled(lambda: {_audited(_get(port, slug, "audit"))}, rows)
    if audited:
        yield f"the audit adds up to {audited}, there are {rows} rows"


def _settled(ask: Callable[[], set[int]], rows: int) -> str:
    """Return what was seen last, if it was not the number of rows within the time allowed."""
    deadline = time.monotonic() + RIGHT_WITHIN
    while True:
        try:
            seen = ask()
        except (OSError, HTTPException, ValueError, KeyError) as failure:
            words = type(failure).__name__
        else:
            if seen == {rows}:
                return ""
            words = ", ".join(map(str, sorted(seen)))
        if time.monotonic() > deadline:
            return words
        time.sleep(0.1)


def _audited(facts: dict[str, Any]) -> int:
    return sum(
        day["confirmed"] - day["withdrawn"] - day["invalidated"] + day["corrected"] for day in facts["days"]
    )


def _get(port: int, slug: str, what: str) -> dict[str, Any]:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", f"/api/v1/petitions/{slug}/{what}")
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
        return answer
    finally:
        connection.close()


def _some(what: str, found: Any) -> Iterator[str]:
    if found:
        yield f"{len(found)} {what}, such as {sorted(found)[0]}"
