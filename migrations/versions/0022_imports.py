"""Imports of signatures, with where they are from

Revision ID: 0022
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0013"


def upgrade() -> None:
    row_id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "imports",
        sa.Column("id", row_id, sa.Identity(always=False), nullable=False),
        sa.Column("petition_id", row_id, nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("recorded_by", sa.String(254), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_row", sa.BigInteger(), nullable=False),
        sa.Column("added", sa.BigInteger(), nullable=False),
        sa.Column("merged", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["petition_id"], ["petitions.id"], name=op.f("fk_imports_petition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index(op.f("ix_imports_petition_id"), "imports", ["petition_id"])
    op.add_column("signatures", sa.Column("import_id", row_id, nullable=True))


def downgrade() -> None:
    op.drop_column("signatures", "import_id")
    op.drop_table("imports")
