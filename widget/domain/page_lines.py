"""The bytes of a saved page as clean lines, or a reasoned no.

Nothing is lost in silence: what cannot be read as text, or could make a text look other than it is,
is refused with its line. Only what no reader sees is tidied: spaces of every width become one plain
space, invisible marks without meaning go, and letters take their composed form (Unicode NFC).
"""

import codecs
import re
import unicodedata
from dataclasses import dataclass

from widget.domain.refusals import PageUnreadable

MAX_BYTES = 1_048_576
MAX_LINES = 20_000
# More marks on one letter than any script needs; UAX #15 calls 30 the stream-safe limit. Longer runs
# also make normalising slow.
MAX_MARKS = 30

_LINE_END = re.compile("\r\n|[\r\n\u2028\u2029]")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_BIDI_OVERRIDE = re.compile("[\u202a-\u202e\u2066-\u2069]")
_MARKUP = re.compile(
    r"<(?:!doctype|\?xml|/?(?:html|head|body|meta|script|style|div|span|p|br|section)\b)[^<>]*>",
    re.IGNORECASE,
)

# How files begin that are not text, whatever their name says.
_OTHER_FORMATS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a word processor's document or an archive"),
    (b"\xd0\xcf\x11\xe0", "a word processor's document"),
    (b"{\\rtf", "a rich text document"),
    (b"bplist", "a web archive"),
    (b"\x1f\x8b", "a compressed file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the page, 1-based, with single spaces inside and none around.

    Only where it was read as Markdown are the spaces before it kept, and two behind it, which mean a break.
    """

    number: int
    text: str


def page_lines(data: bytes, *, markdown: bool = False) -> tuple[Line, ...]:
    """Return all lines, blank ones too, so that numbers are those of an editor.

    Reads UTF-8 with or without a byte order mark, and UTF-16 with one; at most 1 MiB and 20 000 lines.
    `markdown` keeps the spaces that have a meaning there. Raises PageUnreadable for everything else.
    """
    if len(data) > MAX_BYTES:
        raise PageUnreadable(
            f"the file is larger than {MAX_BYTES:,} bytes: save only the petition page, as plain text"
        )
    for start, name in _OTHER_FORMATS:
        if data.startswith(start):
            raise PageUnreadable(f"the file is {name}: open the page in a browser and save it as plain text")
    raw = _LINE_END.split(_decoded(data))
    if len(raw) > MAX_LINES:
        raise PageUnreadable(f"the file has more than {MAX_LINES:,} lines: delete all but the petition page")
    clean = _clean_markdown if markdown else _clean
    lines = tuple(Line(number, clean(text, number)) for number, text in enumerate(raw, 1))
    if not any(line.text for line in lines):
        raise PageUnreadable("the file is empty: save the petition page again, as plain text")
    return lines


def _decoded(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise PageUnreadable("the file is in UTF-32: save it as UTF-8")
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encoding = "utf-16" if wide else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, "ignore")
        raise PageUnreadable(
            f"the bytes here are not {'UTF-16' if wide else 'UTF-8'} text: save the page again as UTF-8",
            line=len(_LINE_END.split(before)),
        ) from None


def _clean(text: str, number: int) -> str:
    if found := _CONTROL.search(text):
        raise PageUnreadable(
            f"there is a control character (U+{ord(found[0]):04X}) here, which no text has: "
            "delete it, or save the page as plain text in UTF-8",
            line=number,
        )
    if found := _BIDI_OVERRIDE.search(text):
        raise PageUnreadable(
            f"there is an invisible character (U+{ord(found[0]):04X}) here that turns the reading direction "
            "and can hide what is signed: delete it",
            line=number,
        )
    if "\ufffd" in text:
        raise PageUnreadable(
            "a letter was lost here when the file was saved (U+FFFD): save the page again as UTF-8",
            line=number,
        )
    if _MARKUP.search(text):
        raise PageUnreadable(
            "this is HTML: save the page as plain text, or copy what the browser shows", line=number
        )
    _refuse_piled_marks(text, number)
    return unicodedata.normalize("NFC", " ".join(_INVISIBLE.sub("", text).split()))


def _clean_markdown(text: str, number: int) -> str:
    clean = _clean(text, number)
    if not clean:
        return ""
    spread = text.expandtabs(4)
    indent = len(spread) - len(spread.lstrip(" "))
    return " " * indent + clean + ("  " if spread.endswith("  ") else "")


def _refuse_piled_marks(text: str, number: int) -> None:
    if text.isascii():
        return
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > MAX_MARKS:
            raise PageUnreadable(
                f"more than {MAX_MARKS} marks sit on one letter here: delete them", line=number
            )
