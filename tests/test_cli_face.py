"""A petition's picture, and the thanks to its signers, as Anahit gives them at the terminal."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskCliRunner

from config import Settings
from tests.images import taken_by_phone
from tests.petitions import MILL, NOW
from widget import cli
from widget.domain.petition import Wording
from widget.domain.picture import Picture
from widget.parts import Parts, connect

SLUG = "save-the-mill"


@pytest.fixture
def parts(sqlite_url: str, tmp_path: Path) -> Iterator[Parts]:
    parts = connect(Settings.from_env({"DATABASE_URL": sqlite_url, "DATA_DIR": str(tmp_path)}))
    parts.ledger.add_petition(MILL, NOW)
    yield parts
    parts.counter.close()
    parts.ledger.close()


@pytest.fixture
def flask_command(parts: Parts) -> FlaskCliRunner:
    app = Flask("widget")
    app.extensions["support_now"] = parts
    cli.register(app)
    return app.test_cli_runner()


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "mill.jpg"
    path.write_bytes(taken_by_phone())
    return str(path)


def picture(flask_command: FlaskCliRunner, *words: str) -> Result:
    return flask_command.invoke(args=["petition", "picture", SLUG, *words])


def known(parts: Parts) -> Picture | None:
    return parts.ledger.petition(SLUG).picture


def test_a_picture_is_given_told_and_taken_away(
    flask_command: FlaskCliRunner, parts: Parts, file: str
) -> None:
    told = picture(flask_command, file, "--alt", "The mill", "--credit", "Photo: Anahit")
    assert told.exit_code == 0, told.output
    given = known(parts)
    assert given
    assert [line.split()[0] for line in told.output.splitlines()] == ["shows", "credit", "640", "900", "1200"]
    assert f"/pictures/{given.for_links.name}" in told.output
    shown = flask_command.invoke(args=["petition", "show", SLUG, "--json"])
    assert json.loads(shown.output)["picture"]["descriptions"] == {"en": "The mill"}
    assert "The mill" in flask_command.invoke(args=["petition", "show", SLUG]).output
    assert picture(flask_command, "--remove").output == "Taken away.\n"
    assert known(parts) is None
    assert picture(flask_command, "--remove").output == "No picture.\n"


def test_words_change_without_the_file(flask_command: FlaskCliRunner, parts: Parts, file: str) -> None:
    mill = parts.ledger.petition(SLUG)
    parts.ledger.set_wording(mill.id, Wording("hy", "T", ("a",), "w"), NOW)
    picture(flask_command, file, "--alt", "The mill", "--alt-in", "hy", "Ջրաղացը")
    told = picture(flask_command, "--credit", "Sam", "--json")
    assert json.loads(told.output)["credit"] == "Sam"
    assert json.loads(told.output)["descriptions"] == {"en": "The mill", "hy": "Ջրաղացը"}
    assert [size["for"] for size in json.loads(told.output)["sizes"]] == ["page", "page", "link"]
    assert "it decorates" in picture(flask_command, "--decorative").output
    assert "it decorates" in picture(flask_command, "--credit", "").output


def test_another_picture_begins_without_the_words_of_the_last(
    flask_command: FlaskCliRunner, parts: Parts, file: str
) -> None:
    picture(flask_command, file, "--alt", "The mill", "--credit", "Photo: Anahit")
    assert "Say what it shows" in picture(flask_command, file).output
    picture(flask_command, file, "--alt", "The river")
    given = known(parts)
    assert given
    assert (given.descriptions, given.credit) == ((("en", "The river"),), "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("FILE",), "Say what it shows"),
        ((), "Name a FILE"),
        (("--alt", "The mill"), "Name a FILE"),
        (("FILE", "--alt", "The mill", "--decorative"), "Either describe it"),
        (("FILE", "--alt", "x" * 301), "longer than 300 characters"),
        (("FILE", "--alt", "The mill", "--alt-in", "de", "Die Mühle"), "no text in 'de'"),
        (("FILE", "--alt", "The mill", "--alt-in", "not a tag", "x"), "'not a tag'"),
        (("FILE", "--remove"), "--remove goes alone"),
        (("--remove", "--credit", "Sam"), "--remove goes alone"),
    ],
)
def test_a_slip_ends_with_two_and_changes_nothing(
    flask_command: FlaskCliRunner, parts: Parts, file: str, words: tuple[str, ...], said: str
) -> None:
    told = picture(flask_command, *(file if word == "FILE" else word for word in words))
    assert told.exit_code == 2, told.output
    assert said in told.output
    assert known(parts) is None


def test_what_is_no_picture_is_refused(flask_command: FlaskCliRunner, parts: Parts, tmp_path: Path) -> None:
    path = tmp_path / "mill.svg"
    path.write_text("<svg onload='alert(1)'/>")
    told = picture(flask_command, str(path), "--alt", "The mill")
    assert (told.exit_code, known(parts)) == (1, None)
    assert "it is an SVG" in told.output


def test_a_file_that_never_ends_is_not_read_to_its_end(flask_command: FlaskCliRunner) -> None:
    told = picture(flask_command, "/dev/zero", "--alt", "The mill")
    assert told.exit_code == 1
    assert "larger than 12 MB" in told.output


def test_thanks_are_set_told_and_taken_away(flask_command: FlaskCliRunner, parts: Parts) -> None:
    mill = parts.ledger.petition(SLUG)
    parts.ledger.set_wording(mill.id, Wording("hy", "T", ("a",), "w"), NOW)
    change = ["petition", "set", SLUG]
    words = ("--thanks", "See you.\nBring a candle.", "--thanks-in", "hy", "Կիրակի")
    told = flask_command.invoke(args=[*change, *words])
    assert told.exit_code == 0, told.output
    assert "thanks (en)" in told.output
    assert "See you. / Bring a candle." in told.output
    told = flask_command.invoke(args=[*change, "--thanks", "", "--json"])
    assert json.loads(told.output)["thanks"] == {"hy": "Կիրակի"}
    for slip, said in (
        (("--thanks", "x" * 61), "no room for more"),
        (("--thanks-in", "hy", "x" * 61), "no room for more"),
        (("--thanks-in", "de", "Danke"), "no text in 'de'"),
        (("--thanks-in", "not a tag", "x"), "'not a tag'"),
    ):
        told = flask_command.invoke(args=[*change, *slip])
        assert (told.exit_code, said in told.output) == (2, True), told.output
    assert parts.ledger.petition(SLUG).thanks_text == (("hy", "Կիրակի"),)
