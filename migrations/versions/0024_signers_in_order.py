"""Indexes to leaf through the signers of a petition

Revision ID: 0024
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0022"

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


def downgrade() -> None:
    op.drop_index("ix_signatures_set_aside", table_name="signatures")
    op.drop_index("ix_signatures_petition", table_name="signatures")
