"""Markdown as HTML that may stand on our pages and in our letters: few elements, no scripts, no pictures.

Two walls: the parser takes no HTML in, and nh3 lets only what is listed out.
"""

from collections.abc import MutableMapping, Sequence
from functools import lru_cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup, escape

# A page has its title as h1 and its parts as h2: headings inside a text begin below them.
FIRST_HEADING = 3
KEPT = 128  # texts whose HTML is kept; one is as long as a letter

_TAGS = {
    *("p", "br", "hr", "em", "strong", "blockquote", "pre", "code", "a"),
    *("ul", "ol", "li", "h3", "h4", "h5", "h6"),
}
# "*" would otherwise let every element have a title and a language.
_ATTRIBUTES: dict[str, set[str]] = {"a": {"href"}, "ol": {"start"}, "*": set()}
_SCHEMES = {"http", "https", "mailto"}


@lru_cache(maxsize=KEPT)
def html(markdown: str, first_heading: int = FIRST_HEADING) -> Markup:
    """Render Markdown. What is not on the list is shown as text or left out."""
    tokens = _PARSER.parse(markdown)
    _lower_headings(tokens, first_heading)
    rendered = _PARSER.renderer.render(tokens, _PARSER.options, {})
    return Markup(  # noqa: S704 - the one place where HTML is trusted: nh3 has just made it
        nh3.clean(
            rendered,
            tags=_TAGS,
            attributes=_ATTRIBUTES,
            url_schemes=_SCHEMES,
            link_rel="nofollow noopener",
        ).strip()
    )


def _lower_headings(tokens: Sequence[Token], first: int) -> None:
    """Begin at a level and skip none, whatever levels the author took."""
    above: list[int] = []
    for opening, closing in zip(tokens, tokens[2:], strict=False):
        if opening.type != "heading_open":
            continue
        level = int(opening.tag[1])
        above = [*(outer for outer in above if outer < level), level]
        opening.tag = closing.tag = f"h{min(first - 1 + len(above), 6)}"


def _words_of_picture(
    _renderer: RendererProtocol,
    tokens: Sequence[Token],
    position: int,
    _options: OptionsDict,
    _env: MutableMapping[str, Any],
) -> str:
    # A picture would be loaded from another site: its description stays.
    return str(escape(tokens[position].content))


_PARSER = MarkdownIt("commonmark", {"html": False, "linkify": False})
_PARSER.add_render_rule("image", _words_of_picture)
