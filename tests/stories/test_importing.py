"""Anahit brings a petition from elsewhere: once, twice, changed, and at the same time as somebody else."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Barrier
from typing import TypeVar

import pytest

from tests.petitions import signature
from widget import organising
from widget.domain.goal import GoalKind
from widget.domain.petition import CarriedOver, PetitionDraft, Wording
from widget.domain.petition_page import SOURCE
from widget.domain.refusals import PageUnreadable, PetitionNotFound, SlugTaken
from widget.domain.signature import Occasion
from widget.organising import import_page, load_sample, preview_page
from widget.store.counter import Counter
from widget.store.ledger import Ledger

Result = TypeVar("Result")

NOW = datetime(2020, 10, 5, 9, 30, tzinfo=UTC)
SAMPLE = (Path(organising.__file__).parent / "samples" / "stop-bloodshed-in-artsakh.txt").read_bytes()
SLUG = "stop-bloodshed-in-artsakh"
PAGE = b"""Save the lake

October 4, 2020
Petition to the Lake Council
Signatures: 120
Next Goal: 200
Started by Friends of the Lake

The lake is drying out. Close the sluice.

Decision Makers: 3
"""


def changed(old: bytes, new: bytes) -> bytes:
    assert old in PAGE
    return PAGE.replace(old, new)


def test_a_page_becomes_an_open_petition_with_its_number(ledger: Ledger) -> None:
    imported = import_page(SAMPLE, ledger=ledger, now=NOW)
    assert (imported.outcome, imported.slug, imported.count, imported.goal) == ("new", SLUG, 49, 50)
    assert imported.title == "Stop bloodshed in Artsakh (Nagorno-Karabakh)"
    petition = ledger.petition(SLUG)
    petition.refuse_unless_open(NOW)
    assert petition.wordings[0].addressed_to == ("the President of Russia",)
    assert petition.wordings[0].title == imported.title
    assert petition.started_by == "Armenia Community"
    assert petition.started_on == date(2020, 10, 4)
    assert petition.decision_makers is None


def test_signatures_from_before_stay_apart_from_those_given_here(ledger: Ledger) -> None:
    import_page(SAMPLE, ledger=ledger, now=NOW)
    petition = ledger.petition(SLUG)
    tally = ledger.tally(petition.id)
    assert (tally.here, tally.carried_over, tally.paper) == (0, 49, 0)
    assert ledger.carried_over(petition.id) == [CarriedOver(49, SOURCE, date(2020, 10, 4))]


def test_the_same_page_again_changes_nothing(ledger: Ledger) -> None:
    first = import_page(SAMPLE, ledger=ledger, now=NOW)
    before = (ledger.petition(SLUG), ledger.tally(ledger.petition(SLUG).id).changes)
    again = import_page(SAMPLE.replace(b"\n", b"\r\n"), ledger=ledger, now=NOW)
    assert again == replace(first, outcome="same")
    assert (ledger.petition(SLUG), ledger.tally(ledger.petition(SLUG).id).changes) == before
    assert len(ledger.carried_over(before[0].id)) == 1


def test_the_page_is_still_the_same_when_people_have_signed_here(ledger: Ledger) -> None:
    import_page(PAGE, ledger=ledger, now=NOW)
    petition = ledger.petition("save-the-lake")
    (text_version,) = petition.text_versions
    ledger.record(signature(petition.id, text_version=text_version), Occasion.RECEIPT)
    again = import_page(PAGE, ledger=ledger, now=NOW)
    assert (again.outcome, again.count, again.carried_over) == ("same", 121, 120)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"Save the lake", b"Save the Lake", "title (here Save the lake, on the page Save the Lake)"),
        (b"Lake Council", b"Mayor", "addressed to (here the Lake Council, on the page the Mayor)"),
        (b"Close the sluice", b"Open the sluice", "the text"),
        (b"Decision Makers: 3", b"Appendix 1\n", "the appendix"),
        (
            b"Friends of the Lake",
            b"The Anglers",
            "started by (here Friends of the Lake, on the page The Anglers)",
        ),
        (b"October 4, 2020", b"", "date (here 2020-10-04, on the page none)"),
        (
            b"Signatures: 120",
            b"Signatures: 121",
            "signatures so far (here 120 of 2020-10-04, on the page 121 of",
        ),
        (
            b"Signatures: 120",
            b"Signatures: 0",
            "signatures so far (here 120 of 2020-10-04, on the page none)",
        ),
        (b"Next Goal: 200", b"Next Goal: 300", "next goal (here the ladder's, on the page 300)"),
        (b"Decision Makers: 3", b"", "decision makers (here 3, on the page none)"),
    ],
)
def test_another_page_for_the_same_address_is_refused_and_says_why(
    ledger: Ledger, old: bytes, new: bytes, said: str
) -> None:
    import_page(PAGE, ledger=ledger, now=NOW)
    before = ledger.petition("save-the-lake")
    with pytest.raises(SlugTaken) as refused:
        import_page(changed(old, new), ledger=ledger, now=NOW, slug="save-the-lake")
    assert said in refused.value.detail
    assert "--slug" in refused.value.detail
    assert ledger.petition("save-the-lake") == before
    assert ledger.tally(before.id).count == 120
    assert ledger.carried_over(before.id) == [CarriedOver(120, SOURCE, date(2020, 10, 4))]


def test_another_language_is_another_wording(ledger: Ledger) -> None:
    import_page(PAGE, ledger=ledger, now=NOW)
    with pytest.raises(SlugTaken, match=r"language \(here en, on the page fr\)"):
        import_page(PAGE, ledger=ledger, now=NOW, lang="fr")


def test_a_petition_written_here_is_not_taken_for_the_page(ledger: Ledger) -> None:
    ours = PetitionDraft(
        slug="save-the-lake",
        wording=Wording("en", "Save the lake", ("the Lake Council",), "Our own words."),
        started_by="Anahit",
    )
    ledger.add_petition(ours, NOW)
    with pytest.raises(SlugTaken, match="the text; started by"):
        import_page(PAGE, ledger=ledger, now=NOW)
    assert ledger.petition("save-the-lake").started_by == "Anahit"


def test_under_another_slug_both_live(ledger: Ledger) -> None:
    import_page(PAGE, ledger=ledger, now=NOW)
    other = import_page(changed(b"120", b"140"), ledger=ledger, now=NOW, slug="save-the-lake-2")
    assert (other.outcome, other.slug, other.count) == ("new", "save-the-lake-2", 140)
    assert [petition.slug for petition in ledger.petitions()] == ["save-the-lake-2", "save-the-lake"]


def test_an_own_aim_stays_the_goal(ledger: Ledger) -> None:
    imported = import_page(changed(b"Next Goal: 200", b"Next Goal: 1,000"), ledger=ledger, now=NOW)
    assert imported.goal == 1_000
    petition = ledger.petition("save-the-lake")
    assert (petition.goal_kind, petition.goal_aim) == (GoalKind.ORGANISER, 1_000)


def test_a_page_that_cannot_be_read_stores_nothing(ledger: Ledger) -> None:
    with pytest.raises(PageUnreadable):
        import_page(changed(b"Signatures: 120", b"Signatures: many"), ledger=ledger, now=NOW)
    assert ledger.petitions() == []


def test_a_rehearsal_says_what_would_happen_and_stores_nothing(ledger: Ledger) -> None:
    rehearsed = preview_page(PAGE, ledger=ledger)
    assert ledger.petitions() == []
    assert import_page(PAGE, ledger=ledger, now=NOW) == rehearsed
    assert preview_page(PAGE, ledger=ledger).outcome == "same"
    with pytest.raises(SlugTaken):
        preview_page(changed(b"120", b"121"), ledger=ledger)


def test_eight_imports_at_once_make_one_petition(ledger: Ledger, database_url: str) -> None:
    outcomes = at_once(database_url, lambda own: import_page(PAGE, ledger=own, now=NOW).outcome)
    assert sorted(outcomes) == ["new"] + ["same"] * 7
    assert ledger.tally(ledger.petition("save-the-lake").id).count == 120


def test_eight_starts_at_once_load_one_sample(ledger: Ledger, database_url: str) -> None:
    loaded = at_once(database_url, lambda own: load_sample(SAMPLE, ledger=own, now=NOW))
    assert [one.outcome for one in loaded if one].count("new") == 1
    assert [petition.slug for petition in ledger.petitions()] == [SLUG]
    assert ledger.tally(ledger.petition(SLUG).id).count == 49


def test_the_sample_stays_away_where_a_petition_lives(ledger: Ledger) -> None:
    import_page(PAGE, ledger=ledger, now=NOW)
    assert load_sample(SAMPLE, ledger=ledger, now=NOW) is None
    assert [petition.slug for petition in ledger.petitions()] == ["save-the-lake"]


def test_a_recount_reaches_the_copy(ledger: Ledger) -> None:
    import_page(PAGE, ledger=ledger, now=NOW)
    counter = counter_of(ledger)
    recounted = organising.recount("save-the-lake", ledger=ledger, counter=counter)
    assert (recounted.before.count, recounted.after.count, recounted.drift) == (120, 120, 0)
    assert counter.read(ledger.petition("save-the-lake").id).count == 120
    with pytest.raises(PetitionNotFound):
        organising.recount("nowhere", ledger=ledger, counter=counter)


def counter_of(ledger: Ledger) -> Counter:
    return Counter(ledger.tally, redis_url=None, clock=lambda: NOW)


def at_once(url: str, act: Callable[[Ledger], Result], times: int = 8) -> list[Result]:
    """Let as many processes' worth of ledgers act in the same moment."""
    start = Barrier(times)

    def one(_: int) -> Result:
        with closing(Ledger.connect(url)) as own:
            own.ping()
            start.wait()
            return act(own)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))
