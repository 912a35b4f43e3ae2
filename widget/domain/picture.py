"""A petition's picture: what may be one, how large it is shown, and what is known of it beside its bytes."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from widget.domain.language import Spoken, spoken
from widget.domain.typed import UNREADABLE_LINE

# What a phone or a camera makes fits in; beyond it somebody tries what else fits.
MAX_BYTES = 12 * 1024 * 1024
# A JPEG that is unpacked line by line (`jpeg.py`) is so at a fraction of its size. All else is held whole,
# at up to eight bytes a pixel.
MAX_PIXELS_JPEG, MAX_PIXELS = 50_000_000, 16_000_000
# An honest progressive JPEG has about ten scans. Each walks over the whole picture, and a few bytes make one.
MAX_SCANS = 40
# No rendition has more bytes: they lie in the ledger, and in each of its backups.
MOST_BYTES = 450_000
LEAST_WIDTH, LEAST_HEIGHT = 320, 160
# Beyond these it would be a line on the page, or taller than any screen.
MOST_TIMES_WIDER, MOST_TIMES_HIGHER = 4, 3

DESCRIPTION_LENGTH = 300
CREDIT_LENGTH = 150
# The page shows it no higher than this, in CSS pixels: the title stays in sight.
MOST_HIGH = 640

Purpose = Literal["page", "link"]
ENDINGS = {"image/webp": "webp", "image/jpeg": "jpg"}


class PictureUnfit(ValueError):
    """A file that cannot become a picture; the text says why, for whoever sent it."""


@dataclass(frozen=True, slots=True)
class Rendition:
    """A picture in one size, made by us. `digest` is the hash of its bytes and names its address."""

    purpose: Purpose
    digest: str
    media_type: str
    width: int
    height: int

    @property
    def name(self) -> str:
        """Return the last part of its address."""
        return f"{self.digest}.{ENDINGS[self.media_type]}"


@dataclass(frozen=True, slots=True)
class Picture:
    """What is known of a picture. Without descriptions it decorates: it says nothing that the text does not.

    `renditions` for the page come from small to large; the one for links stands last.
    """

    descriptions: Spoken
    credit: str
    renditions: tuple[Rendition, ...]

    @property
    def on_page(self) -> tuple[Rendition, ...]:
        """Return the sizes for the page, from small to large."""
        return tuple(one for one in self.renditions if one.purpose == "page")

    @property
    def for_links(self) -> Rendition:
        """Return the size that shows where a link to the petition is passed on."""
        return next(one for one in self.renditions if one.purpose == "link")

    @property
    def shown(self) -> tuple[int, int]:
        """Return width and height of the space it takes where there is room, in CSS pixels."""
        largest = self.on_page[-1]
        part = min(1, MOST_HIGH / largest.height)
        return round(largest.width * part), round(largest.height * part)

    def described(self, *wanted: str | None) -> tuple[str, str]:
        """Return the description and its language, chosen as the wording's is; both empty for none."""
        lang, words = spoken(self.descriptions, *wanted)
        return words, lang


@dataclass(frozen=True, slots=True)
class PictureFile:
    """The bytes of a rendition."""

    media_type: str
    content: bytes


def picture_version(picture: Picture | None) -> str:
    """Identify what is known of a picture by its content, so that an edit of an older one is noticed."""
    return hashlib.sha256(repr(picture).encode()).hexdigest()[:32]


def refuse_size(width: int, height: int, most: int) -> None:
    """Raise PictureUnfit for a size that cannot be shown, or takes too much to unpack: `most` pixels."""
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        raise PictureUnfit(
            f"it has {width} by {height} pixels, and {LEAST_WIDTH} by {LEAST_HEIGHT} are needed: "
            "take a larger one"
        )
    if width * height > most:
        raise PictureUnfit(
            f"it has {width * height / 1e6:,.0f} million pixels, more than {most / 1e6:,.0f} million: "
            "make it smaller first"
        )
    if width > MOST_TIMES_WIDER * height or height > MOST_TIMES_HIGHER * width:
        raise PictureUnfit("it is too long and narrow: cut it to a shape that a page can show")


def description(words: str) -> str:
    """Return what a picture shows, in one line; empty for nothing. Raises ValueError."""
    return _line(words, DESCRIPTION_LENGTH, "the description")


def credit(words: str) -> str:
    """Return whose picture it is, in one line; empty for nobody. Raises ValueError."""
    return _line(words, CREDIT_LENGTH, "the credit")


def descriptions(words: Mapping[str, str], *, own: str, decorates: bool) -> dict[str, str]:
    """Return what a picture shows, by language; nothing for one that only decorates.

    That in the petition's `own` language is needed, since it stands in for others. Raises ValueError.
    """
    found = {lang: line for lang, typed in words.items() if (line := description(typed))}
    if decorates and found:
        raise ValueError("either describe it, or say that it only decorates")
    if not decorates and own not in found:
        raise ValueError("say what it shows, for those who cannot see it, or that it only decorates")
    return found


def _line(words: str, limit: int, what: str) -> str:
    line = " ".join(words.split())
    if len(line) > limit:
        raise ValueError(f"{what} is longer than {limit} characters")
    if UNREADABLE_LINE.search(line):
        raise ValueError(f"{what} has characters that cannot be read")
    return line
