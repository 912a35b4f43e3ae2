"""A petition's rules: when it takes signatures, from which sites, and which wording is whose."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from widget.domain.form import STANDARD_FORM, form
from widget.domain.goal import DEFAULT_LADDER, GoalKind
from widget.domain.petition import Confirmation, Petition, Status, Wording, slug_problem
from widget.domain.refusals import OriginNotAllowed, PetitionClosed
from widget.domain.signature import COUNTABLE, MOVES, State, may_move, weight
from widget.domain.tally import Tally, goal_of, progress_of

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
ENGLISH = Wording("en", "Save the mill", ("the town council",), "It turns.")
ARMENIAN = Wording("hy", "Փրկենք ջրաղացը", ("քաղաքային խորհուրդ",), "Այն պտտվում է։")
BRAZILIAN = Wording("pt-BR", "Salvem o moinho", ("a câmara",), "Ele gira.")
PETITION = Petition(
    id=1,
    slug="save-the-mill",
    status=Status.OPEN,
    started_by="Anahit",
    started_on=None,
    confirmation=Confirmation.NONE,
    goal_kind=GoalKind.LADDER,
    goal_aim=None,
    ladder=DEFAULT_LADDER,
    form=STANDARD_FORM,
    allowed_origins=(),
    closes_at=None,
    decision_makers=None,
    revision=1,
    wordings=(ENGLISH, ARMENIAN),
    text_versions=frozenset({ENGLISH.text_version, ARMENIAN.text_version}),
)


@pytest.mark.parametrize("status", [Status.DRAFT, Status.CLOSED, Status.DELIVERED])
def test_only_an_open_petition_takes_signatures(status: Status) -> None:
    with pytest.raises(PetitionClosed):
        replace(PETITION, status=status).refuse_unless_open(NOW)
    PETITION.refuse_unless_open(NOW)


def test_the_closing_date_closes_to_the_second() -> None:
    closing = replace(PETITION, closes_at=NOW)
    closing.refuse_unless_open(NOW - timedelta(seconds=1))
    with pytest.raises(PetitionClosed):
        closing.refuse_unless_open(NOW)
    assert closing.status_at(NOW) is Status.CLOSED


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True),
        ("https://petra.example.org", True),
        ("HTTPS://Petra.Example.org", True),
        ("https://our.example.org", True),
        ("https://petra.example.org.mallory.example", False),
        ("http://petra.example.org", False),
        ("https://petra.example.org:8443", False),
        ("null", False),
    ],
)
def test_a_list_of_sites_lets_in_these_and_our_own(origin: str | None, allowed: bool) -> None:
    petition = replace(PETITION, allowed_origins=("https://petra.example.org",))
    if allowed:
        petition.refuse_foreign_origin(origin, own="https://our.example.org")
    else:
        with pytest.raises(OriginNotAllowed):
            petition.refuse_foreign_origin(origin, own="https://our.example.org")


@pytest.mark.parametrize(
    ("wanted", "wording"),
    [
        (("hy",), ARMENIAN),
        (("hy-AM",), ARMENIAN),
        (("HY_am",), ARMENIAN),
        (("pt",), BRAZILIAN),
        (("pt-br",), BRAZILIAN),
        (("pt-PT",), BRAZILIAN),
        (("fr", "hy"), ARMENIAN),
        ((None, "hy"), ARMENIAN),
        (("hy", "en"), ARMENIAN),
        (("fr",), ENGLISH),
        (("-",), ENGLISH),
        (("",), ENGLISH),
        ((), ENGLISH),
    ],
)
def test_the_wording_follows_the_languages_asked_for(
    wanted: tuple[str | None, ...], wording: Wording
) -> None:
    assert replace(PETITION, wordings=(ENGLISH, ARMENIAN, BRAZILIAN)).wording(*wanted) is wording


def test_a_wording_is_told_by_every_part_of_its_content() -> None:
    changed = [
        replace(ENGLISH, lang="de"),
        replace(ENGLISH, title="Save the mill!"),
        replace(ENGLISH, addressed_to=("the town", "council")),
        replace(ENGLISH, text="It turns. "),
        replace(ENGLISH, text="", appendix="It turns."),
    ]
    versions = {wording.text_version for wording in [ENGLISH, *changed]}
    assert len(versions) == len(changed) + 1
    assert replace(ENGLISH).text_version == ENGLISH.text_version


@pytest.mark.parametrize("slug", ["", "A", "a--b", "-a", "a-", "ä", "a b", "a/b", "a" * 81])
def test_a_slug_that_would_not_survive_an_address_is_named(slug: str) -> None:
    assert slug_problem(slug)


def test_a_form_always_asks_for_the_address_and_never_for_what_is_unknown() -> None:
    assert [f.name for f in form(required=(), optional=("comment",))] == ["email", "comment"]
    assert form(required=(), optional=("email",))[0].required
    with pytest.raises(KeyError):
        form(required=("shoe_size",), optional=())


def test_a_goal_once_shown_stays_and_an_aim_is_kept_to() -> None:
    tally = Tally(here=0, carried_over=49, paper=0, changes=3, goal_floor=100, as_of=NOW)
    assert goal_of(PETITION, tally) == 100
    assert progress_of(PETITION, replace(tally, goal_floor=50)).ratio == 0.98
    aimed = replace(PETITION, goal_kind=GoalKind.ORGANISER, goal_aim=30)
    assert progress_of(aimed, tally).goal == 30
    assert progress_of(aimed, tally).ratio == 1


def test_erasure_is_final_always_possible_and_never_counted() -> None:
    assert not MOVES[State.ERASED]
    assert all(may_move(state, State.ERASED) for state in State if state is not State.ERASED)
    assert {state for state in State if weight(state)} == COUNTABLE == {State.CONFIRMED}
