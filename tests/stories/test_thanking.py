"""The organiser's own thanks in the letter of thanks, as the ledger keeps them."""

import io
from datetime import UTC, datetime, timedelta

import pytest

from tests.petitions import MILL, NOW, draft, signature
from widget.delivering import Stationery, Written, write
from widget.domain.petition import Wording
from widget.domain.refusals import EditedMeanwhile
from widget.domain.signature import Occasion, State
from widget.domain.thanks import thanks_version
from widget.store import backups
from widget.store.ledger import Ledger

PAPER = Stationery(
    "https://our.example.org", "Support Now <post@example.org>", "k7Q2mZ9xT4vB1nR8sW5y", timedelta(days=21)
)
THANKS = (("en", "See you on {Sunday}.\nBring <b>a candle</b>."), ("ar", "نراكم يوم الأحد."))


def letter(ledger: Ledger, occasion: Occasion, lang: str = "en") -> Written:
    """Have Sam sign, and return the letter that it causes."""
    petition = ledger.petition("save-the-mill")
    state = State.PENDING if occasion is Occasion.CONFIRMATION else State.CONFIRMED
    wording = petition.wording(lang)
    ledger.record(signature(petition.id, lang=lang, text_version=wording.text_version, state=state), occasion)
    claimed = ledger.claim_letter(NOW, worker="omar", until=NOW + timedelta(minutes=1))
    assert claimed
    return write(claimed, PAPER, count=50)


@pytest.fixture(autouse=True)
def mill(ledger: Ledger) -> None:
    petition = ledger.add_petition(draft(), NOW)
    ledger.set_wording(petition.id, Wording("ar", "أنقذوا الطاحونة", ("البلدية",), "هي لنا."), NOW)
    ledger.change(petition.id, {"thanks_text": THANKS})


def test_the_letter_of_thanks_says_them_and_who_says_them(ledger: Ledger) -> None:
    written = letter(ledger, Occasion.RECEIPT)
    assert "See you on {Sunday}.\n\nBring <b>a candle</b>.\n\nAnahit\n" in written.text
    assert "<p>See you on {Sunday}.</p>\n<p>Bring &lt;b&gt;a candle&lt;/b&gt;.</p>" in written.html
    assert "See you" not in written.subject
    assert "\n\n\n" not in written.text


def test_they_are_in_the_language_of_the_text_that_was_signed(ledger: Ledger) -> None:
    written = letter(ledger, Occasion.RECEIPT, "ar")
    assert '<div lang="ar" dir="rtl">' in written.html
    assert "نراكم يوم الأحد." in written.text
    assert "See you" not in written.text


@pytest.mark.parametrize("occasion", [Occasion.CONFIRMATION, Occasion.ALREADY])
def test_no_other_letter_says_them(ledger: Ledger, occasion: Occasion) -> None:
    written = letter(ledger, occasion)
    assert "See you" not in written.text + written.html


def test_without_them_the_letter_is_what_it_was(ledger: Ledger) -> None:
    ledger.change(ledger.petition("save-the-mill").id, {"thanks_text": ()})
    written = letter(ledger, Occasion.RECEIPT)
    assert 'class="thanks"' not in written.html
    assert "\n\n\n" not in written.text


def test_thanks_are_kept_changed_and_taken_away(ledger: Ledger, database_url: str) -> None:
    mill = ledger.petition(MILL.slug)
    assert mill.thanks_text == THANKS
    assert ledger.change(mill.id, {"thanks_text": THANKS}).revision == mill.revision
    out = io.BytesIO()
    backups.write(database_url, out, datetime.now(UTC))
    assert ledger.change(mill.id, {"thanks_text": ()}, instead_of=thanks_version(THANKS)).thanks_text == ()
    with pytest.raises(EditedMeanwhile):
        ledger.change(mill.id, {"thanks_text": (("en", "Thank you."),)}, instead_of=thanks_version(THANKS))
    backups.read(database_url, io.BytesIO(out.getvalue()), datetime.now(UTC), replace=True)
    assert ledger.petition(MILL.slug).thanks_text == THANKS
