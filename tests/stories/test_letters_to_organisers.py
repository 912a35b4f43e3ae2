"""Letters that carry a one-time link, told to a real mail server: once, in time, gone with their link."""

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from tests.mail_server import MailServer, running
from tests.organisers import enrol
from tests.petitions import MILL, NOW, signature
from widget import admitting, joining, tokens
from widget.delivering import SmtpPost, Stationery, Undelivered, Worker
from widget.domain.admission import Admits, OrganiserLetter
from widget.domain.organiser import Role
from widget.domain.signature import Occasion
from widget.store.ledger import Ledger

pytestmark = pytest.mark.services

FROM = "Support Now <post@petitions.example.org>"
KEY = "k7Q2mZ9xT4vB1nR8sW5yL3pD6fH0jGcA"
PAPER = Stationery("https://our.example.org", FROM, KEY, timedelta(days=21))
Drain = Callable[..., None]


@pytest.fixture
def server() -> Iterator[MailServer]:
    with running() as made:
        yield made


@pytest.fixture
def drain(ledger: Ledger, server: MailServer) -> Drain:
    def run(now: datetime = NOW) -> None:
        post = SmtpPost(server.url, sender=FROM, timeout=5)
        try:
            Worker(
                ledger=ledger,
                post=post,
                stationery=PAPER,
                clock=lambda: now,
                timeout=5,
                per_minute=60_000,
                stop=threading.Event(),
                luck=lambda: 0.5,
            ).drain()
        finally:
            post.close()

    return run


def invite(ledger: Ledger, email: str = "petra@example.org", name: str = "") -> int:
    if name:
        ledger.rename_organisation(1, name)
    ours = ledger.organisations()[0]
    return joining.invite(email, Role.VIEWER, ours, mailed=True, ledger=ledger, now=NOW).number


def only(ledger: Ledger) -> OrganiserLetter:
    (letter,) = ledger.organiser_letters(limit=9)
    return letter


def test_an_invitation_goes_out_once_with_its_link(ledger: Ledger, server: MailServer, drain: Drain) -> None:
    number = invite(ledger)
    drain()
    drain()
    (received,) = server.letters
    assert received.to == "petra@example.org"
    assert received.mail["Subject"] == "Our organisation invites you"
    assert received.mail["Auto-Submitted"] == "auto-generated"
    assert "as a viewer" in received.part("plain")
    found = re.search(r"https://our\.example\.org/manage/invitation/(\S+)", received.part("plain"))
    assert found
    assert tokens.read_admission(KEY, found[1]) == number
    assert only(ledger).sent_at == NOW


def test_a_name_with_line_breaks_writes_no_header(ledger: Ledger, server: MailServer, drain: Drain) -> None:
    invite(ledger, name="Friends\r\nBcc: mallory@example.org")
    drain()
    (received,) = server.letters
    assert received.mail["Subject"] == "Friends Bcc: mallory@example.org invites you"
    assert received.mail["Bcc"] is None


def test_it_goes_before_the_letters_to_signers(ledger: Ledger, server: MailServer, drain: Drain) -> None:
    mill = ledger.add_petition(MILL, NOW)
    ledger.record(signature(mill.id), Occasion.RECEIPT)
    invite(ledger)
    drain()
    assert [one.to for one in server.letters] == ["petra@example.org", "sam@example.org"]


def test_a_link_that_is_over_or_used_sends_nothing(ledger: Ledger, server: MailServer, drain: Drain) -> None:
    anahit = enrol(ledger, "Anahit", Role.VIEWER)
    admitting.send_way_in(anahit.email, ledger=ledger, now=NOW)
    drain(NOW + timedelta(minutes=15))
    assert server.letters == []
    assert only(ledger).given_up_because == "not needed: the link has expired"
    ledger.remove_member(ledger.organisations()[0].id, anahit.id)
    number = invite(ledger, anahit.email)
    ledger.join(number, anahit.id, NOW)
    drain()
    assert server.letters == []


def test_an_invitation_that_was_taken_back_is_not_sent(
    ledger: Ledger, server: MailServer, drain: Drain
) -> None:
    number = invite(ledger)
    joining.uninvite(number, ledger.organisations()[0], ledger=ledger)
    drain()
    assert (server.letters, ledger.organiser_letters(limit=9)) == ([], [])


def test_a_refused_address_is_given_up_and_a_full_mailbox_tried_again(
    ledger: Ledger, server: MailServer, drain: Drain
) -> None:
    invite(ledger)
    server.at_rcpt = lambda _address: "452 4.2.2 mailbox full"
    drain()
    waiting = only(ledger)
    assert (waiting.sent_at, waiting.given_up_because, waiting.attempts) == (None, None, 1)
    assert waiting.last_failure
    assert "petra" not in waiting.last_failure
    server.at_rcpt = lambda _address: "550 5.1.1 no such user petra@example.org"
    drain(NOW + timedelta(minutes=2))
    given_up = only(ledger).given_up_because
    assert given_up
    assert "petra" not in given_up
    server.at_rcpt = lambda _address: None
    drain(NOW + timedelta(days=1))
    assert server.letters == []


def test_while_the_server_is_away_a_letter_stays_untouched(
    ledger: Ledger, server: MailServer, drain: Drain
) -> None:
    invite(ledger)
    server.stop()
    with pytest.raises(Undelivered):
        drain()
    assert only(ledger).attempts == 0
    server.start()
    drain()
    assert len(server.letters) == 1


def test_several_workers_send_each_letter_once(ledger: Ledger, server: MailServer, drain: Drain) -> None:
    for number in range(12):
        invite(ledger, f"petra.{number}@example.org")
    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(drain) for _ in range(3)]:
            done.result()
    assert server.to() == sorted(f"petra.{number}@example.org" for number in range(12))


def test_a_worker_that_was_killed_lets_go(ledger: Ledger, server: MailServer, drain: Drain) -> None:
    invite(ledger)
    taken = ledger.claim_organiser_letter(NOW, worker="killed", until=NOW + timedelta(minutes=1))
    assert taken
    drain()
    assert server.letters == []
    ledger.give_organiser_letter_up(taken.id, worker="another", because="not mine")
    drain(NOW + timedelta(minutes=2))
    assert len(server.letters) == 1


def test_old_links_are_dropped_with_their_letters(ledger: Ledger) -> None:
    invite(ledger)
    ledger.make_link(Admits.SIGN_IN, "", NOW + timedelta(days=60))
    assert ledger.organiser_letters(limit=9) == []
