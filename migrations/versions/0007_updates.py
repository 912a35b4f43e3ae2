"""Updates: words from the organiser, on the page and by mail to those who asked for them

Revision ID: 0007
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0012"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WANTS_NEWS = "state = 'confirmed' AND consent_at IS NOT NULL"
IS_UPDATE = "update_id IS NOT NULL"


def upgrade() -> None:
    op.create_table(
        "updates",
        sa.Column("id", ROW_ID, sa.Identity(always=False), nullable=False),
        sa.Column("petition_id", ROW_ID, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mailing", sa.String(length=12), nullable=False),
        sa.Column("reached", sa.BigInteger(), nullable=False),
        sa.Column("up_to", sa.BigInteger(), nullable=False),
        sa.Column("fed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mailed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["petition_id"], ["petitions.id"], name=op.f("fk_updates_petition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_updates")),
    )
    op.create_index(op.f("ix_updates_petition_id"), "updates", ["petition_id"])
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.add_column(sa.Column("update_id", ROW_ID, nullable=True))
        batch_op.create_foreign_key(op.f("fk_outbox_update_id"), "updates", ["update_id"], ["id"])
    op.create_index(
        "uq_outbox_update",
        "outbox",
        ["update_id", "signature_id"],
        unique=True,
        sqlite_where=sa.text(IS_UPDATE),
        postgresql_where=sa.text(IS_UPDATE),
    )
    op.create_index(
        "ix_signatures_news",
        "signatures",
        ["petition_id", "id"],
        sqlite_where=sa.text(WANTS_NEWS),
        postgresql_where=sa.text(WANTS_NEWS),
    )


def downgrade() -> None:
    op.drop_index("ix_signatures_news", table_name="signatures")
    op.drop_index("uq_outbox_update", table_name="outbox")
    op.execute("DELETE FROM outbox WHERE update_id IS NOT NULL")
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.drop_constraint(op.f("fk_outbox_update_id"), type_="foreignkey")
        batch_op.drop_column("update_id")
    op.drop_table("updates")
