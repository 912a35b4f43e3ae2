"""Getting in: links that work once, passwords, sessions that end, and answers that tell nobody anything."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from tests.organisers import HOST, PASSWORD, Desk, desk, enrol, signed_in
from tests.petitions import NOW
from widget import admitting, passwords, tokens
from widget.domain.admission import Admits, OneTimeLink
from widget.domain.organiser import Organiser, Role
from widget.domain.refusals import LedgerUnavailable, TooManyRequests
from widget.parts import Parts
from widget.web.console.door import local
from widget.web.console.session import naming

NEW = "four wheels of old stone"


def place(parts: Parts, link: OneTimeLink, kind: str) -> str:
    return f"/manage/{kind}/{tokens.make_admission(parts.settings.secret_key, link.number)}"


def words(text: str) -> str:
    return re.sub(r'value="[^"]*"', "", text)


@pytest.fixture
def first(parts: Parts) -> str:
    link = admitting.first_link(ledger=parts.ledger, now=parts.clock())
    assert link
    return place(parts, link, "invitation")


# The first organiser


def test_the_first_link_makes_the_first_owner(app: Flask, parts: Parts, first: str) -> None:
    browser = desk(app)
    assert "The first organiser" in browser.get(first).text
    assert parts.ledger.organisers() == []  # opening it changed nothing
    answer = browser.send(first, {"email": "Anahit@Example.org", "password": NEW})
    assert (answer.status_code, answer.location) == (303, "/manage")
    page = browser.get("/manage").text
    assert "Welcome. You are now an owner of Our organisation." in page
    assert "Save the mill" in page
    (anahit,) = parts.ledger.organisers()
    assert anahit.email == "Anahit@example.org"
    assert [one.role for one in anahit.memberships] == [Role.OWNER]


def test_the_first_link_stays_the_same_until_it_is_used(parts: Parts, app: Flask, first: str) -> None:
    again = admitting.first_link(ledger=parts.ledger, now=parts.clock())
    assert again
    assert place(parts, again, "invitation") == first
    desk(app).send(first, {"email": "anahit@example.org", "password": NEW})
    assert admitting.first_link(ledger=parts.ledger, now=parts.clock()) is None


def test_a_used_link_says_so_and_lets_nobody_in(app: Flask, parts: Parts, first: str) -> None:
    desk(app).send(first, {"email": "anahit@example.org", "password": NEW})
    mallory = desk(app)
    for answer in (mallory.get(first), mallory.send(first, {"email": "m@example.org", "password": NEW})):
        assert answer.status_code == 410
        assert "This link was used" in answer.text
    assert len(parts.ledger.organisers()) == 1
    assert mallory.get("/manage").status_code == 302


@pytest.mark.parametrize(
    ("email", "password", "said"),
    [
        ("anahit@example.org", "short", "Take at least 12 characters"),
        ("anahit@example.org", "aaaaaaaaaaaaaa", "Too few different characters"),
        ("anahit.petrosyan@example.org", "anahit.petrosyan1!", "Too close to your address"),
        ("anahit@example.org", "ANAHIT@example.org", "Too close to your address"),
        ("anahit@example.org", "x" * 99 + "abcdefg" * 30, "Take at most 200 characters"),
        ("anahit@example.org", "", "Type a password."),
        ("no address", NEW, "This is no mail address."),
        ("", NEW, "Type the address."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    app: Flask, parts: Parts, first: str, email: str, password: str, said: str
) -> None:
    answer = desk(app).send(first, {"email": email, "password": password})
    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{email}"' in answer.text
    assert not password or password not in answer.text.replace(email, "")
    assert parts.ledger.organisers() == []


@pytest.mark.parametrize("token", ["x", "WzFd.x", "a" * 500, "MQ.abc"])
@pytest.mark.parametrize("kind", ["invitation", "password"])
def test_a_link_that_is_none_of_ours_opens_nothing(app: Flask, kind: str, token: str) -> None:
    answer = desk(app).get(f"/manage/{kind}/{token}")
    assert answer.status_code == 404
    assert "This link opens nothing" in answer.text


def test_a_link_of_one_kind_is_worth_nothing_for_another(app: Flask, parts: Parts, anahit: Organiser) -> None:
    link = parts.ledger.make_link(Admits.SIGN_IN, anahit.email, parts.clock())
    for kind in ("invitation", "password"):
        assert desk(app).get(place(parts, link, kind)).status_code == 403


# Signing in


def test_address_and_password_let_in_and_lead_on(app: Flask, anahit: Organiser) -> None:
    browser = desk(app)
    asked = browser.get("/manage/petitions/save-the-mill")
    assert asked.location == "/manage/sign-in?next=/manage/petitions/save-the-mill"
    assert 'value="/manage/petitions/save-the-mill"' in browser.get(asked.location).text
    sent = {"email": "ANAHIT@example.org", "password": PASSWORD, "next": "/manage/petitions/save-the-mill"}
    answer = browser.send("/manage/sign-in", sent)
    assert (answer.status_code, answer.location) == (303, "/manage/petitions/save-the-mill")
    assert "Save the mill" in browser.get(answer.location).text


@pytest.mark.parametrize(
    "address",
    [
        "https://mallory.example.org/",
        "//mallory.example.org",
        "/\\mallory.example.org",
        "/manage/../../etc",
        "/managed",
        "/",
        "",
        "/manage//mallory.example.org",
        "/manage/\n",
        "javascript:alert(1)",
        "/manage@mallory.example.org",
    ],
)
def test_one_is_never_led_to_another_site(address: str) -> None:
    assert local(address) == "/manage"


@pytest.mark.parametrize(
    "address", ["/manage", "/manage/account", "/manage?page=2", "/manage/petitions/x?a=b"]
)
def test_one_is_led_to_where_one_was_going(address: str) -> None:
    assert local(address) == address


def test_a_wrong_password_and_an_unknown_address_are_told_alike(app: Flask, anahit: Organiser) -> None:
    answers = [
        desk(app).send("/manage/sign-in", {"email": email, "password": "wrong wrong wrong"})
        for email in (anahit.email, "nobody@example.org")
    ]
    assert [one.status_code for one in answers] == [422, 422]
    assert "No account fits this address and password." in answers[0].text
    first, second = (words(one.text) for one in answers)
    assert first == second


def test_an_unknown_address_costs_the_same_work(
    parts: Parts, anahit: Organiser, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes: list[str] = []
    verify = passwords._HASHER.verify

    class Watched:
        def verify(self, known: str, password: str) -> bool:
            hashes.append(known)
            return verify(known, password)

    passwords._nobodys()
    monkeypatch.setattr(passwords, "_HASHER", Watched())
    for email in (anahit.email, "nobody@example.org"):
        with pytest.raises(admitting.SignInRefused):
            admitting.sign_in(email, "wrong wrong wrong", ledger=parts.ledger)
    assert len(hashes) == 2
    assert len({known.rsplit("$", 2)[0] for known in hashes}) == 1  # the same parameters, so the same work


def test_after_some_tries_even_the_right_password_waits(app: Flask, anahit: Organiser) -> None:
    browser = desk(app)
    token = browser.token()
    wrong = {"email": anahit.email, "password": "wrong wrong wrong", "csrf_token": token}
    answers = [browser.post("/manage/sign-in", data=wrong).status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]
    right = browser.post("/manage/sign-in", data=wrong | {"password": PASSWORD})
    assert right.status_code == 429
    assert int(right.headers["Retry-After"]) > 0
    # From somewhere else she still gets in: nobody can lock her out from one place.
    other = desk(app).send(
        "/manage/sign-in",
        {"email": anahit.email, "password": PASSWORD},
        environ_base={"REMOTE_ADDR": "192.0.2.7"},
    )
    assert other.status_code == 303


def test_who_shuts_an_address_for_passwords_shuts_no_other_way(
    app: Flask, parts: Parts, anahit: Organiser, anahit_signed_in: Desk
) -> None:
    for network in range(admitting.AT_ADDRESS // admitting.AT_ADDRESS_FROM_NETWORK):
        for _ in range(admitting.AT_ADDRESS_FROM_NETWORK):
            parts.doorkeeper.count(anahit.email, f"mallory {network}", parts.clock())
    right = {"email": anahit.email, "password": PASSWORD}
    assert desk(app).send("/manage/sign-in", right).status_code == 429
    assert desk(app).send("/manage/link", {"email": anahit.email}).status_code == 303
    assert len(parts.ledger.organiser_letters(limit=9)) == 1
    changed = anahit_signed_in.send("/manage/account/password", {"present": PASSWORD, "password": NEW})
    assert changed.status_code == 303


def test_a_refused_try_is_not_counted(parts: Parts, anahit: Organiser) -> None:
    begun = datetime(2026, 5, 1, 12, tzinfo=UTC)
    for network in range(3 * admitting.AT_ADDRESS):
        with suppress(TooManyRequests):
            parts.doorkeeper.count(anahit.email, f"mallory {network}", begun)
    # A tenth of the hour before has run out: a tenth of the tries is free again.
    later = begun + timedelta(minutes=66)
    parts.doorkeeper.count(anahit.email, "anahit", later)


def test_a_hash_of_weaker_parameters_is_made_anew(app: Flask, parts: Parts, anahit: Organiser) -> None:
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    parts.ledger.rehash_password(anahit.id, weak)
    answer = desk(app).send("/manage/sign-in", {"email": anahit.email, "password": PASSWORD})
    assert answer.status_code == 303
    kept = parts.ledger.organiser(anahit.id).password_hash
    assert kept
    assert kept != weak
    assert kept.startswith("$argon2id$")
    assert not passwords.is_dated(kept)


def test_the_same_password_from_another_keyboard_fits(app: Flask, parts: Parts, first: str) -> None:
    desk(app).send(first, {"email": "anahit@example.org", "password": "ein müder alter Esel"})
    decomposed = "ein mu\u0308der alter Esel"
    answer = desk(app).send("/manage/sign-in", {"email": "anahit@example.org", "password": decomposed})
    assert answer.status_code == 303


# Sessions


def test_signing_out_ends_the_session_here(anahit_signed_in: Desk) -> None:
    answer = anahit_signed_in.send("/manage/sign-out")
    assert answer.location == "/manage/sign-in"
    assert "You are signed out." in anahit_signed_in.get("/manage/sign-in").text
    assert anahit_signed_in.get("/manage").status_code == 302


def test_signing_out_everywhere_ends_every_session(
    app: Flask, anahit: Organiser, anahit_signed_in: Desk
) -> None:
    phone = signed_in(app, anahit)
    assert phone.get("/manage").status_code == 200
    anahit_signed_in.send("/manage/account/sign-out-everywhere")
    assert phone.get("/manage").status_code == 302
    assert anahit_signed_in.get("/manage").status_code == 302


def test_a_new_password_ends_the_other_sessions_and_not_this_one(
    app: Flask, anahit: Organiser, anahit_signed_in: Desk
) -> None:
    phone = signed_in(app, anahit)
    answer = anahit_signed_in.send("/manage/account/password", {"present": PASSWORD, "password": NEW})
    assert answer.status_code == 303
    assert "Your password is changed" in anahit_signed_in.get("/manage/account").text
    assert phone.get("/manage").status_code == 302
    assert desk(app).send("/manage/sign-in", {"email": anahit.email, "password": PASSWORD}).status_code == 422
    assert desk(app).send("/manage/sign-in", {"email": anahit.email, "password": NEW}).status_code == 303


@pytest.mark.parametrize(
    ("present", "new", "said"),
    [
        ("wrong wrong wrong", NEW, "This is not your present password."),
        (PASSWORD, "short", "Take at least 12 characters"),
        ("", NEW, "Type your password."),
    ],
)
def test_a_password_is_not_changed_by_whoever_finds_the_screen(
    app: Flask, parts: Parts, anahit: Organiser, anahit_signed_in: Desk, present: str, new: str, said: str
) -> None:
    answer = anahit_signed_in.send("/manage/account/password", {"present": present, "password": new})
    assert answer.status_code == 422
    assert said in answer.text
    assert parts.ledger.organiser(anahit.id) == anahit


def test_a_link_for_a_new_password_works_once_and_signs_in(
    app: Flask, parts: Parts, anahit: Organiser, anahit_signed_in: Desk
) -> None:
    link = admitting.password_link("ANAHIT@example.org", ledger=parts.ledger, now=parts.clock())
    browser, path = desk(app), place(parts, link, "password")
    assert "anahit@example.org" in browser.get(path).text
    assert browser.send(path, {"password": "short"}).status_code == 422
    assert browser.send(path, {"password": NEW}).status_code == 303
    assert browser.get("/manage").status_code == 200
    assert anahit_signed_in.get("/manage").status_code == 302
    assert desk(app).send(path, {"password": "a third one altogether"}).status_code == 410


def test_a_cookie_that_was_altered_or_is_of_another_epoch_is_worth_nothing(
    app: Flask, anahit: Organiser
) -> None:
    browser = desk(app)
    good = naming(anahit)
    ended = {"epoch": anahit.session_epoch + 1}
    another = {"since": good["since"] + 1}  # got the same number after an older ledger was put back
    for wrong in (ended, another, {"organiser": 99}, {"organiser": str(anahit.id)}, dict.fromkeys(good)):
        with browser.session_transaction("/manage", base_url=HOST) as session:
            session.update({**good, **wrong})
        assert browser.get("/manage").status_code == 302
    signed = signed_in(app, anahit).get_cookie(
        "__Secure-support-now", path="/manage", domain="our.example.org"
    )
    assert signed
    browser.set_cookie(
        "__Secure-support-now",
        signed.value[:-3] + "abc",
        path="/manage",
        domain="our.example.org",
        secure=True,
    )
    assert browser.get("/manage").status_code == 302


def test_a_session_ends_after_a_fortnight(
    app: Flask, anahit_signed_in: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    import itsdangerous.timed

    assert anahit_signed_in.get("/manage").status_code == 200
    clock: Callable[[], float] = itsdangerous.timed.time.time
    later = clock() + timedelta(days=14, hours=1).total_seconds()
    monkeypatch.setattr(itsdangerous.timed.TimestampSigner, "get_timestamp", lambda _self: int(later))
    assert anahit_signed_in.get("/manage").status_code == 302


def test_signing_in_leaves_nothing_of_an_earlier_session(app: Flask, parts: Parts, anahit: Organiser) -> None:
    browser = desk(app)
    with browser.session_transaction("/manage", base_url=HOST) as session:
        session["planted"] = "by Mallory"
    browser.send("/manage/sign-in", {"email": anahit.email, "password": PASSWORD})
    with browser.session_transaction("/manage", base_url=HOST) as session:
        assert "planted" not in session
        assert session["organiser"] == anahit.id


def test_the_cookie_names_nobody(app: Flask, anahit: Organiser) -> None:
    browser = desk(app)
    browser.send("/manage/sign-in", {"email": anahit.email, "password": PASSWORD})
    with browser.session_transaction("/manage", base_url=HOST) as session:
        assert "example.org" not in repr(dict(session))


# Invitations


def test_an_invitation_makes_a_member(app: Flask, parts: Parts, anahit_signed_in: Desk) -> None:
    members = "/manage/organisations/our-organisation/members"
    anahit_signed_in.send(f"{members}/invite", {"email": "petra@example.org", "role": "viewer"})
    page = anahit_signed_in.get(members).text
    found = re.search(r'value="https://our\.example\.org(/manage/invitation/[^"]+)"', page)
    assert found
    browser = desk(app)
    assert "Our organisation invites you" in browser.get(found[1]).text
    browser.send(found[1], {"password": NEW})
    page = browser.get("/manage").text
    assert "You are now a viewer of Our organisation." in page
    assert "Save the mill" in page
    assert [one.role for one in parts.ledger.members(1)] == [Role.OWNER, Role.VIEWER]
    assert desk(app).get(found[1]).status_code == 410


def test_an_invitation_is_for_its_address_alone(app: Flask, parts: Parts, anahit: Organiser) -> None:
    other = parts.ledger.add_organisation("others", "Others", NOW)
    link = parts.ledger.make_link(
        Admits.JOIN, anahit.email, parts.clock(), organisation=other, role=Role.EDITOR
    )
    path = place(parts, link, "invitation")
    assert "You have an account here already." in desk(app).get(path).text
    answer = desk(app).send(path, {"password": NEW})
    assert answer.location.startswith("/manage/sign-in?next=/manage/invitation/")
    mallory = signed_in(app, enrol(parts.ledger, "Mallory", Role.VIEWER))
    assert "this invitation is for anahit@example.org" in mallory.get(path).text
    assert mallory.send(path).status_code == 403
    assert parts.ledger.members(other.id) == []
    browser = signed_in(app, anahit)
    assert "Join as editor" in browser.get(path).text
    assert browser.send(path).status_code == 303
    assert [(one.email, one.role) for one in parts.ledger.members(other.id)] == [(anahit.email, Role.EDITOR)]


def test_a_second_invitation_takes_the_place_of_the_first(parts: Parts, anahit_signed_in: Desk) -> None:
    members = "/manage/organisations/our-organisation/members"
    for role in ("viewer", "editor"):
        anahit_signed_in.send(f"{members}/invite", {"email": "petra@example.org", "role": role})
    (link,) = parts.ledger.open_links(parts.clock(), Admits.JOIN)
    assert link.role is Role.EDITOR
    token = tokens.make_admission(parts.settings.secret_key, link.number)
    anahit_signed_in.send(f"{members}/uninvite", {"invitation": token})
    assert parts.ledger.open_links(parts.clock(), Admits.JOIN) == []
    assert anahit_signed_in.send(f"{members}/uninvite", {"invitation": token}).status_code == 404


def test_roles_change_and_the_last_owner_stays(
    parts: Parts, anahit: Organiser, anahit_signed_in: Desk
) -> None:
    members = "/manage/organisations/our-organisation/members"
    petra = enrol(parts.ledger, "Petra", Role.VIEWER)
    anahit_signed_in.send(f"{members}/{anahit.id}/remove")
    assert "An organisation needs an owner" in anahit_signed_in.get(members).text
    anahit_signed_in.send(f"{members}/{petra.id}/role", {"role": "owner"})
    assert anahit_signed_in.send(f"{members}/{petra.id}/role", {"role": "king"}).status_code == 400
    assert anahit_signed_in.send(f"{members}/99/role", {"role": "owner"}).status_code == 404
    assert {one.role for one in parts.ledger.members(1)} == {Role.OWNER}
    answer = anahit_signed_in.send(f"{members}/{anahit.id}/remove")
    assert answer.location == "/manage"
    assert "You belong to no organisation" in anahit_signed_in.get("/manage").text


def test_a_member_is_not_invited_again(parts: Parts, anahit: Organiser, anahit_signed_in: Desk) -> None:
    members = "/manage/organisations/our-organisation/members"
    answer = anahit_signed_in.send(f"{members}/invite", {"email": "ANAHIT@example.org", "role": "viewer"})
    assert answer.status_code == 422
    assert "is a member already" in answer.text
    assert parts.ledger.open_links(parts.clock(), Admits.JOIN) == []


@pytest.mark.parametrize("number", [2**63, 10**40])
def test_a_number_that_no_ledger_has_is_no_member(anahit_signed_in: Desk, number: int) -> None:
    members = "/manage/organisations/our-organisation/members"
    assert anahit_signed_in.send(f"{members}/{number}/role", {"role": "owner"}).status_code == 404
    assert anahit_signed_in.send(f"{members}/{number}/remove").status_code == 404


def test_the_organisation_gets_a_name(parts: Parts, anahit_signed_in: Desk) -> None:
    members = "/manage/organisations/our-organisation/members"
    assert anahit_signed_in.send(f"{members}/name", {"name": " "}).status_code == 422
    anahit_signed_in.send(f"{members}/name", {"name": "<b>Friends</b> of the mill"})
    page = anahit_signed_in.get(members).text
    assert "&lt;b&gt;Friends&lt;/b&gt; of the mill" in page
    assert parts.ledger.organisations()[0].slug == "our-organisation"


# When the ledger is away


def test_without_the_ledger_nobody_is_signed_out(
    anahit_signed_in: Desk, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_number: int) -> Organiser:
        raise LedgerUnavailable("away")

    monkeypatch.setattr(type(parts.ledger), "organiser", lambda _self, number: away(number))
    answer = anahit_signed_in.get("/manage")
    assert answer.status_code == 503
    assert "The ledger cannot be reached" in answer.text
    assert answer.headers["Retry-After"]
    monkeypatch.undo()
    assert anahit_signed_in.get("/manage").status_code == 200


def test_a_link_that_is_too_old_is_told_so(app: Flask, parts: Parts, anahit: Organiser) -> None:
    long_ago: datetime = parts.clock() - timedelta(days=2)
    link = admitting.password_link(anahit.email, ledger=parts.ledger, now=long_ago)
    answer = desk(app).get(place(parts, link, "password"))
    assert answer.status_code == 410
    assert "its time is over" in answer.text


# By a letter


def test_a_link_by_mail_lets_in_and_sets_a_password(
    app: Flask, parts: Parts, anahit: Organiser, anahit_signed_in: Desk
) -> None:
    browser = desk(app)
    assert "Get a link by mail" in browser.get("/manage/sign-in").text
    browser.send("/manage/link", {"email": "ANAHIT@example.org"})
    shown = browser.get("/dev/mailbox").text
    found = re.search(r'href="https://our\.example\.org(/manage/link/[^"]+)"', shown)
    assert found
    assert "As anahit@example.org." in browser.get(found[1]).text
    assert browser.get("/manage").status_code == 302  # only looked at
    assert browser.send(found[1]).status_code == 303
    account = browser.get("/manage/account").text
    assert "the present password is not asked for" in account
    assert browser.send("/manage/account/password", {"password": NEW}).status_code == 303
    assert anahit_signed_in.get("/manage").status_code == 302
    assert desk(app).send("/manage/sign-in", {"email": anahit.email, "password": NEW}).status_code == 303
    assert desk(app).send(found[1]).status_code == 410
    # From now on the present password is asked for again.
    assert browser.send("/manage/account/password", {"password": "another " + NEW}).status_code == 422


def test_who_came_by_a_letter_long_ago_needs_the_password(
    app: Flask, parts: Parts, anahit: Organiser, anahit_signed_in: Desk
) -> None:
    with anahit_signed_in.session_transaction("/manage", base_url=HOST) as session:
        session["by_letter_at"] = int((parts.clock() - timedelta(minutes=16)).timestamp())
    assert anahit_signed_in.send("/manage/account/password", {"password": NEW}).status_code == 422
    assert parts.ledger.organiser(anahit.id) == anahit


def test_asking_for_a_link_tells_nobody_who_has_an_account(
    app: Flask, parts: Parts, anahit: Organiser
) -> None:
    pages = []
    for email in (anahit.email, "nobody@example.org"):
        browser = desk(app)
        answer = browser.send("/manage/link", {"email": email})
        pages.append((answer.status_code, answer.location, words(browser.get("/manage/sign-in").text)))
    assert pages[0] == pages[1]
    assert [one.link.email for one in parts.ledger.organiser_letters(limit=9)] == [anahit.email]
    # As much is written for nobody as for somebody, and nobody's address is kept.
    assert sorted(one.email for one in parts.ledger.open_links(parts.clock(), Admits.SIGN_IN)) == [
        "",
        anahit.email,
    ]


def test_nobody_is_flooded_with_links(app: Flask, parts: Parts, anahit: Organiser) -> None:
    for number in range(5):
        desk(app).send(
            "/manage/link", {"email": anahit.email}, environ_base={"REMOTE_ADDR": f"192.0.2.{number}"}
        )
    assert len(parts.ledger.organiser_letters(limit=9)) == 3


def test_without_mail_no_link_is_offered(sqlite_url: str, tmp_path: object) -> None:
    from config import Settings
    from widget import create_app

    app = create_app(
        Settings.from_env(
            {
                "ENVIRONMENT": "production",
                "SECRET_KEY": "k7Q2mZ9xT4vB1nR8sW5yL3pD6fH0jGcA",
                "PUBLIC_URL": HOST,
                "DATABASE_URL": sqlite_url,
                "DATA_DIR": str(tmp_path),
            }
        )
    )
    browser = desk(app)
    assert "Get a link by mail" not in browser.get("/manage/sign-in").text
    assert browser.get("/manage/link").status_code == 404
    assert browser.send("/manage/link", {"email": "anahit@example.org"}).status_code == 404
