"""From a file that somebody sent to a picture's sizes, with nothing of the file but what can be seen.

A file is looked at before it is unpacked: its kind, its size in pixels, how often it wants to be walked
over. What is unpacked is made anew from its pixels alone, so that no place, no camera, no name and no second
file inside it goes on. The decoders let other threads work meanwhile, and a process unpacks one picture at a
time: two would take twice the memory.
"""

import hashlib
import io
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from widget.domain.jpeg import is_line_by_line
from widget.domain.picture import (
    MAX_BYTES,
    MAX_PIXELS,
    MAX_PIXELS_JPEG,
    MAX_SCANS,
    MOST_BYTES,
    PictureUnfit,
    Purpose,
    Rendition,
    refuse_size,
)

if TYPE_CHECKING:
    from PIL.Image import Image

# On a phone 640 are enough, on a dense screen or a wide page 1280 are sharp. No screen shows it higher.
WIDTHS, MOST_HIGH = (640, 1280), 1600
# What a link is shown with where it is passed on: the shape that all ask for.
LINK = (1200, 630)
# A picture much wider or higher than that shape would lose too much at its edges: it stands on paper instead.
CUT_FROM, CUT_UP_TO = 1.25, 2.9
PAPER = (250, 247, 242)
# Whatever the picture, its bytes are bounded: what is hard to pack is packed more coarsely.
BOUNDS = {640: 150_000, 1280: MOST_BYTES, "link": 350_000}
QUALITIES = (82, 70, 55, 40, 25, 10)

FORMATS = ("JPEG", "PNG", "WEBP")
_BEGINNINGS = (
    (b"GIF8", "it is a GIF: save it as JPEG, PNG or WebP"),
    (b"%PDF", "it is a PDF: save the picture itself, as JPEG, PNG or WebP"),
    (b"PK\x03\x04", "it is an archive or a document: save the picture itself, as JPEG, PNG or WebP"),
)
_UNKNOWN = "it is no picture that can be read here: save it as JPEG, PNG or WebP"
_BROKEN = "it is damaged or cut off: save it once more, or send it again"

_one_at_a_time = threading.Lock()


def renditions(data: bytes) -> list[tuple[Rendition, bytes]]:
    """Return a picture's sizes for the page, from small to large, and the one for links, each with its bytes.

    Raises PictureUnfit, and its text says what is wrong with the file.
    """
    if not data:
        raise PictureUnfit("it is empty: choose a file")
    if len(data) > MAX_BYTES:
        raise PictureUnfit(f"it is larger than {MAX_BYTES // 1024**2} MB: make it smaller first")
    if not _one_at_a_time.acquire(blocking=False):
        raise PictureUnfit("another picture is being worked on: send it again in a moment")
    try:
        return list(_made(_pixels(data)))
    finally:
        _one_at_a_time.release()


def _pixels(data: bytes) -> "Image":
    """Return what can be seen: upright, in sRGB, without transparency, and no larger than it is needed."""
    try:
        picture = _opened(data)
        _refuse_unfit(picture, data)
        picture.draft(None, _needed(*picture.size))  # a JPEG is unpacked at a fraction of its size
        picture.load()
        profile = picture.info.get("icc_profile")
        return _in_srgb(_flat(_fitted(_upright(_plain(picture)))), profile)
    except PictureUnfit:
        raise
    except Exception as error:
        raise PictureUnfit(_BROKEN) from error


def _opened(data: bytes) -> "Image":
    # Imported here: most processes never see a picture, and should not carry all this from their start.
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415  # noqa: F401, PLC0415

    # Our own bound is asked below, before anything is unpacked. Pillow's would warn, in some thread's name.
    Image.MAX_IMAGE_PIXELS = None
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise PictureUnfit(_what_it_is(data)) from error


def _what_it_is(data: bytes) -> str:
    """Say what a file is that is no picture of ours, as far as its beginning tells."""
    for beginning, words in _BEGINNINGS:
        if data.startswith(beginning):
            return words
    if data[4:8] == b"ftyp":
        return "it is a HEIC, an AVIF or a film: save it as JPEG, PNG or WebP"
    if b"<svg" in data[:4096].lower():
        return "it is an SVG, a drawing that may hold programs: save it as PNG"
    if data.startswith((b"\xff\xd8", b"\x89PNG", b"RIFF")):
        return _BROKEN
    return _UNKNOWN


