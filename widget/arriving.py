"""What has come of a request so far: where it ends, and whether it is worth waiting for."""

import re
import socket

MOST = 128 * 1024  # bytes that are gathered; head and body of the largest honest form are half of it
LARGEST = 32 * 1024 * 1024  # bytes of an organiser's: a table of signatures, or a picture

_BODY = re.compile(rb"\r\n(?:content-length:[ \t]*([^\r]*?)[ \t]*|(transfer-encoding:)[^\r]*)\r\n", re.I)
_LENGTH = re.compile(rb"0*(\d{1,18})")
_SIGNED_IN = re.compile(rb"\r\ncookie:[^\r]*support-now=", re.I)
_EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue", re.I)


class Gathered:
    """What has come of a request so far. This only guesses where it ends; gunicorn's parser decides."""

    def __init__(self) -> None:
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
    def is_large(self) -> bool:
        """Tell whether it is longer than any form, and from somebody who says to be an organiser.

        Whether they are one is found out by the application: here a stranger only gets to fill some memory.
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
        to_console = self.bytes.startswith(b"POST /manage/")
        self._may_be_large = to_console and _SIGNED_IN.search(self.bytes, 0, at + 2) is not None
        framing = _BODY.search(self.bytes, 0, at + 2)
        if framing:
            self._end = 0 if framing[2] else self._body + _length(framing[1])
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
    """A socket to read from again: first what was gathered of it, then what it has."""

    def __init__(self, gathered: bytearray, sock: socket.socket) -> None:
        self._gathered = memoryview(gathered)
        self._sock = sock

    def recv(self, size: int) -> bytes:
        """Return up to `size` bytes."""
        piece, self._gathered = bytes(self._gathered[:size]), self._gathered[size:]
        return piece or self._sock.recv(size)
