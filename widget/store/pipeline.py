"""Two statements in one trip to PostgreSQL, each committed by itself: the second sees what the first did.

libpq's pipeline mode with a Sync behind each statement. psycopg's own pipeline waits at every Sync, and
without one between them both would be one transaction, whose sums are not those after its commit
(docs/decisions/0003-the-count.md).
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import errors, pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.waiting import Ready, Wait

from widget.store.bounded import BoundedConnection

Rows = list[tuple[Any, ...]]
Statement = tuple[bytes, Sequence[Any]]

PREPARED_AT_MOST = 100  # on a connection; one text is another statement for each set of its values' types
_FAILED = (pq.ExecStatus.FATAL_ERROR, pq.ExecStatus.PIPELINE_ABORTED)
_FORGOTTEN = b"26000"  # invalid_sql_statement_name


@dataclass(frozen=True, slots=True)
class _Packed:
    """A statement as libpq takes it: `types` are PostgreSQL's numbers for those of the values, 0 for null."""

    sql: bytes
    values: Sequence[Any]
    types: tuple[int, ...]
    formats: Sequence[pq.Format]


def run(connection: BoundedConnection, first: Statement, second: Statement) -> tuple[Rows, Rows]:
    """Run two statements on a connection that is in no transaction; return the rows of each.

    Raises what psycopg would for the first of them that failed; then the second may have been run all the
    same. Each is prepared once a connection, or never if psycopg is told to prepare nothing.
    """
    packed = [_pack(connection, *first), _pack(connection, *second)]
    results = _results(connection, packed)
    # psycopg drops all that was prepared, ours too, after a rollback: what is not known was not run.
    for place, result in enumerate(results):
        if _is_forgotten(result):
            connection.prepared.clear()
            results[place:] = _results(connection, packed[place:])
            break
    one, other = (_rows(connection, result) for result in results)
    return one, other  # had the connection broken before the first was committed, there were no other


def _pack(connection: BoundedConnection, sql: bytes, values: Sequence[Any]) -> _Packed:
    transformer = Transformer(connection)
    written = transformer.dump_sequence(values, [PyFormat.AUTO] * len(values))
    return _Packed(sql, written, tuple(transformer.types or ()), transformer.formats or ())


def _results(connection: BoundedConnection, packed: Sequence[_Packed]) -> list[Any]:
    with connection.lock:
        try:
            results: list[Any] = connection.wait(_trip(connection, packed))
        except BaseException:
            connection.pgconn.finish()  # an answer may be on its way: no other question must hear it
            raise
    return results


def _trip(connection: BoundedConnection, packed: Sequence[_Packed]) -> Generator[Wait, Ready, list[Any]]:
    """Send all, then hear all, as psycopg's generators do: what is yielded is what has to be waited for."""
    server = connection.pgconn
    server.enter_pipeline_mode()
    for one in packed:
        _send(connection, one)
        server.pipeline_sync()
    while server.flush():
        if (yield Wait.RW) & Ready.R:  # the server must not wait for us to listen while we wait to speak
            server.consume_input()
    results: list[Any] = []
    for _ in packed:
        results.append((yield from _answer(server)))
    if server.status != pq.ConnStatus.BAD:
        server.exit_pipeline_mode()
    return results


def _send(connection: BoundedConnection, one: _Packed) -> None:
    server, kind = connection.pgconn, (one.sql, one.types)
    name = connection.prepared.get(kind)
    if name is None:
        if connection.prepare_threshold is None or len(connection.prepared) >= PREPARED_AT_MOST:
            server.send_query_params(one.sql, one.values, one.types, one.formats)
            return
        connection.named += 1  # a name is never given twice: the server may still know the former one
        name = connection.prepared[kind] = b"sn_%d" % connection.named
        server.send_prepare(name, one.sql, one.types)
    server.send_query_prepared(name, one.values, one.formats)


def _answer(server: pq.abc.PGconn) -> Generator[Wait, Ready, Any]:
    """Return what was said up to the next Sync: the first failure, or else the last result.

    None, or what came so far, when the connection broke: then nothing comes for the last statement.
    """
    answer = None
    while True:
        while server.is_busy():
            yield Wait.R
            server.consume_input()
        result = server.get_result()
        if result is None:  # the end of one command's results
            if server.status == pq.ConnStatus.BAD:
                return answer
            continue
        if result.status == pq.ExecStatus.PIPELINE_SYNC:
            return answer
        if answer is None or answer.status not in _FAILED:
            answer = result


def _is_forgotten(result: Any) -> bool:
    if result is None or result.status not in _FAILED:
        return False
    return bool(result.error_field(pq.DiagnosticField.SQLSTATE) == _FORGOTTEN)


def _rows(connection: BoundedConnection, result: Any) -> Rows:
    if result is None:
        raise errors.OperationalError("the connection broke")
    if result.status in _FAILED:
        raise errors.error_from_result(result)
    read = Transformer(connection)
    read.set_pgresult(result)
    return read.load_rows(0, result.ntuples, tuple)
