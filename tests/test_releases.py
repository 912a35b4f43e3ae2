"""Versions of the script: what is released stays as it is, and its hash is what the docs say."""

import gzip
import json
import shutil
from pathlib import Path

import brotli
import pytest
from flask import Flask

from config import Settings
from widget import create_app, releasing
from widget.releasing import CannotRelease, as_served, integrity, page, release, releases
from widget.web import script

ROOT = Path(__file__).parents[1]
SOURCE = """// The first line of a script that tests release.
(() => {
  window.SupportNow = {version: '1.2.3'};
})();
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder like ours, with nothing released."""
    (tmp_path / "static").mkdir()
    (tmp_path / "docs").mkdir()
    (tmp_path / "static" / "embed.js").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "static" / "releases.json").write_text("{}", encoding="utf-8")
    return tmp_path


def faults(root: Path) -> list[str]:
    """Name what is not as it was released, or not told as it is."""
    known = releases(root / "static")
    kept = {path.stem.removeprefix("embed-"): path for path in (root / "static").glob("embed-*.js")}
    found = [f"{version} has no file" for version in known if version not in kept]
    for version, path in kept.items():
        if known.get(version) != integrity(path.read_bytes()):
            found.append(f"{path.name} is not what static/releases.json says")
    if (root / "docs" / "versions.md").read_text(encoding="utf-8") != page(known):
        found.append("docs/versions.md is not what static/releases.json says")
    return found


def test_every_released_file_is_what_it_was_and_the_docs_say_so() -> None:
    assert faults(ROOT) == []


def test_a_file_or_a_page_that_was_changed_later_is_found(root: Path) -> None:
    release("1.2.3", root=root)
    assert faults(root) == []
    (root / "docs" / "versions.md").write_text("", encoding="utf-8")
    (root / "static" / "embed-1.2.3.js").write_bytes(b"(() => {})();")
    shutil.copy(root / "static" / "embed.js", root / "static" / "embed-1.2.4.js")
    assert len(faults(root)) == 3
    (root / "static" / "embed-1.2.3.js").unlink()
    assert "1.2.3 has no file" in faults(root)


def test_a_release_keeps_what_is_served_today(root: Path) -> None:
    value = release("1.2.3", root=root)
    kept = (root / "static" / "embed-1.2.3.js").read_bytes()
    assert kept == as_served(root / "static" / "embed.js") != SOURCE.encode()
    assert value == integrity(kept)
    assert json.loads((root / "static" / "releases.json").read_text()) == {"1.2.3": value}
    told = (root / "docs" / "versions.md").read_text()
    assert f'src="https://HOST/embed-1.2.3.js" integrity="{value}" crossorigin="anonymous"' in told


def test_the_integrity_is_the_one_browsers_compute() -> None:
    """The value for an empty resource, as the specification's own tooling gives it."""
    assert integrity(b"") == "sha384-OLBgp1GsljhM2TJ+sbHjaiH9txEUvgdDTAzHv2P24donTt6/529l+9Ua0vFImLlb"


def test_the_same_bytes_again_change_nothing_and_others_are_refused(root: Path) -> None:
    first = release("1.2.3", root=root)
    assert release("1.2.3", root=root) == first
    (root / "static" / "embed.js").write_text(SOURCE.replace("window", "globalThis"), encoding="utf-8")
    for lost in (None, root / "static" / "embed-1.2.3.js"):
        if lost:
            lost.unlink()  # even then: what was pinned is known by its hash
        with pytest.raises(CannotRelease, match="with other bytes"):
            release("1.2.3", root=root)
    assert releases(root / "static") == {"1.2.3": first}


def test_a_release_that_was_interrupted_is_finished(root: Path) -> None:
    first = release("1.2.3", root=root)
    (root / "static" / "releases.json").write_text("{}", encoding="utf-8")
    (root / "docs" / "versions.md").unlink()
    assert release("1.2.3", root=root) == first
    assert faults(root) == []


