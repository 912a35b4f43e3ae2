"""Signatures on paper: what is no figure, and how a figure is taken back."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from widget.domain.paper import (
    AT_MOST,
    PaperEntry,
    PaperFigure,
    checked,
    checked_reason,
    counter_entry,
    paper_sum,
)
from widget.domain.refusals import PaperRefused

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
MARKET = PaperFigure(120, "the market", date(2026, 4, 30), "A-17")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"count": 0}, "count"),
        ({"count": -5}, "count"),
        ({"count": AT_MOST + 1}, "count"),
        ({"collected_on": date(2026, 5, 3)}, "collected_on"),
        ({"collected_on": date(26, 5, 1)}, "collected_on"),
        ({"place": "  "}, "place"),
        ({"place": "x" * 201}, "place"),
        ({"reference": ""}, "reference"),
        ({"reference": "x" * 101}, "reference"),
        ({"reference": "A\u202e17"}, "reference"),
        ({"note": "x" * 501}, "note"),
        ({"recorded_by": " "}, "recorded_by"),
    ],
)
def test_nonsense_is_refused_by_the_name_of_its_field(changes: dict[str, Any], field: str) -> None:
    by = changes.pop("recorded_by", "Anahit")
    with pytest.raises(PaperRefused) as refused:
        checked(replace(MARKET, **changes), by, NOW)
    assert set(refused.value.problems) == {field}
    assert field.replace("_", " ") in refused.value.detail


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(PaperRefused) as refused:
        checked(replace(MARKET, count=0, place=""), "", NOW)
    assert set(refused.value.problems) == {"count", "place", "recorded_by"}
    with pytest.raises(PaperRefused):
        checked_reason(" ", "Anahit")


def test_tomorrow_is_today_in_the_east() -> None:
    eve = datetime(2026, 5, 1, 22, tzinfo=UTC)
    assert checked(replace(MARKET, collected_on=date(2026, 5, 2)), "Anahit", eve)


def test_texts_are_kept_in_one_line_and_one_scan_in_two_spellings_is_one() -> None:
    tidy, by = checked(replace(MARKET, place=" the \n market ", reference=" a-17  "), " Anahit ", NOW)
    assert (tidy.place, tidy.reference, by) == ("the market", "a-17", "Anahit")
    assert tidy.canonical_reference == MARKET.canonical_reference


@pytest.mark.parametrize("spelt", ["A 17", "a_17", " A - 17 ", "A\u201317", "\uff21-\uff11\uff17", "A/17."])
def test_one_scan_however_it_is_spelt(spelt: str) -> None:
    assert replace(MARKET, reference=spelt).canonical_reference == MARKET.canonical_reference


@pytest.mark.parametrize("other", ["A17", "A1-7", "A-170", "B-17", "A-1-7", "#"])
def test_another_scan_is_another(other: str) -> None:
    assert replace(MARKET, reference=other).canonical_reference != MARKET.canonical_reference


def test_a_reference_of_signs_alone_stands_for_itself_and_none_is_too_long() -> None:
    signs = [replace(MARKET, reference=sign).canonical_reference for sign in ("#", "##", "-")]
    assert len(set(signs)) == 3
    assert len(replace(MARKET, reference="\ufdfa" * 100).canonical_reference) == 300


def test_a_figure_and_its_counter_entry_are_nothing_together() -> None:
    entries = [
        PaperEntry(1, MARKET, NOW, "Anahit", stands=False),
        PaperEntry(2, counter_entry(MARKET, "counted twice"), NOW, "Anahit", takes_back=1, stands=False),
    ]
    assert paper_sum(entries) == 0
    assert entries[1].figure.reference == "A-17"
