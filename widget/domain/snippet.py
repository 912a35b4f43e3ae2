"""What Petra puts on her page: the six forms of docs/embedding.md, filled in."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import Literal
from urllib.parse import urlencode

HEIGHTS = {"card": 446, "bar": 54, "button": 44}  # px, as docs/embedding.md says


class Shape(StrEnum):
    """A form of the snippet."""

    ELEMENT = "a"
    IN_PLACE = "b"
    DIV = "c"
    FRAME = "d"
    PINNED = "e"
    ADDRESS = "f"


@dataclass(frozen=True, slots=True)
class Options:
    """What may be chosen; as the attributes of the widget. `height` is in pixels."""

    theme: Literal["inherit", "light", "dark", "auto"] = "inherit"
    layout: Literal["card", "bar", "button"] = "card"
    height: int | None = None
    heading_level: int = 2
    loading: Literal["lazy", "eager", "click"] = "lazy"
    lang: str = ""
    source: str = ""
    no_share: bool = False
    test: bool = False

    @property
    def held(self) -> int:
        """Return the height to hold."""
        return self.height or HEIGHTS[self.layout]


@dataclass(frozen=True, slots=True)
class Release:
    """A version of the script that never changes, and its integrity."""

    version: str
    integrity: str


def snippet(
    shape: Shape, options: Options, *, base: str, slug: str, title: str, release: Release | None = None
) -> str:
    """Return what goes on the page; `base` is the service's address. Raises ValueError without a release."""
    page = f"{base}/p/{slug}"
    script = f'<script async src="{base}/embed.js"></script>'
    if shape is Shape.IN_PLACE:
        height = [("height", str(options.height))] if options.height else []
        chosen = _written([("petition", slug), *height, *_chosen(options)], "data-")
        return f'<script async src="{base}/embed.js"{chosen}></script>'
    if shape is Shape.DIV:
        chosen = _written([("support-now", slug), ("height", str(options.held)), *_chosen(options)], "data-")
        link = f'<a href="{escape(page)}">{escape(title)}</a>'
        return f"<div{chosen} {_hold(options)}>{link}</div>\n<!-- once, in the theme: -->\n{script}"
    if shape is Shape.FRAME:
        source = escape(f"{base}/embed/{slug}{_query(options)}")
        name = escape(f"Petition: {title}")
        return (
            f'<iframe src="{source}" title="{name}" width="100%" height="{options.held}" '
            'style="border:0" loading="lazy"></iframe>'
        )
    if shape is Shape.ADDRESS:
        return f"{page}{_query(options)}"
    if shape is Shape.PINNED:
        if release is None:
            raise ValueError("no version has been released yet: take form A")
        script = (
            f'<script async src="{base}/embed-{release.version}.js" integrity="{release.integrity}" '
            'crossorigin="anonymous"></script>'
        )
    chosen = _written([("petition", slug), ("height", str(options.held)), *_chosen(options)])
    link = f'  <a href="{escape(page)}">{escape(title)}: support now</a>'
    return f"<support-now{chosen} {_hold(options)}>\n{link}\n</support-now>\n{script}"


def policy(shape: Shape, origin: str) -> str:
    """Return what a careful page adds to its Content-Security-Policy; empty where nothing is needed."""
    if shape is Shape.ADDRESS:
        return ""
    if shape is Shape.FRAME:
        return f"frame-src {origin}"
    return f"script-src {origin}; connect-src {origin}"


def _hold(options: Options) -> str:
    return f'style="display:block;min-height:{options.held}px"'


def _query(options: Options) -> str:
    wanted = {"lang": options.lang, "source": options.source}
    said = urlencode({name: value for name, value in wanted.items() if value})
    said += ("&" if said else "") + "test" if options.test else ""
    return f"?{said}" if said else ""


def _chosen(options: Options) -> Iterator[tuple[str, str | None]]:
    """Yield what differs from what holds anyway."""
    usual = Options()
    for name in ("theme", "layout", "heading_level", "loading", "lang", "source"):
        value = getattr(options, name)
        if value != getattr(usual, name):
            yield name.replace("_", "-"), str(value)
    if options.no_share:
        yield "no-share", None
    if options.test:
        yield "test", None


def _written(attributes: list[tuple[str, str | None]], before: str = "") -> str:
    return "".join(
        f" {before}{name}" if value is None else f' {before}{name}="{escape(value)}"'
        for name, value in attributes
    )
