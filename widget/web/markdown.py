"""A wording as it is shown on our pages."""

from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

from widget.domain.petition import Wording
from widget.prose import html

KEPT = 64  # wordings whose HTML is kept; one is as long as a letter


@dataclass(frozen=True, slots=True)
class Letter:
    """A wording as it is shown. `appendix` may be empty."""

    text_version: str
    text: Markup
    appendix: Markup


@lru_cache(maxsize=KEPT)
def letter(wording: Wording) -> Letter:
    """Render a wording; equal wordings, which have one `text_version`, are rendered once."""
    return Letter(wording.text_version, html(wording.text), html(wording.appendix))
