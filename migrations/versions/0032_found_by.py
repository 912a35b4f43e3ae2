"""What a search for a signer compares, in one column and one index

The column begins empty: the worker fills it, a few rows at a time (widget/indexing.py).

Revision ID: 0032
Revises: 0035
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0035"

PUBLIC = sa.text("state = 'confirmed' AND show_name")
WIDE = ["petition_id", "id", "state", "found_by"]
NEW = "ix_signatures_petition_new"
IS_VALID = sa.text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")


def upgrade() -> None:
    if _by_steps():
        _beside_signers()
        return
    op.add_column("signatures", sa.Column("found_by", sa.Text(), nullable=False, server_default=""))
    _index(WIDE)


def downgrade() -> None:
    _index(["petition_id", "id"])
    op.drop_column("signatures", "found_by")


def _by_steps() -> bool:
    """Tell whether there is no transaction around it, so that an index can be built beside signers."""
    config = op.get_context().config
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    return on_postgresql and config is not None and bool(config.attributes.get("by_steps"))


def _beside_signers() -> None:
    """Do it so that nobody waits; killed at any point, it is done again and goes on from there."""
    op.execute("ALTER TABLE signatures ADD COLUMN IF NOT EXISTS found_by text NOT NULL DEFAULT ''")
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        if connection.scalar(IS_VALID, {"name": NEW}) is not True:
            # It waits for the transactions that are open, and nobody for it.
            op.execute("SET lock_timeout = 0")
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {NEW}")  # what was begun and never finished
            op.create_index(NEW, "signatures", WIDE, postgresql_concurrently=True)
            op.execute("RESET lock_timeout")
    op.execute("DROP INDEX IF EXISTS ix_signatures_petition")
    op.execute(f"ALTER INDEX {NEW} RENAME TO ix_signatures_petition")


def _index(columns: list[str]) -> None:
    op.drop_index("ix_signatures_petition", table_name="signatures")
    op.create_index("ix_signatures_petition", "signatures", columns)
    if op.get_bind().dialect.name == "sqlite":
        # The younger one of two that would do alike is taken: for the public list that of the few named.
        op.drop_index("ix_signatures_public", table_name="signatures")
        op.create_index("ix_signatures_public", "signatures", ["petition_id", "id"], sqlite_where=PUBLIC)
