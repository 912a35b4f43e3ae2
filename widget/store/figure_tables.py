"""Tables of the figures people look at: what was counted beforehand, and what imports brought by day."""

from sqlalchemy import JSON, BigInteger, Column, Date, Float, ForeignKey, Table

from widget.store.columns import metadata
from widget.store.instant import Instant

# The figures of a petition too large to be counted while somebody waits, as they were `as_of`. They can be
# counted again at any time: nothing else is derived from them.
figures = Table(
    "figures",
    metadata,
    Column("petition_id", ForeignKey("petitions.id"), primary_key=True),
    Column("as_of", Instant, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("content", JSON, nullable=False),
)

# How many of those that began to count on a day were brought by an import: they signed some other day.
imported_days = Table(
    "imported_days",
    metadata,
    Column("petition_id", ForeignKey("petitions.id"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("counted", BigInteger, nullable=False),
)
