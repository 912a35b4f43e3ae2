"""What is kept of a site that shows a widget: its name and two hours. And nobody waits for it."""

import sqlite3
import threading
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.organisers import Desk
from widget.domain.petition import Status
from widget.domain.site import hour
from widget.parts import Parts

MILL = "/api/v1/petitions/save-the-mill"
PETRA = "https://petra.example.org"
PAGE = f"{PETRA}/news/1?visitor=sam"
SNIPPET = "/manage/petitions/save-the-mill/snippet"


def seen(parts: Parts) -> list[str]:
    """Return what the ledger holds once it was told."""
    parts.sightings.tell()
    return [one.site for one in parts.ledger.sightings(parts.ledger.petition("save-the-mill").id)]


@pytest.mark.parametrize(
    ("path", "headers", "site"),
    [
        (f"{MILL}/widget", {"Origin": PETRA}, PETRA),
        (f"{MILL}/progress", {"Origin": PETRA}, PETRA),
        (f"{MILL}/widget", {"Origin": PETRA, "Referer": PAGE}, PETRA),
        (f"{MILL}/widget", {"Origin": "null"}, "null"),
        (f"{MILL}/widget", {"Origin": "http://petra.example.org:8080"}, "http://petra.example.org:8080"),
        # Our own pages ask without an Origin, or with ours; whoever sends something else is no site.
        (f"{MILL}/widget", {}, None),
        (f"{MILL}/widget", {"Referer": PAGE}, None),
        (f"{MILL}/widget", {"Origin": "https://our.example.org"}, None),
        (f"{MILL}/widget", {"Origin": "<script>"}, None),
        ("/embed/save-the-mill", {"Referer": PAGE}, PETRA),
        ("/embed/save-the-mill", {"Referer": f"{PETRA}/", "Sec-Fetch-Dest": "iframe"}, PETRA),
        ("/embed/save-the-mill?test", {"Referer": PAGE, "Sec-Fetch-Dest": "object"}, PETRA),
        ("/embed/save-the-mill", {"Referer": PAGE, "Sec-Fetch-Dest": "document"}, None),
        ("/embed/save-the-mill", {"Referer": "https://our.example.org/manage"}, None),
        ("/embed/save-the-mill", {}, None),
        ("/p/save-the-mill", {"Referer": PAGE, "Origin": PETRA}, None),
    ],
)
def test_which_requests_tell_of_a_site(
    client: FlaskClient, parts: Parts, path: str, headers: dict[str, str], site: str | None
) -> None:
    assert client.get(path, headers=headers).status_code == 200
    assert seen(parts) == ([site] if site else [])


def test_signing_tells_of_its_site_too_and_a_dry_run_as_well(
    client: FlaskClient, parts: Parts, sam: dict[str, str]
) -> None:
    client.post(f"{MILL}/signatures", data=sam | {"test": "1"}, headers={"Origin": PETRA})
    assert seen(parts) == [PETRA]


def test_nothing_of_who_looks_is_kept(client: FlaskClient, parts: Parts, sam: dict[str, str]) -> None:
    told = {
        "Origin": PETRA,
        "Referer": PAGE,
        "User-Agent": "Sam's telephone",
        "X-Forwarded-For": "192.0.2.7",
        "Accept-Language": "hy",
    }
    before = hour(parts.clock())
    for _ in range(3):
        client.get(f"{MILL}/widget?lang=hy", headers=told)
    client.post(f"{MILL}/signatures", data=sam, headers=told)
    assert seen(parts) == [PETRA]
    with parts.ledger._database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM sightings").mappings().all()
    (row,) = [dict(one) for one in rows]
    assert set(row) == {"petition_id", "site", "first_seen_at", "last_seen_at"}
    (kept,) = parts.ledger.sightings(row["petition_id"])
    assert (kept.first_seen_at, kept.last_seen_at) == (kept.last_seen_at, kept.first_seen_at)
    assert kept.last_seen_at in {before, before + timedelta(hours=1)}


def test_an_answer_is_the_same_for_every_site_and_no_log_names_one(
    client: FlaskClient, parts: Parts, capfd: pytest.CaptureFixture[str]
) -> None:
    here, there = (
        client.get(f"{MILL}/widget", headers={"Origin": origin} if origin else {}) for origin in (PETRA, None)
    )
    assert (here.data, here.headers["Vary"]) == (there.data, there.headers["Vary"])
    seen(parts)
    said = capfd.readouterr()
    assert "petra.example.org" not in said.out + said.err


def test_a_ledger_that_hangs_delays_no_reader(client: FlaskClient, parts: Parts, sqlite_url: str) -> None:
    """Somebody else holds SQLite's one lock: telling waits for it, and a reader does not wait for telling."""
    client.get(f"{MILL}/widget", headers={"Origin": PETRA})
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        telling = threading.Thread(target=parts.sightings.tell)
        telling.start()
        answer = client.get(f"{MILL}/widget", headers={"Origin": "https://other.example.org"})
        still = telling.is_alive()
        other.execute("ROLLBACK")
    telling.join()
    assert answer.status_code == 200
    assert still
    assert sorted(seen(parts)) == ["https://other.example.org", PETRA]


# On the snippet page


def test_before_anybody_has_shown_it_the_page_says_what_to_do(anahit_signed_in: Desk) -> None:
    page = anahit_signed_in.get(SNIPPET).text
    assert "No site has shown it yet" in page
    assert "Look again" in page


def test_a_viewer_finds_the_sites_as_text(viewer_signed_in: Desk, parts: Parts) -> None:
    mill, now = parts.ledger.petition("save-the-mill").id, hour(parts.clock())
    at = {PETRA: 0, "https://xn--bcher-kva.example": 1, "null": 30, "https://quiet.example.org": 72}
    parts.ledger.note_sightings({(mill, site): now - timedelta(hours=hours) for site, hours in at.items()})
    page = viewer_signed_in.get(f"{SNIPPET}?form=d").text
    for words in (f"<bdi>{PETRA}</bdi>", "bücher.example", "A page without an address", ">Live<", ">Quiet<"):
        assert words in page
    for ago in ("within the hour", "an hour ago", "30 hours ago", "3 days ago"):
        assert f">{ago}<" in page
    assert 'href="https://' not in page
    assert '<input type="hidden" name="form" value="d">' in page
    assert "Not allowed" not in page


def test_who_is_not_on_the_list_is_told_of_and_who_is_missing_too(
    anahit_signed_in: Desk, viewer_signed_in: Desk, parts: Parts
) -> None:
    mill = parts.ledger.petition("save-the-mill").id
    changes: Any = {"allowed_origins": (PETRA, "https://later.example.org"), "status": Status.OPEN}
    parts.ledger.change(mill, changes)
    assert "Allowed and not seen yet" in anahit_signed_in.get(SNIPPET).text
    now = parts.clock()
    parts.ledger.note_sightings({(mill, PETRA): now, (mill, "https://mallory.example.org"): now})
    page = anahit_signed_in.get(SNIPPET).text
    assert page.count(">Not allowed<") == 1
    assert "Not seen yet" in page
    assert "is not on your list" in page
    assert "Add it to the list" in page
    assert "Add it to the list" not in viewer_signed_in.get(SNIPPET).text
