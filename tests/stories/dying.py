"""A process that dies in the middle of what it writes, by SIGKILL, as in a power cut.

Children are forked from a process that never opened a ledger: SQLite's locks do not outlive a fork.
"""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

PATIENCE = 60.0
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.stories.dying", "widget.store.ledger"])


def die_while(url: str, before: int, deed: str, *arguments: Any, **named: Any) -> None:
    """Have another process call a method of the ledger and die before its statement of that number.

    A commit counts as one. Where there are fewer statements it dies after the last: all is on disk, and
    nobody was told.
    """
    process = _FORKS.Process(target=_die, args=(url, before, deed, arguments, named))
    process.start()
    process.join(PATIENCE)
    assert process.exitcode == -signal.SIGKILL, process.exitcode


def _die(url: str, before: int, deed: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
    from sqlalchemy import event

    from widget.store.engine import Database
    from widget.store.ledger import Ledger
    from widget.store.ledger.prepared import Prepared

    left = before

    def come_nearer(*_: Any) -> None:
        nonlocal left
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

    run, writing = Prepared.run, Database.writing

    def counted(self: Prepared, *given: Any) -> Any:
        come_nearer()
        return run(self, *given)

    @contextmanager
    def dying_before_commit(self: Database, **how: bool) -> Iterator[Any]:
        whole: AbstractContextManager[Any] = writing(self, **how)
        with whole as connection:
            yield connection
            come_nearer()

    Prepared.run = counted  # type: ignore[method-assign,assignment]
    Database.writing = dying_before_commit  # type: ignore[method-assign,assignment]
    ledger = Ledger.connect(url)
    event.listen(ledger._database._engine, "before_cursor_execute", come_nearer)
    getattr(ledger, deed)(*arguments, **named)
    os.kill(os.getpid(), signal.SIGKILL)
