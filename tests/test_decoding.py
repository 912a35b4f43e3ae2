"""What somebody sends as a picture: what is made of it, what is refused, and what never goes on."""

import io
import os
import threading
import zipfile
from typing import Any

import pytest
from PIL import Image, ImageCms

from tests.images import (
    CORNERS,
    ORIENTATION,
    corners,
    encoded,
    jpeg_in_scans,
    jpeg_segment,
    opened,
    photo,
    png_that_says,
    taken_by_phone,
)
from widget import decoding
from widget.domain.picture import MAX_BYTES, MOST_BYTES, PictureUnfit, Rendition


def made(data: bytes) -> dict[str, tuple[Rendition, Image.Image]]:
    """Return the sizes by their purpose, the largest for the page."""
    return {
        rendition.purpose: (rendition, opened(content)) for rendition, content in decoding.renditions(data)
    }


def refused(data: bytes) -> str:
    with pytest.raises(PictureUnfit) as caught:
        decoding.renditions(data)
    return str(caught.value)


def close(one: Any, other: Any, most: int = 24) -> bool:
    return all(abs(a - b) <= most for a, b in zip(one, other, strict=True))


def upright(picture: Image.Image) -> bool:
    return all(close(*pair) for pair in zip(corners(picture), CORNERS, strict=True))


def test_a_photo_becomes_two_sizes_for_the_page_and_one_for_links() -> None:
    sizes = decoding.renditions(encoded(photo(3000, 2000), quality=95))
    told = [(one.purpose, one.media_type, one.width, one.height) for one, _ in sizes]
    assert told == [
        ("page", "image/webp", 640, 426),
        ("page", "image/webp", 1280, 853),
        ("link", "image/jpeg", 1200, 630),
    ]
    for one, content in sizes:
        assert opened(content).size == (one.width, one.height)
        assert opened(content).get_format_mimetype() == one.media_type
    assert len({one.digest for one, _ in sizes}) == 3
    assert decoding.renditions(encoded(photo(3000, 2000), quality=95)) == sizes


def test_a_small_picture_is_not_blown_up_for_the_page() -> None:
    assert [(one.purpose, one.width) for one, _ in decoding.renditions(encoded(photo(500, 400)))] == [
        ("page", 500),
        ("link", 1200),
    ]


def test_a_tall_picture_is_bounded_and_stands_whole_where_links_are_shown() -> None:
    sizes = made(encoded(photo(2000, 4000)))
    assert (sizes["page"][0].width, sizes["page"][0].height) == (800, 1600)
    link = sizes["link"][1]
    assert link.size == (1200, 630)
    assert close(link.getpixel((5, 5)), decoding.PAPER)
    assert close(link.getpixel((600 - 100, 20)), CORNERS[0])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_each_kind_is_taken(kind: str) -> None:
    assert upright(made(encoded(photo(), kind))["page"][1])


@pytest.mark.parametrize(
    ("orientation", "turn"),
    [
        (1, None),
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
        (3, Image.Transpose.ROTATE_180),
        (4, Image.Transpose.FLIP_TOP_BOTTOM),
        (5, Image.Transpose.TRANSPOSE),
        (6, Image.Transpose.ROTATE_270),
        (7, Image.Transpose.TRANSVERSE),
        (8, Image.Transpose.ROTATE_90),
    ],
)
def test_a_phone_held_in_any_way_takes_an_upright_picture(orientation: int, turn: Any) -> None:
    expected = photo() if turn is None else photo().transpose(turn)
    seen = made(taken_by_phone(orientation))["page"][1]
    assert seen.width / seen.height == pytest.approx(expected.width / expected.height, abs=0.01)
    assert all(close(*pair) for pair in zip(corners(seen), corners(expected), strict=True))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_goes_on_but_what_can_be_seen(kind: str) -> None:
    source = opened(taken_by_phone(6))
    sent = encoded(photo(), kind, exif=source.getexif(), xmp=b"<x:xmpmeta>Sam's place</x:xmpmeta>")
    assert b"telephone" in sent
    for _, content in decoding.renditions(sent):
        assert not opened(content).getexif()
        assert set(opened(content).info) <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
            "progressive",
        } | {
            *("progression", "loop", "background", "timestamp", "duration", "sizes"),
        }
        for word in (b"telephone", b"Sam", b"Exif", b"xmp", b"ICC_PROFILE", b"GPS"):
            assert word not in content


def test_a_second_file_inside_does_not_go_on() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("index.html", "<script>alert(1)</script>")
    sent = encoded(photo()) + b"<html><script>alert(1)</script></html>" + archive.getvalue()
    for _, content in decoding.renditions(sent):
        assert b"script" not in content
        assert b"PK\x03\x04" not in content


