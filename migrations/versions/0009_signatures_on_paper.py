"""Signatures on paper, with where they are from

Revision ID: 0009
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0006"


def upgrade() -> None:
    row_id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "paper",
        sa.Column("id", row_id, sa.Identity(always=False), nullable=False),
        sa.Column("petition_id", row_id, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("collected_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(100), nullable=False),
        sa.Column("canonical_reference", sa.String(300), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("recorded_by", sa.String(100), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("takes_back", row_id, nullable=True),
        sa.Column("stands", sa.Boolean(), nullable=False),
        sa.CheckConstraint("count <> 0", name=op.f("ck_paper_not_nothing")),
        sa.ForeignKeyConstraint(["petition_id"], ["petitions.id"], name=op.f("fk_paper_petition_id")),
        sa.ForeignKeyConstraint(["takes_back"], ["paper.id"], name=op.f("fk_paper_takes_back")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
        sa.UniqueConstraint("takes_back", name=op.f("uq_paper_takes_back")),
    )
    op.create_index(op.f("ix_paper_petition_id"), "paper", ["petition_id"])
    op.create_index(
        "uq_paper_scan",
        "paper",
        ["petition_id", "canonical_reference"],
        unique=True,
        sqlite_where=sa.text("stands"),
        postgresql_where=sa.text("stands"),
    )


def downgrade() -> None:
    op.drop_table("paper")
