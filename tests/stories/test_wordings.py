"""Anahit gives her petition a text in several languages; Sam signs the one he read."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.petitions import MILL, NOW
from widget import organising, signing
from widget.domain.petition import Petition
from widget.domain.refusals import InvalidInput, PageUnreadable, PetitionNotFound
from widget.signing import SignatureRequest
from widget.store.catalogue import Catalogue
from widget.store.counter import Counter
from widget.store.ledger import Ledger

SLUG = "save-the-mill"
ARMENIAN = "# Փրկենք ջրաղացը\nTo: քաղաքային խորհուրդ\n\nԱյն պտտվում է երեք հարյուր տարի։\n"


@dataclass
class Told:
    """The parts that the stories are handed; `catalogue` knows the petition as it was at first."""

    ledger: Ledger
    catalogue: Catalogue
    counter: Counter

    def word(self, text: str, lang: str = "hy") -> organising.Worded:
        return organising.set_wording(SLUG, text.encode(), lang=lang, ledger=self.ledger, now=NOW)

    def sign(self, lang: str, text_version: str | None = None) -> str:
        """Sign as somebody new; return the wording that the signature names."""
        address = f"sam.{time.monotonic_ns()}@example.org"
        request = SignatureRequest(
            email=address, email_ascii=address, lang="en", wanted_lang=lang, text_version=text_version
        )
        signing.sign(
            SLUG,
            request,
            origin=None,
            own_origin="https://our.example.org",
            catalogue=self.catalogue,
            ledger=self.ledger,
            counter=self.counter,
            now=NOW,
        )
        kept = self.ledger.signature(self.ledger.petition(SLUG).id, address)
        assert kept is not None
        return kept.text_version


@pytest.fixture
def told(ledger: Ledger) -> Iterator[Told]:
    ledger.add_petition(MILL, NOW)
    catalogue = Catalogue(ledger.petition, monotonic=lambda: 0.0)  # nothing it knows ever gets old
    catalogue.petition(SLUG)
    counter = Counter(ledger.tally, redis_url=None, clock=lambda: NOW)
    yield Told(ledger, catalogue, counter)
    counter.close()


def test_a_translation_is_new_then_the_same_then_changed(told: Told) -> None:
    first = told.word(ARMENIAN)
    assert (first.outcome, [w.lang for w in first.petition.wordings]) == ("new", ["en", "hy"])
    assert told.word(ARMENIAN).outcome == "same"
    changed = told.word(ARMENIAN.replace("երեք", "չորս"))
    assert (changed.outcome, changed.petition.revision) == ("changed", 3)


def test_who_reads_armenian_signs_the_armenian_wording(told: Told) -> None:
    armenian = told.word(ARMENIAN).wording.text_version
    told.catalogue.forget(SLUG)
    assert told.sign("hy-AM") == armenian
    assert told.sign("en") == told.sign("fr") == told.sign("") == MILL.wording.text_version
    assert told.ledger.tally(told.ledger.petition(SLUG).id).count == 49 + 4


def test_an_earlier_wording_that_was_before_the_signers_eyes_is_the_one_recorded(told: Told) -> None:
    earlier = told.word(ARMENIAN).wording.text_version
    told.word(ARMENIAN.replace("երեք", "չորս"))
    assert told.sign("hy", earlier) == earlier


def test_a_wording_set_a_moment_ago_by_another_process_can_be_signed(told: Told) -> None:
    """The catalogue here has not heard of it yet, and must not call it unknown."""
    assert told.sign("hy", told.word(ARMENIAN).wording.text_version)
    with pytest.raises(InvalidInput):
        told.sign("hy", "0" * 32)


def test_a_file_that_cannot_be_read_changes_nothing(told: Told) -> None:
    before: Petition = told.ledger.petition(SLUG)
    with pytest.raises(PageUnreadable):
        told.word("no title")
    with pytest.raises(PetitionNotFound):
        organising.set_wording("nowhere", ARMENIAN.encode(), lang="hy", ledger=told.ledger, now=NOW)
    assert told.ledger.petition(SLUG) == before
