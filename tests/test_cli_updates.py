"""Word to signers as Anahit types it."""

import json

import pytest
from click.testing import Result
from flask.testing import FlaskCliRunner

from tests.petitions import MILL, NOW, signature
from widget.domain.signature import Consent
from widget.parts import Parts

WORDS = "# The mill turns\n\nSince *today*.\n"


@pytest.fixture
def parts(parts: Parts) -> Parts:
    petition = parts.ledger.add_petition(MILL, NOW)
    parts.ledger.record(signature(petition.id, consent=Consent(NOW, "Keep me informed")), None)
    return parts


def run(flask_command: FlaskCliRunner, *words: str, typed: str | None = None) -> Result:
    return flask_command.invoke(args=["update", *words], input=typed)


def draft(flask_command: FlaskCliRunner, *more: str) -> Result:
    return run(flask_command, "draft", "save-the-mill", "-", "--lang", "en", *more, typed=WORDS)


def test_from_a_file_to_the_page_and_the_letters(flask_command: FlaskCliRunner, parts: Parts) -> None:
    assert "Draft 1: The mill turns" in draft(flask_command).stdout
    refused = run(flask_command, "publish", "1", "--yes")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "send it to yourself first" in refused.stderr
    tried = run(flask_command, "test", "1", "anahit@example.org", "--lang", "de")
    assert tried.exit_code == 0
    assert "[Test] Neuigkeiten: The mill turns" in tried.stdout  # a desk has no mail server
    asked = run(flask_command, "publish", "1", typed="n\n")
    assert asked.exit_code == 1
    assert "mail it to 1 signers?" in asked.stderr
    assert "The worker sends 1 letter," in run(flask_command, "publish", "1", typed="y\n").stdout
    assert parts.ledger.updates(1, published=True)[0].title == "The mill turns"
    delivered = flask_command.invoke(args=["deliver", "--once", "--json"])
    assert json.loads(delivered.stdout)["sent"] == 1
    (listed,) = json.loads(run(flask_command, "list", "save-the-mill", "--json").stdout)
    assert (listed["mailing"], listed["mailed"], listed["kind"]) == ("done", 1, "update")
    assert "1 letters written" in run(flask_command, "list", "save-the-mill").stdout


def test_only_on_the_page(flask_command: FlaskCliRunner, parts: Parts) -> None:
    draft(flask_command, "--answer")
    done = run(flask_command, "publish", "1", "--no-mail", "--yes", "--json")
    said = json.loads(done.stdout)
    assert (said["mailing"], said["readers"]) == ("none", 0)
    assert parts.ledger.updates(1)[0].kind == "answer"


def test_how_many_get_it_is_said_without_a_question_too(flask_command: FlaskCliRunner) -> None:
    draft(flask_command)
    done = run(flask_command, "publish", "1", "--untested", "--yes")
    assert done.stdout == "Published. The worker sends 1 letter, a few at a time.\n"
    draft(flask_command)
    again = run(flask_command, "publish", "2", "--untested", "--yes", "--json")
    assert json.loads(again.stdout)["readers"] == 1


def test_a_draft_is_replaced_shown_and_stopped(flask_command: FlaskCliRunner) -> None:
    draft(flask_command)
    assert "Draft 1:" in draft(flask_command, "--replace", "1").stdout
    assert run(flask_command, "show", "1").stdout.startswith("# The mill turns\n\nSince *today*.\n")
    run(flask_command, "publish", "1", "--untested", "--yes")
    assert "stopped after 0 letters" in run(flask_command, "stop", "1").stdout
    again = draft(flask_command, "--replace", "1")
    assert again.exit_code == 1
    assert "write another one" in again.stderr


def test_a_stopped_mailing_goes_on(flask_command: FlaskCliRunner, parts: Parts) -> None:
    draft(flask_command)
    assert "is not stopped" in run(flask_command, "resume", "1", "--yes").stderr
    run(flask_command, "publish", "1", "--untested", "--yes")
    run(flask_command, "stop", "1")
    asked = run(flask_command, "resume", "1", typed="n\n")
    assert asked.exit_code == 1
    assert "to 1 more signers?" in asked.stderr
    assert parts.ledger.update_by_id(1).mailing == "stopped"
    done = run(flask_command, "resume", "1", "--yes", "--json")
    said = json.loads(done.stdout)
    assert (said["mailing"], said["readers"]) == ("going", 1)
    run(flask_command, "stop", "1")
    assert "The worker sends 1 letter," in run(flask_command, "resume", "1", typed="y\n").stdout
    delivered = flask_command.invoke(args=["deliver", "--once", "--json"])
    assert json.loads(delivered.stdout)["sent"] == 1
    assert run(flask_command, "resume", "1", "--yes").exit_code == 1


def test_a_draft_is_deleted(flask_command: FlaskCliRunner, parts: Parts) -> None:
    draft(flask_command)
    asked = run(flask_command, "delete", "1", typed="n\n")
    assert asked.exit_code == 1
    assert "Delete the draft 'The mill turns' for good?" in asked.stderr
    assert "Draft 1 is deleted." in run(flask_command, "delete", "1", "--yes").stdout
    assert parts.ledger.updates(1) == []
    draft(flask_command)
    run(flask_command, "publish", "1", "--no-mail", "--yes")
    refused = run(flask_command, "delete", "1", "--yes")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "it is published" in refused.stderr


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("show", "7"), 1, "no update has this number"),
        (("list", "save-the-lake"), 1, "no petition has this slug"),
        (("test", "1", "nobody"), 2, "no mail address"),
        (("stop", "7"), 1, "no update has this number"),
        (("resume", "7", "--yes"), 1, "no update has this number"),
        (("delete", "7", "--yes"), 1, "no update has this number"),
    ],
)
def test_what_cannot_be_is_said_in_words(
    flask_command: FlaskCliRunner, words: tuple[str, ...], status: int, said: str
) -> None:
    draft(flask_command)
    told = run(flask_command, *words)
    assert (told.exit_code, told.stdout) == (status, "")
    assert said in told.stderr
