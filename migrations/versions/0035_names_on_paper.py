"""The names on sheets of paper

Revision ID: 0035
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0026"


def upgrade() -> None:
    row_id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "paper_names",
        sa.Column("id", row_id, sa.Identity(always=False), nullable=False),
        sa.Column("paper_id", row_id, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("from_place", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_paper_names_paper_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_names")),
    )
    op.create_index(op.f("ix_paper_names_paper_id"), "paper_names", ["paper_id"])


def downgrade() -> None:
    op.drop_table("paper_names")
