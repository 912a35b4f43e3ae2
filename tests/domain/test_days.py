"""The days of a petition: none left out, jumps apart from people, and the total that of the audit."""

from datetime import UTC, date, datetime, timedelta

import pytest

from widget.domain.audit import AuditDay
from widget.domain.days import DayFigure, Span, day_figures, span_of, summed, within
from widget.domain.figures import Figures, Group, Kind, Part, Period, Rate, gathered, since, site_of
from widget.domain.headline import of_climb, of_days, of_rate, percent

MAY = date(2026, 5, 1)
NOW = datetime(2026, 5, 4, 12, 34, tzinfo=UTC)


def test_every_day_is_there_and_the_total_is_that_of_the_audit() -> None:
    audited = [
        AuditDay(MAY, confirmed=10, withdrawn=1),
        AuditDay(date(2026, 5, 3), confirmed=700, corrected=-2),
    ]
    found = day_figures(audited, {date(2026, 5, 3): 640}, before=49, until=date(2026, 5, 4))
    assert [one.day.day for one in found] == [1, 2, 3, 4]
    assert [one.total for one in found] == [58, 58, 756, 756]
    assert (found[2].given, found[2].imported, found[2].corrected) == (60, 640, -2)
    assert found[-1].total == 49 + sum(one.change for one in audited)


def test_a_day_after_today_is_shown_rather_than_lost() -> None:
    found = day_figures([AuditDay(MAY, confirmed=1)], {}, before=0, until=date(2026, 4, 1))
    assert [one.day for one in found] == [MAY]


def test_nothing_that_happened_is_no_day() -> None:
    assert day_figures([], {}, before=49, until=MAY) == []


def test_a_period_begins_before_the_petition() -> None:
    found = within([DayFigure(MAY, given=3, total=52)], date(2026, 4, 29), date(2026, 5, 2), before=49)
    assert [(one.day.day, one.given, one.total) for one in found] == [
        (29, 0, 49),
        (30, 0, 49),
        (1, 3, 52),
        (2, 0, 52),
    ]


@pytest.mark.parametrize(
    ("many", "span"), [(0, "day"), (92, "day"), (93, "week"), (742, "week"), (743, "month")]
)
def test_points_are_days_weeks_or_months(many: int, span: str) -> None:
    found = [DayFigure(MAY + timedelta(days=number), given=1, total=number + 1) for number in range(many)]
    assert span_of(found) == span
    points = summed(found, Span(span))
    assert len(points) <= 110
    assert sum(one.given for one in points) == many
    assert not points or points[-1].total == many


def test_weeks_begin_on_monday() -> None:
    points = summed([DayFigure(MAY), DayFigure(date(2026, 5, 4))], Span.WEEK)
    assert [one.day for one in points] == [date(2026, 4, 27), date(2026, 5, 4)]


@pytest.mark.parametrize(
    ("period", "begins"),
    [
        (Period.DAY, datetime(2026, 5, 3, 13, tzinfo=UTC)),
        (Period.WEEK, datetime(2026, 4, 28, tzinfo=UTC)),
        (Period.MONTH, datetime(2026, 4, 5, tzinfo=UTC)),
        (Period.ALL, None),
    ],
)
def test_a_period_begins_with_an_hour_or_a_day(period: Period, begins: datetime | None) -> None:
    assert since(period, NOW) == begins


def test_pages_of_one_origin_are_one_partner_site() -> None:
    counts = (1, 1, 1, 1)
    found = [
        (Part.SITE, Group(Kind.NAMED, "https://Petra.example.org", counts)),
        (Part.SITE, Group(Kind.NAMED, "https://petra.example.org", counts)),
        (Part.STATE, Group(Kind.NAMED, "confirmed", (2, 2, 2, 2))),
    ]
    figures = gathered(found, NOW)
    assert figures.of(Part.SITE, Period.DAY) == [(Kind.NAMED, "https://petra.example.org", 2)]


@pytest.mark.parametrize("address", ["http://[", "nothing", "/x"])
def test_what_is_no_address_stays_as_it_is(address: str) -> None:
    assert site_of(address) == address


def test_groups_without_a_name_come_last() -> None:
    groups = (
        Group(Kind.NONE, "", (9,) * 4),
        Group(Kind.NAMED, "AM", (1,) * 4),
        Group(Kind.NAMED, "DE", (2,) * 4),
    )
    found = Figures(NOW, {Part.COUNTRY: groups}).of(Part.COUNTRY, Period.ALL)
    assert [name for _, name, _ in found] == ["DE", "AM", ""]


def test_messages() -> None:
    points = [DayFigure(MAY, given=7), DayFigure(date(2026, 5, 4), given=1_212)]
    assert of_days(points, Span.DAY, Period.MONTH) == (
        "1,219 signatures in the last 30 days, most on 4 May 2026: 1,212."
    )
    assert of_days(points[:1], Span.MONTH, Period.ALL) == "7 signatures so far, most in May 2026: 7."
    assert of_days([DayFigure(MAY, given=1)], Span.DAY, Period.WEEK) == (
        "1 signature in the last 7 days, on 1 May 2026."
    )
    assert (
        of_days([DayFigure(MAY)], Span.DAY, Period.WEEK) == "No signature was given here in the last 7 days."
    )
    assert of_climb(49, 49, 50) == "The number stands at 49. The next goal is 50."
    assert of_climb(49, 48, 50).startswith("The number fell from 49 to 48.")
    assert (
        of_rate(Rate(0, 0, 3)) == "Nobody who was asked to confirm has decided yet. 3 more may still do so."
    )
    assert of_rate(Rate(0, 0, 0)) == "Nobody was asked to confirm in this time."
    assert of_rate(Rate(9, 1, 0)) == "90.0% confirmed their address: 9 of 10."


@pytest.mark.parametrize(
    ("share", "said"), [(0.0, "0%"), (1.0, "100%"), (0.99999, "99.9%"), (0.00001, "0.1%")]
)
def test_all_is_all_and_a_little_less_is_not(share: float, said: str) -> None:
    assert percent(share) == said
