"""What docker compose brings up, brought up: the main job through nginx, and when parts of it die."""

import json
import signal
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from typing import TYPE_CHECKING

import pytest

from tests.compose_stack import ComposeStack, composed, until
from tests.conftest import typed_by

if TYPE_CHECKING:
    from tests.postgres_server import PostgresServer
    from tests.services import RedisServer

pytestmark = pytest.mark.services

SAMPLE = "stop-bloodshed-in-artsakh"
API = f"/api/v1/petitions/{SAMPLE}"


@pytest.fixture(scope="module")
def stack(
    postgres_server: "PostgresServer",
    redis_server: "RedisServer",
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ComposeStack]:
    postgres_server.heal()
    redis_server.heal()
    words = composed()["services"]["redis"]["command"]
    with redis_server.client() as client:
        for name in ("maxmemory", "maxmemory-policy"):
            client.config_set(name, words[words.index(f"--{name}") + 1])
    database = postgres_server.create_database()
    folder = tmp_path_factory.mktemp("composed")
    stack = ComposeStack(folder, database=postgres_server.url(database), redis=redis_server.url)
    try:
        yield stack.start()
    finally:
        for name in list(stack.running):
            stack.end(name, signal.SIGKILL)


def shown(stack: ComposeStack) -> int:
    count: int = json.loads(stack.ask(f"{API}/progress")[2])["count"]
    return count


def counted(stack: ComposeStack) -> list[int]:
    """Ask each web service itself, past the cache; those that do not answer are left out."""
    counts = []
    for port in stack.webs:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}{API}/progress") as answer:
            counts.append(json.load(answer)["count"])
    return counts


def all_serve(stack: ComposeStack) -> None:
    until(lambda: len(counted(stack)) == len(stack.webs), "every web service")


def sign(stack: ComposeStack, who: str, address: str, **headers: str) -> tuple[int, dict[str, object]]:
    signer = typed_by("Sam", email=f"{who}@example.org")
    status, _, body = stack.ask(f"{API}/signatures", signer, address=address, **headers)
    return status, json.loads(body)


def test_a_second_reader_is_answered_by_the_cache(stack: ComposeStack) -> None:
    def kept() -> bool:
        first, second = stack.ask(f"{API}/widget"), stack.ask(f"{API}/widget")
        assert json.loads(first[2])["petition"]["slug"] == SAMPLE
        return first[2] == second[2] and second[1]["X-Cache"] == "HIT"

    until(kept, "a second answer from the cache")


def test_a_signature_counts_and_the_number_moves(stack: ComposeStack) -> None:
    before = shown(stack)
    status, answer = sign(stack, "sam.moves", "127.0.0.10")
    assert (status, answer["status"]) == (201, "counted")
    until(lambda: shown(stack) == before + 1, "the new number")


def test_the_script_and_pages_are_packed_once_for_all_spellings(stack: ComposeStack) -> None:
    for path in ("/embed.js", f"/p/{SAMPLE}", f"{API}/widget"):
        for asked, coding in {
            "gzip, deflate": "gzip",
            "deflate, gzip;q=0.8": "gzip",
            "gzip, deflate, br, zstd": "br",
            "br;q=0, gzip;q=0.5": None,
            "zstd": None,
        }.items():
            headers = stack.ask(path, Accept_Encoding=asked)[1]
            assert headers.get("Content-Encoding") == coding, (path, asked)
            assert headers["Vary"] == "Accept-Encoding"
    answers = [stack.ask("/embed.js", Accept_Encoding=asked)[1] for asked in ("gzip, br", "br, zstd")]
    assert answers[1]["X-Cache"] == "HIT"


def test_an_unchanged_answer_is_a_304(stack: ComposeStack) -> None:
    tag = stack.ask("/embed.js")[1]["ETag"]
    status, headers, body = stack.ask("/embed.js", If_None_Match=tag)
    assert (status, body, headers["X-Cache"]) == (304, b"", "HIT")


def test_what_is_for_one_visitor_is_kept_for_nobody(stack: ComposeStack) -> None:
    for path in (f"/p/{SAMPLE}?signed=counted", "/healthz", "/api/v1/petitions/nowhere/widget"):
        for _ in range(2):
            assert stack.ask(path)[1].get("X-Cache") in {None, "MISS"}


