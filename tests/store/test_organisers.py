"""Organisers in the ledger: a link works once, an address has one account, an organisation keeps an owner."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TypeVar

import pytest

from tests.organisers import enrol
from tests.petitions import MILL, NOW, draft
from widget.domain.admission import LASTS, Admits, OneTimeLink
from widget.domain.organiser import Organisation, Organiser, Role
from widget.domain.refusals import (
    LinkExpired,
    LinkUnknown,
    OrganisationNotFound,
    OrganiserKnown,
    OrganiserNotFound,
    OwnerNeeded,
    Refusal,
    SlugTaken,
)
from widget.store.ledger import Ledger

T = TypeVar("T")


@pytest.fixture
def ours(ledger: Ledger) -> Organisation:
    return ledger.organisations()[0]


@pytest.fixture
def anahit(ledger: Ledger) -> Organiser:
    return enrol(ledger, "Anahit")


def test_an_empty_ledger_has_one_organisation_and_nobody_in_it(ledger: Ledger, ours: Organisation) -> None:
    assert ledger.organisations() == [ours]
    assert ledger.organisation("our-organisation") == ours
    assert (ledger.members(ours.id), ledger.organisers()) == ([], [])


def test_a_petition_belongs_to_the_first_organisation_unless_one_is_named(
    ledger: Ledger, ours: Organisation
) -> None:
    other = ledger.add_organisation("others", "Others", NOW)
    mill = ledger.add_petition(MILL, NOW)
    lake = ledger.add_petition(draft(slug="save-the-lake"), NOW, organisation_id=other.id)
    assert (mill.organisation_id, lake.organisation_id) == (ours.id, other.id)
    assert [one.slug for one in ledger.petitions_of([ours.id])] == ["save-the-mill"]
    assert [one.slug for one in ledger.petitions_of([ours.id, other.id])] == [
        "save-the-lake",
        "save-the-mill",
    ]
    assert ledger.petitions_of([]) == []


def test_a_name_in_addresses_is_taken_once(ledger: Ledger) -> None:
    ledger.add_organisation("others", "Others", NOW)
    with pytest.raises(SlugTaken):
        ledger.add_organisation("others", "Others again", NOW)
    with pytest.raises(OrganisationNotFound):
        ledger.organisation("nobody")


def test_whoever_joins_is_a_member_with_the_role_of_the_invitation(
    ledger: Ledger, ours: Organisation
) -> None:
    petra = enrol(ledger, "Petra", Role.VIEWER)
    assert ledger.organiser(petra.id) == petra == ledger.organiser_with("PETRA@example.org")
    assert [(one.organisation, one.role) for one in petra.memberships] == [(ours, Role.VIEWER)]
    assert [(one.email, one.role, one.joined_at) for one in ledger.members(ours.id)] == [
        ("petra@example.org", Role.VIEWER, NOW)
    ]
    assert "argon2" not in repr(petra)


def test_a_link_works_once_and_for_a_while(ledger: Ledger, ours: Organisation) -> None:
    link = ledger.make_link(Admits.JOIN, "sam@example.org", NOW, organisation=ours, role=Role.EDITOR)
    assert ledger.one_time_link(link.number) == link
    late = NOW + LASTS[Admits.JOIN]
    with pytest.raises(LinkExpired):
        ledger.join_as_new(link.number, "sam@example.org", "hash", late)
    with pytest.raises(LinkExpired):  # of another kind
        ledger.use_link(link.number, Admits.SIGN_IN, NOW)
    sam = ledger.join_as_new(link.number, "sam@example.org", "hash", NOW)
    assert sam.password_hash == "hash"
    assert ledger.one_time_link(link.number).used_at == NOW
    with pytest.raises(LinkExpired):
        ledger.join(link.number, sam.id, NOW)
    with pytest.raises(LinkUnknown):
        ledger.one_time_link(link.number + 1)


def test_of_many_who_use_a_link_at_once_one_gets_in(ledger: Ledger, ours: Organisation) -> None:
    link = ledger.make_link(Admits.JOIN, "", NOW, organisation=ours, role=Role.OWNER)

    def use(number: int) -> Organiser | Refusal:
        try:
            return ledger.join_as_new(link.number, f"sam.{number}@example.org", "hash", NOW)
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(use, range(8)))
    assert len([one for one in got if isinstance(one, Organiser)]) == 1
    assert len(ledger.organisers()) == len(ledger.members(ours.id)) == 1


def test_two_invitations_accepted_at_once_make_one_member(ledger: Ledger, anahit: Organiser) -> None:
    """Both may find nobody there before one of them is in; that is no error for the other."""
    for attempt in range(5):
        into = ledger.add_organisation(f"others-{attempt}", "Others", NOW)
        roles = [Role.EDITOR, Role.VIEWER] * 4
        links = [
            ledger.make_link(Admits.JOIN, anahit.email, NOW, organisation=into, role=role) for role in roles
        ]
        begin = Barrier(len(links))

        def accept(link: OneTimeLink, begin: Barrier = begin) -> Organiser:
            begin.wait()
            return ledger.join(link.number, anahit.id, NOW)

        with ThreadPoolExecutor(len(links)) as pool:
            joined = list(pool.map(accept, links))
        assert {one.id for one in joined} == {anahit.id}
        (member,) = ledger.members(into.id)
        assert member.organiser_id == anahit.id
        assert member.role in roles
        assert all(ledger.one_time_link(link.number).used_at == NOW for link in links)


def test_an_account_is_not_taken_over_by_an_invitation(
    ledger: Ledger, ours: Organisation, anahit: Organiser
) -> None:
    link = ledger.make_link(Admits.JOIN, "Anahit@example.org", NOW, organisation=ours, role=Role.VIEWER)
    with pytest.raises(OrganiserKnown):
        ledger.join_as_new(link.number, "Anahit@example.org", "another", NOW)
    assert ledger.organiser(anahit.id) == anahit
    assert ledger.one_time_link(link.number).used_at is None
    assert ledger.join(link.number, anahit.id, NOW) == anahit  # the stronger role she has stays


def test_the_link_for_the_first_is_worth_nothing_once_there_is_one(
    ledger: Ledger, ours: Organisation
) -> None:
    link = ledger.make_link(Admits.JOIN, "", NOW, organisation=ours, role=Role.OWNER)
    enrol(ledger, "Anahit")
    with pytest.raises(LinkExpired):
        ledger.join_as_new(link.number, "mallory@example.org", "hash", NOW)
    assert [one.email for one in ledger.organisers()] == ["anahit@example.org"]


def test_invitations_are_listed_taken_back_and_forgotten(ledger: Ledger, ours: Organisation) -> None:
    link = ledger.make_link(Admits.JOIN, "sam@example.org", NOW, organisation=ours, role=Role.EDITOR)
    other = ledger.add_organisation("others", "Others", NOW)
    assert ledger.open_links(NOW, Admits.JOIN, organisation_id=ours.id) == [link]
    assert ledger.open_links(NOW, Admits.JOIN, organisation_id=other.id) == []
    assert ledger.open_links(NOW + LASTS[Admits.JOIN], Admits.JOIN) == []
    with pytest.raises(LinkUnknown):
        ledger.revoke_link(link.number, other.id)
    ledger.revoke_link(link.number, ours.id)
    with pytest.raises(LinkUnknown):
        ledger.one_time_link(link.number)
    old = ledger.make_link(Admits.SIGN_IN, "sam@example.org", NOW)
    ledger.make_link(Admits.SIGN_IN, "sam@example.org", NOW + timedelta(days=31))
    with pytest.raises(LinkUnknown):
        ledger.one_time_link(old.number)


def test_a_new_password_ends_every_session(ledger: Ledger, anahit: Organiser) -> None:
    assert ledger.set_password(anahit.id, "new").session_epoch == anahit.session_epoch + 1
    assert ledger.rehash_password(anahit.id, "newer").session_epoch == anahit.session_epoch + 1
    assert ledger.end_sessions(anahit.id).session_epoch == anahit.session_epoch + 2
    link = ledger.make_link(Admits.SET_PASSWORD, "ANAHIT@example.org", NOW)
    after = ledger.use_link(link.number, Admits.SET_PASSWORD, NOW, password_hash="last")
    assert (after.password_hash, after.session_epoch) == ("last", anahit.session_epoch + 3)


def test_a_new_password_ends_the_older_ways_in(ledger: Ledger, anahit: Organiser) -> None:
    older = [ledger.make_link(kind, anahit.email, NOW) for kind in (Admits.SET_PASSWORD, Admits.SIGN_IN)]
    ledger.set_password(anahit.id, "new")
    another = [ledger.make_link(Admits.SET_PASSWORD, anahit.email, NOW) for _ in range(2)]
    ledger.use_link(another[0].number, Admits.SET_PASSWORD, NOW, password_hash="newer")
    for link in (*older, another[1]):
        with pytest.raises(LinkExpired):
            ledger.one_time_link(link.number).refuse_unless_good(NOW)
        with pytest.raises(LinkExpired):
            ledger.use_link(link.number, link.admits, NOW, password_hash="by Mallory")
    assert ledger.organiser(anahit.id).password_hash == "newer"


@pytest.mark.parametrize("demoted", [False, True])
def test_an_owner_who_goes_comes_back_with_no_invitation(
    ledger: Ledger, ours: Organisation, anahit: Organiser, demoted: bool
) -> None:
    mallory = enrol(ledger, "Mallory")
    other = ledger.add_organisation("others", "Others", NOW)
    for address in (mallory.email, "mallory.too@example.org"):
        ledger.make_link(Admits.JOIN, address, NOW, organisation=ours, role=Role.OWNER, mailed=True)
    elsewhere = ledger.make_link(Admits.JOIN, mallory.email, NOW, organisation=other, role=Role.EDITOR)
    if demoted:
        ledger.set_role(ours.id, mallory.id, Role.VIEWER)
    else:
        ledger.remove_member(ours.id, mallory.id)
    assert ledger.open_links(NOW, Admits.JOIN) == [elsewhere]
    assert ledger.organiser_letters(limit=9) == []


def test_whoever_else_goes_leaves_the_invitations_of_others(
    ledger: Ledger, ours: Organisation, anahit: Organiser
) -> None:
    petra = enrol(ledger, "Petra", Role.EDITOR)
    ledger.make_link(Admits.JOIN, "PETRA@example.org", NOW, organisation=ours, role=Role.OWNER)
    sams = ledger.make_link(Admits.JOIN, "sam@example.org", NOW, organisation=ours, role=Role.EDITOR)
    ledger.set_role(ours.id, anahit.id, Role.OWNER)  # is one: nothing changes
    assert len(ledger.open_links(NOW, Admits.JOIN)) == 2
    ledger.remove_member(ours.id, petra.id)
    assert ledger.open_links(NOW, Admits.JOIN) == [sams]


def test_an_organisation_keeps_an_owner(ledger: Ledger, ours: Organisation, anahit: Organiser) -> None:
    petra = enrol(ledger, "Petra", Role.EDITOR)
    with pytest.raises(OwnerNeeded):
        ledger.remove_member(ours.id, anahit.id)
    with pytest.raises(OwnerNeeded):
        ledger.set_role(ours.id, anahit.id, Role.VIEWER)
    ledger.set_role(ours.id, petra.id, Role.OWNER)
    ledger.remove_member(ours.id, anahit.id)
    assert [one.organiser_id for one in ledger.members(ours.id)] == [petra.id]
    assert ledger.organiser(anahit.id).memberships == ()
    for absent in (anahit.id, 99):
        with pytest.raises(OrganiserNotFound):
            ledger.set_role(ours.id, absent, Role.OWNER)


def test_two_owners_who_leave_at_once_do_not_both_leave(ledger: Ledger, ours: Organisation) -> None:
    owners = [enrol(ledger, name) for name in ("Anahit", "Petra")]

    def leave(owner: Organiser) -> bool:
        try:
            ledger.remove_member(ours.id, owner.id)
        except OwnerNeeded:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, owners)) == [False, True]
    assert len(ledger.members(ours.id)) == 1
