"""The story of a confirmation, from form to number, on both ledgers and through a real mail server."""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import Settings
from tests import links
from tests.conftest import typed_by
from tests.mail_server import MailServer, running
from tests.petitions import draft, signature
from widget import confirming, create_app, delivering
from widget.domain.guard import WITHOUT_LETTER, Reason
from widget.domain.petition import Confirmation, Status
from widget.domain.refusals import LinkExpired, LinkUnknown
from widget.domain.signature import Actor, State
from widget.parts import Parts
from widget.tokens import Purpose

pytestmark = pytest.mark.services

SIGN = "/api/v1/petitions/save-the-mill/signatures"
WITHIN = timedelta(days=21)


@dataclass
class Service:
    """The whole service, its mail server, and one petition that asks to confirm."""

    app: Flask
    server: MailServer
    petition_id: int

    @property
    def parts(self) -> Parts:
        made: Parts = self.app.extensions["support_now"]
        return made

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def sign(self, name: str = "Sam", **fields: str) -> int:
        answer = self.client.post(SIGN, data=typed_by(name, **fields))
        assert (answer.status_code, answer.get_json()["status"]) == (202, "check_email")
        email = fields.get("email", f"{name.lower()}@example.org")
        kept = self.parts.ledger.signature(self.petition_id, email)
        assert kept is not None
        return kept.id

    def deliver(self) -> None:
        settings = self.parts.settings
        paper = delivering.stationery(settings)
        post = delivering.SmtpPost(self.server.url, sender=paper.mail_from, timeout=5)
        delivering.Worker(
            ledger=self.parts.ledger,
            post=post,
            stationery=paper,
            clock=self.parts.clock,
            timeout=5,
            per_minute=60_000,
            stop=threading.Event(),
        ).drain()
        post.close()

    def link(self) -> str:
        """Return the path of the link in the latest letter."""
        found = re.search(r"https://our\.example\.org(/confirm/\S+)", self.server.letters[-1].part("plain"))
        assert found
        return found.group(1)

    def count(self) -> int:
        shown = self.client.get("/api/v1/petitions/save-the-mill/progress").get_json()
        return int(shown["count"])

    def state(self, signature_id: int) -> State:
        kept = self.parts.ledger.signature_by_id(signature_id)
        assert kept is not None
        return kept.state

    def confirm(self, signature_id: int | None, now: datetime | None = None) -> confirming.Confirming:
        made = self.parts
        return confirming.confirm(
            signature_id,
            catalogue=made.catalogue,
            ledger=made.ledger,
            counter=made.counter,
            now=now or made.clock(),
            within=WITHIN,
        )

    def balanced(self) -> bool:
        ledger = self.parts.ledger
        audit = sum(day.change for day in ledger.audit(self.petition_id))
        tally = ledger.tally(self.petition_id)
        return audit == tally.here and ledger.recount(self.petition_id).drift == 0


@pytest.fixture
def service(database_url: str, tmp_path: Path) -> Iterator[Service]:
    with running() as server:
        app = create_app(
            Settings.from_env(
                {
                    "DATABASE_URL": database_url,
                    "DATA_DIR": str(tmp_path),
                    "PUBLIC_URL": "https://our.example.org",
                    "SMTP_URL": server.url,
                    "MAIL_FROM": "Support Now <post@example.org>",
                }
            )
        )
        parts: Parts = app.extensions["support_now"]
        petition = parts.ledger.add_petition(draft(confirmation=Confirmation.EMAIL), datetime.now(UTC))
        yield Service(app, server, petition.id)
        parts.counter.close()
        parts.ledger.close()


def test_sam_signs_reads_the_letter_confirms_and_counts_once(service: Service) -> None:
    sam = service.sign()
    service.deliver()
    link = service.link()
    assert service.count() == 49

    shown = service.client.get(link)
    assert (shown.status_code, service.count(), service.state(sam)) == (200, 49, State.PENDING)

    thanks = service.client.post(link)
    assert (thanks.status_code, service.count(), service.state(sam)) == (200, 50, State.CONFIRMED)
    assert "You are one of 50." in thanks.text

    again = service.client.post(link)
    assert (again.status_code, again.text, service.count()) == (200, thanks.text, 50)
    assert [move.reason for move in service.parts.ledger.history(sam)] == ["confirmed by mail"]
    assert service.balanced()


def test_programs_that_open_every_link_change_nothing(service: Service) -> None:
    sam = service.sign()
    service.deliver()
    letter = service.server.letters[-1]
    links = set(re.findall(r"https://our\.example\.org[^\s\"<]+", letter.part("plain") + letter.part("html")))
    assert len(links) == 3
    for link in links:
        for method in ("GET", "HEAD", "OPTIONS"):
            for _ in range(2):
                answer = service.client.open(urlsplit(link).path, method=method)
                assert answer.status_code < 500
    assert (service.count(), service.state(sam)) == (49, State.PENDING)
    assert service.parts.ledger.history(sam) == []


def test_fifty_confirmations_at_once_are_one(service: Service) -> None:
    from concurrent.futures import ThreadPoolExecutor

    sam = service.sign()
    with ThreadPoolExecutor(10) as crowd:
        found = list(crowd.map(lambda _: service.confirm(sam).confirmed, range(50)))
    assert found == [True] * 50
    assert service.count() == 50
    assert len(service.parts.ledger.history(sam)) == 1
    assert service.balanced()


