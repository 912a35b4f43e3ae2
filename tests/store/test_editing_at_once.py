"""Addresses that two want, and edits that began with the same text: one wins, on both ledgers."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest

from tests.petitions import MILL, NOW, draft
from widget.domain.editing import Changes, settings_version
from widget.domain.petition import Petition, PetitionDraft, Wording
from widget.domain.refusals import EditedMeanwhile, PetitionNotFound, SlugTaken
from widget.store.ledger import Ledger

ARMENIAN = Wording("hy", "Փրկենք ջրաղացը", ("քաղաքային խորհուրդ",), "Այն պտտվում է։")
AT_ONCE = 6


@pytest.fixture
def petition(ledger: Ledger) -> Petition:
    return ledger.add_petition(MILL, NOW)


def other(slug: str = "save-the-bridge") -> PetitionDraft:
    return draft(slug=slug, carried_over=None)


def edited(number: int) -> Wording:
    return replace(MILL.wording, text=f"It has turned for {number} hundred years.")


def refused(acts: Sequence[Callable[[], object]], by: type[Exception]) -> int:
    """Do all of it at once; return how many were refused, and raise whatever else went wrong."""

    def one(act: Callable[[], object]) -> bool:
        try:
            act()
        except by:
            return True
        return False

    with ThreadPoolExecutor(len(acts)) as crowd:
        return sum(crowd.map(one, acts))


def test_every_address_goes_on_and_none_is_given_twice(ledger: Ledger, petition: Petition) -> None:
    ledger.readdress(petition.id, "save-our-mill")
    bridge = ledger.add_petition(other(), NOW)
    assert ledger.slugs(petition.id) == ["save-our-mill", "save-the-mill"]
    for slug in ("save-our-mill", "save-the-mill"):
        assert ledger.petition(slug).id == petition.id
        assert ledger.petition(slug).slug == "save-our-mill"
        with pytest.raises(SlugTaken):
            ledger.readdress(bridge.id, slug)
        with pytest.raises(SlugTaken):
            ledger.add_petition(other(slug), NOW)
    assert ledger.petition("save-the-bridge") == bridge


def test_a_petition_goes_back_to_an_address_of_its_own(ledger: Ledger, petition: Petition) -> None:
    ledger.readdress(petition.id, "save-our-mill")
    ledger.readdress(petition.id, "save-the-mill")
    after = ledger.petition("save-our-mill")
    assert (after.slug, after.revision) == ("save-the-mill", petition.revision + 2)
    ledger.readdress(petition.id, "save-the-mill")
    assert ledger.petition("save-the-mill") == after  # no change is none


def test_of_many_who_want_an_address_one_gets_it(ledger: Ledger) -> None:
    made = [ledger.add_petition(other(f"bridge-{number}"), NOW) for number in range(AT_ONCE)]
    wanted: list[Callable[[], object]] = [partial(ledger.add_petition, other("the-bridge"), NOW)]
    wanted += [partial(ledger.readdress, one.id, "the-bridge") for one in made[1:]]
    assert refused(wanted, SlugTaken) == AT_ONCE - 1
    assert "the-bridge" in ledger.slugs(ledger.petition("the-bridge").id)
    held = [slug for one in made for slug in ledger.slugs(one.id)]
    assert held.count("the-bridge") == (ledger.petition("the-bridge").id in {one.id for one in made})


def test_an_edit_of_a_text_that_is_gone_is_refused_and_changes_nothing(
    ledger: Ledger, petition: Petition
) -> None:
    began = MILL.wording.text_version
    after = ledger.set_wording(petition.id, edited(4), NOW, instead_of=began)
    with pytest.raises(EditedMeanwhile):
        ledger.set_wording(petition.id, edited(5), NOW, instead_of=began)
    with pytest.raises(EditedMeanwhile):
        ledger.set_wording(petition.id, edited(5), NOW, instead_of="")
    assert ledger.petition("save-the-mill") == after
    assert ledger.set_wording(petition.id, edited(4), NOW, instead_of=began) == after  # sent twice
    with pytest.raises(PetitionNotFound):
        ledger.set_wording(petition.id + 1, edited(5), NOW, instead_of=began)


def test_a_language_that_has_no_text_yet(ledger: Ledger, petition: Petition) -> None:
    ledger.set_wording(petition.id, ARMENIAN, NOW, instead_of="")
    with pytest.raises(EditedMeanwhile):
        ledger.set_wording(petition.id, replace(ARMENIAN, text="Այն։"), NOW, instead_of="")
    ledger.set_wording(petition.id, edited(4), NOW, instead_of=MILL.wording.text_version)
    assert ledger.petition("save-the-mill").wordings == (edited(4), ARMENIAN)


def test_of_edits_at_once_one_is_kept(ledger: Ledger, petition: Petition) -> None:
    began = MILL.wording.text_version
    acts = [
        partial(ledger.set_wording, petition.id, edited(number), NOW, instead_of=began)
        for number in range(4, 4 + AT_ONCE)
    ]
    assert refused(acts, EditedMeanwhile) == AT_ONCE - 1
    after = ledger.petition("save-the-mill")
    assert len(after.wordings) == 1
    assert len(after.text_versions) == 2
    assert after.revision == petition.revision + 1


def test_of_settings_at_once_one_is_kept(ledger: Ledger, petition: Petition) -> None:
    began = settings_version(petition)
    given: list[Changes] = [
        {"closes_at": datetime(2027, 1, 1 + number, tzinfo=UTC)} for number in range(AT_ONCE)
    ]
    acts = [partial(ledger.change, petition.id, one, instead_of=began) for one in given]
    assert refused(acts, EditedMeanwhile) == AT_ONCE - 1
    after = ledger.petition("save-the-mill")
    assert after.closes_at in {one["closes_at"] for one in given}
    assert after.revision == petition.revision + 1


def test_a_text_does_not_stop_an_edit_of_the_settings(ledger: Ledger, petition: Petition) -> None:
    began = settings_version(petition)
    ledger.set_wording(petition.id, edited(4), NOW)
    after = ledger.change(petition.id, {"thanks_url": "https://anahit.example.org"}, instead_of=began)
    assert after.thanks_url == "https://anahit.example.org"
    with pytest.raises(EditedMeanwhile):
        ledger.change(petition.id, {"thanks_url": None}, instead_of=began)