def test_the_newest_version_is_the_one_shown(root: Path) -> None:
    release("1.2.3", root=root)
    (root / "static" / "embed.js").write_text(SOURCE.replace("1.2.3", "1.10.0"), encoding="utf-8")
    release("1.10.0", root=root)
    told = (root / "docs" / "versions.md").read_text()
    assert "embed-1.10.0.js" in told
    assert told.index("`1.10.0`") < told.index("`1.2.3`")


@pytest.mark.parametrize("version", ["1.2.4", "1.2", "v1.2.3", "1.2.3-rc1", "01.2.3", "../1.2.3", ""])
def test_only_the_version_the_script_says_of_itself_is_released(root: Path, version: str) -> None:
    with pytest.raises(CannotRelease):
        release(version, root=root)
    assert sorted(path.name for path in (root / "static").iterdir()) == ["embed.js", "releases.json"]


def test_our_script_says_one_version() -> None:
    assert len(releasing._SAID.findall((ROOT / "static" / "embed.js").read_text(encoding="utf-8"))) == 1


@pytest.fixture
def app(sqlite_url: str, tmp_path: Path) -> Flask:
    return create_app(Settings.from_env({"DATABASE_URL": sqlite_url, "DATA_DIR": str(tmp_path)}))


def test_a_version_is_served_for_ever_and_as_small_as_can_be(
    app: Flask, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = f"// {'x' * 9_000}\n{SOURCE}{'globalThis.again = again + 1;' * 50}"
    (root / "static" / "embed.js").write_text(long, encoding="utf-8")
    release("1.2.3", root=root)
    monkeypatch.setattr(script, "STATIC", root / "static")
    kept = (root / "static" / "embed-1.2.3.js").read_bytes()
    client = app.test_client()
    answer = client.get("/embed-1.2.3.js")
    assert answer.data == kept == client.get("/embed.js").data
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.mimetype == "text/javascript"
    for name, value in {
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
        "Access-Control-Expose-Headers": "ETag, Retry-After",
        "Vary": "Accept-Encoding",
    }.items():
        assert answer.headers[name] == value
    packed = client.get("/embed-1.2.3.js", headers={"Accept-Encoding": "br, gzip"})
    assert packed.data == brotli.compress(kept, quality=11)
    zipped = client.get("/embed-1.2.3.js", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(zipped.data) == kept
    again = client.get("/embed-1.2.3.js", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("version", ["9.9.9", "..%2fembed", "%2e%2e/releases", "1.2.3.js%00"])
def test_a_version_that_never_was_is_not_found(app: Flask, version: str) -> None:
    answer = app.test_client().get(f"/embed-{version}.js")
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_commands_say_what_may_be_pinned(app: Flask, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = app.test_cli_runner().invoke
    known: dict[str, str] = {}
    monkeypatch.setattr(releasing, "releases", lambda: known)
    assert run(args=["embed", "integrity"]).stdout == "No version has been released yet.\n"
    known |= {"1.2.3": "sha384-abc", "1.10.0": "sha384-def"}
    assert run(args=["embed", "integrity"]).stdout == "1.2.3   sha384-abc\n1.10.0  sha384-def\n"
    one = run(args=["embed", "integrity", "1.2.3", "--json"])
    assert json.loads(one.stdout) == {"1.2.3": "sha384-abc"}
    missing = run(args=["embed", "integrity", "2.0.0"])
    assert (missing.exit_code, missing.stdout) == (1, "")
    assert missing.stderr.startswith("Error: 2.0.0 was not released")


def test_the_command_releases_and_prints_what_to_paste(
    app: Flask, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releasing, "release", lambda version: release(version, root=root))
    run = app.test_cli_runner().invoke
    told = run(args=["embed", "release", "1.2.3"])
    value = releases(root / "static")["1.2.3"]
    assert told.stdout.splitlines() == [
        "http://localhost:8000/embed-1.2.3.js",
        value,
        f'<script async src="http://localhost:8000/embed-1.2.3.js" integrity="{value}" '
        'crossorigin="anonymous"></script>',
    ]
    refused = run(args=["embed", "release", "1.2.4"])
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == "Error: static/embed.js says of itself 1.2.3, not 1.2.4: make them one\n"
