"""The schema of what goes out by mail, the second page of tables.py: updates and the outbox."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from widget.store.columns import metadata, row_id
from widget.store.instant import Instant

# Words from the organiser to those who signed. Once published they are on the petition's page for good; a
# mailing walks over the signatures up to `up_to`, is at `reached`, and took its last step at `fed_at`.
updates = Table(
    "updates",
    metadata,
    row_id(),
    Column("petition_id", ForeignKey("petitions.id"), nullable=False, index=True),
    Column("kind", String(12), nullable=False),
    Column("lang", String(35), nullable=False),
    Column("title", String(300), nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("tested_at", Instant),
    Column("published_at", Instant),
    Column("mailing", String(12), nullable=False),
    Column("reached", BigInteger, nullable=False),
    Column("up_to", BigInteger, nullable=False),
    Column("fed_at", Instant),
    Column("mailed", BigInteger, nullable=False),
)

# Letters still to be sent, written with what causes them and drained by a worker.
outbox = Table(
    "outbox",
    metadata,
    row_id(),
    Column("signature_id", ForeignKey("signatures.id"), nullable=False, index=True),
    Column("occasion", String(20), nullable=False),
    Column("written_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    Column("sent_at", Instant),
    Column("given_up_because", Text),
    # One worker has it in hand until then; a worker that was killed lets go of it by doing nothing.
    Column("claimed_by", String(40)),
    Column("claimed_until", Instant),
    Column("last_failure", String(200)),
    # Which update it brings, if it is news: to one person once.
    Column("update_id", ForeignKey("updates.id")),
    # Which of a person's letters it is. Two that are written in the same moment take the same number, and
    # one of them is not written; a reminder, which has a place of its own, and an update have none.
    Column("number", SmallInteger),
    UniqueConstraint("signature_id", "number", name="uq_outbox_number"),
    Index(
        "uq_outbox_reminder",
        "signature_id",
        unique=True,
        sqlite_where=text("occasion = 'reminder'"),
        postgresql_where=text("occasion = 'reminder'"),
    ),
    Index(
        "uq_outbox_update",
        "update_id",
        "signature_id",
        unique=True,
        sqlite_where=text("update_id IS NOT NULL"),
        postgresql_where=text("update_id IS NOT NULL"),
    ),
    # The few that nobody got, so that they are counted without looking at all that went out.
    Index(
        "ix_outbox_given_up",
        "update_id",
        sqlite_where=text("given_up_because IS NOT NULL AND update_id IS NOT NULL"),
        postgresql_where=text("given_up_because IS NOT NULL AND update_id IS NOT NULL"),
    ),
    Index(
        "ix_outbox_waiting",
        "due_at",
        sqlite_where=text("sent_at IS NULL AND given_up_because IS NULL"),
        postgresql_where=text("sent_at IS NULL AND given_up_because IS NULL"),
    ),
)
