"""The story of keeping a copy of the ledger, and of going back to it."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from widget.store import backups
from widget.store.backups import Restored, Unrestorable, Written
from widget.store.counter import Counter
from widget.store.ledger import Ledger

__all__ = ["Restored", "Unrestorable", "Written", "new_file", "restore", "write"]


def write(database_url: str, to: BinaryIO, now: datetime) -> Written:
    """Write the whole ledger, as it is in one moment. Raises LedgerUnavailable, Unrestorable."""
    return backups.write(database_url, to, now)


def restore(
    source: BinaryIO, *, database_url: str, ledger: Ledger, counter: Counter, now: datetime, replace: bool
) -> Restored:
    """Go back to a backup, and publish every number anew, so that it is right with the next read.

    Raises LedgerUnavailable, and Unrestorable with the ledger as it was.
    """
    restored = backups.read(database_url, source, now, replace=replace)
    for petition in ledger.petitions():
        counter.publish(petition.id, ledger.tally(petition.id))
    return restored


@contextmanager
def new_file(path: Path, *, replace: bool) -> Iterator[BinaryIO]:
    """Give a file that only its owner may read, and that has its name when it is whole and on disk.

    Raises FileExistsError where there is one already and it is not to be replaced, and OSError.
    """
    if path.exists() and not replace:
        raise FileExistsError(path)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        draft.touch(mode=0o600, exist_ok=False)
        with draft.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if replace:
            draft.replace(path)
        else:
            path.hardlink_to(draft)  # fails where somebody else was faster
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name, too
    finally:
        os.close(folder)
