"""Plain text as Markdown that shows it literally.

CommonMark 0.31, 2.4: a backslash before any ASCII punctuation takes its meaning away.
"""

import re
from collections.abc import Sequence

# What would become emphasis, code, a link, a tag, an entity, struck-out text or a table.
_INLINE = re.compile(r"([\\`*_\[\]<>&~|])")
# What would open a heading, a list, a rule or a definition where a line begins.
_OPENING = re.compile(r"(?=[#+\-=:])")
_NUMBERED = re.compile(r"([0-9]{1,9})(?=[.)])")

# A line shorter than this did not end because the width ended: its break was meant (a signature, an
# address). Wrapping at 60 columns or more leaves no shorter line but with very long words.
MEANT_BREAK = 50


def literal(line: str) -> str:
    """Escape one line, which has no spaces around it."""
    escaped = _INLINE.sub(r"\\\1", line)
    if _OPENING.match(escaped):
        return "\\" + escaped
    return _NUMBERED.sub(r"\1\\", escaped, count=1) if _NUMBERED.match(escaped) else escaped


def paragraph(lines: Sequence[str]) -> str:
    """Join the lines of one paragraph: a short line keeps its break, a long one flows on."""
    parts: list[str] = []
    for line in lines[:-1]:
        parts += [literal(line), "\\\n" if len(line) < MEANT_BREAK else "\n"]
    return "".join([*parts, literal(lines[-1])])


def heading(line: str) -> str:
    """Make a third-level heading: the page's title and its parts have the first two."""
    return "### " + literal(line).replace("#", "\\#")  # a last "#" would close the heading
