"""What a search for a signer compares, in one column and one index

Revision ID: 0032
Revises: 0035
"""

import re
from unicodedata import normalize

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0035"

PUBLIC = sa.text("state = 'confirmed' AND show_name")
AT_ONCE = 5_000  # rows
KNOWN = sa.text(
    "SELECT id, given_name, family_name, canonical_email, page_url FROM signatures "
    "WHERE id > :last AND canonical_email IS NOT NULL ORDER BY id LIMIT :limit"
)
ONE_BY_ONE = sa.text("UPDATE signatures SET found_by = :words WHERE id = :id")
TOGETHER = sa.text(
    "UPDATE signatures SET found_by = made.words "
    "FROM unnest(cast(:ids AS bigint[]), cast(:words AS text[])) AS made (id, words) "
    "WHERE signatures.id = made.id"
)


def upgrade() -> None:
    op.add_column("signatures", sa.Column("found_by", sa.Text(), nullable=False, server_default=""))
    _fill(op.get_bind())
    _index(["petition_id", "id", "state", "found_by"])


def downgrade() -> None:
    _index(["petition_id", "id"])
    op.drop_column("signatures", "found_by")


def _fill(connection: sa.Connection) -> None:
    last = 0
    while rows := connection.execute(KNOWN, {"last": last, "limit": AT_ONCE}).all():
        words = [_words(row[1], row[2], row[3], row[4]) for row in rows]
        ids = [row[0] for row in rows]
        if connection.dialect.name == "postgresql":
            connection.execute(TOGETHER, {"ids": ids, "words": words})
        else:
            made = [{"id": one, "words": word} for one, word in zip(ids, words, strict=True)]
            connection.execute(ONE_BY_ONE, made)
        last = ids[-1]


def _index(columns: list[str]) -> None:
    op.drop_index("ix_signatures_petition", table_name="signatures")
    op.create_index("ix_signatures_petition", "signatures", columns)
    if op.get_bind().dialect.name == "sqlite":
        # The younger one of two that would do alike is taken: for the public list that of the few named.
        op.drop_index("ix_signatures_public", table_name="signatures")
        op.create_index("ix_signatures_public", "signatures", ["petition_id", "id"], sqlite_where=PUBLIC)


# As widget/domain/folding.py had it then.
SAME = (("ς", "σ"), ("ß", "ss"), ("և", "եւ"), ("i\u0307", "i"), ("ı", "i"))  # noqa: RUF001 - as they are
ORIGIN = re.compile(r"[^:/?#]+://[^/?#]*")


def _words(given_name: str, family_name: str, canonical_email: str, page_url: str) -> str:
    site = ORIGIN.match(page_url)
    parts = (f"{given_name} {family_name}", canonical_email.rpartition("@")[2], site[0] if site else "")
    return "\n".join(_folded(part).encode()[:800].decode(errors="ignore") for part in parts)


def _folded(text: str) -> str:
    text = normalize("NFC", text).lower()
    for one, other in SAME:
        text = text.replace(one, other)
    return " ".join(text.split())
