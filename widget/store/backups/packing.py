"""How backups are packed. gzip's check sum also finds what was altered or cut off on the way."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from widget.store.backups.checking import Unrestorable

LEVEL = 3  # of 9: three times as fast as 6, and a tenth larger


@contextmanager
def packed(to: BinaryIO) -> Iterator[BinaryIO]:
    """Give a stream that packs into `to`."""
    with gzip.GzipFile("", "wb", LEVEL, to, mtime=0) as stream:
        yield cast(BinaryIO, stream)


@contextmanager
def unpacked(source: BinaryIO) -> Iterator[BinaryIO]:
    """Give a stream that unpacks `source`; reading it raises Unrestorable where that was damaged."""
    try:
        with gzip.GzipFile(fileobj=source, mode="rb") as stream:
            yield cast(BinaryIO, stream)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise Unrestorable(f"this is no whole backup: {error}") from error
