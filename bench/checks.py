"""Afterwards: what was answered is in the ledger, once, and in the number shown."""

import time
from collections.abc import Iterator, Sequence

from bench import load
from bench.servers import Stage
from bench.stores import Books
from bench.subjects import AGAIN, MANY, PROGRESS, Subject

AT_REST = 0.2  # seconds without a new row
SETTLED_WITHIN = 10.0  # seconds


def faults(
    subject: Subject, loads: Sequence[load.Answers], books: Books | None, stage: Stage
) -> Iterator[str]:
    """Yield all that is wrong after these loads, in words."""
    for answers in loads:
        if answers.refused or answers.broken:
            yield f"{answers.refused} answers were refused, {answers.broken} connections failed"
    if subject.conditional and stage.get(subject.path, _as_known(subject, stage))[0] != 304:
        yield "a reader who has it is not answered 304"
    if books is None:
        return
    rows, shown = _counted(subject, books, stage)
    lowest, highest = expected(subject, loads)
    if not lowest <= rows <= highest:
        yield f"the ledger holds {rows} new signatures, the answers allow {lowest} to {highest}"
    if subject.ours and shown != books.before + rows:
        yield f"{shown} signatures are shown, the ledger holds {books.before + rows}"


def expected(subject: Subject, loads: Sequence[load.Answers]) -> tuple[int, int]:
    """Return how few and how many signatures the answers allow.

    When the time is up, wrk hangs up on requests that are under way: at most one a connection may be in
    the ledger without an answer. In a mixture the signings are every eleventh request that was sent.
    """
    if not subject.script:
        return 0, 0
    if subject.script == "again.lua":
        return AGAIN, AGAIN
    unanswered = load.CONNECTIONS * len(loads)
    answered = sum(one.good for one in loads)
    if subject.share == 1:
        return answered, answered + unanswered
    signings = int(answered * subject.share)
    return signings - unanswered, signings + unanswered


def _counted(subject: Subject, books: Books, stage: Stage) -> tuple[int, int]:
    """Return new rows and the number shown, once the requests that wrk hung up on have run out."""
    petitions = MANY + 1 if subject.signatures else subject.petitions
    deadline = time.monotonic() + SETTLED_WITHIN
    while True:
        rows = books.rows()
        time.sleep(AT_REST)
        shown = sum(stage.counted(_progress_of(which)) for which in range(petitions)) if subject.ours else 0
        at_rest = rows == books.rows()
        right = not subject.ours or shown == books.before + rows
        if (at_rest and right) or time.monotonic() > deadline:
            return rows, shown


def _as_known(subject: Subject, stage: Stage) -> dict[str, str]:
    return {"If-None-Match": stage.get(subject.path)[1]["ETag"]}


def _progress_of(which: int) -> str:
    return PROGRESS.replace("petition-0", f"petition-{which}")
