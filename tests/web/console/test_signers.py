"""The signers of a petition in the console: found, looked at, let count, struck, brought back."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.organisers import Desk, enrol, signed_in
from tests.petitions import NOW, draft, signature
from widget.domain.organiser import Role
from widget.domain.petition import Confirmation, Wording
from widget.domain.signature import Occasion, State
from widget.parts import Parts

SIGNERS = "/manage/petitions/save-the-mill/signers"


def put(parts: Parts, email: str, **changes: Any) -> int:
    """Record a signature of the mill and return its number."""
    mill = parts.ledger.petition("save-the-mill")
    parts.ledger.record(signature(mill.id, email, **changes), None)
    found = parts.ledger.signature(mill.id, email)
    assert found
    return found.id


def hold(parts: Parts, size: int) -> list[int]:
    return [put(parts, f"{n}@mallory.example", state=State.HELD, held_because="crowd") for n in range(size)]


def number(parts: Parts) -> int:
    return parts.ledger.tally(parts.ledger.petition("save-the-mill").id).here


def state_of(parts: Parts, signature_id: int) -> State:
    found = parts.ledger.signature_by_id(signature_id)
    assert found
    return found.state


def sent_along(text: str) -> dict[str, Any]:
    """Return the hidden fields of the page's last form."""
    found: dict[str, Any] = {}
    last = text.rsplit("<form", maxsplit=1)[-1]
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', last):
        found.setdefault(name, []).append(value)
    return found


def test_pages_lead_on_and_back_without_missing_anybody(anahit_signed_in: Desk, parts: Parts) -> None:
    for n in range(120):
        put(parts, f"signer{n}@example.org")
    seen: list[str] = []
    path = SIGNERS
    for _ in range(3):
        text = anahit_signed_in.get(path).text
        seen += re.findall(r"<bdi>(signer\d+)@", text)
        older = re.search(r'href="([^"]+)">Older', text)
        path = older[1] if older else ""
    assert not path
    assert seen == [f"signer{n}" for n in reversed(range(120))]
    back = re.search(r'href="([^"]+)">Newer', text)
    assert back
    assert re.findall(r"<bdi>(signer\d+)@", anahit_signed_in.get(back[1]).text) == seen[50:100]


def test_a_state_narrows_the_list(anahit_signed_in: Desk, parts: Parts) -> None:
    put(parts, "sam@example.org")
    put(parts, "petra@example.org", state=State.PENDING)
    text = anahit_signed_in.get(f"{SIGNERS}?state=pending").text
    assert "petra@example.org" in text
    assert "sam@example.org" not in text
    assert anahit_signed_in.get(f"{SIGNERS}?state=nonsense").status_code == 404


def test_an_address_leads_to_its_signer_in_any_spelling(anahit_signed_in: Desk, parts: Parts) -> None:
    found = put(parts, "sam@example.org")
    answer = anahit_signed_in.send(SIGNERS, {"words": " SAM@Example.ORG", "state": ""})
    assert answer.status_code == 303
    assert answer.location.endswith(f"/signers/{found}")


def test_a_name_is_found_as_the_command_finds_it(anahit_signed_in: Desk, parts: Parts) -> None:
    put(parts, "sam@example.org", given_name="ՍԱՄ", family_name="Տեր")
    put(parts, "petra@example.org", given_name="Petra", family_name="Host")
    text = anahit_signed_in.send(SIGNERS, {"words": "սամ *", "state": ""}).text
    assert "sam@example.org" in text
    assert "petra@example.org" not in text
    assert "Nobody found" in anahit_signed_in.send(SIGNERS, {"words": "Petra", "state": ""}).text


def test_a_long_search_leads_on(anahit_signed_in: Desk, parts: Parts) -> None:
    for n in range(60):
        put(parts, f"signer{n}@example.org")
    first = anahit_signed_in.send(SIGNERS, {"words": "sam *", "state": ""}).text
    onward = sent_along(first.split("Older")[0])
    onward.pop("csrf_token")
    second = anahit_signed_in.send(SIGNERS, onward).text
    assert re.findall(r"<bdi>(signer\d+)@", second) == [f"signer{n}" for n in reversed(range(10))]


def test_what_was_searched_for_stands_in_no_address(anahit_signed_in: Desk, parts: Parts) -> None:
    put(parts, "sam@example.org")
    text = anahit_signed_in.send(SIGNERS, {"words": "Sam *", "state": ""}).text
    assert not re.search(r'href="[^"]*Sam', text)


