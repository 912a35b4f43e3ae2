"""Whether a petition at hand is still what the ledger has: whatever it says, a change of it is noticed."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.petitions import MILL, NOW, signature
from tests.store.test_pictures import contents, picture
from widget.domain.petition import Petition, Status, Wording
from widget.domain.signature import Occasion
from widget.store.ledger import Ledger

CHANGES: dict[str, Callable[[Ledger, int], object]] = {
    "status": lambda ledger, mill: ledger.change(mill, {"status": Status.CLOSED}),
    "form": lambda ledger, mill: ledger.change(mill, {"thanks_url": "https://petra.example.org/thanks"}),
    "wording": lambda ledger, mill: ledger.set_wording(
        mill, Wording("en", "Save it", ("the council",), "It turns."), NOW
    ),
    "language": lambda ledger, mill: ledger.set_wording(
        mill, Wording("de", "Rettet sie", ("der Rat",), "Sie mahlt."), NOW
    ),
    "picture": lambda ledger, mill: ledger.set_picture(mill, picture("a", "b"), contents("a", "b")),
    "address": lambda ledger, mill: ledger.readdress(mill, "save-our-mill"),
    "anonymised": lambda ledger, mill: ledger.anonymise(mill, NOW),
}


@pytest.fixture
def mill(ledger: Ledger) -> Petition:
    return ledger.add_petition(MILL, NOW)


def test_nothing_changed(ledger: Ledger, mill: Petition) -> None:
    assert ledger.is_unchanged(mill)
    ledger.record(signature(mill.id), Occasion.RECEIPT)
    assert ledger.is_unchanged(mill)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_noticed(ledger: Ledger, mill: Petition, change: str) -> None:
    CHANGES[change](ledger, mill.id)
    assert not ledger.is_unchanged(mill)
    assert ledger.is_unchanged(ledger.petition_by_id(mill.id))


def test_an_address_that_became_another_ones_is_noticed(ledger: Ledger, mill: Petition) -> None:
    ledger.readdress(mill.id, "save-our-mill")
    other = ledger.add_petition(replace(MILL, slug="the-other-mill"), NOW)
    assert not ledger.is_unchanged(replace(other, slug="save-our-mill"))
    assert not ledger.is_unchanged(replace(mill, slug="nobodys"))