def test_figures_are_not_for_the_outside(stack: ComposeStack) -> None:
    assert stack.ask("/metrics")[0] == 404
    assert stack.ask("/metrics/")[0] == 404
    assert stack.ask("/%6detrics")[0] == 404


def test_nobody_counts_as_somebody_else(stack: ComposeStack) -> None:
    """Mallory writes another address into each request; TRUSTED_PROXIES and nginx see hers."""
    said = [sign(stack, f"mallory.{n}", "127.0.0.66", X_Forwarded_For=f"192.0.2.{n}")[0] for n in range(1, 8)]
    assert said == [201] * 5 + [428] * 2
    assert sign(stack, "petra", "127.0.0.67")[0] == 201


def test_slow_senders_hold_no_thread(stack: ComposeStack) -> None:
    """Many more of them than there are threads, each with half a form."""
    with ExitStack() as open_ones:
        for _ in range(60):
            slow = open_ones.enter_context(closing(socket.create_connection(("127.0.0.1", stack.port))))
            head = f"POST {API}/signatures HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n"
            kind = "Content-Type: application/x-www-form-urlencoded"
            slow.sendall(f"{head}{kind}\r\n\r\ngiven_name=M".encode())
        assert sign(stack, "sam.beside", "127.0.0.11")[0] == 201


def test_too_much_is_refused_in_the_services_words(stack: ComposeStack) -> None:
    status, _, body = stack.ask(f"{API}/signatures", {"comment": "x" * 100_000})
    assert (status, json.loads(body)["code"]) == (413, "body_too_large")
    assert stack.ask(f"{API}/signatures", {"comment": "x" * 200_000})[0] == 413


def test_the_worker_goes_on_without_a_mail_server(stack: ComposeStack) -> None:
    until(lambda: "there is no mail server" in stack.log("worker"))
    assert stack.running["worker"].poll() is None


def test_a_web_service_dies_and_nobody_notices(stack: ComposeStack) -> None:
    stack.end("web0", signal.SIGKILL)
    try:
        assert [stack.ask("/readyz")[0] for _ in range(20)] == [200] * 20
        assert [sign(stack, f"sam.dead.{n}", "127.0.0.12")[0] for n in range(4)] == [201] * 4
    finally:
        stack.start_web(0)
    until(lambda: stack.running["web0"].poll() is None and "ready" in stack.log("web0"))


def test_all_web_services_gone_is_said_and_the_number_stays(stack: ComposeStack) -> None:
    all_serve(stack)
    count = max(counted(stack))
    until(lambda: shown(stack) == count, "the present number in the cache")
    for number in range(len(stack.webs)):
        stack.end(f"web{number}", signal.SIGKILL)
    try:
        until(lambda: stack.ask(f"{API}/progress")[1]["X-Cache"] in {"STALE", "UPDATING"}, "an old answer")
        assert shown(stack) == count
        status, headers, body = stack.ask(f"{API}/signatures", typed_by("Sam"), address="127.0.0.13")
        assert (status, json.loads(body)["code"]) == (503, "ledger_unavailable")
        assert headers["Content-Type"].startswith("application/problem+json")
        assert (headers["Retry-After"], headers["Access-Control-Allow-Origin"]) == ("5", "*")
        status, headers, page = stack.ask("/", Accept="text/html,*/*")
        assert (status, headers["Content-Type"]) == (503, "text/html; charset=utf-8")
        assert "Nothing was accepted." in page.decode()
    finally:
        for number in range(len(stack.webs)):
            stack.start_web(number)
    until(lambda: stack.ask("/readyz")[0] == 200, "the service")
    assert sign(stack, "sam.again", "127.0.0.14")[0] == 201


def test_everything_ends_in_time_and_the_logs_name_nobody(stack: ComposeStack) -> None:
    all_serve(stack)
    stack.ask("/signature/a-link-of-sams", address="127.0.0.77")
    ended = {name: stack.end(name) for name in ("worker", "web0", "web1")}
    stack.ask("/signature/a-link-of-sams", address="127.0.0.77")
    ended["nginx"] = stack.end("nginx", signal.SIGQUIT)
    assert ended == dict.fromkeys(ended, 0)
    said = stack.log("nginx")
    lines = [json.loads(line) for line in said.splitlines()]
    assert {503, 404, 413} <= {line["status"] for line in lines}
    assert "127.0.0" not in said
    assert "link-of" not in said
