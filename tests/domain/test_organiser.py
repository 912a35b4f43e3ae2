"""Who may do what, which passwords are taken, and when a link is over: rules without a store."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from widget.domain.admission import LASTS, Admits, OneTimeLink, OrganiserLetter
from widget.domain.organiser import MAY, Deed, Membership, Organisation, Organiser, Role, folded
from widget.domain.password import LENGTH, LENGTH_AT_MOST, password_problem, prepared
from widget.domain.refusals import LinkExpired

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
OURS, OTHERS = Organisation(1, "ours", "Ours"), Organisation(2, "others", "Others")
ANAHIT = Organiser(
    id=1,
    email="anahit@example.org",
    session_epoch=1,
    created_at=NOW,
    password_hash="$argon2id$secret",
    memberships=(Membership(OTHERS, Role.VIEWER), Membership(OURS, Role.OWNER)),
)
LINK = OneTimeLink(7, Admits.JOIN, "petra@example.org", OURS, Role.EDITOR, NOW, NOW + LASTS[Admits.JOIN])


def test_every_role_may_what_the_weaker_one_may_and_more() -> None:
    assert MAY[Role.VIEWER] < MAY[Role.EDITOR] < MAY[Role.OWNER] == set(Deed)


def test_a_viewer_looks_and_meets_no_signer() -> None:
    assert MAY[Role.VIEWER] == {Deed.LOOK}


def test_only_owners_look_after_members() -> None:
    assert [role for role in Role if Deed.MEMBERS in MAY[role]] == [Role.OWNER]


def test_a_role_holds_in_its_organisation_alone() -> None:
    ours, others = ANAHIT.membership(1), ANAHIT.membership_in("others")
    assert ours
    assert others
    assert (ours.may(Deed.EDIT), others.may(Deed.EDIT), others.may(Deed.LOOK)) == (True, False, True)
    assert ANAHIT.membership(3) is None
    assert ANAHIT.membership_in("nobody") is None
    assert ANAHIT.where_may(Deed.LOOK) == (OTHERS, OURS)
    assert ANAHIT.where_may(Deed.EDIT) == (OURS,)


def test_an_organiser_is_printed_without_the_hash() -> None:
    assert "secret" not in repr(ANAHIT)


@pytest.mark.parametrize(
    ("typed", "known"), [("Anahit@Example.org", ANAHIT.email), (" anahit@example.org ", ANAHIT.email)]
)
def test_an_address_is_one_in_any_case(typed: str, known: str) -> None:
    assert folded(typed) == known


def test_two_mailboxes_stay_two_accounts() -> None:
    assert folded("anahit+b@example.org") != folded("anahit@example.org")
    assert folded("a.nahit@gmail.com") != folded("anahit@gmail.com")


@pytest.mark.parametrize(
    "password",
    [
        "three quiet mills",
        "abcdhgfeijkl",
        "Բարև, իմ ջրաղաց",
        "x y z a b c d e",
        "k" * 150 + "abcd",
        "🐌 slow but sure 🐌",
    ],
)
def test_length_is_what_counts(password: str) -> None:
    assert password_problem(password, ANAHIT.email) is None


@pytest.mark.parametrize(
    "password",
    [
        *("", "x" * (LENGTH - 1), "abcdefghijk", "abcd" * LENGTH_AT_MOST, "aaaaaaaaaaaa", "ababababababab"),
        *(
            "anahit.of.the.mill",
            "ANAHIT.of.the.mill!",
            "anahit.of.the.mill2026",
            "anahit.of.the.mill@example.org",
        ),
        *(
            "password1234",
            "Password2026!",
            "P@ssw0rd1234",
            "passwordpassword",
            "2026-Welcome!",
            "iloveyou1234",
        ),
        *("123456789012", "210987654321", "qwertyuiopas", "1q2w3e4r5t6y", "abcdefghijklm", "admin admin 1"),
    ],
)
def test_what_would_be_guessed_is_refused_with_a_reason(password: str) -> None:
    assert password_problem(password, "anahit.of.the.mill@example.org")


def test_two_ways_to_type_a_letter_are_one_password() -> None:
    assert prepared("mu\u0308hle am fluss") == prepared("m\u00fchle am fluss")


def test_a_link_works_until_it_is_used_or_over() -> None:
    LINK.refuse_unless_good(LINK.expires_at - timedelta(microseconds=1))
    for over, when in ((LINK, LINK.expires_at), (replace(LINK, used_at=NOW), NOW)):
        with pytest.raises(LinkExpired):
            over.refuse_unless_good(when)


def test_a_letter_is_needless_once_its_link_is() -> None:
    letter = OrganiserLetter(1, LINK, NOW, 1)
    assert letter.needless(NOW) is None
    assert letter.needless(LINK.expires_at)
    assert replace(letter, link=replace(LINK, used_at=NOW)).needless(NOW)
