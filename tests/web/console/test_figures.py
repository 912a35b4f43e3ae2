"""Figures at the desk: what each role sees of them, as pages and as files."""

import csv
import io
import re
from datetime import timedelta

import pytest

from tests.organisers import Desk
from tests.petitions import signature
from widget import figures as story
from widget.domain.figures import Period
from widget.domain.paper import PaperFigure
from widget.domain.signature import Actor, State
from widget.parts import Parts
from widget.summing import Summing

PLACE = "/manage/petitions/save-the-mill/figures"
TABLES = ("days", "hours", "sites", "sources", "countries", "languages", "states", "confirmation")
SITE = "https://partner.example.org"


def sign(parts: Parts, many: int, prefix: str = "sam", **changes: object) -> None:
    mill = parts.ledger.petition("save-the-mill")
    given = {"signed_at": parts.clock(), **changes}
    for number in range(many):
        parts.ledger.record(signature(mill.id, f"{prefix}.{number}@example.org", **given), letter=None)


def table(answer: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer)))


@pytest.fixture
def crowd(parts: Parts) -> None:
    """Forty from one site, nine from another, two from a third."""
    sign(parts, 40, "armenian", page_url=f"{SITE}/a", source="poster")
    sign(parts, 9, "german", page_url="https://petra.example.org/b", country="DE", lang="de")
    sign(parts, 2, "french", page_url="https://small.example.org/c", country="FR", lang="fr", source="=1+1")


@pytest.mark.usefixtures("crowd")
def test_the_page_says_what_there_is_to_say(anahit_signed_in: Desk) -> None:
    page = anahit_signed_in.get(PLACE).text
    assert "51 signatures in the last 30 days, most on " in page
    assert "The number rose from 49 to 100. The next goal is 200." in page
    assert f"3 partner sites. Most signed on {SITE}: 40." in page
    assert "Germany" in page
    assert "German" in page
    assert page.count('<svg class="chart narrow"') == page.count('<svg class="chart wide"') == 6
    assert "style=" not in page
    assert "fewer than 5" not in page


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize("period", Period)
def test_every_chart_has_words_for_who_does_not_see_it_and_a_table(
    anahit_signed_in: Desk, period: str
) -> None:
    page = anahit_signed_in.get(f"{PLACE}?period={period}").text
    charts = re.findall(
        r'<svg [^>]*role="img" aria-labelledby="([\w-]+) ([\w-]+)">\s*<title id="([\w-]+)">[^<]+'
        r'</title>\s*<desc id="([\w-]+)">[^<]+</desc>',
        page,
    )
    assert len(charts) == page.count("<svg") > 8
    assert all((title, said) == (own_title, own_said) for title, said, own_title, own_said in charts)
    assert page.count("<details>") * 2 == len(charts)
    assert len(set(re.findall(r' id="([\w-]+)"', page))) == len(re.findall(r' id="([\w-]+)"', page))


@pytest.mark.usefixtures("crowd")
def test_every_table_is_a_file(anahit_signed_in: Desk) -> None:
    for name in TABLES:
        answer = anahit_signed_in.get(f"{PLACE}/{name}.csv?period=7d")
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="save-the-mill-{name}-7d.csv"'
        assert answer.headers["Cache-Control"] == "no-store"
        assert b"\r\n" in answer.data
        lines = table(answer.text)
        assert len({len(line) for line in lines}) == 1
    assert table(anahit_signed_in.get(f"{PLACE}/countries.csv").text) == [
        ["Country", "Code", "Signatures"],
        ["Armenia", "AM", "40"],
        ["Germany", "DE", "9"],
        ["France", "FR", "2"],
    ]
    assert table(anahit_signed_in.get(f"{PLACE}/days.csv?period=all").text)[-1][1:] == [
        "51",
        "0",
        "0",
        "0",
        "0",
        "100",
    ]


@pytest.mark.usefixtures("crowd")
def test_no_file_runs_in_a_spreadsheet(anahit_signed_in: Desk) -> None:
    assert ["'=1+1", "2"] in table(anahit_signed_in.get(f"{PLACE}/sources.csv").text)


@pytest.mark.usefixtures("crowd")
def test_a_viewer_is_not_told_how_few(viewer_signed_in: Desk) -> None:
    page = viewer_signed_in.get(PLACE).text
    assert "fewer than 5" in page
    assert "5 or more" in page  # else it could be reckoned
    assert table(viewer_signed_in.get(f"{PLACE}/countries.csv").text)[1:] == [
        ["Armenia", "AM", "40"],
        ["Germany", "DE", "5 or more"],
        ["France", "FR", "fewer than 5"],
    ]
    for name in ("sites", "sources", "languages"):
        counts = [line[-1] for line in table(viewer_signed_in.get(f"{PLACE}/{name}.csv").text)[1:]]
        assert "fewer than 5" in counts
        assert "2" not in counts


def test_a_viewer_subtracts_no_two_periods(
    parts: Parts, viewer_signed_in: Desk, anahit_signed_in: Desk
) -> None:
    sign(parts, 9, "today")
    sign(parts, 1, "earlier", signed_at=parts.clock() - timedelta(days=3))
    names = [name for name in TABLES if name not in {"days", "hours"}]
    for name in names:
        answers = [viewer_signed_in.get(f"{PLACE}/{name}.csv?period={period}") for period in Period]
        assert len({answer.text for answer in answers}) == 1
        (told,) = {answer.headers["Content-Disposition"] for answer in answers}
        assert told.endswith(f'-{name}-all.csv"')
    for period in Period:
        page = viewer_signed_in.get(f"{PLACE}?period={period}").text
        assert "1 country. Most are from Armenia: 10." in page
        assert "one period minus another would tell of single people" in page
        assert "in this time, what they are now" not in page
    assert "Most are from Armenia: 9." in anahit_signed_in.get(f"{PLACE}?period=24h").text


