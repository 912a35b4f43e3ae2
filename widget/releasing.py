"""static/embed.js as it leaves the house: shrunk, and kept for ever once it is released as a version.

A released file is never touched again: pages pin it by its hash. The hashes are in static/releases.json, and
docs/versions.md is written from them.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

from widget.shortening import renamed

ROOT = Path(__file__).parents[1]
STATIC = ROOT / "static"
LATEST = STATIC / "embed.js"
NO_RELEASE = "No version has been released yet."

_VERSION = re.compile(r"(?:0|[1-9][0-9]{0,3})(?:\.(?:0|[1-9][0-9]{0,3})){2}")
_SAID = re.compile(r"\bversion: '([^']*)'")


class CannotRelease(Exception):
    """The script cannot be released like this; the text says why and what to do."""


def shrunk(source: str) -> str:
    """Leave out what only a reader needs: comments that have a line of their own, and blanks.

    Asks of the source: a semicolon after every statement, no blank or quote in a regular expression,
    and no line break that matters in a template. Names stay as they are: `renamed` shortens them.
    """
    lines = [line.strip() for line in source.splitlines() if not line.lstrip().startswith("//")]
    joined = re.sub(r"(?<=\w)\n(?=[\w$])", " ", "\n".join(lines)).replace("\n", "")
    return _QUOTED_OR_CODE.sub(lambda found: found[1] or _BLANKS.sub(r"\1", found[2]), joined)


_QUOTED_OR_CODE = re.compile(r"""('(?:[^'\\]|\\.)*'|`[^`]*`)|([^'`]+)""")
_BLANKS = re.compile(r" ?([=<>?:&|,+*{}()\[\]!;]) ?")


def as_served(source: Path) -> bytes:
    """Return what a browser gets of a source file: the same bytes that a release keeps."""
    return renamed(shrunk(source.read_text(encoding="utf-8"))).encode()


def integrity(script: bytes) -> str:
    """Return the Subresource Integrity value of a script: sha384 of its very bytes."""
    return "sha384-" + base64.b64encode(hashlib.sha384(script).digest()).decode()


def releases(static: Path = STATIC) -> dict[str, str]:
    """Return the integrity of every version released, the oldest first."""
    kept: dict[str, str] = json.loads((static / "releases.json").read_text(encoding="utf-8"))
    return kept


def release(version: str, *, root: Path = ROOT) -> str:
    """Keep the script as it is now under its version, and return its integrity.

    Releasing the same bytes again changes nothing. Raises CannotRelease for a version that is not the one
    the script says of itself, and for one whose bytes are others already.
    """
    static = root / "static"
    source = static / "embed.js"
    _refuse_other_version(version, source.read_text(encoding="utf-8"))
    script = as_served(source)
    kept, known = static / f"embed-{version}.js", releases(static)
    _refuse_other_bytes(version, script, kept, known)
    if not kept.exists():
        kept.write_bytes(script)
    known[version] = integrity(script)
    (static / "releases.json").write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
    (root / "docs" / "versions.md").write_text(page(known), encoding="utf-8")
    return known[version]


def snippet(base: str, version: str, value: str) -> str:
    """Return the line that loads one version and no other bytes."""
    return (
        f'<script async src="{base}/embed-{version}.js" integrity="{value}" crossorigin="anonymous"></script>'
    )


def page(known: Mapping[str, str]) -> str:
    """Return docs/versions.md."""
    told = [f"| `{version}` | `{value}` |" for version, value in known.items()]
    table = ["| version | integrity |", "|---|---|", *reversed(told)] if told else [NO_RELEASE]
    newest = list(known.items())[-1] if known else ("1.0.0", "sha384-...")
    return _PAGE.format(snippet=snippet("https://HOST", *newest), table="\n".join(table))


def _refuse_other_version(version: str, source: str) -> None:
    if not _VERSION.fullmatch(version):
        raise CannotRelease(f"'{version}' is no version like 1.0.0")
    said = _SAID.findall(source)
    if said != [version]:
        here = " and ".join(said) or "no version"
        raise CannotRelease(f"static/embed.js says of itself {here}, not {version}: make them one")


def _refuse_other_bytes(version: str, script: bytes, kept: Path, known: Mapping[str, str]) -> None:
    recorded = known.get(version, integrity(script))
    if recorded != integrity(script) or (kept.exists() and kept.read_bytes() != script):
        raise CannotRelease(
            f"{version} is released already, with other bytes, and pages may have pinned them: "
            "raise the version in static/embed.js and release that"
        )


_PAGE = """# Versions of the script

`/embed.js` is always the newest script; it changes in what it can, never in how it is used. A page that wants
to run only bytes it knows pins a version. Such an address answers the same bytes for ever, and the browser
checks them:

    {snippet}

HOST is the service. A pinned script goes on talking to the service as it is today: the JSON it reads only
ever gains. `flask embed integrity` prints this list, and `flask embed release VERSION` adds to it.

{table}
"""
