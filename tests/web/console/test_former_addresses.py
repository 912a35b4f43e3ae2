"""A petition gets another address, and nothing that was pasted before breaks."""

import pytest
from flask.testing import FlaskClient

from tests.organisers import HOST, Desk
from tests.petitions import NOW, draft
from widget import organising
from widget.domain.refusals import SlugTaken
from widget.parts import Parts

ADDRESS = "/manage/petitions/save-the-mill/editing/address"


@pytest.fixture
def moved(anahit_signed_in: Desk, parts: Parts) -> Desk:
    """Anahit's browser, once the mill is at /p/the-mill."""
    answer = anahit_signed_in.send(ADDRESS, {"slug": "the-mill"})
    assert answer.location == "/manage/petitions/the-mill/editing/standing"
    return anahit_signed_in


@pytest.mark.usefixtures("moved")
def test_an_old_link_leads_to_the_page(client: FlaskClient, parts: Parts) -> None:
    answer = client.get("/p/save-the-mill?source=letter&lang=hy")
    assert answer.status_code == 308
    assert answer.location == f"{HOST}/p/the-mill?source=letter&lang=hy"
    assert "immutable" not in answer.headers["Cache-Control"]
    version = parts.ledger.petition("the-mill").wordings[0].text_version
    assert client.get(f"/p/save-the-mill/wording/{version}").location.endswith(
        f"/p/the-mill/wording/{version}"
    )


@pytest.mark.usefixtures("moved")
def test_an_old_snippet_goes_on_without_a_redirect(client: FlaskClient, sam: dict[str, str]) -> None:
    widget = client.get("/api/v1/petitions/save-the-mill/widget")
    assert widget.status_code == 200
    assert widget.get_json()["petition"]["url"] == f"{HOST}/p/the-mill"
    assert client.get("/api/v1/petitions/save-the-mill/progress").get_json()["count"] == 49
    assert client.get("/embed/save-the-mill").status_code == 200
    signed = client.post("/api/v1/petitions/save-the-mill/signatures", data=sam)
    assert signed.status_code in {201, 202}
    pasted = client.get(f"/oembed?url={HOST}/p/save-the-mill").get_json()
    assert "/embed/the-mill" in pasted["html"]


def test_it_may_get_its_old_address_back(moved: Desk, client: FlaskClient) -> None:
    moved.send("/manage/petitions/the-mill/editing/address", {"slug": "save-the-mill"})
    assert client.get("/p/save-the-mill").status_code == 200
    assert client.get("/p/the-mill").location == f"{HOST}/p/save-the-mill"


@pytest.mark.usefixtures("moved")
def test_no_other_petition_gets_a_former_address(parts: Parts) -> None:
    with pytest.raises(SlugTaken):
        parts.ledger.add_petition(draft(), NOW)
    other = parts.ledger.add_petition(draft(slug="other"), NOW)
    with pytest.raises(SlugTaken):
        organising.rename("other", "save-the-mill", ledger=parts.ledger)
    assert parts.ledger.petition("other").id == other.id
    assert parts.ledger.petition("save-the-mill").slug == "the-mill"


@pytest.mark.parametrize("slug", ["", "No Slug", "new", "a" * 81])
def test_what_is_no_address_is_refused(anahit_signed_in: Desk, parts: Parts, slug: str) -> None:
    assert anahit_signed_in.send(ADDRESS, {"slug": slug}).status_code == 422
    assert parts.ledger.petition("save-the-mill").slug == "save-the-mill"
