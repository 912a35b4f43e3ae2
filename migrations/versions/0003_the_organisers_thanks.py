"""An organiser's own page for those who have signed

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("petitions", sa.Column("thanks_url", sa.String(length=2000), nullable=True))


def downgrade() -> None:
    op.drop_column("petitions", "thanks_url")
