"""A petition's picture as everybody sees it: on its page, where links are shown, and by itself."""

import json
import re

import pytest
from flask.testing import FlaskClient

from tests.images import encoded, opened, photo
from tests.petitions import NOW
from tests.web.test_pages import EVIL, PAGE
from tests.web.test_pages import opened as opened_page
from widget import picturing
from widget.domain.petition import Petition, Status, Wording
from widget.parts import Parts

HOST = "https://our.example.org"


@pytest.fixture
def mill(parts: Parts) -> Petition:
    """The mill's petition, with a picture of 1280 by 800 pixels."""
    return give(parts, {"en": "The mill by the river", "hy": "Ջրաղացը գետի մոտ"}, "Photo: Anahit")


def give(parts: Parts, descriptions: dict[str, str], credit: str = "", colour: str = "RGB") -> Petition:
    before = parts.ledger.petition("save-the-mill")
    shown = picturing.show(
        before,
        encoded(photo(1280, 800, colour)),
        descriptions=descriptions,
        credit=credit,
        ledger=parts.ledger,
    )
    parts.catalogue.forget("save-the-mill")
    return shown


def test_the_page_shows_it_in_a_place_that_is_held(client: FlaskClient, mill: Petition) -> None:
    page = opened_page(client, PAGE)
    shown = page.one("img")
    assert (shown["width"], shown["height"]) == ("1024", "640")
    assert shown["alt"] == "The mill by the river"
    assert mill.picture
    small, large = mill.picture.on_page
    assert shown["src"] == f"/pictures/{small.digest}.webp"
    assert shown["srcset"] == f"/pictures/{small.digest}.webp 640w, /pictures/{large.digest}.webp 1280w"
    assert "Photo: Anahit" in page.words
    for size in mill.picture.renditions:
        answer = client.get(f"/pictures/{size.name}")
        assert opened(answer.data).size == (size.width, size.height)


def test_its_words_are_in_the_language_of_the_text(client: FlaskClient, mill: Petition, parts: Parts) -> None:
    parts.ledger.set_wording(mill.id, Wording("hy", "Փրկենք ջրաղացը", ("քաղաքապետ",), "Այն մերն է։"), NOW)
    parts.catalogue.forget(mill.slug)
    assert opened_page(client, f"{PAGE}?lang=hy").one("img")["alt"] == "Ջրաղացը գետի մոտ"
    assert opened_page(client, f"{PAGE}?lang=de").one("img")["lang"] == "en"


def test_links_are_shown_with_it(client: FlaskClient, mill: Petition) -> None:
    page = opened_page(client, PAGE)
    assert mill.picture
    address = f"{HOST}/pictures/{mill.picture.for_links.digest}.jpg"
    assert page.one("meta", property="og:image")["content"] == address
    assert page.one("meta", property="og:image:width")["content"] == "1200"
    assert page.one("meta", property="og:image:height")["content"] == "630"
    assert page.one("meta", property="og:image:type")["content"] == "image/jpeg"
    assert page.one("meta", property="og:image:alt")["content"] == "The mill by the river"
    assert page.one("meta", name="twitter:card")["content"] == "summary_large_image"
    assert json.loads(page.scripts[0])["mainEntity"]["image"] == address


def test_without_a_picture_nothing_speaks_of_one(client: FlaskClient) -> None:
    page = opened_page(client, PAGE)
    assert page.all("img") == page.all("figure") == []
    assert page.one("meta", name="twitter:card")["content"] == "summary"
    assert "og:image" not in client.get(PAGE).text
    assert "thumbnail" not in client.get(f"/oembed?url={HOST}{PAGE}").text


def test_one_that_decorates_is_silent(client: FlaskClient, parts: Parts) -> None:
    give(parts, {})
    page = opened_page(client, PAGE)
    assert page.one("img")["alt"] == ""
    assert page.all("figcaption") == page.all("meta", property="og:image:alt") == []


def test_what_is_said_of_it_is_words(client: FlaskClient, parts: Parts) -> None:
    give(parts, {"en": EVIL}, EVIL)
    page = opened_page(client, PAGE)
    assert len(page.all("img")) == 1
    assert page.one("img")["alt"] == EVIL
    assert len(page.scripts) == 1


