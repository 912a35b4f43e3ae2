"""Review and lists as Anahit and Omar type them."""

import json
from typing import Any

import pytest
from click.testing import Result
from flask.testing import FlaskCliRunner

from tests.petitions import MILL, NOW, signature
from widget import reviewing
from widget.domain.signature import State
from widget.parts import Parts

SLUG = "save-the-mill"


@pytest.fixture
def parts(parts: Parts) -> Parts:
    parts.ledger.add_petition(MILL, NOW)
    return parts


def put(parts: Parts, size: int, state: State = State.HELD, **changes: Any) -> None:
    petition_id = parts.ledger.petition(SLUG).id
    for n in range(size):
        new = signature(petition_id, f"{n}@mallory.example", state=state, held_because="crowd", **changes)
        parts.ledger.record(new, None)


def run(flask_command: FlaskCliRunner, *words: str, typed: str | None = None) -> Result:
    head, *rest = words
    petition = [] if head == "guard" else ["--petition", SLUG]
    command = ["guard"] if head == "guard" else ["signatures", head]
    return flask_command.invoke(args=[*command, *petition, *rest], input=typed)


def number(parts: Parts) -> int:
    return parts.ledger.tally(parts.ledger.petition(SLUG).id).here


def test_held_ones_are_listed_with_why(flask_command: FlaskCliRunner, parts: Parts) -> None:
    put(parts, 3, network_key="a" * 32, page_url="https://partner.example/")
    told = run(flask_command, "held", "--limit", "2")
    assert told.exit_code == 0
    count, head, *rows = told.stdout.splitlines()
    assert count == "3 signatures"
    assert head.split() == ["ID", "SIGNED", "STATE", "WHY", "HELD", "NAME", "ADDRESS", "NETWORK", "PAGE"]
    assert [row.split()[0] for row in rows] == ["1", "2"]
    assert "crowd" in rows[0]
    assert "a" * 32 in rows[0]
    content = json.loads(run(flask_command, "held", "--after", "2", "--json").stdout)
    assert [one["id"] for one in content["signatures"]] == [3]
    assert content["signatures"][0]["held_because"] == "crowd"


def test_the_number_is_said_before_anything_is_done(flask_command: FlaskCliRunner, parts: Parts) -> None:
    put(parts, 3)
    refused = run(flask_command, "accept", typed="n\n")
    assert refused.exit_code == 1
    assert "Let count 3 signatures of 'save-the-mill'?" in refused.output
    assert number(parts) == 0
    assert run(flask_command, "accept", typed="y\n").exit_code == 0
    assert number(parts) == 3
    nothing = run(flask_command, "accept", "--yes")
    assert (nothing.exit_code, nothing.stdout) == (0, "No signature is meant: nothing was changed.\n")


def test_a_review_is_taken_back_by_its_name(flask_command: FlaskCliRunner, parts: Parts) -> None:
    put(parts, 3, State.CONFIRMED)
    told = run(flask_command, "invalidate", "--domain", "mallory.example", "--because", "one script", "--yes")
    assert (told.exit_code, number(parts)) == (0, 0)
    name = told.stdout.rstrip(".\n").rpartition(" ")[2]
    assert told.stdout.endswith(f"3 done, as batch {name}.\n")
    assert run(flask_command, "undo", "--batch", name, "--yes").exit_code == 0
    assert number(parts) == 3
    again = run(flask_command, "undo", "--batch", name, "--yes")
    assert "3 of 3 have moved on since" in again.stdout
    unknown = run(flask_command, "undo", "--batch", "nothing", "--yes")
    assert (unknown.exit_code, "no review of this petition" in unknown.stderr) == (1, True)


def test_control_c_keeps_whole_batches_and_says_how_to_go_on(
    flask_command: FlaskCliRunner, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(parts, 5)
    monkeypatch.setattr(reviewing, "AT_ONCE", 2)
    real = type(parts.ledger).move_matching
    calls: list[int] = []

    def interrupted(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    monkeypatch.setattr(type(parts.ledger), "move_matching", interrupted)
    told = run(flask_command, "accept", "--yes")
    assert told.exit_code == 1
    assert "Stopped: 2 of 5 done" in told.stderr
    assert number(parts) == 2
    name = told.stderr.rstrip("\n").rpartition(" ")[2]
    assert run(flask_command, "accept", "--yes", "--batch", name).stdout.endswith(
        f"3 done, as batch {name}.\n"
    )
    assert number(parts) == 5
    assert run(flask_command, "undo", "--batch", name, "--yes").stdout.startswith("Bring back 5 signatures")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("invalidate", "--because", "x", "--yes"), "say which"),
        (("invalidate", "--id", "1"), "Missing option '--because'"),
        (("held", "--reason", "dislike"), "is not one of"),
        (("search", "--since", "yesterday"), "does not match"),
        (("search", "--state", "lost"), "is not one of"),
        (("undo",), "Missing option '--batch'"),
        (("guard", "block", "*"), "is no domain"),
        (("guard", "allow", "192.0.2.1/24"), "has host bits set"),
        (("guard", "block", "example.org", "--note", "x" * 201), "longer than 200"),
    ],
)
def test_a_slip_ends_with_two(flask_command: FlaskCliRunner, words: tuple[str, ...], said: str) -> None:
    told = run(flask_command, *words)
    assert (told.exit_code, told.stdout) == (2, "")
    assert said in told.stderr


def test_lists_are_kept(flask_command: FlaskCliRunner, parts: Parts) -> None:
    assert run(flask_command, "guard", "list").stdout == "Nothing is listed.\n"
    run(flask_command, "guard", "block", "*.Mallory.example", "--note", "a flood in May")
    run(flask_command, "guard", "block", "192.0.2.0/24")
    told = run(flask_command, "guard", "allow", "192.0.2.0/24", "--note", "it is a school")
    assert told.stdout.startswith("Not doubted from now on: the network 192.0.2.0/24.")
    assert run(flask_command, "guard", "list").stdout.splitlines() == [
        "LIST   KIND     PATTERN            NOTE",
        "block  domain   *.mallory.example  a flood in May",
        "allow  network  192.0.2.0/24       it is a school",
    ]
    assert len(json.loads(run(flask_command, "guard", "list", "--json").stdout)) == 2
    assert run(flask_command, "guard", "remove", "192.0.2.0/24").exit_code == 0
    assert run(flask_command, "guard", "remove", "192.0.2.0/24").exit_code == 1
    assert [entry.pattern for entry in parts.ledger.listings()] == ["*.mallory.example"]


def test_search_finds_by_state(flask_command: FlaskCliRunner, parts: Parts) -> None:
    put(parts, 2)
    assert run(flask_command, "search", "--state", "confirmed").stdout == "0 signatures\n"
    assert run(flask_command, "search", "--state", "held", "--name", "sam*").stdout.startswith(
        "2 signatures\n"
    )
