"""Idle, slow and hostile connections: none of them holds a thread, so the next visitor is answered."""

import os
import re
import resource
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from gunicorn.workers.gthread import PollableMethodQueue

from config import Settings
from tests.live_service import PATIENCE, LiveService
from widget import closing
from widget.arriving import LARGEST, MOST, Gathered
from widget.gathering import GATHER_WITHIN, LARGE_AT_ONCE, GatheringWorker
from widget.web.console.session import ConsoleSessions, init

pytestmark = pytest.mark.lasting

GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST /api/v1/petitions/none/signatures HTTP/1.1\r\nHost: localhost\r\n"
FORM = POST + b"Content-Type: application/x-www-form-urlencoded\r\n"
SECRET = "the miller's own secret, long enough to be one"
LISTEN = "0A"  # as /proc/net/tcp has it
CHUNKED = FORM + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    """A service with one thread in all: who holds it holds everybody."""
    folder = tmp_path_factory.mktemp("gathering")
    live = LiveService(folder, WEB_CONCURRENCY="1", WEB_THREADS="1", SECRET_KEY=SECRET)
    live.flask("ledger", "migrate")
    yield live.start()
    live.stop()


@pytest.fixture
def dial(service: LiveService) -> Iterator[Callable[..., socket.socket]]:
    """Open connections that stay open until the test is over, and send something on them."""
    with ExitStack() as stack:

        def connect(sent: bytes = b"") -> socket.socket:
            line = stack.enter_context(socket.create_connection(("127.0.0.1", service.port), timeout=20))
            line.sendall(sent)
            return line

        yield connect


def status(service: LiveService, address: str = "/healthz") -> int:
    connection = HTTPConnection("127.0.0.1", service.port, timeout=4)
    try:
        connection.request("GET", address)
        return connection.getresponse().status
    finally:
        connection.close()


