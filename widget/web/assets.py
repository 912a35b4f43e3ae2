"""Style sheets and the icon, under addresses that name their content: kept for a year, never stale."""

import hashlib
from functools import lru_cache
from pathlib import Path

import brotli
from flask import Blueprint, Response, abort

from widget.web.rendered import Body, answer

STATIC = Path(__file__).parents[2] / "static"
FOR_EVER = "public, max-age=31536000, immutable"
BRIEFLY = "public, max-age=60"  # for an address of another version, which a cached page may still name

MIMETYPES = {
    "pages.css": "text/css; charset=utf-8",
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "delivery.css": "text/css; charset=utf-8",
    "preview.js": "text/javascript; charset=utf-8",
    "demo.css": "text/css; charset=utf-8",
    "frame.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}

# Sheets that begin with another: one request brings both, and a page waits for no second one.
BEGIN_WITH = dict.fromkeys(("pages.css", "console.css", "delivery.css"), "palette.css")

assets = Blueprint("assets", __name__, url_prefix="/assets")


@assets.get("/<version>/<name>")
def asset(version: str, name: str) -> Response:
    """Give a style sheet, the icon or the script of the frame."""
    if name not in MIMETYPES:
        abort(404)
    body = _body(name)
    return answer(body, FOR_EVER if version == _version(body) else BRIEFLY)


def address(name: str) -> str:
    """Return the path of an asset, which changes with its content."""
    return f"/assets/{_version(_body(name))}/{name}"


def _version(body: Body) -> str:
    return body.etag.strip('"')


def _body(name: str) -> Body:
    # Read again only when the file changed, so that it can be worked on without a restart.
    files = tuple(STATIC / one for one in (BEGIN_WITH.get(name), name) if one)
    return _made(name, files, tuple(file.stat().st_mtime_ns for file in files))


@lru_cache(maxsize=32)
def _made(name: str, files: tuple[Path, ...], _modified: tuple[int, ...]) -> Body:
    plain = b"".join(file.read_bytes() for file in files)
    best = {"br": brotli.compress(plain, quality=11)}  # slow, but once a process
    return Body(plain, f'"{hashlib.sha256(plain).hexdigest()[:12]}"', MIMETYPES[name], best)
