"""static/embed.js as served: the latest one, and each version under an address of its own for ever."""

import hashlib
from functools import lru_cache
from pathlib import Path

import brotli
from flask import Blueprint, Response, abort

from widget.releasing import STATIC, as_served
from widget.web.edge import PUBLIC_HEADERS
from widget.web.rendered import Body, answer

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


@lru_cache(maxsize=32)
def _made(path: Path, _modified: int, shrink: bool) -> Body:
    plain = as_served(path) if shrink else path.read_bytes()
    # Packed as tightly as can be: made once, fetched by every page that embeds.
    tight = {"br": brotli.compress(plain, quality=11)}
    return Body(plain, f'"{hashlib.sha256(plain).hexdigest()[:20]}"', SCRIPT, tight)


def _body(path: Path, *, shrink: bool = False) -> Body:
    # Read again only when the file changed, so that it can be worked on without a restart.
    return _made(path, path.stat().st_mtime_ns, shrink)
