"""Signatures on paper as Anahit types them."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from flask.testing import FlaskCliRunner

from tests.petitions import MILL, NOW
from widget.parts import Parts

SLUG = "save-the-mill"
MARKET = {"count": "120", "place": "the market", "collected-on": "2026-04-30", "scan": "A-17", "by": "Anahit"}


@pytest.fixture
def parts(parts: Parts) -> Parts:
    parts.ledger.add_petition(MILL, NOW)
    return parts


def add(flask_command: FlaskCliRunner, *more: str, **changes: str) -> Result:
    given = [word for name, value in (MARKET | changes).items() for word in (f"--{name}", value)]
    return flask_command.invoke(args=["petition", "add-paper", SLUG, *given, *more])


def test_paper_is_added_listed_and_taken_back(flask_command: FlaskCliRunner) -> None:
    told = add(flask_command, "--note", "rain until noon")
    assert told.exit_code == 0
    assert told.output == (
        "Added 120 signatures on paper, as number 1.\n  save-the-mill stands at 169, next goal 200\n"
    )
    back = ["petition", "take-back-paper", SLUG, "1", "--because", "counted twice", "--by", "Anahit"]
    told = flask_command.invoke(args=back)
    assert told.output.startswith("Took 120 signatures on paper back, as number 2.\n")
    listed = flask_command.invoke(args=["petition", "paper", SLUG]).output
    assert "taken back: rain until noon" in listed
    assert "takes back 1: counted twice" in listed
    assert listed.endswith("0 in all\n")
    told = flask_command.invoke(args=back)
    assert (told.exit_code, told.stderr) == (1, "Error: this petition has no figure 1 that counts\n")


def test_as_json(flask_command: FlaskCliRunner) -> None:
    told = json.loads(add(flask_command, "--json").output)
    assert told["petition"] == {"count": 169, "goal": 200}
    [line] = json.loads(flask_command.invoke(args=["petition", "paper", SLUG, "--json"]).output)
    assert (line["number"], line["count"], line["reference"]) == (1, 120, "A-17")
    assert (line["recorded_by"], line["taken_back"]) == ("Anahit", False)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"count": "-3"}, "count is not above 0"),
        ({"count": "2000000"}, "count is above 1,000,000"),
        ({"collected-on": "2126-04-30"}, "collected on 2126-04-30 is in the future"),
        ({"place": " "}, "place is missing"),
    ],
)
def test_nonsense_is_refused_in_words(
    flask_command: FlaskCliRunner, changes: dict[str, str], words: str
) -> None:
    told = add(flask_command, **changes)
    assert told.exit_code == 1
    assert words in told.stderr
    assert flask_command.invoke(args=["petition", "paper", SLUG]).output.startswith("No signature on paper")


def test_the_same_scan_and_a_mistyped_day_are_refused(flask_command: FlaskCliRunner) -> None:
    add(flask_command)
    told = add(flask_command, count="5", scan="a-17")
    assert (told.exit_code, told.stderr) == (1, "Error: a scan 'a-17' of this petition counts already\n")
    assert add(flask_command, **{"collected-on": "30.4.2026"}).exit_code == 2


def test_nobody_known_from_paper_is_an_empty_list(flask_command: FlaskCliRunner) -> None:
    assert flask_command.invoke(args=["petition", "paper-names", SLUG, "--json"]).stdout == "[]\n"


def test_names_come_from_a_file_and_go_out_as_a_table(flask_command: FlaskCliRunner, tmp_path: Path) -> None:
    sheet = tmp_path / "names.txt"
    sheet.write_bytes("\ufeffSam Signs; Gyumri\nPetra Hosts\n".encode())
    told = add(flask_command, "--names", str(sheet), "--json", count="2")
    assert json.loads(told.output)["names"] == 2
    table = flask_command.invoke(args=["petition", "paper-names", SLUG])
    assert table.stdout_bytes.splitlines()[1:] == [
        b"A-17,the market,2026-04-30,Sam Signs,Gyumri",
        b"A-17,the market,2026-04-30,Petra Hosts,",
    ]
    listed = flask_command.invoke(args=["petition", "paper-names", SLUG, "--json"])
    assert len(listed.stdout.splitlines()) == len(["[", "Sam Signs", "Petra Hosts", "]"])
    assert [one["name"] for one in json.loads(listed.stdout)] == ["Sam Signs", "Petra Hosts"]
    assert json.loads(listed.stdout)[0] == {
        "scan": "A-17",
        "place": "the market",
        "collected_on": "2026-04-30",
        "name": "Sam Signs",
        "from_place": "Gyumri",
    }
    for more, was in (((), table.stdout_bytes), (("--json", "--replace"), listed.stdout_bytes)):
        command = ["petition", "paper-names", SLUG, "--output", str(tmp_path / "out"), *more]
        written = flask_command.invoke(args=command)
        assert (written.exit_code, written.stdout) == (0, "")
        assert (tmp_path / "out").read_bytes() == was
        assert (tmp_path / "out").stat().st_mode & 0o777 == 0o600
    again = flask_command.invoke(args=command[:-2])
    assert (again.exit_code, "--replace writes over it" in again.stderr) == (1, True)
    told = add(flask_command, "--names", str(sheet), count="3", scan="A-18")
    assert (told.exit_code, told.stderr) == (1, "Error: names has 2 names where 3 were counted\n")
    sheet.write_bytes(b"\xff\xfe\x00")
    told = add(flask_command, "--names", str(sheet), count="1", scan="A-19")
    assert (told.exit_code, told.stderr) == (1, "Error: names cannot be read: save the file as UTF-8\n")
