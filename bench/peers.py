"""What we are measured against: the least that Flask needs for the same job, under the same gunicorn."""

import os
import sqlite3
import threading
from collections.abc import Callable

import psycopg
import redis
from flask import Flask, Response, request

# As long as an answer of ours, so that only the work differs.
BODY = (
    b'{"count":1049,"goal":1500,"ratio":0.6993,"goal_kind":"ladder","of_which":{"here":1000,'
    b'"carried_over":49,"paper":0},"as_of":"2026-05-01T12:00:00.000000+00:00"}'
)
KEY = "bench:progress"
TABLE = """CREATE TABLE signature (
    id {id} PRIMARY KEY, petition TEXT NOT NULL, email TEXT NOT NULL, given_name TEXT NOT NULL,
    family_name TEXT NOT NULL, country TEXT NOT NULL, UNIQUE (petition, email))"""
SQLITE_TABLE = TABLE.format(id="INTEGER")
POSTGRESQL_TABLE = TABLE.format(id="BIGINT GENERATED ALWAYS AS IDENTITY")
_INSERT = "INSERT INTO signature (petition, email, given_name, family_name, country) VALUES ({})"

Row = tuple[str, ...]


def bare() -> Flask:
    """Answer with fixed bytes."""
    return _reading(lambda: BODY)


def redis_get() -> Flask:
    """Answer with what one GET brings, redis-py used as its manual shows."""
    client = redis.Redis.from_url(os.environ["REDIS_URL"])

    def get() -> bytes:
        found = client.get(KEY)
        assert isinstance(found, bytes)
        return found

    return _reading(get)


def postgresql_insert() -> Flask:
    """BEGIN, INSERT, COMMIT on a connection kept for each thread."""
    address = os.environ["DATABASE_URL"].replace("+psycopg", "")
    kept = threading.local()

    def write(row: Row) -> None:
        if not hasattr(kept, "connection"):
            kept.connection = psycopg.connect(address)
        kept.connection.execute(_INSERT.format("%s, %s, %s, %s, %s"), row)
        kept.connection.commit()

    return _writing(write)


def sqlite_insert() -> Flask:
    """BEGIN IMMEDIATE, INSERT, COMMIT, as durable as ours, behind one lock a process."""
    path = os.environ["DATABASE_URL"].removeprefix("sqlite:///")
    connection = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA synchronous = FULL")
    lock = threading.Lock()

    def write(row: Row) -> None:
        with lock:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(_INSERT.format("?, ?, ?, ?, ?"), row)
            connection.execute("COMMIT")

    return _writing(write)


def _reading(read: Callable[[], bytes]) -> Flask:
    app = Flask("peer")

    @app.get("/api/v1/petitions/<slug>/progress")
    def progress(slug: str) -> Response:  # noqa: ARG001 - the address is ours
        return Response(read(), content_type="application/json")

    return app


def _writing(write: Callable[[Row], None]) -> Flask:
    app = Flask("peer")

    @app.post("/api/v1/petitions/<slug>/signatures")
    def sign(slug: str) -> Response:
        sent = request.get_json()
        write((slug, *(sent[name] for name in ("email", "given_name", "family_name", "country"))))
        return Response(BODY, 201, content_type="application/json")

    return app
