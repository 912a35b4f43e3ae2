"""static/embed.js as served: the latest one, and each version under an address of its own for ever."""

import base64
import hashlib
from functools import lru_cache
from pathlib import Path

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
    return answer(_body(STATIC / "embed.js"), LATEST, PUBLIC_HEADERS)


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


@lru_cache(maxsize=32)
def _made(path: Path, _modified: int) -> Body:
    plain = path.read_bytes()
    return Body(plain, f'"{hashlib.sha256(plain).hexdigest()[:20]}"', SCRIPT)


def _body(path: Path) -> Body:
    # Read again only when the file changed, so that it can be worked on without a restart.
    return _made(path, path.stat().st_mtime_ns)