def doors(service: LiveService) -> int:
    """Return how many sockets listen on the service's port: each worker has its own."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[1].endswith(f":{service.port:04X}") and row[3] == LISTEN for row in rows)


def answer(line: socket.socket) -> bytes:
    """Return all that comes until the other side hangs up."""
    said = b""
    while piece := line.recv(65_536):
        said += piece
    return said


def test_idle_and_half_sent_requests_hold_nobody_up(
    service: LiveService, dial: Callable[..., socket.socket]
) -> None:
    for _ in range(64):
        dial()
    for half in (b"GET /heal", POST, FORM + b"Content-Length: 40\r\n\r\nemail=", CHUNKED + b"5\r\nemail"):
        dial(half)
        dial(half)
    assert [status(service) for _ in range(20)] == [200] * 20


def test_who_does_not_hang_up_holds_nobody_up(
    service: LiveService, dial: Callable[..., socket.socket]
) -> None:
    """gunicorn itself waits two seconds for each of these, in the loop that everybody needs."""
    for _ in range(20):
        dial(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert status(service) == 200


def test_a_half_sent_request_is_hung_up_on(dial: Callable[..., socket.socket]) -> None:
    assert answer(dial(b"GET /heal")) == b""


@pytest.mark.parametrize("size", [1, 7])
def test_a_request_in_pieces_is_answered(dial: Callable[..., socket.socket], size: int) -> None:
    body = b"email=sam@example.org"
    framed = FORM + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body
    line = dial()
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for at in range(0, len(framed), size):
        line.sendall(framed[at : at + size])
    assert b" 404 " in answer(line).splitlines()[0]


def test_several_requests_at_once_are_answered_in_turn(dial: Callable[..., socket.socket]) -> None:
    last = GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    line = dial(GET + GET + last[:20])
    line.sendall(last[20:])
    assert answer(line).count(b"HTTP/1.1 200 OK") == 3


def test_a_client_that_closes_its_side_is_answered(dial: Callable[..., socket.socket]) -> None:
    line = dial(GET + GET)
    line.shutdown(socket.SHUT_WR)
    assert answer(line).count(b"HTTP/1.1 200 OK") == 2


def test_chunks_are_gathered(dial: Callable[..., socket.socket]) -> None:
    line = dial(CHUNKED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + b"4\r\na\r\n\r")
    line.sendall(b"\r\n0\r\n")
    line.sendall(b"\r\n")
    assert b" 404 " in answer(line).splitlines()[0]


def test_leave_is_given_to_whoever_asks_before_sending(dial: Callable[..., socket.socket]) -> None:
    line = dial(FORM + b"Content-Length: 7\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n")
    assert line.recv(100).startswith(b"HTTP/1.1 100 Continue")
    line.sendall(b"email=x")
    assert b"HTTP/1.1 404 " in answer(line)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (FORM + b"Content-Length: %d\r\n\r\n" % (MOST + 1), b"404"),
        (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * (MOST + 1), b""),
        (FORM + b"Content-Length: 10\r\nContent-Length: 12\r\n\r\n0123456789", b"400"),
        (CHUNKED + b"nothing\r\n", b"404"),
    ],
)
def test_what_nobody_waits_for_is_refused_at_once(
    dial: Callable[..., socket.socket], sent: bytes, code: bytes
) -> None:
    line = dial(sent)
    assert answer(line)[9:12] == code


def test_nothing_behind_a_refused_body_is_taken_for_a_request(dial: Callable[..., socket.socket]) -> None:
    line = dial(FORM + b"Content-Length: %d\r\n\r\n" % (MOST + 1))
    line.sendall(GET)
    assert answer(line).count(b"HTTP/1.1 ") == 1


def test_a_length_written_with_many_zeros_holds_no_thread(
    service: LiveService, dial: Callable[..., socket.socket]
) -> None:
    for length in (b"0" * 40 + b"60000", b"9" * 40, b"6_0", b"+60000"):
        dial(FORM + b"Content-Length: " + length + b"\r\n\r\na")
    assert status(service) == 200


def test_more_connections_than_there_is_room_for_end_no_process(service: LiveService) -> None:
    """Taking one in lets another go, whose own bytes came in the same moment."""
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4_096, most), most))
    before = service.web_processes()
    try:
        with ExitStack() as stack:
            for _ in range(1_500):
                line = stack.enter_context(socket.create_connection(("127.0.0.1", service.port), timeout=20))
                with suppress(ConnectionError):
                    line.sendall(b"G")
            assert status(service) == 200
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
    assert status(service) == 200
    assert service.web_processes() == before


def test_a_worker_that_is_replaced_turns_nobody_away(tmp_path: Path) -> None:
    """Each ends in turn and another takes its place, while visitors come on new connections."""
    live = LiveService(tmp_path, WEB_CONCURRENCY="3")
    live.flask("ledger", "migrate")
    live.start()
    try:
        while doors(live) < 3:
            assert status(live) == 200
        for old in live.web_processes():
            os.kill(old, signal.SIGTERM)
            # The new process is there before it listens: with the next gone as well nobody might.
            while old in live.web_processes() or doors(live) < 3:
                assert status(live) == 200
        assert [status(live) for _ in range(50)] == [200] * 50
    finally:
        live.stop()


def test_a_worker_whose_server_is_gone_ends_though_somebody_asks_again_and_again(tmp_path: Path) -> None:
    live = LiveService(tmp_path, WEB_CONCURRENCY="1")
    live.flask("ledger", "migrate")
    live.start()
    visitor = HTTPConnection("127.0.0.1", live.port, timeout=4)
    try:
        (worker,) = live.web_processes()
        live.orphan()
        said = None
        while said != "close":
            visitor.request("GET", "/healthz")
            answered = visitor.getresponse()
            assert (answered.status, bool(answered.read())) == (200, True)
            said = answered.getheader("Connection")
        ended_within(worker, GATHER_WITHIN - 2)
    finally:
        visitor.close()
        live.kill()


def test_who_waits_at_a_door_that_closes_is_taken_in() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, ExitStack() as stack:
        listener.setblocking(False)
        address = listener.getsockname()
        visitors = [stack.enter_context(socket.create_connection(address)) for _ in range(5)]
        taken = [stack.enter_context(one) for one in closing.close(listener)]
        assert [one.getpeername() for one in taken] == [one.getsockname() for one in visitors]
        for visitor, one in zip(visitors, taken, strict=True):
            visitor.sendall(b"?")
            assert (one.gettimeout(), one.recv(1)) == (None, b"?")
            assert not one.get_inheritable()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address)


@pytest.mark.parametrize("cut", range(1, 8))
def test_the_end_of_a_request_is_seen_wherever_it_is_cut(cut: int) -> None:
    for whole in (GET, FORM + b"Content-Length: 3\r\n\r\na=b", CHUNKED + b"3;x=y\r\na=b\r\n0\r\n\r\n"):
        gathered = Gathered(lambda _cookies: False)
        gathered.bytes += whole[:-cut]
        assert not gathered.is_whole
        gathered.bytes += whole[-cut:]
        assert gathered.is_whole
        assert not gathered.is_hopeless


def test_the_end_waits_for_nobody_who_idles_or_sends_half_a_request(tmp_path: Path) -> None:
    for how in (signal.SIGTERM, signal.SIGINT):
        folder = tmp_path / how.name
        folder.mkdir()
        live = LiveService(folder, WEB_CONCURRENCY="1")
        live.flask("ledger", "migrate")
        live.start()
        with ExitStack() as stack:
            begun = [b"", b"GET /heal", FORM + b"Content-Length: 40\r\n\r\nemail="]
            begun.append(upload(live, SIGNED_IN, LARGEST + 1) + BODY)  # refused, and read to its end
            if how is signal.SIGINT:  # else an organiser's file has what gunicorn grants
                begun.append(upload(live, SIGNED_IN) + BODY[: MOST * 2])
            for sent in begun:
                line = stack.enter_context(socket.create_connection(("127.0.0.1", live.port)))
                line.sendall(sent)
            status(live)
            (worker,) = live.web_processes()
            os.kill(worker, how)
            ended_within(worker, GATHER_WITHIN - 2)
        live.stop()


def ended_within(pid: int, seconds: float) -> None:
    """Wait until a worker is gone; longer than this is as long as half a request may take."""
    deadline = time.monotonic() + seconds
    while Path(f"/proc/{pid}/fd").exists() and any(Path(f"/proc/{pid}/fd").iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_signal_that_comes_while_a_request_is_handed_over_ends_the_worker() -> None:
    """gunicorn's own handler waits for a lock that the very code it interrupted holds."""
    worker = GatheringWorker.__new__(GatheringWorker)
    worker.method_queue = PollableMethodQueue()
    worker.method_queue.init()
    worker.tpool = ThreadPoolExecutor(1)
    worker.alive = True
    with worker.tpool._shutdown_lock:  # as ThreadPoolExecutor.submit holds it
        ending = threading.Thread(target=worker.handle_quit, args=(signal.SIGINT, None), daemon=True)
        ending.start()
        ending.join(5)
        assert not ending.is_alive()
    assert not worker.alive
    worker.tpool.shutdown()
    worker.method_queue.close()