def test_a_wide_profile_is_followed() -> None:
    profile = wide_gamut()
    seen = made(encoded(photo(), "PNG", icc_profile=profile))["page"][1]
    red, expected = corners(seen)[0], CORNERS[0]
    assert red[0] > expected[0] + 10  # the same figures mean a stronger red there


def test_a_profile_that_is_none_is_left_out() -> None:
    assert upright(made(encoded(photo(), "PNG", icc_profile=b"no profile" * 30))["page"][1])


def test_colours_for_print_are_taken() -> None:
    seen = made(encoded(photo().convert("CMYK")))["page"][1]
    assert all(close(*pair, 60) for pair in zip(corners(seen), CORNERS, strict=True))


def test_sixteen_bits_of_grey_are_scaled_and_not_cut_off() -> None:
    grey = Image.new("I;16", (640, 320), 32768)
    assert close(made(encoded(grey, "PNG"))["page"][1].getpixel((100, 100)), (128, 128, 128), 4)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA"])
def test_every_way_to_store_colours_is_taken(mode: str) -> None:
    assert made(encoded(photo(mode=mode), "PNG"))["page"][1].size == (900, 600)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_stands_on_white(mode: str) -> None:
    clear = Image.new("RGBA", (640, 320), (200, 30, 30, 0))
    sent = (
        encoded(clear.convert("P"), "PNG", transparency=0)
        if mode == "P"
        else encoded(clear.convert(mode), "PNG")
    )
    for _, picture in made(sent).values():
        assert close(picture.getpixel((300, 300)), (255, 255, 255), 3)


def test_two_pictures_in_one_as_phones_put_them_are_the_first() -> None:
    both = encoded(photo(), "MPO", save_all=True, append_images=[Image.new("RGB", (900, 600))])
    assert opened(both).format == "MPO"
    assert upright(made(both)["page"][1])


# What is refused


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"no picture", "no picture that can be read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "SVG"),
        (b"<?xml version='1.0'?>\n<SVG onload='alert(1)'/>", "SVG"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"GIF89a" + b"\0" * 100, "GIF"),
        (b"PK\x03\x04" + b"\0" * 100, "archive"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 100, "HEIC"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"\xff\xd8\xff\xe0", "damaged"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "damaged"),
        (b"\0" * (MAX_BYTES + 1), "larger than 12 MB"),
    ],
)
def test_what_is_no_picture_is_told_so(data: bytes, said: str) -> None:
    assert said in refused(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
def test_a_file_that_was_cut_off_is_refused(kind: str, part: float) -> None:
    noise = Image.effect_noise((640, 480), 80).convert("RGB")
    data = encoded(noise, kind)
    assert "damaged or cut off" in refused(data[: int(len(data) * part)])


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_moves_is_refused(kind: str) -> None:
    frames = [Image.new("RGB", (640, 320), colour) for colour in ("red", "green", "blue")]
    assert "moves" in refused(encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100))


@pytest.mark.parametrize(
    ("width", "height", "said"),
    [
        (319, 400, "320 by 160 are needed"),
        (400, 159, "320 by 160 are needed"),
        (1300, 320, "long and narrow"),
        (320, 1000, "long and narrow"),
    ],
)
def test_a_shape_that_no_page_can_show_is_refused(width: int, height: int, said: str) -> None:
    assert said in refused(encoded(photo(width, height), "PNG"))


