"""Figures to look at: what is counted outside a request, and what imports brought by day

Revision ID: 0029
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0032"


def upgrade() -> None:
    row_id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "figures",
        sa.Column("petition_id", row_id, nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["petition_id"], ["petitions.id"], name=op.f("fk_figures_petition_id")),
        sa.PrimaryKeyConstraint("petition_id", name=op.f("pk_figures")),
    )
    op.create_table(
        "imported_days",
        sa.Column("petition_id", row_id, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["petition_id"], ["petitions.id"], name=op.f("fk_imported_days_petition_id")),
        sa.PrimaryKeyConstraint("petition_id", "day", name=op.f("pk_imported_days")),
    )
    # Of imports before this: those that ever counted, on the day their import began.
    day = {"postgresql": "(i.recorded_at AT TIME ZONE 'UTC')::date", "sqlite": "date(i.recorded_at)"}
    op.execute(
        "INSERT INTO imported_days (petition_id, day, counted) "  # noqa: S608 - words of our own
        f"SELECT i.petition_id, {day[op.get_bind().dialect.name]} AS day, count(*) "
        "FROM signatures s JOIN imports i ON i.id = s.import_id WHERE s.confirmed_at IS NOT NULL "
        "GROUP BY 1, 2"
    )


def downgrade() -> None:
    op.drop_table("imported_days")
    op.drop_table("figures")
