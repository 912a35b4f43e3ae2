"""The form of what an organiser may change: sites, addresses and goals are taken strictly."""

import pytest

from widget.domain.editing import MAX_GOAL, MAX_SITES, THANKS_URL_LENGTH, aim, origin, origins, thanks_address
from widget.domain.goal import GoalKind


@pytest.mark.parametrize(
    ("site", "known"),
    [
        ("https://petra.example.org", "https://petra.example.org"),
        (" HTTPS://Petra.Example.ORG/ ", "https://petra.example.org"),
        ("https://petra.example.org:443", "https://petra.example.org"),
        ("http://petra.example.org:80/", "http://petra.example.org"),
        ("https://petra.example.org:8443", "https://petra.example.org:8443"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("https://лес.example", "https://xn--e1alt.example"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://127.0.0.1", "http://127.0.0.1"),
    ],
)
def test_a_site_is_written_as_browsers_name_it(site: str, known: str) -> None:
    assert origin(site) == known
    assert origin(known) == known


@pytest.mark.parametrize(
    "site",
    [
        *("", "petra.example.org", "//petra.example.org", "https://", "ftp://petra.example.org", "null", "*"),
        *("https://*.example.org", "https://petra.example.org/blog", "https://petra.example.org?x=1"),
        *("https://petra.example.org#x", "https://petra@example.org", "https://a:b@example.org"),
        *("https://petra.example.org:99999", "https://petra.example.org:x", "https://petra example.org"),
        *("https://petra.example.org; script-src *", "https://petra.example.org,https://x.example"),
        *(
            "https://petra.example.org\nX: y",
            "https://-petra.example.org",
            "https://a..example",
            "http://[::1",
        ),
        "https://" + "ё" * 100 + ".example",
    ],
)
def test_what_is_no_site_is_refused(site: str) -> None:
    with pytest.raises(ValueError, match=r"no site|inside a site"):
        origin(site)


def test_several_sites_are_each_once_and_not_without_end() -> None:
    assert origins(("https://b.example", "https://a.example", "HTTPS://B.example/")) == (
        "https://b.example",
        "https://a.example",
    )
    many = tuple(f"https://n{n}.example" for n in range(MAX_SITES))
    assert len(origins(many)) == MAX_SITES
    with pytest.raises(ValueError, match="more than 100 sites"):
        origins((*many, "https://one-more.example"))


def test_an_address_for_signers_is_taken_as_it_is() -> None:
    for address in (
        "https://example.org",
        "https://example.org/thanks?from=petition&a=%20#next",
        "https://example.org/" + "t" * (THANKS_URL_LENGTH - 20),
    ):
        assert thanks_address(f" {address} ") == address


@pytest.mark.parametrize(
    "address",
    [
        *("", "example.org", "/thanks", "http://example.org", "javascript:alert(1)", "data:text/html,x"),
        *("https://", "https:///thanks", "https://sam@example.org", "https://a:b@example.org/"),
        *("https://example.org/a b", "https://example.org/\nx", "https://exa_mple.org", "https://[::1"),
        *("https://example.org/ñ", "https://example.org/" + "t" * (THANKS_URL_LENGTH - 19)),
    ],
)
def test_an_address_that_could_be_anything_else_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        thanks_address(address)


def test_a_goal_is_a_number_that_can_be_reached() -> None:
    assert aim(GoalKind.LADDER) == {"goal_kind": GoalKind.LADDER, "goal_aim": None}
    assert aim(GoalKind.ORGANISER, MAX_GOAL)["goal_aim"] == MAX_GOAL
    for number in (0, -1, MAX_GOAL + 1):
        with pytest.raises(ValueError, match="a goal is a number"):
            aim(GoalKind.THRESHOLD, number)
