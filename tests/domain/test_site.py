"""What a header names, and what is remembered of it."""

from datetime import UTC, datetime, timedelta

import pytest

from widget.domain.site import (
    AT_MOST,
    ESTABLISHED,
    LENGTH,
    NAMELESS,
    Sighting,
    cut,
    hour,
    kept,
    readable,
    site_of,
)

NOON = datetime(2026, 5, 1, 12, 34, 56, 789, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "site"),
    [
        ("https://petra.example.org", "https://petra.example.org"),
        ("http://petra.example.org", "http://petra.example.org"),
        ("https://petra.example.org:443", "https://petra.example.org"),
        ("http://petra.example.org:8080", "http://petra.example.org:8080"),
        ("HTTPS://Petra.Example.ORG", "https://petra.example.org"),
        ("http://localhost:5500", "http://localhost:5500"),
        ("http://[2001:DB8::1]:81", "http://[2001:db8::1]:81"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("null", NAMELESS),
        ("file://", NAMELESS),
        ("", None),
        ("https://", None),
        ("petra.example.org", None),
        ("https://petra.example.org/secret?name=sam", None),
        ("https://sam:word@petra.example.org", None),
        ("https://petra.example.org:99999", None),
        ("https://petra.example.org https://other.example.org", None),
        ("https://<script>", None),
        ("https://bücher.example", None),
        ("javascript://petra.example.org", None),
        ("moz-extension://0a1b", None),
        ("https://petra.example.org\r\nX: y", None),
        ("https://" + "a" * LENGTH, None),
        ("https://\u202egro.elpmaxe", None),
    ],
)
def test_only_what_is_a_site_is_one(said: str, site: str | None) -> None:
    assert site_of(said) == site


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("https://petra.example.org/news/1?who=sam#there", "https://petra.example.org"),
        ("https://petra.example.org", "https://petra.example.org"),
        ("http://petra.example.org:81?x", "http://petra.example.org:81"),
        ("about:srcdoc", None),
        ("", None),
        (None, None),
    ],
)
def test_of_a_page_only_its_site_goes_further(address: str | None, site: str | None) -> None:
    assert cut(address) == site


def test_a_name_in_any_script_can_be_read() -> None:
    assert readable("https://xn--bcher-kva.example:81") == "https://bücher.example:81"
    assert readable("https://petra.example.org") == "https://petra.example.org"
    assert readable("https://xn--\x7f.example") == "https://xn--\x7f.example"
    assert readable(NAMELESS) == NAMELESS


def test_a_visit_is_known_to_the_hour() -> None:
    assert hour(NOON) == datetime(2026, 5, 1, 12, tzinfo=UTC)
    seen = Sighting("https://petra.example.org", hour(NOON), hour(NOON))
    ago = {minutes: seen.hours_ago(NOON + timedelta(minutes=minutes)) for minutes in (-60, 0, 25, 26, 86)}
    assert ago == {-60: 0, 0: 0, 25: 0, 26: 1, 86: 2}
    assert seen.is_live(NOON + timedelta(hours=23))
    assert not seen.is_live(NOON + timedelta(hours=24))


def seen(site: str, first: int, last: int) -> Sighting:
    """Return a site that was seen so many hours after noon, first and last."""
    noon = hour(NOON)
    return Sighting(site, noon + timedelta(hours=first), noon + timedelta(hours=last))


def in_order(found: list[Sighting]) -> list[Sighting]:
    return sorted(found, key=lambda one: (-one.last_seen_at.timestamp(), one.first_seen_at, one.site))


def test_up_to_the_bound_every_site_is_kept() -> None:
    found = in_order([seen(f"s{number}", 0, number % 3) for number in range(AT_MOST)])
    assert kept(found, ()) == found


def test_what_came_back_stays_before_newcomers() -> None:
    old, once, named = seen("old", 0, 1), seen("once", 1, 1), seen("named", -900, -900)
    invented = [seen(f"m{number}", 2, 2) for number in range(250)]
    found = kept(in_order([old, once, named, *invented]), {"named"})
    assert len(found) == AT_MOST
    assert old in found
    assert named in found
    assert once not in found


def test_inventions_that_come_back_drive_out_none_that_was_known_before_and_leave_room() -> None:
    old, stale, fresh = seen("old", -50, 1), seen("stale", -99, -50), seen("fresh", 9, 9)
    invented = [seen(f"m{number}", 2, 8) for number in range(400)]
    found = kept(in_order([old, stale, fresh, *invented]), ())
    assert old in found
    assert fresh in found
    assert stale not in found
    assert len(found) == AT_MOST


def test_newcomers_have_room_whatever_came_back() -> None:
    returned = [seen(f"r{number}", 0, 9) for number in range(AT_MOST)]
    fresh = [seen(f"f{number}", 10, 10) for number in range(AT_MOST)]
    found = kept(in_order([*returned, *fresh]), ())
    assert sum(one in fresh for one in found) == AT_MOST - ESTABLISHED