def _refuse_unfit(picture: "Image", data: bytes) -> None:
    """Raise PictureUnfit for what moves or would take too much, as the head of the file says."""
    is_jpeg = picture.format in {"JPEG", "MPO"}  # phones put a second picture behind the first: MPO
    if getattr(picture, "is_animated", False) and not is_jpeg:
        raise PictureUnfit("it moves: save one picture of it")
    refuse_size(*picture.size, MAX_PIXELS_JPEG if is_jpeg and is_line_by_line(data) else MAX_PIXELS)
    if is_jpeg and data.count(b"\xff\xda") > MAX_SCANS:
        raise PictureUnfit("it is put together in too many steps: save it once more")


def _plain(picture: "Image") -> "Image":
    """Return a picture of eight bits a channel, with its transparency as a channel."""
    if picture.mode.startswith("I"):  # sixteen bits of grey, which Pillow's own way would cut off, not scale
        return picture.point(lambda value: value * (1 / 257)).convert("L")
    if "transparency" in picture.info:
        return picture.convert("LA" if picture.mode == "L" else "RGBA")
    plain = {"1": "L", "P": "RGB", "PA": "RGBA"}.get(picture.mode)
    return picture.convert(plain) if plain else picture


def _upright(picture: "Image") -> "Image":
    from PIL import ImageOps  # noqa: PLC0415

    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # noqa: BLE001 - which way is up is a hint: without it the picture is shown as it lies
        return picture


def _needed(width: int, height: int) -> tuple[int, int]:
    """Return the least size that is enough, whichever side is up in the end."""
    part = max(_part(width, height), _part(height, width))
    return max(1, round(width * part)), max(1, round(height * part))


def _part(width: int, height: int) -> float:
    return min(1, WIDTHS[-1] / width, MOST_HIGH / height)


def _fitted(picture: "Image") -> "Image":
    from PIL.Image import Resampling  # noqa: PLC0415

    part = _part(picture.width, picture.height)
    size = (max(1, round(picture.width * part)), max(1, round(picture.height * part)))
    return picture if part == 1 else picture.resize(size, Resampling.LANCZOS, reducing_gap=3.0)


def _flat(picture: "Image") -> "Image":
    """Return a picture on white: behind a page it is dark at night, and a JPEG has nothing behind it."""
    from PIL import Image  # noqa: PLC0415

    if not picture.mode.endswith("A"):
        return picture
    colour = picture.mode[:-1]
    ground = Image.new(colour, picture.size, "white")
    ground.paste(picture.convert(colour), mask=picture.getchannel("A"))
    return ground


def _in_srgb(picture: "Image", profile: bytes | None) -> "Image":
    """Return a picture in the colours of the web; a profile that cannot be read is left out."""
    from PIL import Image, ImageCms  # noqa: PLC0415

    seen = picture
    if profile:
        try:
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            srgb = ImageCms.createProfile("sRGB")
            seen = ImageCms.profileToProfile(picture, given, srgb, outputMode="RGB") or picture
        except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
            seen = picture
    clean = Image.new("RGB", seen.size)
    clean.paste(seen.convert("RGB"))  # the pixels, and nothing that came with them
    return clean


def _made(picture: "Image") -> Iterator[tuple[Rendition, bytes]]:
    from PIL.Image import Resampling  # noqa: PLC0415

    for width in WIDTHS:
        if width < picture.width:
            size = (width, max(1, round(picture.height * width / picture.width)))
            smaller = picture.resize(size, Resampling.LANCZOS, reducing_gap=3.0)
            yield _packed(smaller, "page", "image/webp", BOUNDS[width])
    yield _packed(picture, "page", "image/webp", BOUNDS[1280])
    yield _packed(_for_links(picture), "link", "image/jpeg", BOUNDS["link"])


def _for_links(picture: "Image") -> "Image":
    from PIL import ImageOps  # noqa: PLC0415

    if CUT_FROM <= picture.width / picture.height <= CUT_UP_TO:
        return ImageOps.fit(picture, LINK, centering=(0.5, 0.4))  # faces are rather above the middle
    return ImageOps.pad(picture, LINK, color=PAPER)


def _packed(picture: "Image", purpose: Purpose, media_type: str, most: int) -> tuple[Rendition, bytes]:
    """Pack a picture as well as its bound allows. Raises PictureUnfit where none of the qualities does.

    WebP for the page, at two thirds of a JPEG's bytes; for links JPEG, which every messenger reads.
    """
    for quality in QUALITIES:
        out = io.BytesIO()
        if media_type == "image/webp":
            picture.save(out, "WEBP", quality=quality, method=4)
        else:
            picture.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
        packed = out.getvalue()
        if len(packed) <= most:
            digest = hashlib.sha256(packed).hexdigest()[:32]
            return Rendition(purpose, digest, media_type, *picture.size), packed
    raise PictureUnfit("it is noise through and through, and cannot be packed small enough: take another one")