@pytest.mark.parametrize(
    ("asked", "thumbnail"),
    [
        ("", (1200, 630)),
        ("&maxwidth=1200&maxheight=630", (1200, 630)),
        ("&maxwidth=1199", (640, 400)),
        ("&maxwidth=640&maxheight=400", (640, 400)),
        ("&maxheight=399", None),
    ],
)
def test_a_pasted_address_has_the_largest_thumbnail_that_fits(
    client: FlaskClient, mill: Petition, asked: str, thumbnail: tuple[int, int] | None
) -> None:
    told = client.get(f"/oembed?url={HOST}{PAGE}{asked}").get_json()
    if thumbnail is None:
        assert not [name for name in told if name.startswith("thumbnail")]
        return
    assert (told["thumbnail_width"], told["thumbnail_height"]) == thumbnail
    path = told["thumbnail_url"].removeprefix(HOST)
    assert opened(client.get(path).data).size == thumbnail


def test_the_widget_has_none(client: FlaskClient, mill: Petition) -> None:
    assert "/pictures/" not in client.get("/api/v1/petitions/save-the-mill/widget").text
    assert "/pictures/" not in client.get("/embed/save-the-mill").text


# By itself


def test_it_is_kept_for_long_and_is_nothing_but_a_picture(client: FlaskClient, mill: Petition) -> None:
    assert mill.picture
    for size in mill.picture.renditions:
        answer = client.get(f"/pictures/{size.name}", headers={"Accept-Encoding": "br, gzip"})
        headers = answer.headers
        assert (headers["Content-Type"], answer.status_code) == (size.media_type, 200)
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; sandbox")
        assert "immutable" in headers["Cache-Control"]
        assert re.search(r"s-maxage=3600\b", headers["Cache-Control"])
        assert not {"Set-Cookie", "Vary", "Content-Encoding"} & set(headers.keys())
        again = client.get(f"/pictures/{size.name}", headers={"If-None-Match": headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert client.head(f"/pictures/{size.name}").content_length == len(answer.data)


def test_what_was_replaced_or_taken_away_is_gone(client: FlaskClient, mill: Petition, parts: Parts) -> None:
    assert mill.picture
    old = [size.name for size in mill.picture.renditions]
    now = give(parts, {"en": "The mill"}, colour="L")
    assert now.picture
    assert [client.get(f"/pictures/{name}").status_code for name in old] == [404] * 3
    assert [client.get(f"/pictures/{size.name}").status_code for size in now.picture.renditions] == [200] * 3
    picturing.remove(now, ledger=parts.ledger)
    parts.catalogue.forget(now.slug)
    assert [client.get(f"/pictures/{size.name}").status_code for size in now.picture.renditions] == [404] * 3
    assert opened_page(client, PAGE).all("img") == []


def test_that_of_a_draft_is_not_public(client: FlaskClient, mill: Petition, parts: Parts) -> None:
    assert mill.picture
    address = f"/pictures/{mill.picture.for_links.name}"
    parts.ledger.change(mill.id, {"status": Status.DRAFT})
    assert client.get(address).status_code == 404
    assert client.get(address, headers={"If-None-Match": "*"}).status_code == 404
    parts.ledger.change(mill.id, {"status": Status.DELIVERED})
    assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "x",
        "0" * 32,
        "0" * 32 + ".webp",
        "0" * 32 + ".svg",
        "..%2f..%2fetc%2fpasswd",
        "0" * 31 + "G.jpg",
        "%00.jpg",
    ],
)
def test_what_is_no_picture_is_not_found(client: FlaskClient, name: str) -> None:
    assert client.get(f"/pictures/{name}").status_code == 404


def test_a_picture_has_one_address(client: FlaskClient, mill: Petition) -> None:
    assert mill.picture
    assert client.get(f"/pictures/{mill.picture.for_links.digest}.webp").status_code == 404
    assert client.get(f"/pictures/{mill.picture.for_links.digest.upper()}.jpg").status_code == 404
