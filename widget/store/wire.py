"""The wire to Redis: one question, one answer, at most one timeout.

redis-py's command layer retries, polls and takes measurements around every command. Its connections are
used here without that layer, which makes a GET markedly cheaper and leaves every failure to outage.py.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from hiredis import pack_command
from redis import RedisError
from redis.connection import AbstractConnection
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import NoScriptError, OutOfMemoryError, ReadOnlyError, ResponseError
from redis.exceptions import TimeoutError as Silent

Word = bytes | int | str

FAILURES: tuple[type[Exception], ...] = (RedisError, OSError)
Full = OutOfMemoryError

IDLE_AT_MOST = 64
PROBE = "sn:probe"


class Line(Protocol):
    """What the counter needs of Redis, be it one server or many."""

    spread: bool
    """Whether keys lie on several servers: then those of one script have to share their part in braces."""

    def ask(self, verb: str, key: Word, *words: Word) -> Any:
        """Send a command about one key and return its answer; raises one of FAILURES."""

    def run(self, script: str, keys: Sequence[Word], *words: Word) -> Any:
        """Run a Lua script on its keys; raises one of FAILURES."""

    def probe(self) -> None:
        """Write: a Redis that only reads, or is full, is not back. Raises one of FAILURES."""

    def answers(self) -> bool:
        """Tell whether it answers. Raises one of FAILURES."""

    def hang_up(self) -> None:
        """Close every connection that is not in use."""

    def after_fork(self) -> None:
        """Drop the parent's connections without a word: on a shared socket answers would cross."""


class Wire:
    """Connections to one Redis, safe to use from any thread.

    `dial` makes one; what it does not do the first question does. `interrupted` is called when a kept
    connection turns out closed or leads to a server that only reads: Redis may have restarted, with an
    older memory or none, or another server may have taken its place.
    """

    spread = False

    def __init__(self, dial: Callable[[], AbstractConnection], *, interrupted: Callable[[], None]) -> None:
        self._dial = dial
        self._interrupted = interrupted
        self._idle: list[AbstractConnection] = []

    def ask(self, verb: str, key: Word, *words: Word) -> Any:
        """Send a command about one key and return its answer; raises one of FAILURES."""
        return self.send(verb, key, *words)

    def run(self, script: str, keys: Sequence[Word], *words: Word, asking: bool = False) -> Any:
        """Run a Lua script on its keys, by its hash while Redis knows it."""
        digest = _DIGESTS.setdefault(script, hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest())
        try:
            return self.send("EVALSHA", digest, len(keys), *keys, *words, asking=asking)
        except NoScriptError:
            return self.send("EVAL", script, len(keys), *keys, *words, asking=asking)

    def probe(self) -> None:
        """Write: a Redis that only reads, or is full, is not back."""
        self.send("SET", PROBE, "1", "PX", 1000)

    def answers(self) -> bool:
        """Tell whether it answers."""
        return bool(self.send("PING") == b"PONG")

    def send(self, *words: Word, asking: bool = False) -> Any:
        """Send a command and return its answer; `asking` begs pardon for a key on its way between servers.

        A kept connection that turns out closed costs no timeout: all kept ones are dropped and the
        command goes out once more, on a new one. Every command of ours may run twice.
        """
        try:
            line = self._idle.pop()
        except IndexError:
            return self._say(self._dial(), words, asking)
        try:
            return self._say(line, words, asking)
        except (ConnectionLost, ReadOnlyError):
            self.hang_up()
            self._interrupted()
        except Silent:
            self.hang_up()  # the others lead to the same server, which by then may have been replaced
            raise
        return self._say(self._dial(), words, asking)

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

    def _say(self, line: AbstractConnection, words: tuple[Word, ...], asking: bool) -> Any:
        try:
            if asking:
                line.send_command("ASKING")  # type: ignore[no-untyped-call]
                line.read_response()
            # As `send_command` would, which looks at every word twice before it packs them.
            packed = pack_command(words)  # type: ignore[arg-type] # it says one word and takes any number
            line.send_packed_command([packed], check_health=False)  # type: ignore[no-untyped-call]
            answer = line.read_response()
        except ReadOnlyError:  # a former primary: a new connection may lead to the present one
            line.disconnect()  # type: ignore[no-untyped-call]
            raise
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
