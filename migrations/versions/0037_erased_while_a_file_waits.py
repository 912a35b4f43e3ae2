"""Who was erased while a file waits to be brought in

Revision ID: 0037
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0028"


def upgrade() -> None:
    op.create_table(
        "upload_erased",
        sa.Column(
            "upload_id",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            nullable=False,
            autoincrement=False,
        ),
        sa.Column("person", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.ForeignKeyConstraint(["upload_id"], ["uploads.id"], name=op.f("fk_upload_erased_upload_id")),
        sa.PrimaryKeyConstraint("upload_id", "person", name=op.f("pk_upload_erased")),
    )


def downgrade() -> None:
    op.drop_table("upload_erased")
