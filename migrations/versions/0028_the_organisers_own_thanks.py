"""The organiser's own words to whoever has signed

Revision ID: 0028
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0031"


def upgrade() -> None:
    op.add_column(
        "petitions", sa.Column("thanks_text", sa.JSON(), nullable=False, server_default=sa.text("'[]'"))
    )


def downgrade() -> None:
    op.drop_column("petitions", "thanks_text")
