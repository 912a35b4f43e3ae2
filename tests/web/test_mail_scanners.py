"""Programs that look after mail open every link before it is read: that changes nothing (promise 12)."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from html import unescape
from typing import Any, cast
from urllib.parse import urljoin, urlsplit

import pytest
from flask.testing import FlaskClient

from tests.petitions import NOW, draft, signature
from widget.delivering import stationery, write
from widget.delivering.writing import message
from widget.domain.letter import News
from widget.domain.petition import Confirmation
from widget.domain.signature import Consent, Occasion, State
from widget.domain.update import Kind, Mailing
from widget.parts import Parts
from widget.store.tables import metadata

OUR = "https://our.example.org"
NEWS = News(Kind.UPDATE, "en", "The mill turns", "With *a new wheel*.", NOW, Mailing.DONE)
STATES = [State.PENDING, State.CONFIRMED, State.HELD]


@pytest.fixture
def signed(parts: Parts) -> list[int]:
    """Signatures in every state a letter may find them in, on a petition that shows its signers."""
    asking = draft(slug="asking", confirmation=Confirmation.EMAIL)
    petition = parts.ledger.add_petition(asking, NOW)
    parts.ledger.change(petition.id, {"public_signers": True})
    numbers = []
    for at, state in enumerate([*STATES, State.CONFIRMED]):
        consent = Consent(NOW, "Keep me informed")
        new = signature(
            petition.id,
            f"sam.{at}@example.org",
            state=state,
            consent=consent,
            show_name=True,
            signed_at=now(),
        )
        letter = Occasion.CONFIRMATION if state is State.PENDING else Occasion.RECEIPT
        number = parts.ledger.record(new, letter).id
        assert number
        numbers.append(number)
    assert parts.ledger.move(numbers[-1], State.WITHDRAWN, now())
    return numbers


def now() -> datetime:
    return datetime.now(UTC)


def mails(parts: Parts) -> Iterator[EmailMessage]:
    """Write a letter of every occasion to every signer, as it travels."""
    paper = stationery(parts.settings)
    for waiting in parts.ledger.letters(limit=100):
        letter = parts.ledger.letter(waiting.id)
        assert letter is not None
        for occasion in Occasion:
            one = replace(letter, occasion=occasion, news=NEWS if occasion is Occasion.UPDATE else None)
            yield message(one, write(one, paper, count=49), paper, to="sam@example.org", now=NOW)


def addresses_in(mail: EmailMessage) -> set[str]:
    """Find every address in headers, text and HTML, whatever it is for."""
    parts = cast("list[EmailMessage]", list(mail.iter_parts()))
    text = "\n".join([*(str(value) for value in mail.values()), *(one.get_content() for one in parts)])
    return {unescape(found) for found in re.findall(r"https?://[^\s\"'<>)\]]+", text)}


def addresses_behind(page: str, at: str) -> set[str]:
    """Find what a page leads to: links, forms (by GET, as scanners try them), frames, sheets and scripts."""
    found = re.findall(r"(?:href|action|src|formaction)=\"([^\"]+)\"", page)
    return {urljoin(at, unescape(one)).partition("#")[0] for one in found}


def everything(parts: Parts) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of the ledger."""
    with parts.ledger._database.reading() as connection:
        return {
            table.name: sorted(tuple(map(repr, row)) for row in connection.execute(table.select()))
            for table in metadata.sorted_tables
        }


def crawl(client: FlaskClient, start: set[str]) -> dict[str, int]:
    """Ask for every address that can be reached by GET and HEAD from these; return each with its status."""
    known: dict[str, int] = {}
    waiting = sorted(start)
    while waiting:
        address = waiting.pop()
        if address in known or not address.startswith(f"{OUR}/"):
            continue
        inside = address.removeprefix(OUR)
        known[address] = (got := client.get(inside)).status_code
        assert client.head(inside).status_code == got.status_code
        if got.mimetype == "text/html":
            waiting += sorted(addresses_behind(got.text, address) - known.keys())
    return known


def test_whoever_opens_every_link_changes_nothing(
    client: FlaskClient, parts: Parts, signed: list[int]
) -> None:
    links = set().union(*(addresses_in(mail) for mail in mails(parts)))
    for slug in ("asking", "save-the-mill"):  # a goal that is reached is noted by the first who looks
        client.get(f"/api/v1/petitions/{slug}/progress")
    before = everything(parts)
    known = crawl(client, links)
    assert everything(parts) == before
    opened = {urlsplit(address).path for address in known}
    for place in ("/confirm/", "/signature/", "/news/", "/p/asking"):
        assert any(path.startswith(place) for path in opened)
    # What changes something does so by POST alone: it was asked for, and refused.
    posts = r"/signature/[^/]+/(name|show-name|leave-news|withdraw|resume)"
    refused = {
        path for address, status in known.items() if status == 405 for path in [urlsplit(address).path]
    }
    for action in ("name", "show-name", "leave-news", "withdraw", "resume"):
        assert any(path.endswith(f"/{action}") for path in refused), action
    assert {path for path in opened if re.fullmatch(posts, path)} <= refused
    assert set(known.values()) <= {200, 302, 303, 404, 405}


def test_every_signer_has_a_letter_that_was_opened(parts: Parts, signed: list[int]) -> None:
    """The crawl above is about something: four signers, every occasion, links of both kinds in each place."""
    found = [addresses_in(mail) for mail in mails(parts)]
    assert len(found) >= len(signed) * len(Occasion)
    for place in ("/signature/", "/confirm/", "/news/"):
        assert len({one for some in found for one in some if place in one}) == len(signed)
