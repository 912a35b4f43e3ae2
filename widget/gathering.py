"""How gunicorn's threads are spared: the loop gathers a request, a thread takes it when it is whole.

gunicorn's gthread gives a thread to every new connection, which waits there for the first byte and then for
the rest, and it waits for a client to hang up inside its one loop. A browser opens connections ahead of
need, and a slow or hostile client sends half a request: a few of them would stand in everybody's way. Why
not gevent: docs/decisions/0061-the-web-processes.md.
"""

import selectors
import signal
import socket
import struct
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from widget import closing
from widget.arriving import NO_ROOM, Connection, Vouch

GATHER_WITHIN = 10  # seconds from a request's first byte to its last
LARGE_WITHIN = 300  # seconds for a file of an organiser's: 30 MB at a megabit a second
LARGE_AT_ONCE = 3  # of them in one process, until they are read: what is gathered is in memory
LINGER = 2  # seconds until a client has read the last answer and hangs up
REFUSED_WITHIN = 60  # seconds for one whose file is refused: a browser reads the answer when all is sent
PIECE = 65_536  # bytes
# A thread that reads or writes all the same is let go after so long without a byte. The kernel sees to it.
STALLED_AFTER = struct.pack("ll", 10, 0)  # seconds, microseconds
STOPS = {signal.SIGINT, signal.SIGQUIT, signal.SIGTERM}
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class GatheringWorker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's worker with threads, in which only whole requests hold one.

    Idle connections are in gunicorn's own queue of kept-alive ones, half-sent requests in that of pending
    ones, those that send a file in `_large`, and connections we are done with in `_ending`, or in `_refused`
    where they are still sending a file that is too long or had no place; each is in order of time.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sockets: list[socket.socket]
        self._ending: deque[Connection] = deque()
        self._large: deque[Connection] = deque()
        self._refused: deque[Connection] = deque()
        self.vouch: Vouch = lambda _cookies: False  # gunicorn.conf.py gives the application's
        self._places = LARGE_AT_ONCE
        self._hurried = False

    def run(self) -> None:
        """Serve, and meanwhile hear what tells a worker to stop (gunicorn.conf.py kept it waiting).

        At a Ctrl-C the terminal tells it and then the server does: what comes when it has ended all but its
        interpreter would kill it, and be said as if something had gone wrong.
        """
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
        super().run()
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)

    def handle_quit(self, sig: int, frame: Any) -> None:
        """End as soon as what was begun is finished (Ctrl-C). Idle connections are not waited for.

        gunicorn's own takes a lock of its thread pool here, in the middle of whatever the loop does: that
        may be handing a request to the pool, under the same lock, and then nothing ever ends.
        """
        self._hurried = True
        self.alive = False
        self.method_queue.defer(lambda: None)  # wakes the loop

    def is_parent_alive(self) -> bool:
        """Tell whether the server is there that began this worker; an orphan ends like one that was told to.

        gunicorn's own leaves it alive: then its door stays, and whoever asks again and again keeps it.
        """
        self.alive = self.alive and bool(super().is_parent_alive())
        return self.alive

    def set_accept_enabled(self, enabled: bool) -> None:
        """Listen or not. A worker that ends takes in who waits at its door and closes it at once.

        The door is its own (reuse_port): who knocks while it stays and nobody opens would wait in vain.
        """
        super().set_accept_enabled(enabled)
        if not self.alive:
            for listener in self.sockets:
                ours = listener.getsockname()
                for client in closing.close(listener):
                    with suppress(OSError):  # gone again
                        self._take_in(client, client.getpeername(), ours)
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
        """Take a connection in, if there is one."""
        try:
            client, address = listener.accept()
        except OSError:  # gone again, or taken by another worker
            return False
        self._take_in(client, address, listener.getsockname())
        return True

    def _take_in(self, client: socket.socket, address: Any, ours: Any) -> None:
        """Wait for what it asks; when there are too many, the one that idled longest goes."""
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, STALLED_AFTER)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, STALLED_AFTER)
        self.nr_conns += 1
        if self.nr_conns >= self.max_keepalived:
            self._drop_one()
        self._idle(Connection(self.cfg, client, address, ours, self.vouch))

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
        elif conn.gathered.is_large:
            self._leave(self.pending_conns, conn)
            self._gather_more(conn)

    def on_large_readable(self, conn: Connection, client: socket.socket) -> None:
        """Go on gathering a file."""
        received = self._received(conn)
        if received and not (conn.gathered.is_whole or conn.gathered.is_hopeless):
            return
        self._leave(self._large, conn)
        (self._dispatch if received else self._close)(conn)

    def handle_request(self, req: Any, conn: Connection) -> bool:
        """Answer, in a thread; say so if nothing more is read from the connection."""
        if conn.cut:
            req.force_close()
        if conn.has_no_room:
            req.headers.append((NO_ROOM, "1"))
        return bool(super().handle_request(req, conn))

    def finish_request(self, conn: Connection, done: Any) -> None:
        """Wait for the next request, or for the client to hang up: on the poller, either way."""
        ended_well = not done.cancelled() and done.exception() is None
        keep = ended_well and done.result() and not conn.cut
        self._leave_place(conn)
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
        """Close what was not sent in time, and what lingers. At the end nobody has longer than LINGER.

        A long file of an organiser's has what gunicorn grants to what was begun, unless we are in a hurry.
        """
        now = time.monotonic()
        for conn in () if self.alive else (*self.pending_conns, *self._refused):
            conn.timeout = 0.0 if self._hurried else min(conn.timeout, now + LINGER)
        for conn in self._large if self._hurried else ():
            conn.timeout = 0.0
        for conn in [one for one in self._large if not one.judge(now)]:
            self._leave(self._large, conn)
            self._close(conn)
        for queue in (self.pending_conns, self._large, self._ending, self._refused):
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
        elif conn.gathered.is_large:
            self._gather_more(conn)
        else:
            self._wait(self.pending_conns, conn, GATHER_WITHIN, self.on_pending_socket_readable)

    def _gather_more(self, conn: Connection) -> None:
        """Wait for a file; where too many are on their way already, it is refused in words."""
        if self._places:
            self._places -= 1
            conn.has_place = True
            conn.judge(time.monotonic())
            self._wait(self._large, conn, LARGE_WITHIN, self.on_large_readable)
        else:
            conn.has_no_room = True
            self._dispatch(conn)

    def _leave_place(self, conn: Connection) -> None:
        self._places += conn.has_place
        conn.has_place = False

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
        conn.let_go()
        conn.sock.shutdown(socket.SHUT_WR)
        if conn.is_read_to_its_end:
            self._wait(self._refused, conn, REFUSED_WITHIN, self._drain)
        else:
            self._wait(self._ending, conn, LINGER, self._drain)

    def _drain(self, conn: Connection, client: socket.socket) -> None:
        conn.gathered.bytes.clear()
        if not self._received(conn):
            self._leave(self._refused if conn.is_read_to_its_end else self._ending, conn)
            self._close(conn)

    def _drop_one(self) -> None:
        for queue in (self.keepalived_conns, self._ending, self.pending_conns, self._refused):
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
        self._leave_place(conn)
        self.nr_conns -= 1
        conn.close()
