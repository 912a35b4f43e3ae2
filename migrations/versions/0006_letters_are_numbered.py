"""Letters to a person are numbered, so that two at once are one

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.add_column(sa.Column("number", sa.SmallInteger(), nullable=True))
        batch_op.create_unique_constraint("uq_outbox_number", ["signature_id", "number"])


def downgrade() -> None:
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.drop_constraint("uq_outbox_number", type_="unique")
        batch_op.drop_column("number")
