"""How gunicorn's threads are spared: the loop gathers a request, a thread takes it when it is whole.

gunicorn's gthread gives a thread to every new connection, which waits there for the first byte and then for
the rest, and it waits for a client to hang up inside its one loop. A browser opens connections ahead of
need, and a slow or hostile client sends half a request: a few of them would stand in everybody's way. Why
not gevent: docs/decisions/0061-the-web-processes.md.
"""

import re
import selectors
import signal
import socket
import struct
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from gunicorn import http
from gunicorn.workers.gthread import TConn, ThreadWorker

GATHER_WITHIN = 10  # seconds from a request's first byte to its last
LINGER = 2  # seconds until a client has read the last answer and hangs up
MOST = 128 * 1024  # bytes that are gathered; head and body of the largest honest form are half of it
PIECE = 65_536  # bytes
# A thread that reads or writes all the same is let go after so long without a byte. The kernel sees to it.
STALLED_AFTER = struct.pack("ll", 10, 0)  # seconds, microseconds
STOPS = {signal.SIGINT, signal.SIGQUIT, signal.SIGTERM}
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

_BODY = re.compile(rb"\r\n(?:content-length:[ \t]*([^\r]*?)[ \t]*|(transfer-encoding:)[^\r]*)\r\n", re.I)
_LENGTH = re.compile(rb"0*(\d{1,18})")
_EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue", re.I)


class Gathered:
    """What has come of a request so far. This only guesses where it ends; gunicorn's parser decides."""

    def __init__(self) -> None:
        self.bytes = bytearray()
        self._body = 0  # where the body begins, 0 before that is known
        self._end = 0  # where the request ends, 0 if its length is not announced
        self._chunk = 0  # where the next chunk begins

    @property
    def is_whole(self) -> bool:
        """Tell whether the request is here."""
        if not self._body and not self._read_head():
            return False
        return len(self.bytes) >= self._end if self._end else self._has_last_chunk()

    @property
    def is_hopeless(self) -> bool:
        """Tell whether it is too long to wait for; what came says so to the parser and the application."""
        return len(self.bytes) > MOST or self._end > MOST

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
    return int(found[1]) if found else MOST + 1


class Connection(TConn):  # type: ignore[misc]
    """A client's connection, and what it has sent."""

    def __init__(self, cfg: Any, client: socket.socket, address: Any, server: Any) -> None:
        super().__init__(cfg, client, address, server)
        self.parser = http.get_parser(cfg, client, address)
        self.data_ready = True
        self.gathered = Gathered()
        self.cut = False  # once it is, nothing on it is read as another request

    def hand_over(self) -> None:
        """Let the parser read what was gathered. No thread waits for what is missing."""
        if not self.gathered.is_whole:
            self.cut = True
            self.sock.shutdown(socket.SHUT_RD)
        self.parser.unreader.unread(bytes(self.gathered.bytes))

    def begin_anew(self) -> None:
        """Take back what the parser was given of the next request, if the client was so quick."""
        self.gathered = Gathered()
        self.gathered.bytes += self.parser.unreader.take_buffered()


