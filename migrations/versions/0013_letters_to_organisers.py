"""Letters to organisers, each with the one-time link it carries

Revision ID: 0013
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0007"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
WAITING = sa.text("sent_at IS NULL AND given_up_because IS NULL")


def upgrade() -> None:
    op.create_table(
        "organiser_letters",
        sa.Column("id", ROW_ID, sa.Identity(), nullable=False),
        sa.Column("link_number", sa.BigInteger(), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("given_up_because", sa.String(length=200), nullable=True),
        sa.Column("last_failure", sa.String(length=200), nullable=True),
        sa.Column("claimed_by", sa.String(length=40), nullable=True),
        sa.Column("claimed_until", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["link_number"], ["one_time_links.number"], name="fk_organiser_letters_link_number"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organiser_letters")),
        sa.UniqueConstraint("link_number", name=op.f("uq_organiser_letters_link_number")),
    )
    op.create_index(
        "ix_organiser_letters_waiting",
        "organiser_letters",
        ["due_at"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )


def downgrade() -> None:
    op.drop_table("organiser_letters")
