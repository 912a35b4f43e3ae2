"""The part of the ledger's schema that is about signatures on paper."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    String,
    Table,
    text,
)

from widget.store.columns import metadata, row_id
from widget.store.instant import Instant

# Signatures on paper, as books are kept: a line is added, never changed but for `stands`, never deleted.
# Who takes a figure back adds its opposite. Their sum is the tally's paper.
paper = Table(
    "paper",
    metadata,
    row_id(),
    Column("petition_id", ForeignKey("petitions.id"), nullable=False, index=True),
    Column("count", BigInteger, nullable=False),
    Column("place", String(200), nullable=False),
    Column("collected_on", Date, nullable=False),
    Column("reference", String(100), nullable=False),
    # Folding case may lengthen a text threefold.
    Column("canonical_reference", String(300), nullable=False),
    Column("note", String(500), nullable=False),
    Column("recorded_by", String(100), nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("takes_back", ForeignKey("paper.id"), unique=True),
    # It counts, and nobody took it back: no other of its scan may stand beside it.
    Column("stands", Boolean, nullable=False),
    CheckConstraint("count <> 0", name="not_nothing"),
    Index(
        "uq_paper_scan",
        "petition_id",
        "canonical_reference",
        unique=True,
        sqlite_where=text("stands"),
        postgresql_where=text("stands"),
    ),
)

# The people on those sheets, where somebody typed them off; in no public list. They go with a figure that is
# taken back, and when the petition's signers are anonymised: the figure stays.
paper_names = Table(
    "paper_names",
    metadata,
    row_id(),
    Column("paper_id", ForeignKey("paper.id"), nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("from_place", String(200), nullable=False),
)
