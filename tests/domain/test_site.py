"""What a header names, and what is remembered of it."""

from datetime import UTC, datetime, timedelta

import pytest

from widget.domain.site import LENGTH, NAMELESS, Sighting, cut, hour, readable, site_of

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
