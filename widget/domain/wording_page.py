"""A wording as a file that an organiser writes: a title, who is addressed, and the text in Markdown.

# Save the lake
To: the Lake Council
To: the Minister of Waters

Dear members of the Council, ...

---

What stands below the first rule is the appendix.
"""

from collections.abc import Sequence

from widget.domain.page_letter import MAX_TEXT
from widget.domain.page_lines import Line, page_lines
from widget.domain.page_opening import MAX_ADDRESSEES, MAX_NAME, MAX_TITLE
from widget.domain.petition import Wording
from widget.domain.refusals import PageUnreadable

_TITLE = "# "
_ADDRESSEE = "to:"
_RULE = "---"


def read_wording(data: bytes, *, lang: str) -> Wording:
    """Read a wording from a file; `lang` is the BCP 47 tag of its language. Raises PageUnreadable."""
    lines = page_lines(data, markdown=True)
    title, rest = opening_title(lines)
    addressed_to, rest = _addressees(rest, title)
    rule = _rule(rest)
    text, appendix = _text(rest[:rule]), _text(rest[rule + 1 :])
    if not text:
        raise PageUnreadable("the text is missing: write it below who is addressed", line=lines[-1].number)
    if len(text) + len(appendix) > MAX_TEXT:
        raise PageUnreadable(f"the text is longer than {MAX_TEXT:,} characters: shorten it")
    return Wording(lang, title, addressed_to, text, appendix)


def written(wording: Wording) -> str:
    """Return the file that reads as this wording."""
    opening = [_TITLE + wording.title, *(f"To: {name}" for name in wording.addressed_to)]
    parts = ["\n".join(opening), wording.text]
    if wording.appendix:
        parts += [_RULE, wording.appendix]
    return "\n\n".join(parts) + "\n"


def opening_title(lines: Sequence[Line]) -> tuple[str, Sequence[Line]]:
    """Return the title that a file begins with, and the lines below it. Raises PageUnreadable."""
    first = next(index for index, line in enumerate(lines) if line.text)
    line = lines[first]
    title = line.text.removeprefix(_TITLE).strip()
    if not line.text.startswith(_TITLE) or not title:
        raise PageUnreadable("the title is missing: begin the file with '# TITLE'", line=line.number)
    if len(title) > MAX_TITLE:
        raise PageUnreadable(f"the title is longer than {MAX_TITLE} characters: shorten it", line=line.number)
    return title, lines[first + 1 :]


def _addressees(lines: Sequence[Line], title: str) -> tuple[tuple[str, ...], Sequence[Line]]:
    """Return who is addressed, and the lines below it."""
    names: list[str] = []
    for index, line in enumerate(lines):
        if line.text[: len(_ADDRESSEE)].lower() == _ADDRESSEE:
            names.append(_name(line, names))
        elif line.text:
            if not names:
                raise PageUnreadable("who is addressed is missing: write 'To: NAME' above", line=line.number)
            return tuple(names), lines[index:]
    raise PageUnreadable(f"nothing but the title '{title[:60]}' is here: write the text below it")


def _name(line: Line, before: Sequence[str]) -> str:
    name = line.text[len(_ADDRESSEE) :].strip()
    if not name:
        raise PageUnreadable("no name follows 'To:': write it behind, in the same line", line=line.number)
    if len(name) > MAX_NAME:
        raise PageUnreadable(
            f"the name here is longer than {MAX_NAME} characters: shorten it", line=line.number
        )
    if len(before) == MAX_ADDRESSEES:
        raise PageUnreadable(
            f"more than {MAX_ADDRESSEES} lines begin with 'To:': keep those who decide", line=line.number
        )
    return name


def _rule(lines: Sequence[Line]) -> int:
    """Find the first rule with a blank line above it; without one it would make a heading of its line."""
    above = ""
    for index, line in enumerate(lines):
        if line.text.strip() == _RULE and not above:
            return index
        above = line.text
    return len(lines)


def _text(lines: Sequence[Line]) -> str:
    return "\n".join(line.text for line in lines).strip("\n").rstrip()
