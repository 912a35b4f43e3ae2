"""Every address that a petition has or had

Revision ID: 0020
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0024"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "slugs",
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("petition_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(["petition_id"], ["petitions.id"], name="fk_slugs_petition_id"),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_slugs")),
    )
    op.create_index(op.f("ix_slugs_petition_id"), "slugs", ["petition_id"])
    op.execute("INSERT INTO slugs (slug, petition_id) SELECT slug, id FROM petitions")


def downgrade() -> None:
    op.drop_table("slugs")
