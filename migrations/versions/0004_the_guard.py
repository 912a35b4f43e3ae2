"""What the guard keeps: why a signature was held, lists, and which moves belong together

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("signatures", sa.Column("held_because", sa.String(length=20), nullable=True))
    op.create_index(
        "ix_signatures_held",
        "signatures",
        ["petition_id", "id"],
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    )
    op.add_column("moves", sa.Column("batch", sa.String(length=16), nullable=True))
    op.create_index(
        "ix_moves_batch",
        "moves",
        ["batch"],
        sqlite_where=sa.text("batch IS NOT NULL"),
        postgresql_where=sa.text("batch IS NOT NULL"),
    )
    op.create_table(
        "listings",
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("pattern", sa.String(length=254), nullable=False),
        sa.Column("listing", sa.String(length=5), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "pattern", name=op.f("pk_listings")),
    )


def downgrade() -> None:
    op.drop_table("listings")
    op.drop_index("ix_moves_batch", "moves")
    op.drop_column("moves", "batch")
    op.drop_index("ix_signatures_held", "signatures")
    op.drop_column("signatures", "held_because")
