"""Anahit asks something of her own from the terminal."""

import json
from dataclasses import replace
from typing import Any

import pytest
from flask.cli import routes_command, run_command, shell_command
from flask.testing import FlaskCliRunner

from tests.petitions import MILL, NOW
from widget.parts import Parts

SLUG = "save-the-mill"


@pytest.fixture
def parts(parts: Parts) -> Parts:
    mill = parts.ledger.add_petition(MILL, NOW)
    parts.ledger.set_wording(mill.id, replace(MILL.wording, lang="hy"), NOW)
    return parts


def told(flask_command: FlaskCliRunner, command: str, *words: str) -> Any:
    answer = flask_command.invoke(args=["petition", command, SLUG, *words, "--json"])
    assert answer.exit_code == 0, answer.stderr
    return json.loads(answer.output)


SHIRT = ("--type", "choice", "--label", "Shirt", "--option", "Small", "--option", "Large")
IN_ARMENIAN = ("--label-in", "hy", "Վերնաշապիկ", "--option-in", "hy", "Փոքր", "--option-in", "hy", "Մեծ")


def test_a_snippet_is_printed_with_a_word_on_its_height(flask_command: FlaskCliRunner) -> None:
    snippet = ["petition", "snippet", SLUG]
    assert flask_command.invoke(args=snippet).stderr == ""
    told(flask_command, "add-question", "--type", "text", "--label", "Branch?")
    noted = flask_command.invoke(args=snippet)
    assert "446 pixels are for the standard form" in noted.stderr
    assert "Note" not in noted.stdout
    assert flask_command.invoke(args=[*snippet, "--height", "500"]).stderr == ""


def test_a_question_is_added_changed_removed_and_asked_again(flask_command: FlaskCliRunner) -> None:
    told(flask_command, "add-question", "--type", "text", "--label", "Branch?", "--required")
    [_, shirt] = told(flask_command, "add-question", *SHIRT, *IN_ARMENIAN)
    assert shirt == {
        "name": "own_shirt",
        "type": "choice",
        "required": False,
        "maxlength": None,
        "labels": {"en": "Shirt", "hy": "Վերնաշապիկ"},
        "options": [{"en": "Small", "hy": "Փոքր"}, {"en": "Large", "hy": "Մեծ"}],
        "removed": False,
    }
    changed = told(
        flask_command, "change-question", "own_shirt", "--label", "T-shirt", "--required", "--place", "1"
    )
    assert changed[0] == shirt | {"labels": {"en": "T-shirt", "hy": "Վերնաշապիկ"}, "required": True}
    assert flask_command.invoke(args=["petition", "remove-question", SLUG, "own_shirt"]).exit_code == 0
    listed = flask_command.invoke(args=["petition", "questions", SLUG]).output.splitlines()
    assert [line.split()[0:3] for line in listed] == [
        ["NAME", "TYPE", "ASKED"],
        ["own_branch", "text", "required"],
        ["own_shirt", "choice", "removed"],
    ]
    assert "T-shirt (Small | Large)" in listed[2]
    assert flask_command.invoke(args=["petition", "restore-question", SLUG, "own_shirt"]).exit_code == 0
    assert [one["removed"] for one in told(flask_command, "questions")] == [False, False]


def test_other_options_take_the_place_of_all_there_were(flask_command: FlaskCliRunner) -> None:
    told(flask_command, "add-question", *SHIRT, *IN_ARMENIAN)
    [shirt] = told(flask_command, "change-question", "own_shirt", "--option", "S", "--option", "M")
    assert shirt["options"] == [{"en": "S"}, {"en": "M"}]
    again = ("--option-in", "hy", "Փ", "--option-in", "hy", "Մ")
    [shirt] = told(flask_command, "change-question", "own_shirt", *again)
    assert shirt["options"] == [{"en": "S", "hy": "Փ"}, {"en": "M", "hy": "Մ"}]


def test_nothing_is_asked_to_begin_with(flask_command: FlaskCliRunner) -> None:
    assert "asks nothing of its own" in flask_command.invoke(args=["petition", "questions", SLUG]).output


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--type", "text"), 2, "the question is missing"),
        (("--type", "text", "--label", "x", "--name", "email"), 2, "does not begin with 'own_'"),
        (("--type", "text", "--label", "x", "--max-length", "301"), 2, "1 to 300 characters"),
        (("--type", "text", "--label", "x", "--label-in", "de", "y"), 2, "no text in 'de', only in en, hy"),
        (("--type", "choice", "--label", "x"), 2, "two options or more"),
        (
            (*SHIRT, "--option-in", "hy", "Փոքր", "--option-in", "hy", "Մեծ", "--option-in", "hy", "x"),
            2,
            "3 in hy",
        ),
    ],
)
def test_what_cannot_be_asked_is_said_and_changes_nothing(
    flask_command: FlaskCliRunner, parts: Parts, words: tuple[str, ...], status: int, said: str
) -> None:
    answer = flask_command.invoke(args=["petition", "add-question", SLUG, *words])
    assert answer.exit_code == status
    assert said in answer.stderr
    assert parts.ledger.petition(SLUG).questions == ()


@pytest.mark.parametrize("command", ["change-question", "remove-question", "restore-question"])
def test_a_question_that_was_never_asked(flask_command: FlaskCliRunner, command: str) -> None:
    answer = flask_command.invoke(args=["petition", command, SLUG, "own_none"])
    assert (answer.exit_code, answer.stderr) == (
        1,
        "Error: this petition never asked a question 'own_none'\n",
    )


def test_the_list_of_commands_says_what_tells_them_apart(flask_command: FlaskCliRunner) -> None:
    listed = flask_command.invoke(args=["petition", "--help"]).output.split("Commands:")[1]
    assert "..." not in listed
    assert all(one.hidden for one in (routes_command, run_command, shell_command))  # "serve" is the one
