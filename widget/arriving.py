"""A client's connection and what has come of a request so far: where it ends, is it worth waiting for."""

import re
import socket
from collections.abc import Callable
from typing import Any

from gunicorn import http
from gunicorn.workers.gthread import TConn

MOST = 128 * 1024  # bytes that are gathered; head and body of the largest honest form are half of it
LARGEST = 32 * 1024 * 1024  # bytes of an organiser's: a table of signatures, or a picture
LEAST = 32 * 1024  # bytes that a file brings in LEAST_WITHIN; who sends less holds a place for nothing
LEAST_WITHIN = 10  # seconds
# What tells the application that a file had no place. Whoever sends it themselves is refused, no more.
NO_ROOM = "SUPPORT-NOW-NO-ROOM"

_BODY = re.compile(rb"\r\n(?:content-length:[ \t]*([^\r]*?)[ \t]*|(transfer-encoding:)[^\r]*)\r\n", re.I)
_LENGTH = re.compile(rb"0*(\d{1,18})")
_COOKIES = re.compile(rb"\r\ncookie:([^\r]{1,8190})\r\n", re.I)  # gunicorn refuses a longer line, too
_EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue", re.I)

Vouch = Callable[[str], bool]  # whether a line of cookies is that of somebody who signed in


class Gathered:
    """What has come of a request so far. This only guesses where it ends; gunicorn's parser decides."""

    def __init__(self, vouch: Vouch) -> None:
        self._vouch = vouch
        self.bytes = bytearray()
        self._body = 0  # where the body begins, 0 before that is known
        self._end = 0  # where the request ends, 0 if its length is not announced
        self._chunk = 0  # where the next chunk begins
        self._may_be_large = False

    @property
    def is_whole(self) -> bool:
        """Tell whether the request is here."""
        if not self._body and not self._read_head():
            return False
        return len(self.bytes) >= self._end if self._end else self._has_last_chunk()

    @property
    def is_vouched_for(self) -> bool:
        """Tell whether it is long and from somebody who has signed in as an organiser."""
        return self._may_be_large

    @property
    def is_large(self) -> bool:
        """Tell whether it is longer than any form, and from somebody who has signed in as an organiser.

        Whether they still are one, and may do it, is found out by the application.
        """
        return max(len(self.bytes), self._end) > MOST and self._may_be_large

    @property
    def is_hopeless(self) -> bool:
        """Tell whether it is too long to wait for; what came says so to the parser and the application."""
        return max(len(self.bytes), self._end) > (LARGEST if self._may_be_large else MOST)

    @property
    def waits_for_leave(self) -> bool:
        """Tell whether the client wants to hear `100 Continue` before it sends the body."""
        at_body = 0 < self._body == len(self.bytes)
        return at_body and not self.is_hopeless and _EXPECTS.search(self.bytes) is not None

    def _read_head(self) -> bool:
        at = self.bytes.find(b"\r\n\r\n")
        if at < 0:
            return False
        self._body = self._chunk = self._end = at + 4
        framing = _BODY.search(self.bytes, 0, at + 2)
        if framing:
            self._end = 0 if framing[2] else self._body + _length(framing[1])
        if (not self._end or self._end > MOST) and self.bytes.startswith(b"POST /manage/"):
            cookies = _COOKIES.search(self.bytes, 0, at + 2)
            self._may_be_large = cookies is not None and self._vouch(cookies[1].decode("latin-1"))
        return True

    def _has_last_chunk(self) -> bool:
        while (line := self.bytes.find(b"\r\n", self._chunk)) >= 0:
            try:
                size = int(self.bytes[self._chunk : line].partition(b";")[0], 16)
            except ValueError:  # no chunk: let the parser say so
                return True
            if size <= 0:
                return self.bytes.find(b"\r\n\r\n", line) >= 0
            self._chunk = line + 2 + size + 2
        return False


def _length(announced: bytes) -> int:
    """Return a body's length. One that cannot be read is too long: the parser shall not wait for it."""
    found = _LENGTH.fullmatch(announced)
    return int(found[1]) if found else LARGEST + 1


class Kept:
    """What was gathered of a socket, to be read as from one. What comes after it is not the parser's."""

    def __init__(self, gathered: bytearray) -> None:
        self._gathered = memoryview(gathered)

    def recv(self, size: int) -> bytes:
        """Return up to `size` bytes, none at the end."""
        piece, self._gathered = bytes(self._gathered[:size]), self._gathered[size:]
        return piece


class Connection(TConn):  # type: ignore[misc]
    """A client's connection, and what it has sent."""

    def __init__(self, cfg: Any, client: socket.socket, address: Any, server: Any, vouch: Vouch) -> None:
        super().__init__(cfg, client, address, server)
        self.parser = http.get_parser(cfg, client, address)
        self.data_ready = True
        self._vouch = vouch
        self.gathered = Gathered(vouch)
        self.cut = False  # once it is, nothing on it is read as another request
        self.has_place = False  # of those for files; until its file is out of memory
        self.has_no_room = False  # its file is not waited for, since others are
        self.is_read_to_its_end = False  # and forgotten: a browser reads the answer when all is sent
        self._judged_at = 0.0
        self._had = 0

    def hand_over(self) -> None:
        """Let the parser read what was gathered. No thread waits for what is missing."""
        if self.gathered.is_whole and len(self.gathered.bytes) <= MOST:
            self.parser.unreader.unread(bytes(self.gathered.bytes))
            return
        self.cut = True
        self.is_read_to_its_end = self.gathered.is_vouched_for and not self.gathered.is_whole
        self.parser.unreader.sock = Kept(self.gathered.bytes)
        self.gathered.bytes = bytearray()

    def let_go(self) -> None:
        """Forget a request that was answered, if no other follows: a file is much to keep."""
        self.parser = None

    def begin_anew(self) -> None:
        """Take back what the parser was given of the next request, if the client was so quick."""
        self.gathered = Gathered(self._vouch)
        self.gathered.bytes += self.parser.unreader.take_buffered()

    def judge(self, now: float) -> bool:
        """Tell whether a file brings enough, as far as it is time to say. The first call begins the time."""
        if now < self._judged_at + LEAST_WITHIN:
            return True
        brought = len(self.gathered.bytes) - self._had
        begins = not self._judged_at
        self._judged_at, self._had = now, len(self.gathered.bytes)
        return begins or brought >= LEAST