@pytest.mark.parametrize(("width", "height"), [(4001, 4000), (20_000, 20_000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_by_its_head_alone(width: int, height: int) -> None:
    bomb = png_that_says(width, height, b"\0" * 10_000_000)
    assert len(bomb) < 20_000
    assert "million pixels" in refused(bomb)


def test_a_baseline_jpeg_may_be_larger_since_it_is_unpacked_smaller() -> None:
    large = Image.new("L", (7000, 7000), 90)
    assert made(encoded(large, quality=30))["page"][0].width == 1280
    assert "more than 16 million" in refused(encoded(large, quality=30, progressive=True))


@pytest.mark.parametrize(
    "scans",
    [
        ((1,), (2,), (3,), (4,)),
        ((1,), (2,), (3,)),
        ((1, 2), (3,)),
        ((1,), (2, 3)),
        ((1, 2, 3, 4),),  # for print: no camera makes one as large
    ],
)
def test_a_large_jpeg_whose_components_come_apart_is_refused(scans: tuple[tuple[int, ...], ...]) -> None:
    """The decoder keeps all of it until the last scan, though it does not call it progressive."""
    bomb = jpeg_in_scans(7070, 7070, scans)
    assert len(bomb) < 1_000_000
    assert "50 million pixels, more than 16 million" in refused(bomb)
    assert made(jpeg_in_scans(640, 480, scans))["page"][1].size == (640, 480)


@pytest.mark.parametrize(("width", "height"), [(10_000, 2_500), (2_400, 7_200), (5_000, 5_000)])
@pytest.mark.parametrize("orientation", [1, 6])
def test_a_large_photo_of_any_shape_is_as_sharp_as_it_is_shown(
    width: int, height: int, orientation: int
) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    sent = encoded(photo(width, height), exif=exif)
    across, high = (width, height) if orientation == 1 else (height, width)
    part = min(1280 / across, 1600 / high)
    assert made(sent)["page"][1].size == (round(across * part), round(high * part))
    drawn = opened(sent)
    drawn.draft(None, decoding._needed(width, height))
    assert drawn.width * drawn.height <= 10_000_000


def test_a_small_picture_before_the_large_one_does_not_speak_for_it() -> None:
    bomb, small = jpeg_in_scans(7070, 7070, ((1,), (2,), (3,))), encoded(photo(160, 160))
    for before in (jpeg_segment(0xE1, b"Exif\0\0" + small), small[2:-2], b"\xff\xff", b"\0\0"):
        with pytest.raises(PictureUnfit):
            decoding.renditions(bomb[:2] + before + bomb[2:])


def test_a_large_photo_of_a_phone_is_taken_with_the_small_ones_inside_it() -> None:
    large, small = Image.new("RGB", (6000, 4000), (40, 60, 90)), encoded(photo(160, 160), progressive=True)
    taken = encoded(large, quality=30)
    inside = jpeg_segment(0xE1, b"Exif\0\0" + small) + jpeg_segment(0xFE, b"\xff\xda\xff\xc2")
    assert made(taken[:2] + inside + b"\xff" + taken[2:])["page"][0].width == 1280
    both = encoded(large, "MPO", quality=30, save_all=True, append_images=[photo()])
    assert made(both)["page"][0].width == 1280


def test_a_jpeg_that_wants_to_be_walked_over_without_end_is_refused() -> None:
    data = encoded(photo(), progressive=True)
    scan = data.rindex(b"\xff\xda")
    assert "too many steps" in refused(data[:-2] + data[scan:-2] * 60 + b"\xff\xd9")


def test_noise_that_cannot_be_packed_is_refused_or_bounded() -> None:
    noise = Image.frombytes("RGB", (1280, 1600), os.urandom(1280 * 1600 * 3))
    assert "noise" in refused(encoded(noise, quality=90))
    less = Image.frombytes("RGB", (1280, 900), os.urandom(1280 * 900 * 3))
    assert all(len(content) <= MOST_BYTES for _, content in decoding.renditions(encoded(less, quality=90)))


@pytest.mark.parametrize("place", range(0, 4000, 250))
def test_no_damaged_byte_is_more_than_a_refusal(place: int) -> None:
    for kind in ("JPEG", "PNG", "WEBP"):
        data = bytearray(encoded(Image.effect_noise((400, 300), 60).convert("RGB"), kind))
        data[place % len(data) : place % len(data) + 8] = os.urandom(8)
        try:
            decoding.renditions(bytes(data))
        except PictureUnfit as error:
            assert str(error)  # noqa: PT017 - a lucky picture is as good


def test_one_picture_at_a_time() -> None:
    """While one is unpacked another is told to wait, and no thread stands in a queue."""
    with decoding._one_at_a_time:
        done: list[str] = []
        other = threading.Thread(target=lambda: done.append(refused(encoded(photo()))))
        other.start()
        other.join(timeout=10)
        assert "another picture is being worked on" in done[0]
    assert decoding.renditions(encoded(photo()))


def wide_gamut() -> bytes:
    """Return a profile whose red lies beyond that of the web: sRGB's own with its red moved outwards."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = int.from_bytes(profile[128:132], "big")
    tags = {bytes(profile[132 + 12 * i : 136 + 12 * i]): 132 + 12 * i for i in range(count)}
    at = int.from_bytes(profile[tags[b"rXYZ"] + 4 : tags[b"rXYZ"] + 8], "big") + 8
    red = int.from_bytes(profile[at : at + 4], "big", signed=True)
    profile[at : at + 4] = int(red * 1.25).to_bytes(4, "big", signed=True)
    return bytes(profile)
