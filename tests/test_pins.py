"""The pinned requirements: hashed, alike for running and for developing, and free of any index's name."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def pins(text: str) -> dict[str, str]:
    """Return each pinned package with all that belongs to it: version, condition and hashes."""
    entries = re.split(r"\n(?=[a-z0-9])", re.sub(r"\n\s+#.*", "", f"\n{text}").strip())
    return {re.split(r"[=\[\s]", entry)[0]: entry for entry in entries}


def test_what_is_developed_with_is_what_runs() -> None:
    """`make test` installs the one file only, and must not test other versions than `make run` serves."""
    running = pins((ROOT / "requirements.txt").read_text())
    developing = pins((ROOT / "requirements-dev.txt").read_text())
    assert len(running) > 10
    assert {name for name in running if developing.get(name) != running[name]} == set()


def test_every_pin_has_hashes_and_no_address() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        assert [
            pin for pin, entry in pins(text).items() if "==" not in entry or "--hash=sha256:" not in entry
        ] == []
        assert not re.search(r"://|--(extra-)?index|--find-links", text)


def test_everything_asked_for_is_pinned() -> None:
    for name in ("requirements", "requirements-dev"):
        asked = re.findall(r"^([a-z0-9][a-z0-9-]*)", (ROOT / f"{name}.in").read_text(), re.M)
        assert set(asked) <= set(pins((ROOT / f"{name}.txt").read_text()))


def test_a_pin_that_differs_is_seen() -> None:
    one, other = (
        "a==1 \\\n    --hash=sha256:x\nb==2 \\\n    --hash=sha256:y\n    # via a",
        "a==1 \\\n    --hash=sha256:z",
    )
    assert set(pins(one)) == {"a", "b"}
    assert pins(one)["a"] != pins(other)["a"]
