"""How a JPEG has to be unpacked, by its head: whatever is odd is not called line by line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.images import encoded, jpeg_in_scans, jpeg_segment, photo
from widget.domain.jpeg import is_line_by_line

ONE = jpeg_in_scans(16, 16, ((1, 2, 3),))
SCAN = ONE.index(b"\xff\xda")


@pytest.mark.parametrize(
    "data",
    [
        ONE,
        jpeg_in_scans(16, 16, ((1,),)),
        jpeg_in_scans(16, 16, ((1, 2, 3),), frame=0xC1),
        encoded(photo()),
        encoded(photo(mode="L")),
        ONE[:2] + jpeg_segment(0xE1, b"\xff\xc2\xff\xda\xff\xd9") + ONE[2:],
        ONE[:2] + b"\xff\xff\xff" + ONE[2:],
    ],
)
def test_one_scan_of_everything_is_line_by_line(data: bytes) -> None:
    assert is_line_by_line(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8",
        b"\x89PNG\r\n\x1a\n",
        ONE[:SCAN],
        ONE[:2] + b"\0" + ONE[2:],
        ONE[:2] + b"\xff\0" + ONE[2:],
        ONE[:2] + b"\xff\xd9" + ONE[2:],
        ONE[:2] + jpeg_segment(0xE0, b"")[:3] + b"\0" + ONE[2:],
        ONE[:SCAN] + jpeg_segment(0xC0, b"\x08\0\x10\0\x10\x03") + ONE[SCAN:],  # a second frame
        ONE[:2] + ONE[SCAN:],  # no frame
        jpeg_in_scans(16, 16, ((1,), (2,), (3,))),
        jpeg_in_scans(16, 16, ((1, 2, 3, 4),)),
        *(jpeg_in_scans(16, 16, ((1, 2, 3),), frame=one) for one in (0xC2, 0xC3, 0xC5, 0xC9, 0xCA, 0xCF)),
        encoded(photo(), progressive=True),
        encoded(photo().convert("CMYK")),
    ],
)
def test_all_else_is_not(data: bytes) -> None:
    assert not is_line_by_line(data)


@given(st.binary(max_size=64), st.integers(0, len(ONE)))
def test_no_head_is_more_than_an_answer(data: bytes, at: int) -> None:
    assert is_line_by_line(ONE[:at] + data + ONE[at:]) in {True, False}
    assert is_line_by_line(b"\xff\xd8" + data) in {True, False}
