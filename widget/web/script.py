"""static/embed.js as served: the latest one, and each version under an address of its own for ever."""

import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path

import brotli
from flask import Blueprint, Response, abort

from widget.web.edge import PUBLIC_HEADERS
from widget.web.rendered import Body, answer

STATIC = Path(__file__).parents[2] / "static"
SCRIPT = "text/javascript; charset=utf-8"
LATEST = "public, max-age=3600, stale-while-revalidate=604800"
FOR_EVER = "public, max-age=31536000, immutable"

script = Blueprint("script", __name__)


@script.get("/embed.js")
def latest() -> Response:
    """Give the newest script."""
    return answer(_body(STATIC / "embed.js", shrink=True), LATEST, PUBLIC_HEADERS)


@script.get("/embed-<version>.js")
def versioned(version: str) -> Response:
    """Give the script of one version: the same bytes for ever, so that a page may pin them."""
    path = STATIC / f"embed-{version}.js"
    if path.name not in {kept.name for kept in STATIC.glob("embed-*.js")}:
        abort(404)
    return answer(_body(path), FOR_EVER, PUBLIC_HEADERS)


def integrity(path: Path) -> str:
    """Return the Subresource Integrity value of a script: sha384 of its very bytes."""
    return "sha384-" + base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode()


def shrunk(source: str) -> str:
    """Leave out what only a reader needs: comments that have a line of their own, and blanks.

    Asks of the source: a semicolon after every statement, no blank or quote in a regular expression,
    and no line break that matters in a template. Names stay as they are.
    """
    lines = [line.strip() for line in source.splitlines() if not line.lstrip().startswith("//")]
    joined = re.sub(r"(?<=\w)\n(?=[\w$])", " ", "\n".join(lines)).replace("\n", "")
    return _QUOTED_OR_CODE.sub(lambda found: found[1] or _BLANKS.sub(r"\1", found[2]), joined)


_QUOTED_OR_CODE = re.compile(r"""('(?:[^'\\]|\\.)*'|`[^`]*`)|([^'`]+)""")
_BLANKS = re.compile(r" ?([=<>?:&|,+*{}()\[\]!;]) ?")


@lru_cache(maxsize=32)
def _made(path: Path, _modified: int, shrink: bool) -> Body:
    source = path.read_text(encoding="utf-8")
    plain = (shrunk(source) if shrink else source).encode()
    # Packed as tightly as can be: made once, fetched by every page that embeds.
    tight = {"br": brotli.compress(plain, quality=11)}
    return Body(plain, f'"{hashlib.sha256(plain).hexdigest()[:20]}"', SCRIPT, tight)


def _body(path: Path, *, shrink: bool = False) -> Body:
    # Read again only when the file changed, so that it can be worked on without a restart.
    return _made(path, path.stat().st_mtime_ns, shrink)
