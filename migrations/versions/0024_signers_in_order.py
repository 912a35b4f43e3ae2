"""Indexes to leaf through the signers of a petition

Revision ID: 0024
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0022"

PUBLIC = sa.text("state = 'confirmed' AND show_name")
SET_ASIDE = sa.text("state <> 'confirmed'")


def upgrade() -> None:
    op.create_index("ix_signatures_petition", "signatures", ["petition_id", "id"])
    op.create_index(
        "ix_signatures_set_aside",
        "signatures",
        ["petition_id", "state", "id"],
        sqlite_where=SET_ASIDE,
        postgresql_where=SET_ASIDE,
    )
    if op.get_bind().dialect.name == "sqlite":
        # Of two indexes that would do alike SQLite takes the younger one. For the public list that is to be
        # the one of the few who show their name.
        op.drop_index("ix_signatures_public", table_name="signatures")
        op.create_index("ix_signatures_public", "signatures", ["petition_id", "id"], sqlite_where=PUBLIC)


def downgrade() -> None:
    op.drop_index("ix_signatures_set_aside", table_name="signatures")
    op.drop_index("ix_signatures_petition", table_name="signatures")
