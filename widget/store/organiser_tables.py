"""The part of the schema about organisers. `tables.py` has the rest; changes go through a migration."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table

from widget.store.columns import metadata, row_id
from widget.store.instant import Instant

organisations = Table(
    "organisations",
    metadata,
    row_id(),
    Column("slug", String(80), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("created_at", Instant, nullable=False),
)

# Those who have an account. A session names the epoch it began in: raising it ends all of them.
organisers = Table(
    "organisers",
    metadata,
    row_id(),
    Column("email", String(254), nullable=False),
    Column("folded_email", String(254), nullable=False, unique=True),
    Column("password_hash", String(200)),
    Column("session_epoch", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
)

members = Table(
    "members",
    metadata,
    Column("organisation_id", ForeignKey("organisations.id"), primary_key=True),
    Column("organiser_id", ForeignKey("organisers.id"), primary_key=True, index=True),
    Column("role", String(12), nullable=False),
    Column("joined_at", Instant, nullable=False),
)

# Invitations and other links that work once. The number is random; in an address it stands signed, so
# that whoever reads this table can open none of them.
one_time_links = Table(
    "one_time_links",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("admits", String(20), nullable=False),
    Column("email", String(254), nullable=False),
    Column("organisation_id", ForeignKey("organisations.id"), index=True),
    Column("role", String(12)),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)