def test_a_repeat_is_answered_the_same_and_the_letter_tells_sam(service: Service) -> None:
    sam = service.sign()
    service.confirm(sam)
    ledger = service.parts.ledger
    with ledger._database.writing() as connection:
        connection.exec_driver_sql("UPDATE outbox SET written_at = '2026-01-01 00:00:00+00:00'")
    assert service.sign() == sam
    service.deliver()
    assert [got.mail["Subject"] for got in service.server.letters] == [
        "You have already signed: Save the mill"
    ]
    assert service.count() == 50


@pytest.mark.parametrize("held_when", ["before", "after"])
def test_a_held_signature_is_thanked_alike_and_not_counted(service: Service, held_when: str) -> None:
    petra = service.sign("Petra")
    honest = service.client.post(f"/confirm/{token(service, petra)}")
    mallory = service.sign("Mallory")
    ledger = service.parts.ledger
    if held_when == "before":
        ledger.move(mallory, State.HELD, datetime.now(UTC))
    held = service.client.post(f"/confirm/{token(service, mallory)}")
    assert held.status_code == honest.status_code
    assert "Your signature is confirmed." in held.text
    if held_when == "before":
        own = r"/signature/[\w.-]+"
        assert re.sub(own, "", held.text) == re.sub(own, "", honest.text)
        assert service.state(mallory) is State.HELD
        assert service.count() == 50
        assert service.client.get(f"/confirm/{token(service, mallory)}").text == held.text
        kept = ledger.signature_by_id(mallory)
        assert kept is not None
        assert kept.confirmed_at is not None
    else:
        ledger.move(mallory, State.HELD, datetime.now(UTC))
        assert service.count() in {50, 51}  # the copy may be a moment old
        assert service.client.get(f"/confirm/{token(service, mallory)}").status_code == 200
    assert service.balanced()


def test_whoever_withdrew_and_signs_again_counts_when_they_confirm(service: Service) -> None:
    sam = service.sign()
    service.confirm(sam)
    ledger = service.parts.ledger
    ledger.move(sam, State.WITHDRAWN, datetime.now(UTC), by=Actor.SIGNER)
    shown = service.client.get(f"/confirm/{token(service, sam)}")
    assert "Confirm my signature" in shown.text
    assert service.confirm(sam).progress.count == 50
    assert service.state(sam) is State.CONFIRMED
    assert service.balanced()


def test_withdrawing_is_no_way_round_the_review(service: Service) -> None:
    mallory = service.sign("Mallory")
    ledger = service.parts.ledger
    ledger.move(mallory, State.HELD, datetime.now(UTC))
    ledger.move(mallory, State.WITHDRAWN, datetime.now(UTC), by=Actor.SIGNER)
    assert service.confirm(mallory).confirmed
    assert (service.state(mallory), service.count()) == (State.HELD, 49)


def test_a_closed_petition_still_takes_who_signed_in_time(service: Service) -> None:
    sam = service.sign()
    service.parts.ledger.change(service.petition_id, {"status": Status.CLOSED})
    assert service.confirm(sam).progress.count == 50


# Links that do not work


def test_an_erased_signature_opens_nothing(service: Service) -> None:
    sam = service.sign()
    service.parts.ledger.erase(sam, datetime.now(UTC))
    with pytest.raises(LinkUnknown):
        service.confirm(sam)
    with pytest.raises(LinkUnknown):
        service.confirm(None)
    with pytest.raises(LinkUnknown):
        service.confirm(10**15)


def test_a_link_works_for_three_weeks_after_the_latest_letter(service: Service) -> None:
    sam = service.sign()
    late = datetime.now(UTC) + WITHIN
    with pytest.raises(LinkExpired):
        service.confirm(sam, late)
    assert (service.count(), service.state(sam)) == (49, State.PENDING)
    service.parts.ledger.write_again(service.petition_id, "sam@example.org", late - timedelta(days=1))
    assert service.confirm(sam, late).confirmed
    assert service.confirm(sam, late + 3 * WITHIN).confirmed


# Send it again


def test_the_letter_is_sent_again_but_not_too_often(service: Service) -> None:
    sam = service.sign()
    ledger = service.parts.ledger
    now = datetime.now(UTC)
    for minutes in range(0, 120, 2):
        ledger.write_again(service.petition_id, "sam@example.org", now + timedelta(minutes=minutes))
    written = [one.written_at for one in ledger.letters(limit=100)]
    assert len(written) == 5
    assert all(a - b >= timedelta(minutes=10) for a, b in pairwise(written))
    assert {one.occasion for one in ledger.letters(limit=100)} == {"confirmation"}
    assert service.state(sam) is State.PENDING


def test_nobody_gets_a_letter_who_did_not_sign(service: Service) -> None:
    ledger = service.parts.ledger
    ledger.write_again(service.petition_id, "petra@example.org", datetime.now(UTC))
    sam = service.sign()
    ledger.move(sam, State.INVALIDATED, datetime.now(UTC))
    before = len(ledger.letters(limit=10))
    ledger.write_again(service.petition_id, "sam@example.org", datetime.now(UTC) + timedelta(hours=1))
    assert len(ledger.letters(limit=10)) == before == 1


@pytest.mark.parametrize("reason", Reason)
def test_who_is_held_is_written_to_again_unless_nobody_is_to_be_written_to(
    service: Service, reason: Reason
) -> None:
    ledger = service.parts.ledger
    held = signature(service.petition_id, state=State.HELD, held_because=reason)
    ledger.record(held, None)
    ledger.write_again(service.petition_id, "sam@example.org", datetime.now(UTC))
    assert len(ledger.letters(limit=10)) == (0 if reason in WITHOUT_LETTER else 1)


def token(service: Service, signature_id: int) -> str:
    return links.token(service.parts, Purpose.CONFIRM, signature_id)