@pytest.mark.parametrize(
    ("head", "length", "large", "hopeless"),
    [
        (b"POST /manage/x HTTP/1.1\r\nCookie: a=b; session=ours", MOST * 2, True, False),
        (b"POST /manage/x HTTP/1.1\r\ncookie: session=ours", LARGEST + 1, True, True),
        (b"POST /manage/x HTTP/1.1\r\nCookie: session=ours", 10, False, False),
        (b"POST /manage/x HTTP/1.1\r\nCookie: session=forged", MOST * 2, False, True),
        (b"POST /manage/x HTTP/1.1", MOST * 2, False, True),
        (b"POST /api/v1/x HTTP/1.1\r\nCookie: session=ours", MOST * 2, False, True),
    ],
)
def test_a_file_is_waited_for_from_those_who_are_vouched_for(
    head: bytes, length: int, large: bool, hopeless: bool
) -> None:
    gathered = Gathered(lambda cookies: "session=ours" in cookies)
    gathered.bytes += head + b"\r\nContent-Length: %d\r\n\r\n" % length
    assert not gathered.is_whole
    assert (gathered.is_large, gathered.is_hopeless) == (large, hopeless)


BODY = b"csrf_token=none&x=" + b"x" * (MOST * 4)


def upload(service: LiveService, held: dict[str, Any], length: int = len(BODY)) -> bytes:
    """Return the head of a request with a long body, and a cookie as the service itself signs them."""
    app = Flask("anahits")
    init(app, Settings.from_env({"SECRET_KEY": SECRET, "PUBLIC_URL": service.url}))
    serializer = ConsoleSessions().get_signing_serializer(app)
    assert serializer is not None
    head = "POST /manage/sign-in HTTP/1.1\r\nHost: localhost\r\n"
    head += f"Cookie: support-now={serializer.dumps(held)}\r\n"
    head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n"
    return head.encode()


SIGNED_IN = {"organiser": 1, "since": 1, "epoch": 1}


def test_slow_files_hold_nobody_up_and_one_too_many_is_refused_in_words(
    service: LiveService, dial: Callable[..., socket.socket]
) -> None:
    """The only thread stays free while they come in; each is read to its end. Who comes then finds room."""
    head = upload(service, SIGNED_IN)
    lines = [dial(head + BODY[: MOST * 2]) for _ in range(LARGE_AT_ONCE)]
    assert [status(service) for _ in range(10)] == [200] * 10
    refused = answer(dial(head + BODY))
    assert refused.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After: " in refused
    assert b"choose your file once more" in refused
    for line in lines:
        line.sendall(BODY[MOST * 2 :])
        assert b"Sign in first" in answer(line)  # the application knows that there is no such organiser
    assert b"Sign in first" in answer(dial(head + BODY))


