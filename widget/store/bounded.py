"""A PostgreSQL connection that does not wait for ever.

`statement_timeout` is kept by the server; a server that stands still (a full disk, a frozen machine)
keeps nothing. libpq knows no limit for reading an answer, psycopg's waiting does.
"""

from typing import Any

import psycopg
from psycopg.errors import OperationalError

ANSWER_TIMEOUT = 4.0  # seconds, a little more than the server's own statement timeout
PATIENCE = 900.0  # seconds for what nobody waits for at a form: a look through millions of rows
PAGE_PATIENCE = 20.0  # seconds for a page of an organiser's that cannot be had for less


class Silent(OperationalError):
    """The server did not answer in time. What was asked may still happen; the connection is gone."""


class BoundedConnection(psycopg.Connection[Any]):
    """A connection whose every answer comes within `answer_timeout` seconds, or never."""

    answer_timeout = ANSWER_TIMEOUT

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The names of what pipeline.py has prepared here, by text and types, and how many it ever gave.
        self.prepared: dict[tuple[bytes, tuple[int, ...]], bytes] = {}
        self.named = 0

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for an answer. Raises Silent."""
        try:
            return super().wait(gen, interval, self.answer_timeout if timeout is None else timeout)
        except psycopg.errors._WaitTimeout as late:  # the name is psycopg's, and its only sign
            self.pgconn.finish()  # a late answer must not be taken for that to the next question
            raise Silent("no answer in time") from late
