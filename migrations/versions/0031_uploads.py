"""Files on their way in

Revision ID: 0031
Revises: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0033"

ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
UNDERWAY = sa.text("stage IN ('trying', 'going')")


def upgrade() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", ROW_ID, sa.Identity(always=False), primary_key=True),
        sa.Column(
            "petition_id",
            ROW_ID,
            sa.ForeignKey("petitions.id", name="fk_uploads_petition_id"),
            nullable=False,
        ),
        sa.Column("stage", sa.String(12), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("sent_by", sa.String(254), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("delimiter", sa.String(1), nullable=False),
        sa.Column("head", sa.JSON(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(12)),
        sa.Column("attempt", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("first_line", "first_byte", "row", "line", "byte", "added", "merged", "refused")
        ),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("kept_bytes", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("why", sa.String(300), nullable=False),
        sa.Column("import_id", ROW_ID, sa.ForeignKey("imports.id", name="fk_uploads_import_id")),
    )
    op.create_index("ix_uploads_petition_id", "uploads", ["petition_id"])
    op.create_index("ix_uploads_import_id", "uploads", ["import_id"])
    op.create_index(
        "ix_uploads_underway",
        "uploads",
        ["touched_at"],
        sqlite_where=UNDERWAY,
        postgresql_where=UNDERWAY,
    )
    op.create_table(
        "upload_pieces",
        sa.Column(
            "upload_id",
            ROW_ID,
            sa.ForeignKey("uploads.id", name="fk_upload_pieces_upload_id"),
            primary_key=True,
        ),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "upload_errors",
        sa.Column(
            "upload_id",
            ROW_ID,
            sa.ForeignKey("uploads.id", name="fk_upload_errors_upload_id"),
            primary_key=True,
        ),
        sa.Column("row", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("content", sa.Text(), nullable=False),
    )
    op.create_table(
        "upload_people",
        sa.Column("upload_id", ROW_ID, primary_key=True, autoincrement=False),
        sa.Column("person", sa.BigInteger(), primary_key=True, autoincrement=False),
    )


def downgrade() -> None:
    for table in ("upload_people", "upload_errors", "upload_pieces", "uploads"):
        op.drop_table(table)
