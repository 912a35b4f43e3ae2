"""The schema of files on their way in. What they become stands in `tables.py`: imports and signatures."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from widget.store.columns import ROW_ID, metadata, row_id
from widget.store.instant import Instant

# Files that were sent in to be brought in. Web processes and workers share nothing but the ledger, so a file
# waits in it, in pieces, until it is in, taken back, or its days are over.
uploads = Table(
    "uploads",
    metadata,
    row_id(),
    Column("petition_id", ForeignKey("petitions.id"), nullable=False, index=True),
    Column("stage", String(12), nullable=False),
    Column("file_name", String(200), nullable=False),
    Column("sent_by", String(254), nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("touched_at", Instant, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("delimiter", String(1), nullable=False),
    Column("head", JSON, nullable=False),
    Column("columns", JSON, nullable=False),
    Column("state", String(12)),
    # The trial it is at: what an earlier one noted of its people is none of this one's.
    Column("attempt", Integer, nullable=False),
    # Where its data begin, and how far it was read: in rows, lines and bytes.
    Column("first_line", BigInteger, nullable=False),
    Column("first_byte", BigInteger, nullable=False),
    Column("row", BigInteger, nullable=False),
    Column("line", BigInteger, nullable=False),
    Column("byte", BigInteger, nullable=False),
    Column("added", BigInteger, nullable=False),
    Column("merged", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False),
    Column("kept", Integer, nullable=False),
    Column("kept_bytes", Integer, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("why", String(300), nullable=False),
    Column("import_id", ForeignKey("imports.id"), index=True),
    # What the worker asks for at every turn.
    Index(
        "ix_uploads_underway",
        "touched_at",
        sqlite_where=text("stage IN ('trying', 'going')"),
        postgresql_where=text("stage IN ('trying', 'going')"),
    ),
)

# Their text in UTF-8, in pieces of equal length, each packed with zlib.
upload_pieces = Table(
    "upload_pieces",
    metadata,
    Column("upload_id", ForeignKey("uploads.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)

# Lines that were not taken, as the table of errors has them: those of one batch in a row.
upload_errors = Table(
    "upload_errors",
    metadata,
    Column("upload_id", ForeignKey("uploads.id"), primary_key=True),
    Column("row", BigInteger, primary_key=True, autoincrement=False),
    Column("content", Text, nullable=False),
)

# Who was erased while a file waits, and is passed over in it: half a hash each. It has no key: the file has
# the address itself as long, and under a key that is changed meanwhile whoever was erased would come back.
upload_erased = Table(
    "upload_erased",
    metadata,
    Column("upload_id", ForeignKey("uploads.id"), primary_key=True, autoincrement=False),
    Column("person", BigInteger, primary_key=True, autoincrement=False),
)

# Whom a trial has met, so that somebody who stands twice in a file is new once: half a keyed hash each. No
# foreign key: there is one for each row of the file.
upload_people = Table(
    "upload_people",
    metadata,
    Column("upload_id", ROW_ID, primary_key=True, autoincrement=False),
    Column("person", BigInteger, primary_key=True, autoincrement=False),
)
