"""Where widgets were seen; letters of an update that nobody got

Revision ID: 0030
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0020"

GIVEN_UP = sa.text("given_up_because IS NOT NULL AND update_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "sightings",
        sa.Column("petition_id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("site", sa.String(300), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["petition_id"], ["petitions.id"], name="fk_sightings_petition_id"),
        sa.PrimaryKeyConstraint("petition_id", "site", name="pk_sightings"),
    )
    op.create_index(
        "ix_outbox_given_up", "outbox", ["update_id"], sqlite_where=GIVEN_UP, postgresql_where=GIVEN_UP
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_given_up", table_name="outbox")
    op.drop_table("sightings")
