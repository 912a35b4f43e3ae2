"""The schema of the ledger, on one page. Changes go through a migration under migrations/.

What is about organisers stands in `organiser_tables.py`, paper in `paper_tables.py`, where widgets were seen
in `sighting_tables.py`, figures to look at in `figure_tables.py`, files to bring in in `upload_tables.py`.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

# So that the metadata is whole.
from widget.store import (  # noqa: F401
    figure_tables,
    organiser_tables,
    paper_tables,
    picture_tables,
    sighting_tables,
    upload_tables,
)
from widget.store.columns import ROW_ID, metadata, row_id
from widget.store.instant import Instant

petitions = Table(
    "petitions",
    metadata,
    row_id(),
    Column("organisation_id", ForeignKey("organisations.id"), nullable=False, index=True),
    Column("slug", String(80), nullable=False, unique=True),
    Column("status", String(12), nullable=False),
    Column("started_by", String(200), nullable=False),
    Column("started_on", Date),
    Column("default_lang", String(35), nullable=False),
    Column("confirmation", String(12), nullable=False),
    Column("goal_kind", String(12), nullable=False),
    Column("goal_aim", BigInteger),
    Column("ladder", JSON, nullable=False),
    # The highest ladder goal ever shown: what is shown never falls back behind it.
    Column("goal_floor", BigInteger, nullable=False),
    Column("form", JSON, nullable=False),
    # The organiser's own, in their order, removed ones among them.
    Column("questions", JSON, nullable=False, server_default="[]"),
    Column("allowed_origins", JSON, nullable=False),
    Column("closes_at", Instant),
    Column("decision_makers", Integer),
    Column("thanks_url", String(2000)),
    # The organiser's own thanks to whoever has signed: language and words, that of the petition first.
    Column("thanks_text", JSON, nullable=False, server_default="[]"),
    # Whom signers may ask about their data; empty for whoever the operator named.
    Column("privacy_contact", String(300), nullable=False, server_default=""),
    Column("public_signers", Boolean, nullable=False, server_default=false()),
    # What is known of its picture, NULL without one; the bytes lie apart, for whoever asks for them.
    Column("picture", JSON(none_as_null=True)),
    # When the service first saw it closed, and when its signers were anonymised: it never opens again.
    Column("closed_at", Instant),
    Column("anonymised_at", Instant),
    Column("revision", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
)

# Every address that a petition has or had: links and snippets go on, and no other petition gets it.
slugs = Table(
    "slugs",
    metadata,
    Column("slug", String(80), primary_key=True),
    Column("petition_id", ForeignKey("petitions.id"), nullable=False, index=True),
)

# Every wording ever signed stays readable, under its own hash (promise 9).
wordings = Table(
    "wordings",
    metadata,
    Column("petition_id", ForeignKey("petitions.id"), primary_key=True),
    Column("text_version", String(32), primary_key=True),
    Column("lang", String(35), nullable=False),
    Column("is_current", Boolean, nullable=False),
    Column("title", String(300), nullable=False),
    Column("addressed_to", JSON, nullable=False),
    Column("text", Text, nullable=False),
    Column("appendix", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    # The highest number of a signature when it was written: whoever signed it has a higher one.
    Column("signed_after", BigInteger, nullable=False, server_default="0"),
    Index(
        "uq_wordings_current",
        "petition_id",
        "lang",
        unique=True,
        sqlite_where=text("is_current"),
        postgresql_where=text("is_current"),
    ),
)

# Figures from elsewhere, each with its provenance; their sum is the tally's carried_over.
carried_over = Table(
    "carried_over",
    metadata,
    row_id(),
    Column("petition_id", ForeignKey("petitions.id"), nullable=False, index=True),
    Column("count", BigInteger, nullable=False),
    Column("source", String(300), nullable=False),
    Column("counted_on", Date),
    Column("recorded_at", Instant, nullable=False),
    CheckConstraint("count >= 0", name="not_negative"),
)

# No foreign key to petitions or wordings: PostgreSQL would share-lock the one parent row for every
# signer of a viral petition. The statement that inserts reads the petition's row itself, and neither
# petitions nor wordings are ever deleted.
signatures = Table(
    "signatures",
    metadata,
    row_id(),
    Column("petition_id", ROW_ID, nullable=False),
    Column("text_version", String(32), nullable=False),
    Column("state", String(12), nullable=False),
    # As typed, and the form in which two spellings of one mailbox are equal. Both NULL once erased.
    Column("email", String(254)),
    Column("canonical_email", String(254)),
    Column("given_name", String(100), nullable=False),
    Column("family_name", String(100), nullable=False),
    Column("country", String(2), nullable=False),
    Column("postal_code", String(20), nullable=False),
    Column("comment", Text, nullable=False),
    Column("show_name", Boolean, nullable=False),
    Column("consent_at", Instant),
    Column("consent_wording", Text),
    Column("lang", String(35), nullable=False),
    Column("source", String(100), nullable=False),
    Column("page_url", String(2000), nullable=False),
    # What a search compares (`domain.folding.found_by`), so that one index answers it without the row.
    Column("found_by", Text, nullable=False, server_default=""),
    Column("signed_at", Instant, nullable=False),
    # When the address was confirmed, or the signature counted at once; stays through holds and undoing.
    Column("confirmed_at", Instant),
    Column("moved_at", Instant, nullable=False),
    # A keyed hash of the network it came from, cleared after some weeks (promise 10).
    Column("network_key", String(32)),
    # Why the guard held it when it came; NULL where it did not. Stays, also when it was let count.
    Column("held_because", String(20)),
    # What was answered to the organiser's own questions, by name; NULL for nothing.
    Column("answers", JSON(none_as_null=True)),
    # Which import brought it; NULL for those given here. No foreign key, as above.
    Column("import_id", ROW_ID),
    # One person, one petition, one signature (promise 2). NULLs differ, so erasing frees the place.
    UniqueConstraint("petition_id", "canonical_email", name="uq_signatures_person"),
    # Those whose names are shown where the organiser wants a list, the newest found first.
    Index(
        "ix_signatures_public",
        "petition_id",
        "id",
        sqlite_where=text("state = 'confirmed' AND show_name"),
        postgresql_where=text("state = 'confirmed' AND show_name"),
    ),
    # Those who asked for news, to walk over when there are any.
    Index(
        "ix_signatures_news",
        "petition_id",
        "id",
        sqlite_where=text("state = 'confirmed' AND consent_at IS NOT NULL"),
        postgresql_where=text("state = 'confirmed' AND consent_at IS NOT NULL"),
    ),
    # A petition's signers in the order they came, to leaf through and to search, and those of them that do
    # not count. State and words follow the number, so that a search for somebody rare reads nothing else.
    Index("ix_signatures_petition", "petition_id", "id", "state", "found_by"),
    Index(
        "ix_signatures_set_aside",
        "petition_id",
        "state",
        "id",
        sqlite_where=text("state <> 'confirmed'"),
        postgresql_where=text("state <> 'confirmed'"),
    ),
    # The few that wait for a look, so that finding them costs nothing however many there are in all.
    Index(
        "ix_signatures_held",
        "petition_id",
        "id",
        sqlite_where=text("state = 'held'"),
        postgresql_where=text("state = 'held'"),
    ),
)

# Files that were brought in: where their signatures are from, who brought them, and how far each is.
imports = Table(
    "imports",
    metadata,
    row_id(),
    Column("petition_id", ForeignKey("petitions.id"), nullable=False, index=True),
    Column("file_name", String(200), nullable=False),
    # SHA-256 of the file, so that an import goes on with the one it began with.
    Column("fingerprint", String(64), nullable=False),
    Column("mapping", JSON, nullable=False),
    Column("recorded_by", String(254), nullable=False),
    Column("recorded_at", Instant, nullable=False),
    # The last line of data that was dealt with, and what became of all until there.
    Column("last_row", BigInteger, nullable=False),
    Column("added", BigInteger, nullable=False),
    Column("merged", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False),
    Column("finished_at", Instant),
)

# The number, kept in the same transaction as the signature, in several slots so that the signers of
# one petition do not queue for one row (promise 3). Slot 0 also holds what came from elsewhere.
tally = Table(
    "tally",
    metadata,
    Column("petition_id", ForeignKey("petitions.id"), primary_key=True),
    Column("slot", SmallInteger, primary_key=True, autoincrement=False),
    Column("here", BigInteger, nullable=False),
    Column("carried_over", BigInteger, nullable=False),
    Column("paper", BigInteger, nullable=False),
    Column("changes", BigInteger, nullable=False),
)

# Every move of a signature after its first day: who let it happen, and why. Never a name or address.
moves = Table(
    "moves",
    metadata,
    row_id(),
    Column("petition_id", ROW_ID, nullable=False),
    Column("signature_id", ForeignKey("signatures.id"), nullable=False, index=True),
    Column("origin", String(12), nullable=False),
    Column("target", String(12), nullable=False),
    Column("moved_at", Instant, nullable=False),
    Column("moved_by", String(12), nullable=False),
    Column("reason", String(200), nullable=False),
    # The name of a review in which many were moved together, so that it can be undone together.
    Column("batch", String(16)),
    Index(
        "ix_moves_batch",
        "batch",
        sqlite_where=text("batch IS NOT NULL"),
        postgresql_where=text("batch IS NOT NULL"),
    ),
)

# Whom the guard is told to hold, and whom not to doubt. One line each; a new word replaces the old.
listings = Table(
    "listings",
    metadata,
    Column("kind", String(8), primary_key=True),
    Column("pattern", String(254), primary_key=True),
    Column("listing", String(5), nullable=False),
    Column("note", String(200), nullable=False),
    Column("listed_at", Instant, nullable=False),
)

# The public audit (promise 15), written with every change of the number, in the slot that changes:
# confirmed - withdrawn - invalidated + corrected, summed over all days, is the tally's `here`.
audit_days = Table(
    "audit_days",
    metadata,
    Column("petition_id", ForeignKey("petitions.id"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("slot", SmallInteger, primary_key=True, autoincrement=False),
    Column("added", BigInteger, nullable=False),
    Column("repeated", BigInteger, nullable=False),
    Column("confirmed", BigInteger, nullable=False),
    Column("withdrawn", BigInteger, nullable=False),
    Column("invalidated", BigInteger, nullable=False),
    Column("corrected", BigInteger, nullable=False),
)
