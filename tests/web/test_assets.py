"""Style sheets as they are served: one palette for every page of ours, and no second request for it."""

import re

import pytest
from flask.testing import FlaskClient

from tests.petitions import MILL
from widget.web.assets import BEGIN_WITH, MIMETYPES, STATIC, address

PALETTE = (STATIC / "palette.css").read_text(encoding="utf-8")
# The demonstration's partner looks unlike us on purpose.
OURS = sorted(name for name in MIMETYPES if name.endswith(".css") and name != "demo.css")


@pytest.mark.parametrize("name", OURS)
def test_a_sheet_of_ours_brings_the_palette_along(client: FlaskClient, name: str) -> None:
    served = client.get(address(name)).get_data(as_text=True)
    own = (STATIC / name).read_text(encoding="utf-8")
    assert served == PALETTE + own
    assert "@import" not in served  # a page would wait for it
    assert set(re.findall(r"var\((--[\w-]+)[),]", own)) <= set(re.findall(r"(--[\w-]+):", served))


def test_nobody_else_defines_what_the_palette_does() -> None:
    names = set(re.findall(r"^ +(--[\w-]+):", PALETTE, re.M))
    assert {"--paper", "--ink", "--accent", "--serif"} <= names
    for sheet in STATIC.glob("*.css"):
        if sheet.name not in {"palette.css", "demo.css"}:
            found = set(re.findall(r"(--[\w-]+):", sheet.read_text(encoding="utf-8")))
            assert not found & names, sheet.name


def test_the_palette_alone_is_no_sheet_of_a_page(client: FlaskClient) -> None:
    assert set(BEGIN_WITH.values()) == {"palette.css"}
    assert client.get("/assets/x/palette.css").status_code == 404


@pytest.mark.parametrize("page", [f"/p/{MILL.slug}", "/manage/sign-in"])
def test_the_browsers_own_bar_has_the_colour_of_the_paper(client: FlaskClient, page: str) -> None:
    light, dark = re.findall(r"--paper: (#\w+);", PALETTE)
    html = client.get(page, headers={"Accept": "text/html"}).get_data(as_text=True)
    told = re.findall(r'name="theme-color" content="(#\w+)" media="\(prefers-color-scheme: (\w+)\)"', html)
    assert told == [(light, "light"), (dark, "dark")]
