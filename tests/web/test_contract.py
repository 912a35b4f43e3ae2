"""What other people's pages rely on, address by address: names, headers, and what caches may keep."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

EMBED = Path(__file__).parents[2] / "static/embed.js"
# Content blockers match on these, anywhere in an address.
BLOCKED = ("count", "track", "share", "social", "ads", "analytics", "popup")
JSON = r"public, max-age=(\d+), (?:s-maxage=1, )?stale-while-revalidate=\d+, stale-if-error=\d+"
WIDGET = "/api/v1/petitions/save-the-mill/widget?lang=hy"
PROGRESS = "/api/v1/petitions/save-the-mill/progress"
SIGN = "/api/v1/petitions/save-the-mill/signatures"


def rules_of_the_embed(app: Flask) -> set[str]:
    """Return every address that a partner's page may come to ask for."""
    every = {rule.rule for rule in app.url_map.iter_rules()}
    own = {one for one in every if one.startswith(("/embed", "/oembed", "/demo"))}
    return own | {one for one in every if one.endswith(("/widget", "/progress", "/signatures"))}


def ask(client: FlaskClient, address: str) -> TestResponse:
    return client.get(address, headers={"Origin": "https://petra.example.org", "Accept-Encoding": "br"})


def test_no_address_of_the_embed_holds_a_word_that_blockers_look_for(app: Flask, client: FlaskClient) -> None:
    rules = rules_of_the_embed(app)
    assert len(rules) >= 6
    facts = client.get(WIDGET).get_json()
    named = {facts["sign_url"], facts["petition"]["url"]}
    in_script = set(re.findall(r"""['"`](/[a-z][^'"`\s]*)""", EMBED.read_text(encoding="utf-8")))
    assert "/api/v1/petitions/" in in_script
    for address in rules | named | in_script:
        assert not [word for word in BLOCKED if word in address.lower()], address


@pytest.mark.parametrize("address", [WIDGET, PROGRESS])
def test_the_json_is_kept_for_some_seconds_and_asked_for_by_its_tag(
    client: FlaskClient, address: str
) -> None:
    got = ask(client, address)
    kept = re.fullmatch(JSON, got.headers["Cache-Control"])
    assert kept
    assert 5 <= int(kept[1]) <= 30
    assert client.get(address, headers={"If-None-Match": got.headers["ETag"]}).status_code == 304
    assert got.headers.get("Vary", "Accept-Encoding") == "Accept-Encoding"  # the language is in the address


def test_the_newest_script_is_kept_for_an_hour(client: FlaskClient) -> None:
    """Versions, which are kept for ever, are looked at in tests/test_releases.py."""
    newest = ask(client, "/embed.js")
    assert newest.headers["Cache-Control"] == "public, max-age=3600, stale-while-revalidate=604800"
    assert newest.headers["ETag"]
    assert newest.headers["Content-Encoding"] == "br"


def test_nothing_keeps_an_answer_to_a_signature(client: FlaskClient, sam: dict[str, str]) -> None:
    for answer in (client.post(SIGN, data=sam), client.post(SIGN, data={})):
        assert answer.headers["Cache-Control"] == "no-store"


def test_the_frame_says_where_it_may_stand_in_one_header_alone(client: FlaskClient) -> None:
    frame = ask(client, "/embed/save-the-mill")
    assert "frame-ancestors *" in frame.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in frame.headers


@pytest.mark.parametrize("address", [WIDGET, PROGRESS, "/embed.js", SIGN])
def test_every_answer_to_another_site_is_public_and_sets_nothing(
    client: FlaskClient, sam: dict[str, str], address: str
) -> None:
    answers = [client.post(address, data=sam)] if address == SIGN else []
    answers.append(ask(client, address))  # of the address to sign at: a refusal, as public as the rest
    for got in answers:
        assert got.headers["Access-Control-Allow-Origin"] == "*"
        assert got.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert {"ETag", "Retry-After"} <= set(got.headers["Access-Control-Expose-Headers"].split(", "))
        assert "Set-Cookie" not in got.headers
        assert "Origin" not in got.headers.get("Vary", "")