class GatheringWorker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's worker with threads, in which only whole requests hold one.

    Idle connections are in gunicorn's own queue of kept-alive ones, half-sent requests in that of pending
    ones, and connections we are done with in `_ending`; each is in order of time.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sockets: list[socket.socket]
        self._ending: deque[Connection] = deque()
        self._hurried = False

    def run(self) -> None:
        """Serve, and from now on hear what tells a worker to stop (gunicorn.conf.py kept it waiting)."""
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
        super().run()

    def handle_quit(self, sig: int, frame: Any) -> None:
        """End as soon as what was begun is finished (Ctrl-C). Idle connections are not waited for.

        gunicorn's own takes a lock of its thread pool here, in the middle of whatever the loop does: that
        may be handing a request to the pool, under the same lock, and then nothing ever ends.
        """
        self._hurried = True
        self.alive = False
        self.method_queue.defer(lambda: None)  # wakes the loop

    def set_accept_enabled(self, enabled: bool) -> None:
        """Listen or not. A worker that ends takes in who waits at its door and closes it at once.

        The door is its own (reuse_port): who knocks while it stays and nobody opens would wait in vain.
        """
        super().set_accept_enabled(enabled)
        if not self.alive:
            for listener in self.sockets:
                while self.accept(listener):
                    pass
                listener.close()
            self.sockets = []

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Do what the poller woke for, but nothing for a connection that was closed in this very round.

        Taking one connection in may close another, whose own event stands later in the same list.
        """
        try:
            events = self.poller.select(timeout)
        except InterruptedError:
            return
        still = self.poller.get_map()
        for key, _ in events:
            if still.get(key.fd) is key:
                key.data(key.fileobj)

    def accept(self, listener: socket.socket) -> bool:
        """Take a connection in, if there is one; when there are too many, the one that idled longest goes."""
        try:
            client, address = listener.accept()
        except OSError:  # gone again, or taken by another worker
            return False
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, STALLED_AFTER)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, STALLED_AFTER)
        self.nr_conns += 1
        if self.nr_conns >= self.max_keepalived:
            self._drop_one()
        self._idle(Connection(self.cfg, client, address, listener.getsockname()))
        return True

    def on_client_socket_readable(self, conn: Connection, client: socket.socket) -> None:
        """Begin to gather."""
        self._leave(self.keepalived_conns, conn)
        self._gather(conn)

    def on_pending_socket_readable(self, conn: Connection, client: socket.socket) -> None:
        """Go on gathering."""
        if not self._received(conn):
            self._leave(self.pending_conns, conn)
            self._close(conn)
        elif conn.gathered.is_whole or conn.gathered.is_hopeless:
            self._leave(self.pending_conns, conn)
            self._dispatch(conn)

    def finish_request(self, conn: Connection, done: Any) -> None:
        """Wait for the next request, or for the client to hang up: on the poller, either way."""
        ended_well = not done.cancelled() and done.exception() is None
        keep = ended_well and done.result() and not conn.cut
        try:
            conn.sock.setblocking(False)
            if not keep:
                self._end(conn)
                return
            conn.begin_anew()
            if conn.gathered.bytes:
                self._gather(conn)
            else:
                self._idle(conn)
        except OSError:
            self._close(conn)

    def _cap_keepalive(self, deadline: float) -> None:
        super()._cap_keepalive(0.0 if self._hurried else deadline)

    def murder_pending(self) -> None:
        """Close what was not sent in time, and what lingers. At the end nobody has longer than LINGER."""
        now = time.monotonic()
        for conn in () if self.alive else self.pending_conns:
            conn.timeout = 0.0 if self._hurried else min(conn.timeout, now + LINGER)
        for queue in (self.pending_conns, self._ending):
            while queue and queue[0].timeout <= now:
                conn = queue[0]
                self._leave(queue, conn)
                self._close(conn)

    def _idle(self, conn: Connection) -> None:
        within = self.cfg.keepalive if self.alive else LINGER
        self._wait(self.keepalived_conns, conn, within, self.on_client_socket_readable)

    def _gather(self, conn: Connection) -> None:
        """Look whether all is here already, as it nearly always is; else wait for the rest."""
        if not conn.gathered.is_whole and not self._received(conn):
            self._close(conn)
        elif conn.gathered.is_whole or conn.gathered.is_hopeless:
            self._dispatch(conn)
        else:
            self._wait(self.pending_conns, conn, GATHER_WITHIN, self.on_pending_socket_readable)

    def _received(self, conn: Connection) -> bool:
        """Take what has come. False when nothing more will."""
        try:
            piece = conn.sock.recv(PIECE)
            conn.gathered.bytes += piece
            if not conn.gathered.is_whole and conn.gathered.waits_for_leave:
                conn.sock.send(CONTINUE)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return bool(piece)

    def _dispatch(self, conn: Connection) -> None:
        try:
            conn.hand_over()
        except OSError:
            self._close(conn)
        else:
            self.enqueue_req(conn)

    def _end(self, conn: Connection) -> None:
        """Say that no more comes and let the client read what did: closing at once could cut that off."""
        conn.sock.shutdown(socket.SHUT_WR)
        self._wait(self._ending, conn, LINGER, self._drain)

    def _drain(self, conn: Connection, client: socket.socket) -> None:
        conn.gathered.bytes.clear()
        if not self._received(conn):
            self._leave(self._ending, conn)
            self._close(conn)

    def _drop_one(self) -> None:
        for queue in (self.keepalived_conns, self._ending, self.pending_conns):
            if queue:
                conn = queue[0]
                self._leave(queue, conn)
                self._close(conn)
                return

    def _wait(
        self,
        queue: "deque[Connection]",
        conn: Connection,
        within: float,
        then: Callable[[Connection, socket.socket], None],
    ) -> None:
        conn.timeout = time.monotonic() + within
        queue.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(then, conn))

    def _leave(self, queue: "deque[Connection]", conn: Connection) -> None:
        self.poller.unregister(conn.sock)
        queue.remove(conn)

    def _close(self, conn: Connection) -> None:
        self.nr_conns -= 1
        conn.close()
