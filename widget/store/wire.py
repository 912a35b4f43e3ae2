"""The wire to Redis: one question, one answer, at most one timeout.

redis-py's command layer retries, polls and takes measurements around every command. Its connections are
used here without that layer, which makes a GET markedly cheaper and leaves every failure to outage.py.
"""

import hashlib
from collections.abc import Callable
from typing import Any

from redis import ConnectionPool, RedisError
from redis.backoff import NoBackoff
from redis.connection import AbstractConnection
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import NoScriptError, OutOfMemoryError, ResponseError
from redis.retry import Retry

Word = bytes | int | str

FAILURES: tuple[type[Exception], ...] = (RedisError, OSError)
Full = OutOfMemoryError

IDLE_AT_MOST = 64


class Wire:
    """Connections to one Redis, safe to use from any thread.

    `timeout` bounds each connect and each answer, in seconds. `interrupted` is called when a kept
    connection turns out closed: Redis may have restarted, with an older memory or none.
    """

    def __init__(self, url: str, *, timeout: float, interrupted: Callable[[], None]) -> None:
        # The pool only parses the URL. Protocol 2 and no driver_info: no greeting to wait for.
        pool = ConnectionPool.from_url(
            url,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), 0),
            health_check_interval=0,
            protocol=2,
            driver_info=None,
        )
        self._kind = pool.connection_class
        self._settings = pool.connection_kwargs
        self._interrupted = interrupted
        self._idle: list[AbstractConnection] = []

    def ask(self, *words: Word) -> Any:
        """Send a command and return its answer; raises one of FAILURES.

        A kept connection that turns out closed costs no timeout: all kept ones are dropped and the
        command goes out once more, on a new one. Every command of ours may run twice.
        """
        try:
            line = self._idle.pop()
        except IndexError:
            return self._say(self._kind(**self._settings), words)
        try:
            return self._say(line, words)
        except ConnectionLost:
            self.hang_up()
            self._interrupted()
        return self._say(self._kind(**self._settings), words)

    def run(self, script: str, key: bytes, *words: Word) -> Any:
        """Run a Lua script on one key, by its hash while Redis knows it."""
        digest = _DIGESTS.setdefault(script, hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest())
        try:
            return self.ask("EVALSHA", digest, 1, key, *words)
        except NoScriptError:
            return self.ask("EVAL", script, 1, key, *words)

    def hang_up(self) -> None:
        """Close every connection that is not in use."""
        while True:
            try:
                self._idle.pop().disconnect()  # type: ignore[no-untyped-call]
            except IndexError:
                return

    def after_fork(self) -> None:
        """Drop the parent's connections without a word: on a shared socket answers would cross."""
        self._idle = []

    def _say(self, line: AbstractConnection, words: tuple[Word, ...]) -> Any:
        try:
            line.send_command(*words)  # type: ignore[no-untyped-call]
            answer = line.read_response()
        except ResponseError:  # an answer like any other: question and answer are in step
            self._idle.append(line)
            raise
        except BaseException:  # an answer may still be under way: never let another question hear it
            line.disconnect()  # type: ignore[no-untyped-call]
            raise
        if len(self._idle) < IDLE_AT_MOST:
            self._idle.append(line)
        else:
            line.disconnect()  # type: ignore[no-untyped-call]
        return answer


def is_wrong_type(failure: Exception) -> bool:
    """Tell whether a key held something other than a string, which is garbage and no failure."""
    return isinstance(failure, ResponseError) and str(failure).startswith("WRONGTYPE")


_DIGESTS: dict[str, str] = {}
