"""Stores as somebody else runs them: over TLS with certificates that are checked, and a Redis Cluster."""

import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis

from tests.certificates import make_certificates
from tests.petitions import NOW, draft, signature
from tests.postgres_server import PostgresServer, free_port
from widget.domain.refusals import LedgerUnavailable
from widget.domain.signature import Occasion
from widget.store.counter import Counter
from widget.store.ledger import Ledger
from widget.store.migrating import migrate
from widget.store.pace import PaceKeeper, Span

pytestmark = pytest.mark.services
PATIENCE = 10.0


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@contextmanager
def redis_process(folder: Path, port: int, *options: str) -> Iterator[None]:
    program = shutil.which("redis-server")
    assert program
    command = [program, "--bind", "127.0.0.1", "--dir", str(folder), "--save", "", *options]
    with (folder / "redis.log").open("wb") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert time.monotonic() < deadline, (folder / "redis.log").read_text()
                time.sleep(0.01)
        yield
    finally:
        running.terminate()
        running.wait(PATIENCE)


@contextmanager
def counting(ledger: Ledger, url: str) -> Iterator[Counter]:
    counter = Counter(ledger.tally, redis_url=url, clock=lambda: datetime.now(UTC))
    try:
        yield counter
    finally:
        counter.close()


@pytest.fixture
def petition_id(ledger: Ledger) -> int:
    return ledger.add_petition(draft(), NOW).id


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind of ledger is enough to ask what Redis does."""
    return sqlite_url


# Redis


def test_redis_over_tls_is_asked(
    ledger: Ledger, petition_id: int, certificates: Path, tmp_path: Path
) -> None:
    port = free_port()
    tls = ("--port", "0", "--tls-port", str(port), "--tls-auth-clients", "no")
    files = ("--tls-cert-file", "server.crt", "--tls-key-file", "server.key", "--tls-ca-cert-file", "ca.crt")
    named = [str(certificates / one) if "." in one else one for one in files]
    with redis_process(tmp_path, port, *tls, *named):
        url = f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={certificates}"
        with counting(ledger, f"{url}/ca.crt") as counter:
            counter.read(petition_id)
            ledger.record(signature(petition_id), Occasion.RECEIPT)
            counter.publish(petition_id, ledger.tally(petition_id))
            assert counter.read(petition_id).here == 1
            assert (counter.ping(), counter.status().failures) == (True, 0)
        # Whoever cannot show a certificate that we trust is not believed; the number comes from the ledger.
        with counting(ledger, f"{url}/stranger.crt") as counter:
            assert counter.read(petition_id).here == 1
            assert (counter.ping(), counter.status().failures) == (False, 1)


def test_a_cluster_taken_for_one_server_is_as_good_as_no_redis(
    ledger: Ledger, petition_id: int, tmp_path: Path
) -> None:
    """Half the keys are in a part of it that we do not ask; nobody is told a wrong number for it."""
    port = free_port()
    bus = ("--cluster-port", str(free_port()))  # else 10000 above the port, which may be too high
    with redis_process(tmp_path, port, "--port", str(port), "--cluster-enabled", "yes", *bus):
        with closing(redis.Redis(port=port)) as client:
            client.execute_command("CLUSTER ADDSLOTSRANGE", 0, 8191)
            client.config_set("cluster-require-full-coverage", "no")
        with counting(ledger, f"redis://127.0.0.1:{port}/0") as counter:
            pace = PaceKeeper(counter)
            for number in range(1, 4):
                ledger.record(signature(petition_id, f"sam.{number}@example.org"), Occasion.RECEIPT)
                counter.publish(petition_id, ledger.tally(petition_id))
                assert counter.read(petition_id).here == number
                assert pace.count([Span("network", 60)], datetime.now(UTC)).counts[0] >= 1


# PostgreSQL


@pytest.fixture(scope="module")
def secured(certificates: Path) -> Iterator[PostgresServer]:
    server = PostgresServer()
    try:
        for name in ("server.crt", "server.key"):
            shutil.copy(certificates / name, server.data / name)
            shutil.chown(server.data / name, server.user)
        (server.data / "server.key").chmod(0o600)
        with (server.data / "postgresql.conf").open("a") as conf:
            conf.write("ssl = on\n")
        hba = server.data / "pg_hba.conf"
        hba.write_text(hba.read_text().replace("host ", "hostssl "))
        yield server.start()
    finally:
        server.remove()


def test_postgresql_over_tls_is_asked(secured: PostgresServer, certificates: Path) -> None:
    url = f"{secured.url(secured.create_database())}?sslmode=verify-full&sslrootcert={certificates}"
    migrate(f"{url}/ca.crt")
    with closing(Ledger.connect(f"{url}/ca.crt")) as ledger:
        petition = ledger.add_petition(draft(), NOW)
        ledger.record(signature(petition.id), Occasion.RECEIPT)
        assert ledger.tally(petition.id).here == 1
    with closing(Ledger.connect(f"{url}/stranger.crt")) as ledger, pytest.raises(LedgerUnavailable):
        ledger.tally(petition.id)


def test_the_certificates_are_what_they_say(certificates: Path) -> None:
    """Else the tests above would prove nothing."""
    ssl.create_default_context(cafile=str(certificates / "ca.crt"))
    verify = ["openssl", "verify", "-CAfile"]
    for name, trusted in (("ca", True), ("stranger", False)):
        words = [*verify, str(certificates / f"{name}.crt"), str(certificates / "server.crt")]
        assert (subprocess.run(words, capture_output=True, check=False).returncode == 0) is trusted
