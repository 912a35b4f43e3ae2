"""From which signature on a wording can have been signed, so that nobody looks for it among all before

Revision ID: 0033
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0027"


def upgrade() -> None:
    op.add_column("wordings", sa.Column("signed_after", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("wordings", "signed_after")
