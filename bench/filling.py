"""A ledger that has been collecting for two months: many signatures, most of them under one petition."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import log

import psycopg
from psycopg import Connection, sql

# Between two checkpoints (compose.yaml: 15 minutes) at the rate that is promised. The first change
# of a page after one writes it to the log whole, so what a signing costs depends on how long ago that was.
SIGNED_BETWEEN = 15 * 60 * 500
ON_A_PAGE = 125  # entries of that index, as they were found with ten million
ROOM = "16GB"  # of log before PostgreSQL writes a checkpoint in the middle of it
# Petition 0 is the viral one: nine of ten sign it, the others the rest in turn. One of a hundred was
# invalidated, one of a thousand waits to be looked at, every twentieth wrote something. Addresses come in
# no order.
_FILL = """
INSERT INTO signatures (petition_id, text_version, state, email, canonical_email, given_name, family_name,
    country, postal_code, comment, show_name, consent_at, consent_wording, lang, source, page_url,
    found_by, signed_at, confirmed_at, moved_at, network_key)
SELECT p.id, w.text_version,
    CASE WHEN n % 100 = 99 THEN 'invalidated' WHEN n % 1000 = 1 THEN 'held' ELSE 'confirmed' END,
    'Sam.' || key || '@mail' || n % 40 || '.example.org',
    'sam.' || key || '@mail' || n % 40 || '.example.org',
    (ARRAY['Sam', 'Samuel', 'Samantha', 'Samira'])[1 + n % 4], 'of the Cast ' || substr(key, 1, 4),
    (ARRAY['AM', 'DE', 'FR', 'US'])[1 + n % 4],
    CASE WHEN n % 2 = 0 THEN (10000 + n % 90000)::text ELSE '' END,
    CASE WHEN n % 20 = 0 THEN repeat('It is ours. ', 12) ELSE '' END, n % 3 = 0,
    CASE WHEN n % 5 = 0 THEN at END,
    CASE WHEN n % 5 = 0 THEN 'Tell me by mail how this goes on. I can leave at any time.' END,
    'en', CASE WHEN n % 2 = 0 THEN 'partner-' || n % 50 ELSE '' END,
    CASE WHEN n % 2 = 0 THEN 'https://partner-' || n % 50 || '.example.org/save-the-mill' ELSE '' END,
    lower((ARRAY['Sam', 'Samuel', 'Samantha', 'Samira'])[1 + n % 4]) || ' of the cast ' || substr(key, 1, 4)
        || E'\\nmail' || n % 40 || '.example.org' || E'\\n'
        || CASE WHEN n % 2 = 0 THEN 'https://partner-' || n % 50 || '.example.org' ELSE '' END,
    at, CASE WHEN n % 1000 <> 1 THEN at END, at, CASE WHEN n > {many} / 2 THEN md5(key) END
FROM generate_series({first}, {last}) n
CROSS JOIN LATERAL (SELECT substr(md5(n::text), 1, 12) AS key,
    now() - interval '60 days' * (1 - least(n / {many}::float, 1)) AS at) made
JOIN petitions p ON p.slug = 'petition-' || CASE WHEN n % 10 > 0 THEN 0 ELSE 1 + (n / 10) % {small} END
JOIN wordings w ON w.petition_id = p.id AND w.is_current
"""
_TALLY = """
UPDATE tally t SET here = c.counted / 16 + (t.slot < c.counted % 16)::int, changes = c.counted / 16 + 1
FROM (SELECT petition_id, count(*) AS counted FROM signatures WHERE state = 'confirmed' GROUP BY 1) c
WHERE c.petition_id = t.petition_id
"""
_AUDIT = """
INSERT INTO audit_days (petition_id, day, slot, added, repeated, confirmed, withdrawn, invalidated, corrected)
SELECT petition_id, signed_at::date, 0, count(*), 0, count(*) FILTER (WHERE state <> 'held'), 0,
    count(*) FILTER (WHERE state = 'invalidated'), 0
FROM signatures GROUP BY 1, 2
"""
# What is made after the rows are in: the same indexes, at a tenth of the time.
_MADE_AFTERWARDS = """
SELECT c.conname, i.relname, pg_get_indexdef(x.indexrelid), pg_get_constraintdef(c.oid)
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid LEFT JOIN pg_constraint c ON c.conindid = x.indexrelid
    AND c.conrelid = x.indrelid
WHERE x.indrelid = 'signatures'::regclass AND NOT x.indisprimary
"""


@dataclass(frozen=True, slots=True)
class Filled:
    """A database with signatures in it: how many of them count, and the number of the last."""

    url: str
    counted: int
    last: int


def fill(url: str, many: int, petitions: int, *, checkpoint: bool = False) -> Filled:
    """Put so many signatures into a PostgreSQL ledger that has these petitions and no signature.

    The last of them come after a checkpoint, so many that what is measured then is what a signing costs on
    average until the next; with `checkpoint` it ends with one, which is the dearest moment there is.
    """
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as book:
        soon = many - later(many)
        with _roomy(book), _without_indexes(book):
            book.execute("SET synchronous_commit = off")
            _write(book, 1, soon, many, petitions)
        book.execute("VACUUM (ANALYZE)")
        book.execute("CHECKPOINT")
        _write(book, soon + 1, many, many, petitions)
        for statement in (_TALLY, _AUDIT, "ANALYZE", *(["CHECKPOINT"] if checkpoint else [])):
            book.execute(statement.encode())
        row = book.execute("SELECT count(*), max(id) FROM signatures WHERE state = 'confirmed'").fetchone()
    return Filled(url, *(row or (0, 0)))


def _write(book: Connection, first: int, last: int, many: int, petitions: int) -> None:
    numbers = {"first": first, "last": last, "many": many, "small": petitions - 1}
    book.execute(sql.SQL(_FILL).format(**{name: sql.Literal(number) for name, number in numbers.items()}))


def later(many: int) -> int:
    """Return after how many signings since a checkpoint one costs what it costs on average until the next.

    Addresses come in no order: each lands on any of the pages of the index that makes a person unique. After
    n of them a share of e^(-n / pages) has not been changed yet; the mean of that over the whole time is
    (nearly) pages / SIGNED_BETWEEN.
    """
    pages = max(many / ON_A_PAGE, 1.0)
    return min(round(pages * log(max(SIGNED_BETWEEN / pages, 1.0))), many)


@contextmanager
def _roomy(book: Connection) -> Iterator[None]:
    found = book.execute("SHOW max_wal_size").fetchone()
    usual = str(found[0]) if found else "1GB"
    book.execute(sql.SQL("ALTER SYSTEM SET max_wal_size = {}").format(sql.Literal(ROOM)))
    book.execute("SELECT pg_reload_conf()")
    book.execute("SET maintenance_work_mem = '1GB'")
    yield
    book.execute(sql.SQL("ALTER SYSTEM SET max_wal_size = {}").format(sql.Literal(usual)))
    book.execute("SELECT pg_reload_conf()")


@contextmanager
def _without_indexes(book: Connection) -> Iterator[None]:
    found = book.execute(_MADE_AFTERWARDS).fetchall()
    table = sql.Identifier("signatures")
    for constraint, index, *_ in found:
        if constraint:
            book.execute(
                sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(table, sql.Identifier(constraint))
            )
        else:
            book.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(index)))
    yield
    for constraint, _, made, definition in found:
        if constraint:
            add = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} ").format(table, sql.Identifier(constraint))
            book.execute(add + sql.SQL(definition))
        else:
            book.execute(made)
