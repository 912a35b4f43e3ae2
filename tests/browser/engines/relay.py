"""The service as a bad network shows it: all requests are seen, some answered otherwise, late or never."""

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOP = {"connection", "keep-alive", "transfer-encoding", "server", "date", "content-length"}
OPEN = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After, ETag"}
ENDLESS = 1_000_000
PATIENCE = 60.0  # s at most that a request is held


@dataclass(slots=True)
class Bend:
    """What becomes of the next `times` requests whose `METHOD /path` matches.

    Hold it until released; then drop it, or let the service do it and lose the answer, or answer it with
    `status` and a problem, or change the service's own JSON. With none of these it passes as it is.
    """

    pattern: str
    times: int = ENDLESS
    held: threading.Event | None = None
    late: float = 0.0
    drop: bool = False
    lose: bool = False
    status: int = 0
    problem: dict[str, object] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    change: Callable[[dict[str, object]], object] | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came, and the status it was answered with; 0 until then."""

    line: str
    headers: dict[str, str]
    body: str
    statuses: list[int] = field(default_factory=list)


class Relay:
    """An address before the service's own."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.behind = 0  # the service's port
        self.cached = False  # whether answers may be kept, as the service itself says
        self._bends: list[Bend] = []
        self._gone = threading.Event()
        relay = self

        class Pass(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = PATIENCE

            def do_GET(self) -> None:
                relay.serve(self)

            do_POST = do_OPTIONS = do_HEAD = do_GET  # noqa: N815 - the library's names

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Pass)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://localhost:{self._server.server_port}"

    @property
    def lines(self) -> list[str]:
        """All requests as `METHOD /path`, in their order."""
        return [one.line for one in self.asked]

    def bend(self, pattern: str, **how: object) -> Bend:
        """Treat requests so from now on; the newest that matches wins."""
        bend = Bend(pattern, **how)  # type: ignore[arg-type]
        self._bends.insert(0, bend)
        return bend

    def hold(self, pattern: str, times: int = ENDLESS) -> threading.Event:
        """Let matching requests wait until the event is set."""
        held = threading.Event()
        self.bend(pattern, held=held, times=times)
        return held

    def straighten(self) -> None:
        """Forget all bends and requests; what is held is let go."""
        for bend in self._bends:
            if bend.held:
                bend.held.set()
        self._bends.clear()
        self.asked.clear()
        self.cached = False

    def close(self) -> None:
        self.straighten()
        self._gone.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        length = int(request.headers.get("Content-Length") or 0)
        body = request.rfile.read(length)
        line = f"{request.command} {request.path.partition('?')[0]}"
        asked = Asked(line, {k.lower(): v for k, v in request.headers.items()}, body.decode(errors="replace"))
        self.asked.append(asked)
        bend = self._bend_for(line) or Bend("")
        if bend.held:
            bend.held.wait(PATIENCE)
        self._gone.wait(bend.late)
        if bend.drop:
            request.close_connection = True
            return
        if bend.status:
            answer = json.dumps({"status": bend.status, "title": "No", **bend.problem}).encode()
            headers = {**OPEN, "Content-Type": "application/problem+json", **bend.headers}
            asked.statuses.append(bend.status)
            _say(request, bend.status, list(headers.items()), answer)
        else:
            status, kept, content = self._pass(request, body, bend)
            asked.statuses.append(status)
            if bend.lose:
                request.close_connection = True
                return
            _say(request, status, kept, content)

    def _pass(
        self, request: BaseHTTPRequestHandler, body: bytes, bend: Bend
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        headers = {k: v for k, v in request.headers.items() if k.lower() not in {"connection"}}
        if bend.change:
            headers = {
                k: v for k, v in headers.items() if k.lower() not in {"accept-encoding", "if-none-match"}
            }
        connection = HTTPConnection("127.0.0.1", self.behind, timeout=PATIENCE)
        try:
            connection.request(request.command, request.path, body or None, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if bend.change:
            changed = json.loads(content)
            bend.change(changed)
            content = json.dumps(changed).encode()
        kept = [pair for pair in answer.getheaders() if pair[0].lower() not in HOP]
        if not self.cached:  # one test is not to see what the browser kept of another
            kept = [pair for pair in kept if pair[0].lower() != "cache-control"]
            kept.append(("Cache-Control", "no-store"))
        return answer.status, kept, content

    def _bend_for(self, line: str) -> Bend | None:
        for bend in self._bends:
            if bend.times > 0 and re.search(bend.pattern, line):
                bend.times -= 1
                return bend
        return None


def _say(request: BaseHTTPRequestHandler, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
    try:
        request.send_response(status)
        for name, value in headers:
            request.send_header(name, value)
        if status != 304:
            request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        if request.command != "HEAD":
            request.wfile.write(body)
    except OSError:
        request.close_connection = True  # the browser no longer waits