def test_an_empty_search_says_so_and_shows_the_list(anahit_signed_in: Desk, parts: Parts) -> None:
    put(parts, "sam@example.org")
    answer = anahit_signed_in.send(SIGNERS, {"words": " ", "state": ""})
    assert answer.status_code == 422
    assert "Type an address, a name or a site." in answer.text


def test_a_signer_is_shown_with_history(anahit_signed_in: Desk, parts: Parts) -> None:
    found = put(parts, "sam@example.org", comment="<b>My mill</b>")
    parts.ledger.move(found, State.HELD, NOW + timedelta(hours=1), reason="a second look")
    text = anahit_signed_in.get(f"{SIGNERS}/{found}").text
    for words in ("sam@example.org", "a second look", "Save the mill", "&lt;b&gt;My mill"):
        assert words in text


def test_another_petitions_signature_is_not_found(anahit_signed_in: Desk, parts: Parts) -> None:
    other = parts.ledger.add_petition(draft(slug="other", wording=Wording("en", "Other", (), "Text")), NOW)
    parts.ledger.record(signature(other.id), None)
    theirs = parts.ledger.signature(other.id, "sam@example.org")
    assert theirs
    for method, path in (("get", ""), ("send", "/letter"), ("send", "/accept"), ("send", "/invalidate")):
        answer = getattr(anahit_signed_in, method)(f"{SIGNERS}/{theirs.id}{path}")
        assert answer.status_code == 404, path
        assert "sam@example.org" not in answer.text
    assert anahit_signed_in.get(f"{SIGNERS}/{2**62}").status_code == 404
    assert state_of(parts, theirs.id) is State.CONFIRMED


def test_numbers_no_ledger_has_break_nothing(anahit_signed_in: Desk) -> None:
    for path in (
        f"/{10**30}",
        f"?before={10**30}",
        f"?after={10**30}",
        f"/held?after={10**30}",
        "/reviews/nothing",
    ):
        assert anahit_signed_in.get(f"{SIGNERS}{path}").status_code in {200, 404}, path


def test_a_confirmation_is_sent_again_up_to_five(app: Flask, anahit_signed_in: Desk, parts: Parts) -> None:
    mill = parts.ledger.add_petition(draft(slug="mail", confirmation=Confirmation.EMAIL), NOW)
    parts.ledger.record(signature(mill.id, state=State.PENDING), Occasion.CONFIRMATION)
    found = parts.ledger.signature(mill.id, "sam@example.org")
    assert found
    path = f"/manage/petitions/mail/signers/{found.id}"
    for hour in range(1, 7):
        then = NOW + timedelta(hours=hour)
        app.extensions["support_now"] = replace(parts, clock=lambda then=then: then)
        anahit_signed_in.send(f"{path}/letter")
    assert len(parts.ledger.post(found.id)) == 5
    assert "Send the letter again" not in anahit_signed_in.get(path).text


def test_one_is_let_count_and_one_is_struck(anahit_signed_in: Desk, parts: Parts) -> None:
    first, second = hold(parts, 2)
    assert anahit_signed_in.send(f"{SIGNERS}/{first}/accept").status_code == 303
    assert anahit_signed_in.send(f"{SIGNERS}/{second}/invalidate").status_code == 422
    anahit_signed_in.send(f"{SIGNERS}/{second}/invalidate", {"because": "a robot"})
    assert (state_of(parts, first), state_of(parts, second)) == (State.CONFIRMED, State.INVALIDATED)
    assert number(parts) == 1
    history = anahit_signed_in.get(f"{SIGNERS}/{second}").text
    assert "a robot" in history
    assert re.search(r"/signers/reviews/[0-9a-f]{8}", history)


