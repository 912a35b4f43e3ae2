"""Every address of the console, with every method, tried by those who may not. A new one is tried unasked."""

import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, select
from werkzeug.routing import Rule

from tests.organisers import HOST, PASSWORD, Desk, desk, enrol, signed_in
from tests.petitions import signature
from tests.questions import BRANCH, ask
from widget import reviewing, tokens, uploading
from widget.domain.admission import Admits
from widget.domain.criteria import Criteria
from widget.domain.organiser import Deed, Organiser, Role
from widget.domain.paper import PaperFigure
from widget.domain.picture import Picture, Rendition
from widget.domain.signature import State
from widget.domain.update import Kind, UpdateDraft
from widget.parts import Parts
from widget.store.columns import metadata
from widget.web.console.door import ANY, OPEN
from widget.web.edge import LETTER_POLICY

# What stands in the place of each parameter: things of Anahit's organisation. A new parameter is named here.
PARAMETERS: dict[str, Any] = {
    "slug": "save-the-mill",
    "organisation": "our-organisation",
    "organiser_id": 1,
    "signature_id": 1,
    "entry_id": 1,
    "name_id": 1,
    "letter_id": 1,
    "update_id": 1,
    "upload_key": "1-0badcafe00",  # in the place of the one that there is
    "import_id": 1,
    "batch": "0badcafe",
    "lang": "en",
    "table": "sites",
    "name": "0badcafe0badcafe0badcafe0badcafe.webp",
    "kind": "choice",
    "question": "own_branch",
}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def rules(app: Flask) -> list[Rule]:
    """Return every address of the console."""
    return [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/manage")]


def admits(app: Flask, rule: Rule) -> object:
    """Return who is let in to a view."""
    return app.view_functions[rule.endpoint].__dict__["admits"]


def addresses(app: Flask, parts: Parts) -> Iterator[tuple[Rule, str, str]]:
    """Yield every address, filled in, with every method that it takes."""
    link = parts.ledger.make_link(
        Admits.JOIN,
        "sam@example.org",
        parts.clock(),
        organisation=parts.ledger.organisations()[0],
        role=Role.EDITOR,
    )
    mill = parts.ledger.petition("save-the-mill")
    values = PARAMETERS | {
        "token": tokens.make_admission(parts.settings.secret_key, link.number),
        "upload_key": parts.ledger.uploads(mill.id)[0].key,
    }
    for rule in rules(app):
        missing = rule.arguments - values.keys()
        assert not missing, f"{rule.rule}: name a value for {missing} in PARAMETERS"
        path = re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", lambda found: str(values[found[1]]), rule.rule)
        for method in METHODS:
            if method in (rule.methods or ()):
                yield rule, path, method


def everything(parts: Parts) -> dict[str, list[Any]]:
    """Return all that the ledger holds."""

    def read(connection: Connection) -> dict[str, list[Any]]:
        return {
            name: sorted(map(tuple, connection.execute(select(table)).all()), key=repr)
            for name, table in metadata.tables.items()
        }

    return parts.ledger._database.ask(read)


def preview_was_given(path: str, method: str) -> bool:
    """Tell whether an address shows the widget in a frame of ours; what is sent to it here has no token."""
    return path.endswith("/preview") and method == "GET"


def said_nothing(text: str) -> bool:
    """Tell that a page names nothing of Anahit's organisation."""
    return not any(word in text for word in ("Save the mill", "Our organisation", "sam@example.org"))


@pytest.fixture(autouse=True)
def sams_signature(parts: Parts, anahit: Organiser) -> None:
    ask(parts, BRANCH)
    mill = parts.ledger.petition("save-the-mill")
    parts.ledger.record(signature(mill.id), letter=None)
    parts.ledger.add_update(
        mill.id, UpdateDraft(Kind.UPDATE, "en", "The mill turns", "Today."), parts.clock()
    )
    digest = PARAMETERS["name"].removesuffix(".webp")
    sizes = tuple(Rendition(purpose, digest, "image/webp", 640, 480) for purpose in ("page", "link"))
    parts.ledger.set_picture(mill.id, Picture((("en", "The mill"),), "Anahit", sizes), {digest: b"a picture"})
    figure = PaperFigure(7, "the market square", date(2026, 4, 30), "scan 12")
    parts.ledger.add_paper(mill.id, figure, "anahit@example.org", parts.clock())
    mallorys = signature(mill.id, "mallory@example.org", state=State.HELD, held_because="crowd")
    parts.ledger.record(mallorys, letter=None)
    table = io.BytesIO(b"email\nomar@example.org\n")
    given = {"ledger": parts.ledger, "now": parts.clock()}
    uploading.receive(mill, table, "list.csv", sent_by="anahit@example.org", **given)  # type: ignore[arg-type]
    parts.ledger.begin_import(
        mill.id, file_name="list.csv", fingerprint="", mapping={}, recorded_by="", now=parts.clock()
    )
    plan = reviewing.accepting(mill.slug, Criteria(), ledger=parts.ledger, batch="0badcafe")
    within = timedelta(days=30)
    list(
        reviewing.carry_out(
            plan, ledger=parts.ledger, counter=parts.counter, clock=parts.clock, within=within
        )
    )


def test_there_are_addresses_to_try(app: Flask, parts: Parts) -> None:
    found = list(addresses(app, parts))
    assert len(found) > 15
    assert {"/manage", "/manage/sign-in", "/manage/petitions/<slug>"} <= {rule.rule for rule, _, _ in found}


def test_every_view_says_who_may_reach_it(app: Flask) -> None:
    assert {admits(app, rule) for rule in rules(app)} <= {OPEN, ANY, *Deed}
    open_to_all = {rule.endpoint.split(".")[1] for rule in rules(app) if admits(app, rule) == OPEN}
    assert open_to_all == {"by_letter", "doorway"}


def test_what_names_a_petition_or_an_organisation_asks_for_a_deed(app: Flask) -> None:
    for rule in rules(app):
        if {"slug", "organisation"} & rule.arguments:
            assert admits(app, rule) in set(Deed), rule.rule


def test_a_stranger_is_sent_to_sign_in_and_changes_nothing(app: Flask, parts: Parts) -> None:
    found = [one for one in addresses(app, parts) if admits(app, one[0]) != OPEN]
    before, stranger = everything(parts), desk(app)
    token = stranger.token()
    for _, path, method in found:
        answer = stranger.open(path, method=method, data={"csrf_token": token} if method != "GET" else None)
        assert answer.status_code == (302 if method == "GET" else 401), (method, path)
        if method == "GET":
            assert answer.location.startswith("/manage/sign-in?next=/manage"), path
        assert said_nothing(answer.text), path
    assert everything(parts) == before


def test_a_form_without_its_token_is_refused_from_everybody(
    app: Flask, parts: Parts, anahit_signed_in: Desk
) -> None:
    found = [one for one in addresses(app, parts) if one[2] != "GET"]
    before = everything(parts)
    for _, path, method in found:
        for who in (anahit_signed_in, desk(app)):
            for sent in ({}, {"csrf_token": "forged"}):
                answer = who.open(path, method=method, data={"email": "anahit@example.org", **sent})
                assert answer.status_code == 400, (method, path)
    assert everything(parts) == before


def test_a_form_with_fields_missing_is_no_fault_of_ours(
    app: Flask, parts: Parts, anahit_signed_in: Desk
) -> None:
    """Whoever writes a request by hand gets an answer in words, too."""
    token, found = anahit_signed_in.token(), [one for one in addresses(app, parts) if one[2] != "GET"]
    # What takes away the others' subject comes late, what ends the session last.
    found.sort(key=lambda one: ("sign-out" in one[1], "remove" in one[1]))
    for _, path, method in found:
        answer = anahit_signed_in.open(path, method=method, data={"csrf_token": token})
        assert answer.status_code < 500, (method, path)
        assert answer.status_code != 401 or "sign-out" in path, path


def test_a_form_of_a_petition_without_one_of_its_fields_is_no_fault_of_ours(anahit_signed_in: Desk) -> None:
    whole = {
        "title": "Save the weir",
        "addressees": "The council",
        "text": "It is old.",
        "appendix": "",
        "text_version": "",
        "lang": "en",
        "started_by": "Anahit",
        "slug": "",
        "organisation": "our-organisation",
    }
    for missing in whole:
        sent = {name: value for name, value in whole.items() if name != missing}
        answer = anahit_signed_in.send("/manage/petitions/new", sent)
        assert answer.status_code in {200, 303, 400, 422}, missing


def test_a_form_from_another_site_is_refused(app: Flask, parts: Parts, anahit_signed_in: Desk) -> None:
    token = anahit_signed_in.token()
    for _, path, method in [one for one in addresses(app, parts) if one[2] != "GET"]:
        headers = {"Referer": "https://mallory.example.org/"}
        answer = anahit_signed_in.open(path, method=method, data={"csrf_token": token}, headers=headers)
        assert answer.status_code == 400, path


def test_a_viewer_changes_nothing(app: Flask, parts: Parts, viewer_signed_in: Desk) -> None:
    found = [one for one in addresses(app, parts) if admits(app, one[0]) in set(Deed)]
    before, token = everything(parts), viewer_signed_in.token()
    for rule, path, method in found:
        data = {"csrf_token": token} if method != "GET" else None
        answer = viewer_signed_in.open(path, method=method, data=data)
        looks = admits(app, rule) is Deed.LOOK
        assert answer.status_code in ({200, 302, 303} if looks else {403}), (method, path)
        assert "sam@example.org" not in answer.text, path
    assert everything(parts) == before


def test_what_only_looks_takes_no_form(app: Flask) -> None:
    """A viewer may look: then nothing that a viewer reaches may change anything."""
    for rule in rules(app):
        if admits(app, rule) is Deed.LOOK:
            assert (rule.methods or set()) <= {"GET", "HEAD", "OPTIONS"}, rule.rule


def test_another_organisations_things_are_not_found(
    app: Flask, parts: Parts, elsewhere_signed_in: Desk
) -> None:
    found = [one for one in addresses(app, parts) if admits(app, one[0]) in set(Deed)]
    before, token = everything(parts), elsewhere_signed_in.token()
    for _, path, method in found:
        data = {"csrf_token": token} if method != "GET" else None
        answer = elsewhere_signed_in.open(path, method=method, data=data)
        assert answer.status_code == 404, (method, path)
        assert said_nothing(answer.text), path
    assert everything(parts) == before


def test_every_page_opens_for_its_owner(app: Flask, parts: Parts, anahit_signed_in: Desk) -> None:
    for _, path, method in addresses(app, parts):
        if method == "GET":
            assert anahit_signed_in.get(path).status_code in {200, 302, 303, 403}, path


def test_opening_a_page_changes_nothing(app: Flask, parts: Parts, anahit_signed_in: Desk) -> None:
    """Promise 12."""
    found, before = list(addresses(app, parts)), everything(parts)
    for _, path, method in found:
        if method == "GET":
            anahit_signed_in.get(path)
    assert everything(parts) == before


def test_what_is_not_there_and_what_is_anothers_are_told_alike(app: Flask, elsewhere_signed_in: Desk) -> None:
    anothers = elsewhere_signed_in.get("/manage/petitions/save-the-mill")
    nobodys = elsewhere_signed_in.get("/manage/petitions/no-such-thing")
    assert (anothers.status_code, anothers.text) == (nobodys.status_code, nobodys.text)


def test_a_view_that_says_nothing_stops_the_start(app: Flask) -> None:
    from widget.web.console import door

    app.view_functions["console.forgotten.show"] = lambda: "anything"
    with pytest.raises(RuntimeError, match=r"console\.forgotten\.show"):
        door.refuse_undeclared_views(app)


def test_every_answer_is_kept_by_nobody_and_framed_by_nobody(
    app: Flask, parts: Parts, anahit_signed_in: Desk
) -> None:
    for _, path, method in list(addresses(app, parts)):
        headers = anahit_signed_in.open(path, method=method).headers
        assert headers["Cache-Control"] == "no-store", path
        policy = headers["Content-Security-Policy"]
        # Previews stand in a frame of our own pages; the rest in nobody's, and nothing in another site's.
        in_frame = preview_was_given(path, method) or path.endswith("/letter/html")
        framed_by = "'self'" if in_frame else "'none'"
        assert f"frame-ancestors {framed_by};" in f"{policy};", path
        if path.endswith("/letter/html"):
            # A letter brings its own style; in a sandbox without scripts, origin or anything loaded.
            policy = policy.replace(LETTER_POLICY, "")
        assert "unsafe" not in policy, path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert "Access-Control-Allow-Origin" not in headers, path


def test_no_cookie_is_set_outside_the_console(app: Flask, client: FlaskClient, sam: dict[str, str]) -> None:
    """Promise 13, for every address that is none of the console's."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/manage"):
            continue
        path = re.sub(r"<[^>]+>", "save-the-mill", rule.rule)
        for method in METHODS:
            answer = client.open(path, method=method, data=sam if method == "POST" else None, base_url=HOST)
            assert "Set-Cookie" not in answer.headers, (method, path)


def test_the_cookie_is_for_the_console_alone(app: Flask, anahit: Organiser) -> None:
    browser = desk(app)
    browser.send("/manage/sign-in", {"email": "anahit@example.org", "password": PASSWORD})
    answer = browser.get("/manage")
    assert answer.status_code == 200
    parts_of = [one.strip() for one in answer.headers["Set-Cookie"].split(";")]
    assert parts_of[0].startswith("__Secure-support-now=")
    assert {"Secure", "HttpOnly", "Path=/manage", "SameSite=Lax"} <= set(parts_of)
    assert "Cookie" in answer.headers["Vary"]


def test_who_was_removed_is_out_at_once(app: Flask, parts: Parts, anahit: Organiser) -> None:
    petra = enrol(parts.ledger, "Petra", Role.EDITOR)
    browser = signed_in(app, petra)
    assert browser.get("/manage/petitions/save-the-mill").status_code == 200
    parts.ledger.remove_member(parts.ledger.organisations()[0].id, petra.id)
    assert browser.get("/manage/petitions/save-the-mill").status_code == 404
