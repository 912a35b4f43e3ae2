"""Whom to ask about data, a public list of signers, and petitions whose signers were anonymised

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

LISTED = "state = 'confirmed' AND show_name"


def upgrade() -> None:
    op.add_column(
        "petitions", sa.Column("privacy_contact", sa.String(length=300), nullable=False, server_default="")
    )
    op.add_column(
        "petitions", sa.Column("public_signers", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("petitions", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("petitions", sa.Column("anonymised_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_signatures_public",
        "signatures",
        ["petition_id", "id"],
        sqlite_where=sa.text(LISTED),
        postgresql_where=sa.text(LISTED),
    )


def downgrade() -> None:
    op.drop_index("ix_signatures_public", "signatures")
    op.drop_column("petitions", "anonymised_at")
    op.drop_column("petitions", "closed_at")
    op.drop_column("petitions", "public_signers")
    op.drop_column("petitions", "privacy_contact")
