"""The ledger

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# SQLite numbers rows by itself only where the key is an INTEGER.
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "petitions",
        sa.Column("id", ROW_ID, sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("started_by", sa.String(length=200), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("default_lang", sa.String(length=35), nullable=False),
        sa.Column("confirmation", sa.String(length=12), nullable=False),
        sa.Column("goal_kind", sa.String(length=12), nullable=False),
        sa.Column("goal_aim", sa.BigInteger(), nullable=True),
        sa.Column("ladder", sa.JSON(), nullable=False),
        sa.Column("goal_floor", sa.BigInteger(), nullable=False),
        sa.Column("form", sa.JSON(), nullable=False),
        sa.Column("allowed_origins", sa.JSON(), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_makers", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petitions")),
        sa.UniqueConstraint("slug", name=op.f("uq_petitions_slug")),
    )
    op.create_table(
        "signatures",
        sa.Column("id", ROW_ID, sa.Identity(always=False), nullable=False),
        sa.Column("petition_id", ROW_ID, nullable=False),
        sa.Column("text_version", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("canonical_email", sa.String(length=254), nullable=True),
        sa.Column("given_name", sa.String(length=100), nullable=False),
        sa.Column("family_name", sa.String(length=100), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("postal_code", sa.String(length=20), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("show_name", sa.Boolean(), nullable=False),
        sa.Column("consent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("consent_wording", sa.Text(), nullable=True),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("page_url", sa.String(length=2000), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("network_key", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signatures")),
        sa.UniqueConstraint("petition_id", "canonical_email", name="uq_signatures_person"),
    )
    op.create_table(
        "audit_days",
        sa.Column("petition_id", ROW_ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("slot", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("added", sa.BigInteger(), nullable=False),
        sa.Column("repeated", sa.BigInteger(), nullable=False),
        sa.Column("confirmed", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.BigInteger(), nullable=False),
        sa.Column("invalidated", sa.BigInteger(), nullable=False),
        sa.Column("corrected", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["petition_id"], ["petitions.id"], name=op.f("fk_audit_days_petition_id")),
        sa.PrimaryKeyConstraint("petition_id", "day", "slot", name=op.f("pk_audit_days")),
    )
    op.create_table(
        "carried_over",
        sa.Column("id", ROW_ID, sa.Identity(always=False), nullable=False),
        sa.Column("petition_id", ROW_ID, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("count >= 0", name=op.f("ck_carried_over_not_negative")),
        sa.ForeignKeyConstraint(["petition_id"], ["petitions.id"], name=op.f("fk_carried_over_petition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carried_over")),
    )
    with op.batch_alter_table("carried_over", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_carried_over_petition_id"), ["petition_id"], unique=False)

    op.create_table(
        "moves",
        sa.Column("id", ROW_ID, sa.Identity(always=False), nullable=False),
        sa.Column("petition_id", ROW_ID, nullable=False),
        sa.Column("signature_id", ROW_ID, nullable=False),
        sa.Column("origin", sa.String(length=12), nullable=False),
        sa.Column("target", sa.String(length=12), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_by", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["signature_id"], ["signatures.id"], name=op.f("fk_moves_signature_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moves")),
    )
    with op.batch_alter_table("moves", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_moves_signature_id"), ["signature_id"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", ROW_ID, sa.Identity(always=False), nullable=False),
        sa.Column("signature_id", ROW_ID, nullable=False),
        sa.Column("occasion", sa.String(length=20), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_up_because", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["signature_id"], ["signatures.id"], name=op.f("fk_outbox_signature_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_signature_id"), ["signature_id"], unique=False)
        batch_op.create_index(
            "ix_outbox_waiting",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("sent_at IS NULL AND given_up_because IS NULL"),
            postgresql_where=sa.text("sent_at IS NULL AND given_up_because IS NULL"),
        )

    op.create_table(
        "tally",
        sa.Column("petition_id", ROW_ID, nullable=False),
        sa.Column("slot", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("here", sa.BigInteger(), nullable=False),
        sa.Column("carried_over", sa.BigInteger(), nullable=False),
        sa.Column("paper", sa.BigInteger(), nullable=False),
        sa.Column("changes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["petition_id"], ["petitions.id"], name=op.f("fk_tally_petition_id")),
        sa.PrimaryKeyConstraint("petition_id", "slot", name=op.f("pk_tally")),
    )
    op.create_table(
        "wordings",
        sa.Column("petition_id", ROW_ID, nullable=False),
        sa.Column("text_version", sa.String(length=32), nullable=False),
        sa.Column("lang", sa.String(length=35), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("addressed_to", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("appendix", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["petition_id"], ["petitions.id"], name=op.f("fk_wordings_petition_id")),
        sa.PrimaryKeyConstraint("petition_id", "text_version", name=op.f("pk_wordings")),
    )
    with op.batch_alter_table("wordings", schema=None) as batch_op:
        batch_op.create_index(
            "uq_wordings_current",
            ["petition_id", "lang"],
            unique=True,
            sqlite_where=sa.text("is_current"),
            postgresql_where=sa.text("is_current"),
        )


def downgrade() -> None:
    with op.batch_alter_table("wordings", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_wordings_current", sqlite_where=sa.text("is_current"), postgresql_where=sa.text("is_current")
        )

    op.drop_table("wordings")
    op.drop_table("tally")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outbox_waiting",
            sqlite_where=sa.text("sent_at IS NULL AND given_up_because IS NULL"),
            postgresql_where=sa.text("sent_at IS NULL AND given_up_because IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_outbox_signature_id"))

    op.drop_table("outbox")
    with op.batch_alter_table("moves", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_moves_signature_id"))

    op.drop_table("moves")
    with op.batch_alter_table("carried_over", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_carried_over_petition_id"))

    op.drop_table("carried_over")
    op.drop_table("audit_days")
    op.drop_table("signatures")
    op.drop_table("petitions")
