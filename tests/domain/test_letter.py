"""Which letters still go out, and how long a failed one waits."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.petitions import NOW
from widget.domain.letter import ATTEMPTS_AT_MOST, PAUSES, Letter, News, needless, pause
from widget.domain.signature import Occasion, State
from widget.domain.update import Kind, Mailing

WITHIN = timedelta(days=21)
LETTER = Letter(
    id=1,
    occasion=Occasion.CONFIRMATION,
    written_at=NOW,
    attempts=1,
    signature_id=1,
    state=State.PENDING,
    moved_at=NOW,
    confirmed_at=None,
    signed_at=NOW,
    email="sam@example.org",
    lang="en",
    petition_id=1,
    slug="save-the-mill",
    started_by="Anahit",
    title="Save the mill",
    title_lang="en",
    addressed_to=("the town council",),
)
GOES_OUT = {
    Occasion.RECEIPT: {State.CONFIRMED, State.HELD},
    Occasion.ALREADY: {State.CONFIRMED, State.HELD},
    Occasion.CONFIRMATION: {State.PENDING, State.HELD, State.WITHDRAWN},
    Occasion.REMINDER: {State.PENDING},
    Occasion.UPDATE: {State.CONFIRMED},
}
NEWS = News(Kind.UPDATE, "en", "It turns", "Again.", NOW, Mailing.GOING)


@pytest.mark.parametrize("occasion", Occasion)
def test_a_letter_goes_out_only_while_it_says_the_truth(occasion: Occasion) -> None:
    going = {
        state
        for state in State
        if needless(replace(LETTER, occasion=occasion, state=state), NOW, WITHIN) is None
    }
    assert going == GOES_OUT[occasion]


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"email": ""}, "the signature is erased"),
        ({"state": State.CONFIRMED}, "the signature is confirmed by now"),
        ({"state": State.HELD, "confirmed_at": NOW}, "the address is confirmed"),
        (
            {"state": State.WITHDRAWN, "moved_at": NOW + timedelta(seconds=1)},
            "the signature was withdrawn after the letter was written",
        ),
    ],
)
def test_why_it_does_not_go_out_is_said_without_the_address(changes: dict[str, object], because: str) -> None:
    assert needless(replace(LETTER, **changes), NOW, WITHIN) == because  # type: ignore[arg-type]


def test_news_goes_only_to_who_still_wants_it_while_its_mailing_goes_on() -> None:
    letter = replace(LETTER, occasion=Occasion.UPDATE, state=State.CONFIRMED, news=NEWS, wants_news=True)
    assert needless(letter, NOW + 2 * WITHIN, WITHIN) is None
    assert needless(replace(letter, wants_news=False), NOW, WITHIN) == "the signer wants no news any more"
    stopped = replace(letter, news=replace(NEWS, mailing=Mailing.STOPPED))
    assert needless(stopped, NOW, WITHIN) == "the mailing was stopped"
    assert needless(replace(letter, news=replace(NEWS, mailing=Mailing.DONE)), NOW, WITHIN) is None


def test_a_link_that_no_longer_works_is_not_sent() -> None:
    assert needless(LETTER, NOW + WITHIN - timedelta(seconds=1), WITHIN) is None
    assert needless(LETTER, NOW + WITHIN, WITHIN) == "its link has expired"
    late_receipt = replace(LETTER, occasion=Occasion.RECEIPT, state=State.CONFIRMED)
    assert needless(late_receipt, NOW + 2 * WITHIN, WITHIN) is None


def test_each_pause_is_longer_and_none_is_the_same_for_all() -> None:
    for attempt, usual in enumerate(PAUSES, 1):
        assert pause(attempt, 0.5) == usual
        assert pause(attempt, 0.0) == usual * 0.75
        assert pause(attempt, 1.0) == usual * 1.25
    assert list(PAUSES) == sorted(PAUSES)


def test_after_two_days_it_is_given_up() -> None:
    assert pause(ATTEMPTS_AT_MOST, 0.5) is None
    assert timedelta(days=1) < sum(PAUSES, timedelta()) < timedelta(days=3)
