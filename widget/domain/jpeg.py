"""What the head of a JPEG says of how it has to be unpacked, by the markers before its first scan.

Only a file whose first scan has all of its components is unpacked line by line. Of any other the decoder
keeps every coefficient, two bytes for each component of each pixel, however small the picture is made.
"""

LINE_BY_LINE = {0xC0, 0xC1}  # baseline and extended, as ITU-T T.81 numbers the frames
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # tables and a reserved code stand between them
SCAN = 0xDA
BARE = {0x01, *range(0xD0, 0xDA)}  # markers without a segment: none of them belongs before a scan
MOST_COMPONENTS = 3  # beyond these it is for print


def is_line_by_line(data: bytes) -> bool:
    """Tell whether a JPEG is unpacked line by line; of a head that is in any way odd that is not said."""
    if not data.startswith(b"\xff\xd8"):
        return False
    at, components = 2, 0
    while (found := _segment(data, at)) is not None:
        marker, at, end = found
        if marker == SCAN:
            return 0 < components <= MOST_COMPONENTS and data[at] == components
        if marker in FRAMES:
            if components or marker not in LINE_BY_LINE or end - at < 6:
                return False
            components = data[at + 5]
        at = end
    return False


def _segment(data: bytes, at: int) -> tuple[int, int, int] | None:
    """Return the marker that stands at a place, and where its content begins and ends; None if none does."""
    begins = at
    while data[at : at + 1] == b"\xff":  # any number of them may come before a marker
        at += 1
    if at == begins or at + 3 >= len(data) or data[at] == 0 or data[at] in BARE:
        return None
    end = at + 1 + int.from_bytes(data[at + 1 : at + 3], "big")
    return (data[at], at + 3, end) if at + 3 < end <= len(data) else None
