"""Organisations, their organisers and members, one-time links; every petition belongs to an organisation

Revision ID: 0012
Revises: 0009
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0009"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    organisations = op.create_table(
        "organisations",
        sa.Column("id", ROW_ID, sa.Identity(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("slug", name=op.f("uq_organisations_slug")),
    )
    op.create_table(
        "organisers",
        sa.Column("id", ROW_ID, sa.Identity(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("folded_email", sa.String(length=254), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisers")),
        sa.UniqueConstraint("folded_email", name=op.f("uq_organisers_folded_email")),
    )
    op.create_table(
        "members",
        sa.Column("organisation_id", ROW_ID, nullable=False),
        sa.Column("organiser_id", ROW_ID, nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("joined_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_members_organisation_id"),
        sa.ForeignKeyConstraint(["organiser_id"], ["organisers.id"], name="fk_members_organiser_id"),
        sa.PrimaryKeyConstraint("organisation_id", "organiser_id", name=op.f("pk_members")),
    )
    op.create_index(op.f("ix_members_organiser_id"), "members", ["organiser_id"])
    op.create_table(
        "one_time_links",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("admits", sa.String(length=20), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("organisation_id", ROW_ID, nullable=True),
        sa.Column("role", sa.String(length=12), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_one_time_links_organisation_id"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_one_time_links")),
    )
    op.create_index(op.f("ix_one_time_links_organisation_id"), "one_time_links", ["organisation_id"])
    # Whatever is here already, and the first petition to come, has somebody to belong to.
    op.bulk_insert(
        organisations,
        [{"slug": "our-organisation", "name": "Our organisation", "created_at": datetime.now(UTC)}],
    )
    op.add_column("petitions", sa.Column("organisation_id", ROW_ID, nullable=True))
    op.execute("UPDATE petitions SET organisation_id = (SELECT min(id) FROM organisations)")
    with op.batch_alter_table("petitions") as batch_op:
        batch_op.alter_column("organisation_id", existing_type=ROW_ID, nullable=False)
        batch_op.create_foreign_key(
            "fk_petitions_organisation_id", "organisations", ["organisation_id"], ["id"]
        )
        batch_op.create_index("ix_petitions_organisation_id", ["organisation_id"])


def downgrade() -> None:
    with op.batch_alter_table("petitions") as batch_op:
        batch_op.drop_index("ix_petitions_organisation_id")
        batch_op.drop_constraint("fk_petitions_organisation_id", type_="foreignkey")
        batch_op.drop_column("organisation_id")
    op.drop_table("one_time_links")
    op.drop_table("members")
    op.drop_table("organisers")
    op.drop_table("organisations")
