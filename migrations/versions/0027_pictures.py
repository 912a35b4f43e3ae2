"""A petition's picture: what is known of it, and the bytes of its sizes

Revision ID: 0027
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0029"


def upgrade() -> None:
    op.add_column("petitions", sa.Column("picture", sa.JSON(), nullable=True))
    op.create_table(
        "pictures",
        sa.Column("petition_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("media_type", sa.String(20), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(content) <= 450000", name=op.f("ck_pictures_bounded")),
        sa.ForeignKeyConstraint(["petition_id"], ["petitions.id"], name=op.f("fk_pictures_petition_id")),
        sa.PrimaryKeyConstraint("petition_id", "digest", name=op.f("pk_pictures")),
    )
    op.create_index("ix_pictures_digest", "pictures", ["digest"])


def downgrade() -> None:
    op.drop_table("pictures")
    op.drop_column("petitions", "picture")
