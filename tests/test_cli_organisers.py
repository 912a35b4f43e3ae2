"""Letting people in from the terminal, as Omar types it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskCliRunner

from config import Settings
from tests.organisers import enrol
from tests.petitions import MILL, NOW
from widget import cli, serving, tokens
from widget.cli.organisers import first_link_address
from widget.domain.admission import Admits
from widget.domain.organiser import Role
from widget.parts import Parts, connect


@pytest.fixture
def parts(sqlite_url: str, tmp_path: Path) -> Iterator[Parts]:
    parts = connect(
        Settings.from_env(
            {"DATABASE_URL": sqlite_url, "DATA_DIR": str(tmp_path), "PUBLIC_URL": "https://our.example.org"}
        )
    )
    parts.ledger.add_petition(MILL, NOW)
    yield parts
    parts.counter.close()
    parts.ledger.close()


@pytest.fixture
def app(parts: Parts) -> Flask:
    app = Flask("widget")
    app.extensions["support_now"] = parts
    cli.register(app)
    return app


def run(app: Flask, *words: str) -> Result:
    runner: FlaskCliRunner = app.test_cli_runner()
    return runner.invoke(args=list(words))


def number(parts: Parts, url: str) -> int:
    found = tokens.read_admission(parts.settings.secret_key, url.strip().rpartition("/")[2])
    assert found is not None
    return found


def test_an_invitation_is_a_link_and_nothing_else_on_standard_output(app: Flask, parts: Parts) -> None:
    told = run(app, "organiser", "invite", "Anahit@Example.org", "--role", "owner")
    assert told.exit_code == 0
    assert re.fullmatch(r"https://our\.example\.org/manage/invitation/\S+\n", told.stdout)
    assert "For Anahit@example.org alone, once, until" in told.stderr
    link = parts.ledger.one_time_link(number(parts, told.stdout))
    assert (link.email, link.role, link.admits) == ("Anahit@example.org", Role.OWNER, Admits.JOIN)
    assert parts.ledger.organiser_letters(limit=9) == []


def test_an_invitation_goes_by_mail_if_asked(app: Flask, parts: Parts) -> None:
    assert run(app, "organiser", "invite", "petra@example.org", "--mail").exit_code == 0
    assert [one.link.role for one in parts.ledger.organiser_letters(limit=9)] == [Role.EDITOR]


def test_with_several_organisations_one_is_named(app: Flask, parts: Parts) -> None:
    assert run(app, "organisation", "create", "Friends of the Lake").output == (
        "Founded: Friends of the Lake (friends-of-the-lake)\n"
    )
    told = run(app, "organiser", "invite", "petra@example.org")
    assert told.exit_code == 2
    assert "--organisation" in told.stderr
    told = run(
        app, "organiser", "invite", "petra@example.org", "--organisation", "friends-of-the-lake", "--json"
    )
    content = json.loads(told.stdout)
    assert (content["organisation"], content["role"]) == ("friends-of-the-lake", "editor")
    assert run(app, "organiser", "invite", "petra@example.org", "--organisation", "nobody").exit_code == 1


@pytest.mark.parametrize("address", ["petra", "petra@", "", "a b@example.org"])
def test_a_slip_in_the_address_is_told(app: Flask, address: str) -> None:
    for command in ("invite", "password"):
        assert run(app, "organiser", command, address).exit_code == 2


def test_a_link_for_a_new_password(app: Flask, parts: Parts) -> None:
    enrol(parts.ledger, "Anahit")
    told = run(app, "organiser", "password", "ANAHIT@example.org")
    assert re.fullmatch(r"https://our\.example\.org/manage/password/\S+\n", told.stdout)
    link = parts.ledger.one_time_link(number(parts, told.stdout))
    assert (link.admits, link.email) == (Admits.SET_PASSWORD, "anahit@example.org")
    told = run(app, "organiser", "password", "nobody@example.org")
    assert told.exit_code == 1
    assert "no organiser has this address" in told.stderr


def test_organisers_and_organisations_are_listed(app: Flask, parts: Parts) -> None:
    assert "Nobody yet." in run(app, "organiser", "list").output
    assert json.loads(run(app, "organiser", "list", "--json").output) == []
    enrol(parts.ledger, "Anahit")
    assert [line.split() for line in run(app, "organiser", "list").output.splitlines()] == [
        ["ADDRESS", "MEMBER"],
        ["anahit@example.org", "owner", "of", "our-organisation"],
    ]
    (content,) = json.loads(run(app, "organiser", "list", "--json").output)
    assert content["memberships"] == [{"organisation": "our-organisation", "role": "owner"}]
    assert "argon2" not in run(app, "organiser", "list", "--json").output
    (content,) = json.loads(run(app, "organisation", "list", "--json").output)
    assert content == {"slug": "our-organisation", "name": "Our organisation", "members": 1, "petitions": 1}
    assert "our-organisation" in run(app, "organisation", "list").output


def test_an_organisation_needs_a_name_for_addresses_of_its_own(app: Flask) -> None:
    assert run(app, "organisation", "create", "Մեր ջրաղացը").exit_code == 2
    assert run(app, "organisation", "create", "Մեր ջրաղացը", "--slug", "our-mill").exit_code == 0
    told = run(app, "organisation", "create", "Again", "--slug", "our-mill")
    assert told.exit_code == 1
    assert "our-mill" in told.stderr


def test_the_greeting_has_the_first_link_until_it_is_used(app: Flask, parts: Parts) -> None:
    with app.app_context():
        first = first_link_address(parts)
        assert first
        assert first_link_address(parts) == first
        assert first in serving.greeting(parts.settings, "save-the-mill", first=first)
        enrol(parts.ledger, "Anahit")
        assert first_link_address(parts) is None
    assert "first organiser" not in serving.greeting(parts.settings, "save-the-mill")