def test_a_viewer_reckons_no_hour(parts: Parts, viewer_signed_in: Desk, anahit_signed_in: Desk) -> None:
    sign(parts, 3)
    for desk, shown in ((viewer_signed_in, {"0", "fewer than 5"}), (anahit_signed_in, {"0", "3"})):
        hours = table(desk.get(f"{PLACE}/hours.csv?period=24h").text)[1:]
        assert len(hours) == 24
        assert {count for _, count in hours} == shown
    assert (
        "Hours with fewer than 5 signatures are not shown."
        in viewer_signed_in.get(f"{PLACE}?period=24h").text
    )


def test_few_who_confirmed_give_no_rate_to_a_viewer(
    parts: Parts, viewer_signed_in: Desk, anahit_signed_in: Desk
) -> None:
    sign(parts, 7, "asked", state=State.PENDING)
    mill = parts.ledger.petition("save-the-mill")
    first = parts.ledger.signature(mill.id, "asked.0@example.org")
    assert first is not None
    parts.ledger.confirm_signature(first.id, parts.clock() + timedelta(minutes=1), reason="confirmed by mail")
    assert "100% confirmed their address: 1 of 1. 6 more may still do so." in anahit_signed_in.get(PLACE).text
    assert "Too few were asked to confirm to say how many did." in viewer_signed_in.get(PLACE).text


@pytest.mark.parametrize("query", ["period=9", "period=", "period=24H", "period=all&period=7d", "period=%00"])
def test_only_the_periods_there_are(anahit_signed_in: Desk, query: str) -> None:
    known = query.startswith("period=all")
    assert anahit_signed_in.get(f"{PLACE}?{query}").status_code == (200 if known else 404)
    assert anahit_signed_in.get(f"{PLACE}/days.csv?{query}").status_code == (200 if known else 404)


def test_only_the_tables_there_are(anahit_signed_in: Desk) -> None:
    for name in ("signers", "days.csv", "..", "Days", ""):
        assert anahit_signed_in.get(f"{PLACE}/{name}.csv").status_code == 404


@pytest.mark.usefixtures("crowd")
def test_another_organisations_figures_are_not_found(elsewhere_signed_in: Desk) -> None:
    for address in (PLACE, *(f"{PLACE}/{name}.csv" for name in TABLES)):
        assert elsewhere_signed_in.get(address).status_code == 404


def test_nothing_yet_says_what_to_do(anahit_signed_in: Desk) -> None:
    for period in Period:
        page = anahit_signed_in.get(f"{PLACE}?period={period}").text
        assert "Nothing to count yet" in page
        assert "<svg" not in page


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Petitions of more than twenty are large here."""
    monkeypatch.setattr(story, "LIVE", 20)


@pytest.mark.usefixtures("crowd", "large")
def test_a_large_petition_shows_what_the_worker_counted_and_when(
    parts: Parts, anahit_signed_in: Desk
) -> None:
    page = anahit_signed_in.get(PLACE).text
    assert "51 signatures in the last 30 days" in page  # of the books, at once
    assert "its hours and groups are counted beside the service" in page
    assert anahit_signed_in.get(f"{PLACE}/sites.csv").status_code == 404
    assert anahit_signed_in.get(f"{PLACE}/days.csv").status_code == 200
    summing = Summing(ledger=parts.ledger, clock=parts.clock, confirm_within=timedelta(days=21))
    assert summing() == 1
    sign(parts, 1, "late")
    page = anahit_signed_in.get(PLACE).text
    assert "Hours and groups are as of" in page
    assert f"Most signed on {SITE}: 40." in page
    assert "52 signatures in the last 30 days" in page


def test_few_signatures_draw_no_restless_hours(parts: Parts, anahit_signed_in: Desk) -> None:
    for prefix, many, drawn in (("few", 19, False), ("one-more", 1, True)):
        sign(parts, many, prefix)
        page = anahit_signed_in.get(f"{PLACE}?period=7d").text
        assert "By hour" in page
        assert ('-title">By hour</title>' in page) is drawn
        assert len(table(anahit_signed_in.get(f"{PLACE}/hours.csv?period=24h").text)) == 25


def test_the_overview_says_by_how_much_today_changed_the_number(parts: Parts, anahit_signed_in: Desk) -> None:
    overview = PLACE.removesuffix("/figures")
    assert "No change today (UTC)" in anahit_signed_in.get(overview).text
    sign(parts, 3)
    mill = parts.ledger.petition("save-the-mill")
    for number in (1, 2):
        parts.ledger.move(number, State.INVALIDATED, parts.clock(), by=Actor.ORGANISER)
    figure = PaperFigure(4, "the market", parts.clock().date() - timedelta(days=1), "A-1")
    parts.ledger.add_paper(mill.id, figure, "Anahit", parts.clock() - timedelta(days=1))
    assert "+1 today (UTC)" in anahit_signed_in.get(overview).text
    assert 'data-label="Today">+1</td>' in anahit_signed_in.get("/manage").text
    [entry] = parts.ledger.paper(mill.id)
    parts.ledger.take_back_paper(mill.id, entry.id, "twice", "Anahit", parts.clock())
    assert "-3 today (UTC)" in anahit_signed_in.get(overview).text
    assert 'data-label="Today">-3</td>' in anahit_signed_in.get("/manage").text


def test_a_confirmation_nobody_was_asked_for_is_said_so(parts: Parts, anahit_signed_in: Desk) -> None:
    sign(parts, 1)
    page = anahit_signed_in.get(PLACE).text
    assert "Nobody was asked to confirm in this time." in page
    assert "Held for a look first: not part of the rate" in page
