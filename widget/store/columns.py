"""What every table is made with: one metadata, and numbers for rows."""

from typing import Any

from sqlalchemy import BigInteger, Column, Identity, Integer, MetaData

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


# SQLite numbers rows by itself only where the key is an INTEGER.
ROW_ID = BigInteger().with_variant(Integer, "sqlite")


def row_id() -> Column[Any]:
    """Return the column that numbers rows."""
    return Column("id", ROW_ID, Identity(), primary_key=True)