def test_a_file_that_is_too_long_is_refused_in_words(
    service: LiveService, dial: Callable[..., socket.socket]
) -> None:
    """A browser sends all of it before it reads: a connection that is closed sooner says nothing."""
    line = dial(upload(service, SIGNED_IN, LARGEST + 1))
    line.sendall(b"x" * (LARGEST + 1))
    assert b"Sign in first" in answer(line)


READS_SLOWLY = """
import pathlib
from server import app

here, inner = pathlib.Path(__file__).parent, app.wsgi_app


def held(environ, start_response):
    if environ["REQUEST_METHOD"] == "POST" and "HTTP_SUPPORT_NOW_NO_ROOM" not in environ:
        (here / f"file-{environ['REMOTE_PORT']}").touch()
        with open(here / "gate", "rb", buffering=0) as gate:  # a pipe: waits until the test writes
            gate.read(1)
    return inner(environ, start_response)


app.wsgi_app = held
"""


def test_a_file_keeps_its_place_until_it_is_read(tmp_path: Path) -> None:
    """All of it is here and in memory: who sends many at once must not fill that."""
    (tmp_path / "slow.py").write_text(READS_SLOWLY)
    os.mkfifo(tmp_path / "gate")
    command = ("gunicorn", "--pythonpath", str(tmp_path), "slow:app")
    live = LiveService(tmp_path, command, WEB_CONCURRENCY="1", WEB_THREADS="8", SECRET_KEY=SECRET)
    live.flask("ledger", "migrate")
    live.start()
    try:
        with ExitStack() as stack:

            def dial() -> socket.socket:
                line = stack.enter_context(socket.create_connection(("127.0.0.1", live.port), timeout=20))
                line.sendall(upload(live, SIGNED_IN) + BODY)
                return line

            lines = [dial() for _ in range(LARGE_AT_ONCE)]
            deadline = time.monotonic() + PATIENCE
            while len(list(tmp_path.glob("file-*"))) < LARGE_AT_ONCE:
                assert time.monotonic() < deadline
                time.sleep(0.02)
            assert answer(dial()).startswith(b"HTTP/1.1 503 ")
            with (tmp_path / "gate").open("r+b", buffering=0) as gate:
                gate.write(b"x" * LARGE_AT_ONCE)
                for line in lines:
                    assert b"Sign in first" in answer(line)
    finally:
        live.kill()


@pytest.mark.parametrize("cookie", [b"support-now=x", b"", b"signed"])
def test_strangers_hold_no_place_for_a_file(
    service: LiveService, dial: Callable[..., socket.socket], cookie: bytes
) -> None:
    """Neither by the name of the cookie, nor by one that the page for signing in gave them."""
    head = upload(service, {"csrf_token": "theirs"})
    if cookie != b"signed":
        head = re.sub(rb"support-now=[^\r]*", cookie, head)
    for _ in range(LARGE_AT_ONCE + 1):
        assert b"Sign in first" in answer(dial(head + b"x"))
    assert b"Sign in first" in answer(dial(upload(service, SIGNED_IN) + BODY))


@pytest.mark.parametrize(
    "cookie",
    [b"support-now=\xff", b"\xfe=\xff", b'support-now="\\377.\\777"', b"support-now=\xc3\xa9.\x00", b"=;"],
)
def test_no_cookie_of_a_strangers_ends_a_process(
    service: LiveService, dial: Callable[..., socket.socket], cookie: bytes
) -> None:
    """They are read in the loop that everybody's connection is in: nothing may be raised there."""
    before = service.web_processes()
    head = re.sub(rb"support-now=[^\r]*", lambda _: cookie, upload(service, {}))
    assert answer(dial(head + b"x")).startswith(b"HTTP/1.1 4")
    assert service.web_processes() == before


def test_a_file_that_hardly_comes_is_let_go(service: LiveService, dial: Callable[..., socket.socket]) -> None:
    assert answer(dial(upload(service, SIGNED_IN) + b"x")) == b""


def test_a_connection_that_will_be_closed_says_so(
    service: LiveService, dial: Callable[..., socket.socket]
) -> None:
    """A client that took it for open would lose its next form."""
    assert b"\r\nConnection: close\r\n" in answer(dial(upload(service, SIGNED_IN) + BODY))
    assert b"\r\nConnection: close\r\n" in answer(dial(FORM + b"Content-Length: %d\r\n\r\n" % (MOST + 1)))
