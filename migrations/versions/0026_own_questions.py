"""Questions of the organiser's own, and what signers answer to them

Revision ID: 0026
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0030"


def upgrade() -> None:
    op.add_column("petitions", sa.Column("questions", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("signatures", sa.Column("answers", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    op.drop_column("signatures", "answers")
    op.drop_column("petitions", "questions")
