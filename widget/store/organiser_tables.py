"""The part of the schema about organisers. `tables.py` has the rest; changes go through a migration."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, SmallInteger, String, Table, text

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

# Letters that carry such a link. The link knows the address and the occasion; the rest is as in the outbox.
organiser_letters = Table(
    "organiser_letters",
    metadata,
    row_id(),
    Column("link_number", ForeignKey("one_time_links.number"), nullable=False, unique=True),
    Column("written_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    Column("sent_at", Instant),
    Column("given_up_because", String(200)),
    Column("last_failure", String(200)),
    Column("claimed_by", String(40)),
    Column("claimed_until", Instant),
    Index(
        "ix_organiser_letters_waiting",
        "due_at",
        sqlite_where=text("sent_at IS NULL AND given_up_because IS NULL"),
        postgresql_where=text("sent_at IS NULL AND given_up_because IS NULL"),
    ),
)
