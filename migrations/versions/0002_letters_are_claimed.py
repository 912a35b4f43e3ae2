"""Letters are claimed by one worker at a time, for a while, and a reminder goes out once

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("claimed_by", sa.String(length=40), nullable=True))
    op.add_column("outbox", sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("outbox", sa.Column("last_failure", sa.String(length=200), nullable=True))
    op.create_index(
        "uq_outbox_reminder",
        "outbox",
        ["signature_id"],
        unique=True,
        sqlite_where=sa.text("occasion = 'reminder'"),
        postgresql_where=sa.text("occasion = 'reminder'"),
    )


def downgrade() -> None:
    op.drop_index("uq_outbox_reminder", "outbox")
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.drop_column("last_failure")
        batch_op.drop_column("claimed_until")
        batch_op.drop_column("claimed_by")
