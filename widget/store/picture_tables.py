"""Where the bytes of pictures lie: apart from their petitions, which are read all the time."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, LargeBinary, String, Table

from widget.domain.picture import MOST_BYTES
from widget.store.columns import metadata

# The sizes of a petition's present picture, each under the hash of its bytes.
pictures = Table(
    "pictures",
    metadata,
    Column("petition_id", ForeignKey("petitions.id"), primary_key=True),
    Column("digest", String(32), primary_key=True),
    Column("media_type", String(20), nullable=False),
    Column("content", LargeBinary, nullable=False),
    CheckConstraint(f"length(content) <= {MOST_BYTES}", name="bounded"),
    Index("ix_pictures_digest", "digest"),
)
