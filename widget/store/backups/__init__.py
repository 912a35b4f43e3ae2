"""A copy of a whole ledger in one file, and the way back.

SQLite gives a SQLite file; PostgreSQL gives our own tables as the server itself writes them out (COPY),
read in one snapshot, so that no program beside the service is needed. Both are packed with gzip. Either way
back is one transaction: it happens whole, or the ledger stays what it was.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from sqlalchemy import make_url

from widget.store.backups import postgresql, sqlite
from widget.store.backups.checking import Unrestorable
from widget.store.backups.packing import packed, unpacked
from widget.store.engine import translated

__all__ = ["Restored", "Unrestorable", "Written", "read", "write"]


@dataclass(frozen=True, slots=True)
class Written:
    """What went into a backup. `revision` is that of the schema."""

    revision: str
    petitions: int
    signatures: int


@dataclass(frozen=True, slots=True)
class Restored:
    """What came out of a backup, and by how much which petition's number differs from its signatures."""

    revision: str
    petitions: int
    signatures: int
    drifts: dict[int, int]


def write(database_url: str, to: BinaryIO, now: datetime) -> Written:
    """Copy the ledger as it is in one moment, while it goes on being used.

    Raises LedgerUnavailable, and Unrestorable where there is no sound ledger to copy.
    """
    with _kind_of(database_url) as kind, packed(to) as stream:
        return Written(*kind.write(database_url, stream, now))


def read(database_url: str, source: BinaryIO, now: datetime, *, replace: bool) -> Restored:
    """Make the ledger what it was, at today's schema; `replace` what is in it, if anything is.

    Each tally gets a version that no process and no Redis has seen, so that no later figure that one of
    them still holds is taken for newer (docs/decisions/0003). Raises LedgerUnavailable, and Unrestorable
    with the ledger untouched.
    """
    with _kind_of(database_url) as kind, unpacked(source) as stream:
        return Restored(*kind.read(database_url, stream, now, replace=replace))


@contextmanager
def _kind_of(database_url: str) -> Iterator["type[sqlite.File] | type[postgresql.Archive]"]:
    is_sqlite = make_url(database_url).get_backend_name() == "sqlite"
    with translated():
        yield sqlite.File if is_sqlite else postgresql.Archive
