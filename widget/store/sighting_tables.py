"""The schema of where widgets were seen. `tables.py` has the rest; changes go through a migration."""

from sqlalchemy import Column, ForeignKey, String, Table

from widget.store.columns import metadata
from widget.store.instant import Instant

# Which sites have asked for a petition's widget, first and last, both cut to the hour. Nothing else is kept
# of a visit: no address, no page, no browser, and not how many there were.
sightings = Table(
    "sightings",
    metadata,
    Column("petition_id", ForeignKey("petitions.id"), primary_key=True),
    Column("site", String(300), primary_key=True),
    Column("first_seen_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
)
