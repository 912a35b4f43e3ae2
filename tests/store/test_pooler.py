"""Behind a pooler that lends a connection for one transaction: nothing relies on a session."""

import io
import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import psycopg
import pytest

from tests.live_service import LiveService
from tests.petitions import NOW, draft, signature
from tests.pooler import pooled
from tests.postgres_server import OWNER, PostgresServer
from widget import serving
from widget.domain.refusals import LedgerUnavailable
from widget.domain.signature import Occasion
from widget.store import backups
from widget.store.ledger import Ledger
from widget.store.migrating import migrate

pytestmark = pytest.mark.services
SIGNERS, EACH = 12, 15


@pytest.fixture
def database(postgres_server: PostgresServer) -> Iterator[str]:
    """An empty database of this test's own."""
    postgres_server.heal()
    name = postgres_server.create_database()
    yield name
    postgres_server.drop_database(name)


@pytest.fixture
def pooled_url(postgres_server: PostgresServer, database: str) -> Iterator[str]:
    with pooled(postgres_server, database) as url:
        yield f"{url}?pooler=transaction"


def prepared(url: str) -> list[str]:
    """Return which statements sessions of the server know by name, as the next who comes would find them."""
    with psycopg.connect(url.partition("?")[0].replace("+psycopg", ""), prepare_threshold=None) as asking:
        return [row[0] for row in asking.execute("SELECT name FROM pg_prepared_statements").fetchall()]


def is_unbounded(url: str) -> bool:
    with closing(Ledger.connect(url, pool=1)) as ledger:
        return ledger.is_unbounded()


def look_often(ledgers: list[Ledger]) -> None:
    for _ in range(20):
        for ledger in ledgers:
            ledger.petitions()
            ledger.organisations()


def test_many_sign_over_few_connections_and_each_counts_once(pooled_url: str) -> None:
    migrate(pooled_url)
    ledgers = [Ledger.connect(pooled_url, pool=4) for _ in range(3)]
    petition = ledgers[0].add_petition(draft(), NOW)

    def sign(which: int) -> None:
        ledger = ledgers[which % len(ledgers)]
        for turn in range(EACH):
            ledger.record(signature(petition.id, f"sam.{which}.{turn}@example.org"), Occasion.RECEIPT)
            ledger.tally(petition.id)

    with ThreadPoolExecutor(SIGNERS) as crowd:
        list(crowd.map(sign, range(SIGNERS)))
    assert ledgers[0].tally(petition.id).here == SIGNERS * EACH
    assert ledgers[1].recount(petition.id).after.here == SIGNERS * EACH
    assert prepared(pooled_url) == []
    assert ledgers[0].room() is None
    for ledger in ledgers:
        ledger.close()


def test_a_patient_look_leaves_no_patience_to_the_next(pooled_url: str) -> None:
    """A SET outside a transaction would stay with a connection that somebody else gets next."""
    migrate(pooled_url)
    with closing(Ledger.connect(pooled_url, pool=2)) as ledger:
        ledger.add_petition(draft(), NOW)
        with ledger._database.unhurried() as connection:
            assert connection.exec_driver_sql("SHOW statement_timeout").scalar_one() == "15min"
        with ledger._database.reading() as connection:
            assert connection.exec_driver_sql("SHOW statement_timeout").scalar_one() == "0"


def test_a_ledger_is_backed_up_and_restored_through_it(pooled_url: str) -> None:
    migrate(pooled_url)
    with closing(Ledger.connect(pooled_url)) as ledger:
        petition = ledger.add_petition(draft(), NOW)
        ledger.record(signature(petition.id), Occasion.RECEIPT)
    file = io.BytesIO()
    backups.write(pooled_url, file, NOW)
    file.seek(0)
    backups.read(pooled_url, file, NOW, replace=True)
    with closing(Ledger.connect(pooled_url)) as ledger:
        assert ledger.tally(petition.id).here == 1
    assert prepared(pooled_url) == []


def test_a_role_without_bounds_is_not_served(
    postgres_server: PostgresServer, pooled_url: str, database: str
) -> None:
    assert is_unbounded(pooled_url)
    with pytest.raises(serving.Unbounded, match="ALTER ROLE"):
        serving.refuse_unbounded(True)
    with psycopg.connect(postgres_server.url(database).replace("+psycopg", "")) as operator:
        operator.execute(f"ALTER ROLE {OWNER} IN DATABASE {database} SET statement_timeout = '3s'".encode())
    with pooled(postgres_server, database) as url:
        assert not is_unbounded(f"{url}?pooler=transaction")
    serving.refuse_unbounded(False)


@pytest.mark.parametrize("ignored", ["extra_float_digits", "options"])
def test_who_does_not_say_that_it_stands_there_is_told_to(
    postgres_server: PostgresServer, database: str, ignored: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It refuses the bounds we send; told to ignore them, it mixes up prepared statements."""
    with pooled(postgres_server, database, ignored=ignored) as url:
        migrate(f"{url}?pooler=transaction")
        ledgers = [Ledger.connect(url, pool=4) for _ in range(3)]
        with caplog.at_level(logging.ERROR), pytest.raises(LedgerUnavailable):
            look_often(ledgers)
        for ledger in ledgers:
            ledger.close()
    assert "pooler=transaction" in caplog.text


def test_the_whole_service_runs_behind_it(pooled_url: str, tmp_path: Path) -> None:
    live = LiveService(tmp_path, DATABASE_URL=pooled_url, RATE_LIMITS="off")
    live.flask("ledger", "migrate")
    live.flask("petition", "load-sample")
    live.start()
    try:
        path = f"{live.url}/api/v1/petitions/stop-bloodshed-in-artsakh"
        for number in range(20):
            form = {"given_name": "Sam", "family_name": "of the Cast", "email": f"sam.{number}@example.org"}
            with urlopen(f"{path}/signatures", urlencode(form | {"country": "AM"}).encode()) as answer:
                assert answer.status == 201
        with urlopen(f"{path}/progress") as answer:
            assert json.load(answer)["of_which"]["here"] == 20
        assert "69, as it was" in live.flask("petition", "recount", "stop-bloodshed-in-artsakh")
    finally:
        live.stop()
    assert prepared(pooled_url) == []
