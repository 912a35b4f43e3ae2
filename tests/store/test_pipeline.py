"""Two statements in one trip: each is committed by itself, and whatever breaks, no answer goes astray."""

from collections.abc import Iterator

import psycopg
import pytest

from widget.store import pipeline
from widget.store.bounded import BoundedConnection, Silent

pytestmark = pytest.mark.services

ADD = b"INSERT INTO noted (word) VALUES ($1::text) RETURNING word, txid_current()"
ALL = b"SELECT count(*), txid_current() FROM noted WHERE word <> $1::text"
FAIL = b"SELECT 1 / $1::int"
SLEEP = b"SELECT pg_sleep($1::float)"


@pytest.fixture
def address(postgresql_url: str) -> str:
    return postgresql_url.replace("+psycopg", "")


@pytest.fixture
def connection(address: str) -> Iterator[BoundedConnection]:
    with BoundedConnection.connect(address, autocommit=True) as made:
        made.execute("CREATE TABLE noted (word text)")
        yield made


def words(connection: psycopg.Connection) -> list[str]:
    return [word for (word,) in connection.execute("SELECT word FROM noted ORDER BY word")]


def test_the_second_sees_what_the_first_has_committed(connection: BoundedConnection) -> None:
    for turn in range(1, 12):  # beyond the point where PostgreSQL makes a plan for good
        [(word, first)], [(count, second)] = pipeline.run(connection, (ADD, ["sam"]), (ALL, [""]))
        assert (word, count) == ("sam", turn)
        assert first != second  # two transactions
    assert words(connection) == ["sam"] * 11


def test_values_come_through_as_psycopg_would_take_and_give_them(connection: BoundedConnection) -> None:
    given = [None, "ü\n'", 7, True]
    asked = b"SELECT $1::text, $2::text, $3::bigint, $4::bool"
    assert pipeline.run(connection, (asked, given), (asked, given)) == ([tuple(given)], [tuple(given)])


def test_a_first_that_fails_is_said_and_the_connection_goes_on(connection: BoundedConnection) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        pipeline.run(connection, (FAIL, [0]), (ADD, ["petra"]))
    assert pipeline.run(connection, (ADD, ["sam"]), (FAIL, [1]))[1] == [(1,)]
    assert words(connection) == ["petra", "sam"]


def test_a_second_that_fails_takes_nothing_back(connection: BoundedConnection) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        pipeline.run(connection, (ADD, ["sam"]), (FAIL, [0]))
    assert words(connection) == ["sam"]


def test_one_that_cannot_be_prepared_is_said_each_time(connection: BoundedConnection) -> None:
    for _ in range(2):
        with pytest.raises(psycopg.errors.UndefinedTable):
            pipeline.run(connection, (b"SELECT $1::int FROM nothing", [1]), (ALL, [""]))
    assert pipeline.run(connection, (ADD, ["sam"]), (FAIL, [1]))[1] == [(1,)]


@pytest.mark.parametrize("forgotten", ["ALL", "sn_1", "sn_2"])
def test_what_the_server_has_forgotten_is_prepared_again_and_nothing_runs_twice(
    connection: BoundedConnection, forgotten: str
) -> None:
    pipeline.run(connection, (ADD, ["sam"]), (ALL, [""]))
    connection.execute(f"DEALLOCATE {forgotten}")
    [(word, _)], [(count, _)] = pipeline.run(connection, (ADD, ["sam"]), (ALL, [""]))
    assert (word, count) == ("sam", 2)
    assert words(connection) == ["sam", "sam"]


def test_a_rollback_after_which_psycopg_forgets_all_does_not_matter(connection: BoundedConnection) -> None:
    pipeline.run(connection, (ADD, ["sam"]), (ALL, [""]))
    connection.execute("SELECT 1", prepare=True)
    with pytest.raises(psycopg.errors.DivisionByZero), connection.transaction():
        connection.execute("SELECT 1 / 0")
    assert pipeline.run(connection, (ADD, ["sam"]), (ALL, [""]))[1][0][0] == 2


def test_nothing_is_prepared_where_psycopg_prepares_nothing(connection: BoundedConnection) -> None:
    connection.prepare_threshold = None
    pipeline.run(connection, (ADD, ["sam"]), (ALL, [""]))
    assert connection.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)
    assert words(connection) == ["sam"]


def test_no_more_is_prepared_than_the_server_should_keep(connection: BoundedConnection) -> None:
    for number in range(pipeline.PREPARED_AT_MOST + 5):
        asked = (b"SELECT %d + $1::int" % number, [1])
        assert pipeline.run(connection, asked, (FAIL, [1])) == ([(number + 1,)], [(1,)])
    kept = "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'sn_%'"
    assert connection.execute(kept).fetchone() == (pipeline.PREPARED_AT_MOST,)


def test_a_value_is_of_its_own_type_each_time(connection: BoundedConnection) -> None:
    asked = b"SELECT $1"
    for value in (True, "t", 7, None):
        assert pipeline.run(connection, (asked, [value]), (FAIL, [1]))[0] == [(value,)]


@pytest.mark.parametrize("first", [True, False])
def test_a_server_that_goes_away_in_the_middle_is_said_and_nobody_waits(
    connection: BoundedConnection, first: bool
) -> None:
    end = (b"SELECT pg_terminate_backend(pg_backend_pid()), $1::int", [1])
    both = (end, (ALL, [""])) if first else ((ADD, ["sam"]), end)
    with pytest.raises(psycopg.OperationalError):
        pipeline.run(connection, *both)
    assert connection.closed


@pytest.mark.parametrize("first", [True, False])
def test_an_answer_that_is_late_is_heard_by_nobody(connection: BoundedConnection, first: bool) -> None:
    connection.answer_timeout = 0.2
    both = ((SLEEP, [30.0]), (ALL, [""])) if first else ((ADD, ["sam"]), (SLEEP, [30.0]))
    with pytest.raises(Silent):
        pipeline.run(connection, *both)
    assert connection.closed


def test_much_can_be_said_and_heard_at_once(connection: BoundedConnection) -> None:
    much = "m" * 20_000_000
    echo = (b"SELECT $1::text", [much])
    assert pipeline.run(connection, echo, echo) == ([(much,)], [(much,)])


def test_what_cannot_be_sent_spoils_nothing(connection: BoundedConnection) -> None:
    with pytest.raises(psycopg.DataError):
        pipeline.run(connection, (ADD, ["half\0"]), (ALL, [""]))
    assert pipeline.run(connection, (ADD, ["sam"]), (ALL, [""]))[1][0][0] == 1
