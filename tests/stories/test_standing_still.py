"""The database stands still (SIGSTOP): signers are told in time, readers hardly notice (promises 5, 6)."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.conftest import typed_by
from tests.live_service import LiveService
from tests.postgres_server import PostgresServer
from tests.services import RedisServer

pytestmark = pytest.mark.services

SAMPLE = "/api/v1/petitions/stop-bloodshed-in-artsakh"
# Seconds: one reader at a time may find out, which takes four; behind all these signers it would be twelve.
READ_WITHIN = 7.0
SIGNERS = 12


@pytest.fixture
def service(tmp_path: Path, redis_server: RedisServer, postgresql_url: str) -> Iterator[LiveService]:
    redis_server.start()
    redis_server.client().flushall()
    live = LiveService(
        tmp_path,
        RATE_LIMITS="off",
        WEB_CONCURRENCY="1",
        DATABASE_URL=postgresql_url,
        REDIS_URL=redis_server.url,
    )
    live.flask("ledger", "migrate")
    live.flask("petition", "load-sample")
    try:
        yield live.start()
    finally:
        live.kill()


def ask(live: LiveService, method: str, path: str, fields: dict[str, str] | None, timeout: float) -> Any:
    connection = HTTPConnection("127.0.0.1", live.port, timeout=timeout)
    body = urlencode(fields) if fields else None
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if fields else {}
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_a_ledger_that_hangs_does_not_take_the_readers_with_it(
    service: LiveService, postgres_server: PostgresServer
) -> None:
    assert ask(service, "GET", f"{SAMPLE}/progress", None, 10)[1]["count"] == 49
    over = threading.Event()
    refused: list[int] = []

    def keep_signing(number: int) -> None:
        fields = typed_by("Sam", email=f"sam.{number}@example.org")
        while not over.is_set():
            status, _ = ask(service, "POST", f"{SAMPLE}/signatures", fields, 30)
            if status != 201:
                refused.append(status)

    with ThreadPoolExecutor(SIGNERS) as crowd:
        signing = [crowd.submit(keep_signing, number) for number in range(SIGNERS)]
        try:
            postgres_server.pause()
            while len(refused) < 3 * SIGNERS:  # through the first wait, and into refusing at once
                status, shown = ask(service, "GET", f"{SAMPLE}/progress", None, READ_WITHIN)
                assert (status, shown["count"] >= 49) == (200, True)
        finally:
            postgres_server.resume()
            over.set()
    for signed in signing:
        signed.result()
    assert set(refused) == {503}
    # All is as before, and every signer is there once, however often they sent the form.
    for number in range(SIGNERS):
        fields = typed_by("Sam", email=f"sam.{number}@example.org")
        assert ask(service, "POST", f"{SAMPLE}/signatures", fields, 10)[0] == 201
    counted = json.loads(service.flask("petition", "recount", SAMPLE.rpartition("/")[2], "--json"))
    assert (counted["drift"], counted["after"]) == (0, 49 + SIGNERS)
