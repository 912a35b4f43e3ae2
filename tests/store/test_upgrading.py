"""A PostgreSQL ledger is brought up to date beside processes of the version before, step by step."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event

import pytest
from sqlalchemy import Connection, Engine, create_engine, text

from tests.postgres_server import PostgresServer
from tests.store.filling import unfound, until_idle
from widget.domain.criteria import Criteria
from widget.indexing import Indexing
from widget.store import migrating
from widget.store.ledger import Ledger
from widget.store.migrating import migrate, upgrade

pytestmark = pytest.mark.services
BEFORE = "0035"
AS_BEFORE = text(
    "INSERT INTO signatures (petition_id, text_version, state, email, canonical_email, given_name, "
    "family_name, country, postal_code, comment, show_name, lang, source, page_url, signed_at, moved_at) "
    "SELECT 1, 'a', 'confirmed', a, a, 'S' || 'am', 'x', 'AM', '', '', true, 'en', '', '', now(), now() "
    "FROM (SELECT n || '@example.org' AS a "
    "FROM generate_series(cast(:first AS int), cast(:last AS int)) AS n) AS those"
)
INDEX = text("SELECT indexdef FROM pg_indexes WHERE indexname LIKE 'ix_signatures_petition%'")
VALID = text("SELECT bool_and(indisvalid) FROM pg_index")


@pytest.fixture
def old(postgres_server: PostgresServer) -> Iterator[Engine]:
    """The connections of an old process, to a ledger with some signatures that is as it knows it."""
    postgres_server.heal()
    name = postgres_server.create_database()
    bounds = "-c statement_timeout=3000 -c lock_timeout=3000"
    engine = create_engine(postgres_server.url(name), connect_args={"options": bounds})
    with engine.begin() as connection:
        upgrade(connection, BEFORE)
        sign(connection, 1, 2_000)
    yield engine
    engine.dispose()
    postgres_server.drop_database(name)


def sign(connection: Connection, first: int, last: int) -> None:
    connection.execute(AS_BEFORE, {"first": first, "last": last})


def url_of(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def check(engine: Engine, signers: int) -> None:
    """See that the schema is whole, and that everybody is found once the worker has walked."""
    with engine.connect() as connection:
        (index,) = connection.scalars(INDEX).all()
        assert index.endswith("(petition_id, id, state, found_by)")
        assert connection.scalar(VALID)
    with closing(Ledger.connect(url_of(engine))) as ledger:
        assert unfound(ledger) == signers
        until_idle(Indexing(ledger=ledger))
        assert len(ledger.newest(1, Criteria(name="sam *"), limit=99_999)) == signers


def test_old_processes_sign_on_beside_it(old: Engine) -> None:
    done = Event()

    def sign_on() -> int:
        number = 2_000
        while not (done.is_set() and number > 2_010):
            number += 1
            with old.begin() as connection:
                sign(connection, number, number)
        return number

    with ThreadPoolExecutor(1) as signers:
        signing = signers.submit(sign_on)
        try:
            migrate(url_of(old))
        finally:
            done.set()
        last = signing.result()
    check(old, last)


def test_many_that_start_together_migrate_once(old: Engine) -> None:
    with ThreadPoolExecutor(4) as replicas:
        list(replicas.map(migrate, [url_of(old)] * 4))
    check(old, 2_000)


def test_an_index_that_was_begun_and_not_finished_is_built_again(old: Engine) -> None:
    with old.begin() as connection:
        connection.execute(text("ALTER TABLE signatures ADD COLUMN found_by text NOT NULL DEFAULT ''"))
        connection.execute(text("UPDATE signatures SET found_by = 'the same' WHERE id < 3"))
    unique = "CREATE UNIQUE INDEX CONCURRENTLY ix_signatures_petition_new ON signatures (found_by)"
    with old.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        with pytest.raises(Exception, match="could not create unique index"):
            connection.execute(text(unique))
        assert not connection.scalar(VALID)
        connection.execute(text("UPDATE signatures SET found_by = '' WHERE id < 3"))
    migrate(url_of(old))
    check(old, 2_000)


def test_while_somebody_reads_for_long_nobody_else_is_shut_out(
    old: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "LOCK_TIMEOUT", 200)
    with ThreadPoolExecutor(1) as replicas, old.connect() as reader:
        reader.execute(text("SELECT count(*) FROM signatures"))  # and its transaction stays open
        replica = replicas.submit(migrate, url_of(old))
        waits = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        with old.connect().execution_options(isolation_level="AUTOCOMMIT") as watching:
            until = time.monotonic() + 60
            while not watching.scalar(waits):
                assert time.monotonic() < until
        with old.begin() as signer:
            sign(signer, 2_001, 2_001)
        assert not replica.done()
        reader.rollback()
        replica.result(60)
    check(old, 2_001)


def test_a_step_that_waits_in_a_ring_with_a_signer_is_done_again(
    old: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL lets one of the two go on; where that is the signer, the step begins anew."""
    has_one, wants_both = Event(), Event()

    def sign_in_a_ring() -> None:
        with old.begin() as signer:
            signer.execute(text("SET LOCAL deadlock_timeout = '60s'"))  # it is the other who finds out
            signer.execute(text("LOCK TABLE imports IN ROW EXCLUSIVE MODE"))
            has_one.set()
            assert wants_both.wait(60)
            signer.execute(text("LOCK TABLE petitions IN ROW EXCLUSIVE MODE"))
            sign(signer, 2_001, 2_001)

    def upgrade_in_a_ring(connection: Connection) -> None:
        monkeypatch.setattr(migrating, "upgrade", upgrade)
        assert has_one.wait(60)
        connection.execute(text("LOCK TABLE petitions IN ACCESS EXCLUSIVE MODE"))
        wants_both.set()
        waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'petitions'::regclass")
        until = time.monotonic() + 60
        while not connection.scalar(waits):
            assert time.monotonic() < until
        connection.execute(text("LOCK TABLE imports IN ACCESS EXCLUSIVE MODE"))

    monkeypatch.setattr(migrating, "upgrade", upgrade_in_a_ring)
    with ThreadPoolExecutor(1) as signers:
        signing = signers.submit(sign_in_a_ring)
        migrate(url_of(old))
        signing.result(60)
    check(old, 2_001)