def test_many_are_counted_then_struck_then_brought_back(anahit_signed_in: Desk, parts: Parts) -> None:
    hold(parts, 3)
    put(parts, "sam@example.org")
    asked = {"deed": "invalidate", "domain": "mallory.example", "because": "one script"}
    sure = anahit_signed_in.send(f"{SIGNERS}/review", asked)
    assert "Strike 3 signatures?" in sure.text
    onward = sent_along(sure.text)
    onward.pop("csrf_token")
    wrong = anahit_signed_in.send(f"{SIGNERS}/review/carry-out", onward | {"typed_number": "30"})
    assert wrong.status_code == 422
    assert len(parts.ledger.history(1)) == 0
    assert (
        anahit_signed_in.send(f"{SIGNERS}/review/carry-out", onward | {"typed_number": "3"}).status_code
        == 303
    )
    assert [state_of(parts, n) for n in (1, 2, 3, 4)] == [*[State.INVALIDATED] * 3, State.CONFIRMED]
    listed = anahit_signed_in.get(f"{SIGNERS}/reviews").text
    assert "one script" in listed
    batch = onward["batch"][0]
    assert anahit_signed_in.send(f"{SIGNERS}/reviews/{batch}", {"typed_number": "2"}).status_code == 422
    assert anahit_signed_in.send(f"{SIGNERS}/reviews/{batch}", {"typed_number": "3"}).status_code == 303
    assert state_of(parts, 1) is State.HELD


def test_many_are_let_count_in_several_requests(
    anahit_signed_in: Desk, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("widget.reviewing.AT_ONCE", 1)
    hold(parts, 12)
    page = anahit_signed_in.send(f"{SIGNERS}/review", {"deed": "accept", "reason": "crowd"})
    typed = {"typed_number": "12"}
    numbers = []
    while page.status_code == 200:
        onward = sent_along(page.text)
        onward.pop("csrf_token")
        page = anahit_signed_in.send(f"{SIGNERS}/review/carry-out", {**onward, **typed})
        typed = {}
        numbers.append(number(parts))
    assert page.status_code == 303
    assert numbers == [10, 12]
    assert len(parts.ledger.reviews(parts.ledger.petition("save-the-mill").id, limit=9)) == 1


def test_the_ticked_ones_alone_are_meant(anahit_signed_in: Desk, parts: Parts) -> None:
    first, second, third = hold(parts, 3)
    assert "many of one network" in anahit_signed_in.get(f"{SIGNERS}/held").text
    back = anahit_signed_in.send(f"{SIGNERS}/review", {"deed": "invalidate", "ids": [first, third]})
    assert back.status_code == 422
    assert "2 ticked" in back.text
    sure = anahit_signed_in.send(f"{SIGNERS}/review", {"deed": "accept", "ids": [first, third]})
    onward = sent_along(sure.text)
    onward.pop("csrf_token")
    anahit_signed_in.send(f"{SIGNERS}/review/carry-out", onward | {"typed_number": "2"})
    assert [state_of(parts, n) for n in (first, second, third)] == [
        State.CONFIRMED,
        State.HELD,
        State.CONFIRMED,
    ]


def test_to_strike_takes_a_reason_and_a_criterion(anahit_signed_in: Desk, parts: Parts) -> None:
    hold(parts, 1)
    for given, words in (
        ({"domain": "mallory.example"}, "Say why"),
        ({"because": "all of them"}, "Say which signatures"),
        ({"because": "nobody", "domain": "nobody.example"}, "No signature fits"),
        ({"because": "a slip", "domain": "mallory.example", "since": "yesterday"}, "Not a valid"),
    ):
        answer = anahit_signed_in.send(f"{SIGNERS}/review", {"deed": "invalidate", **given})
        assert answer.status_code == 422, words
        assert words in answer.text
    assert state_of(parts, 1) is State.HELD


def test_another_petitions_review_is_not_found(anahit_signed_in: Desk, app: Flask, parts: Parts) -> None:
    hold(parts, 1)
    sure = anahit_signed_in.send(f"{SIGNERS}/review", {"deed": "accept", "domain": "mallory.example"})
    onward = sent_along(sure.text)
    onward.pop("csrf_token")
    anahit_signed_in.send(f"{SIGNERS}/review/carry-out", onward | {"typed_number": "1"})
    elsewhere = parts.ledger.add_organisation("elsewhere", "Elsewhere", NOW)
    other = draft(slug="other", wording=Wording("en", "Other", (), "Text"))
    parts.ledger.add_petition(other, NOW, organisation_id=elsewhere.id)
    mallory = signed_in(app, enrol(parts.ledger, "Mallory", Role.OWNER, elsewhere))
    path = f"/manage/petitions/other/signers/reviews/{onward['batch'][0]}"
    assert mallory.get(path).status_code == 404
    assert mallory.send(path, {"typed_number": "1"}).status_code == 404
    assert number(parts) == 1
