"""A petition's text in several languages, on both ledgers: one current wording a language, every one kept."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.petitions import MILL, NOW, signature
from widget.domain.petition import Petition, Wording
from widget.domain.refusals import PetitionNotFound
from widget.domain.signature import Occasion
from widget.store.ledger import Ledger

ARMENIAN = Wording(
    "hy", "Փրկենք ջրաղացը", ("քաղաքային խորհուրդ",), "Այն պտտվում է երեք հարյուր տարի։", "Ծանոթ."
)
EDITED = replace(MILL.wording, text="It has turned for four hundred years.")
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def petition(ledger: Ledger) -> Petition:
    return ledger.add_petition(MILL, NOW)


def test_a_translation_stands_beside_the_first_wording(ledger: Ledger, petition: Petition) -> None:
    after = ledger.set_wording(petition.id, ARMENIAN, LATER)
    assert after == ledger.petition("save-the-mill")
    assert after.wordings == (MILL.wording, ARMENIAN)
    assert after.text_versions == {MILL.wording.text_version, ARMENIAN.text_version}
    assert after.revision == petition.revision + 1
    assert ledger.tally(petition.id).changes == 0  # one petition, one number: a text does not touch it


def test_an_edit_takes_the_place_of_the_earlier_wording_which_stays(
    ledger: Ledger, petition: Petition
) -> None:
    ledger.set_wording(petition.id, ARMENIAN, NOW)
    after = ledger.set_wording(petition.id, EDITED, LATER)
    assert after.wordings == (EDITED, ARMENIAN)
    assert after.text_versions == {w.text_version for w in (MILL.wording, ARMENIAN, EDITED)}
    assert ledger.wording(petition.id, MILL.wording.text_version) == MILL.wording


def test_the_same_text_again_changes_nothing(ledger: Ledger, petition: Petition) -> None:
    first = ledger.set_wording(petition.id, ARMENIAN, NOW)
    assert ledger.set_wording(petition.id, ARMENIAN, LATER) == first
    assert ledger.set_wording(petition.id, MILL.wording, LATER) == first


def test_an_earlier_wording_can_be_made_current_again(ledger: Ledger, petition: Petition) -> None:
    ledger.set_wording(petition.id, EDITED, NOW)
    after = ledger.set_wording(petition.id, MILL.wording, LATER)
    assert after.wordings == (MILL.wording,)
    assert after.text_versions == {MILL.wording.text_version, EDITED.text_version}
    assert after.revision == petition.revision + 2


def test_a_wording_of_nothing_is_refused_and_not_kept(ledger: Ledger, petition: Petition) -> None:
    with pytest.raises(PetitionNotFound):
        ledger.set_wording(petition.id + 1, ARMENIAN, NOW)
    assert ledger.petition("save-the-mill") == petition


def test_many_edits_at_once_leave_one_current_wording_and_lose_none(
    ledger: Ledger, petition: Petition
) -> None:
    edits = [replace(ARMENIAN, text=f"Այն պտտվում է {n} տարի։") for n in range(24)]
    with ThreadPoolExecutor(12) as hands:
        left = list(hands.map(lambda wording: ledger.set_wording(petition.id, wording, LATER), edits))
    after = ledger.petition("save-the-mill")
    assert [w.lang for w in after.wordings] == ["en", "hy"]
    assert after.wordings[1] in edits
    assert after.text_versions == {w.text_version for w in (MILL.wording, *edits)}
    assert after.revision == petition.revision + len(edits)
    assert all(len(seen.wordings) == 2 for seen in left)


def test_the_same_translation_set_by_two_at_once_is_one(ledger: Ledger, petition: Petition) -> None:
    with ThreadPoolExecutor(2) as hands:
        left = list(hands.map(lambda _: ledger.set_wording(petition.id, ARMENIAN, LATER), range(2)))
    assert left[0] == left[1]
    assert left[0].revision == petition.revision + 1


def test_a_signature_names_the_wording_that_was_signed_whatever_came_later(
    ledger: Ledger, petition: Petition
) -> None:
    ledger.record(signature(petition.id), Occasion.RECEIPT)
    ledger.set_wording(petition.id, EDITED, LATER)
    kept = ledger.signature(petition.id, "sam@example.org")
    assert kept is not None
    assert ledger.wording(petition.id, kept.text_version) == MILL.wording


def test_who_signed_a_wording_is_counted_from_where_it_began(ledger: Ledger, petition: Petition) -> None:
    old, new = MILL.wording.text_version, EDITED.text_version

    def sign(number: int, text_version: str) -> None:
        ledger.record(
            replace(signature(petition.id, f"{number}@example.org"), text_version=text_version), None
        )

    def counted(text_version: str, most: int = 9) -> int:
        return ledger.count_of_wording(petition.id, text_version, most)

    for number in range(3):
        sign(number, old)
    ledger.set_wording(petition.id, EDITED, LATER)
    assert (counted(old), counted(new)) == (3, 0)
    sign(3, new)
    sign(4, old)  # the page was open since before
    assert (counted(old), counted(new)) == (4, 1)
    ledger.set_wording(petition.id, MILL.wording, LATER)
    sign(5, old)
    assert (counted(old), counted(old, most=2), counted("none")) == (5, 2, 0)
