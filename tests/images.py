"""Pictures for tests, honest ones and hostile ones, made when they are needed: no file of anybody's."""

import io
import struct
import zlib
from typing import Any

from PIL import Image

CORNERS = ((200, 30, 30), (30, 160, 60), (40, 60, 200), (240, 200, 40))  # from the upper left, as one reads
ORIENTATION, MODEL, GPS = 0x0112, 0x0110, 0x8825


def photo(width: int = 900, height: int = 600, mode: str = "RGB") -> Image.Image:
    """Return a picture whose four corners tell which way is up."""
    small = Image.new("RGB", (2, 2))
    small.putdata(CORNERS)
    return small.resize((width, height), Image.Resampling.NEAREST).convert(mode)


def encoded(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """Return a picture as a file."""
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def taken_by_phone(orientation: int = 1) -> bytes:
    """Return a JPEG with all that a phone writes into it: which way it was held, where it was, what it is."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[MODEL] = orientation, "Sam's telephone"
    exif.get_ifd(GPS).update({1: "N", 2: (40.0, 10.0, 38.0), 3: "E", 4: (44.0, 30.0, 47.0)})
    return encoded(photo(), exif=exif, comment=b"Sam was here", xmp=b"<x:xmpmeta>Sam's place</x:xmpmeta>")


def opened(content: bytes) -> Image.Image:
    """Return a file as a picture."""
    return Image.open(io.BytesIO(content))


def corners(picture: Image.Image) -> list[Any]:
    """Return what stands in the four corners, from the upper left, as one reads."""
    right, low = picture.width - 20, picture.height - 20
    return [
        picture.convert("RGB").getpixel(place) for place in ((20, 20), (right, 20), (20, low), (right, low))
    ]


def png_that_says(width: int, height: int, rows: bytes = b"") -> bytes:
    """Return a PNG whose head names a size; what it has of its rows is packed as well as it goes."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(rows, 9))
        + _chunk(b"IEND", b"")
    )


def jpeg_in_scans(width: int, height: int, scans: tuple[tuple[int, ...], ...], frame: int = 0xC0) -> bytes:
    """Return a grey JPEG whose components (1, 2, ...) come in these scans, two bits a block."""
    components = sorted({one for scan in scans for one in scan})
    head = struct.pack(">BHHB", 8, height, width, len(components))
    data = b"\xff\xd8" + jpeg_segment(0xDB, b"\0" + b"\1" * 64)
    data += jpeg_segment(frame, head + b"".join(bytes((one, 0x11, 0)) for one in components))
    for table in (b"\0", b"\x10"):
        data += jpeg_segment(0xC4, table + b"\1" + b"\0" * 15 + b"\0")
    blocks = -(-width // 8) * -(-height // 8)
    for scan in scans:
        named = b"".join(bytes((one, 0)) for one in scan)
        data += jpeg_segment(0xDA, bytes((len(scan),)) + named + b"\0\x3f\0")
        data += b"\0" * (blocks * len(scan) * 2 // 8 + 1)
    return data + b"\xff\xd9"


def jpeg_segment(marker: int, content: bytes) -> bytes:
    """Return a part of a JPEG's head."""
    return b"\xff" + bytes((marker,)) + struct.pack(">H", len(content) + 2) + content


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
