"""The worker, told to a real mail server: what is written goes out, once, or somebody can read why not."""

import re
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from itertools import pairwise
from typing import Any

import pytest

from tests.mail_server import HANG, HANG_UP, MailServer, encrypted, login, running
from tests.petitions import NOW, draft, signature
from widget import i18n
from widget.delivering import SmtpPost, Stationery, Undelivered, Worker, write
from widget.delivering.writing import message
from widget.domain.letter import ATTEMPTS_AT_MOST, REMIND_AFTER, Letter, News, Waiting
from widget.domain.petition import Confirmation, Wording
from widget.domain.signature import LETTERS_AT_MOST, Actor, NewSignature, Occasion, State
from widget.domain.update import Kind, Mailing
from widget.store.ledger import Ledger

pytestmark = pytest.mark.services

FROM = "Support Now <post@petitions.example.org>"
PAPER = Stationery("https://our.example.org", FROM, "k7Q2mZ9xT4vB1nR8sW5yL3pD6fH0jGcA", timedelta(days=21))


@pytest.fixture
def server() -> Iterator[MailServer]:
    with running() as made:
        yield made


@dataclass
class Office:
    """A ledger with Anahit's petition, a mail server, and a clock that the test moves."""

    ledger: Ledger
    server: MailServer
    petition_id: int
    now: datetime = NOW
    timeout: float = 5.0

    def sign(self, email: str = "sam@example.org", **changes: Any) -> int:
        pending = {"state": State.PENDING, "signed_at": self.now} | changes
        new: NewSignature = signature(self.petition_id, email, **pending)
        recorded = self.ledger.record(
            new, Occasion.CONFIRMATION if new.state is State.PENDING else Occasion.RECEIPT
        )
        found = recorded.id or recorded.prior_id
        assert found
        return found

    def worker(self, ledger: Ledger | None = None, **more: Any) -> Worker:
        return Worker(
            ledger=ledger or self.ledger,
            post=SmtpPost(self.server.url, sender=FROM, timeout=self.timeout),
            stationery=PAPER,
            clock=lambda: self.now,
            timeout=self.timeout,
            per_minute=60_000,
            stop=threading.Event(),
            luck=lambda: 0.5,
            **more,
        )

    def drain(self) -> dict[str, int]:
        worker = self.worker()
        try:
            done = worker.drain()
        finally:
            worker._post.close()
        return {
            name: count
            for name in ("sent", "put_off", "given_up", "not_needed")
            if (count := getattr(done, name))
        }

    def listed(self) -> list[Waiting]:
        return self.ledger.letters(limit=2_000)

    def only(self) -> Waiting:
        (one,) = [one for one in self.listed() if one.occasion is not Occasion.REMINDER]
        return one


@pytest.fixture
def office(ledger: Ledger, server: MailServer) -> Office:
    petition = ledger.add_petition(draft(confirmation=Confirmation.EMAIL), NOW)
    return Office(ledger, server, petition.id)


# What goes out


def test_a_letter_reaches_sam_with_everything_a_mail_program_wants(office: Office) -> None:
    office.sign()
    assert office.drain() == {"sent": 1}
    (got,) = office.server.letters
    assert (got.sender, got.to) == ("post@petitions.example.org", "sam@example.org")
    head = got.mail
    assert (head["From"], head["To"]) == (FROM, "sam@example.org")
    assert head["Subject"] == "Please confirm: Save the mill"
    assert head["Date"].datetime == NOW
    assert re.fullmatch(r"<letter-\d+-\d+@petitions\.example\.org>", head["Message-ID"])
    assert (head["Auto-Submitted"], head["Content-Language"]) == ("auto-generated", "en")
    assert head.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in head.iter_parts()] == ["text/plain", "text/html"]
    assert got.raw.isascii()
    assert max(len(line) for line in got.raw.splitlines()) < 998  # RFC 5322
    assert "https://our.example.org/confirm/" in got.part("plain")
    assert office.only().sent_at == NOW


def test_it_carries_no_way_to_unsubscribe_because_it_is_no_newsletter(office: Office) -> None:
    office.sign()
    office.drain()
    assert [name for name in office.server.letters[0].mail if name.lower().startswith("list-")] == []


def for_occasion(letter: Letter, occasion: Occasion) -> Letter:
    """Return a letter as it would be for another occasion."""
    news = News(Kind.UPDATE, "en", "It turns again", "Since *today*.", NOW, Mailing.GOING)
    return replace(letter, occasion=occasion, news=news if occasion is Occasion.UPDATE else None)


@pytest.mark.parametrize("occasion", Occasion)
def test_every_occasion_has_its_words_and_its_links_in_both_forms(office: Office, occasion: Occasion) -> None:
    office.sign()
    letter = office.ledger.letter(1)
    assert letter is not None
    written = write(for_occasion(letter, occasion), PAPER, count=50)
    title = "It turns again" if occasion is Occasion.UPDATE else "Save the mill"
    assert written.subject == i18n.text("en", f"letter.{occasion}_subject", title=title)
    for form in (written.text, written.html):
        assert written.links["own_page_url"] in form
        assert (written.links["confirm_url"] in form) == (occasion in {"confirmation", "reminder"})
        assert "https://our.example.org/p/save-the-mill" in form
        assert "Anahit" in form
        assert not re.search(r"\{\w*\}|\{%|\{\{", form.partition("</style>")[2] or form)
        assert (written.links["leave_url"] in form) == (occasion is Occasion.UPDATE)
    assert ("May 22, 2026" in written.text) == (occasion in {"confirmation", "reminder"})
    assert ("You are one of 50." in written.text) == (occasion in {"receipt", "already"})
    assert not re.search(r"<img|src=|url\(|<script|@import", written.html)


@pytest.mark.parametrize("lang", sorted(i18n.languages()))
def test_every_language_has_every_letter(office: Office, lang: str) -> None:
    office.sign(lang=lang)
    letter = office.ledger.letter(1)
    assert letter is not None
    for occasion in Occasion:
        written = write(for_occasion(letter, occasion), PAPER, count=24_845)
        made = message(letter, written, PAPER, to="sam@example.org", now=NOW)
        assert made["Content-Language"] == written.lang == lang
        assert f'<html lang="{lang}" dir="{i18n.direction(lang)}">' in written.html
        assert made.as_bytes().isascii()
        on = letter.signed_at + (
            timedelta(days=21) if occasion in {"confirmation", "reminder"} else timedelta()
        )
        assert i18n.date(lang, on.date()) in written.text
        assert (i18n.number(lang, 24_845) in written.text) == (occasion in {"receipt", "already"})


def test_a_letter_in_a_language_that_is_not_spoken_here_is_in_english(office: Office) -> None:
    office.sign(lang="tlh")
    letter = office.ledger.letter(1)
    assert letter is not None
    assert write(letter, PAPER, count=1).lang == "en"


def test_all_words_of_letters_are_used() -> None:
    from widget.delivering.writing import LETTERS

    said = "".join(path.read_text(encoding="utf-8") for path in LETTERS.iterdir())
    words = i18n._catalogue("en")["letter"]
    unused = {name for name in words if f"'letter.{name}'" not in said and not name.endswith("_subject")}
    assert unused == set()
    subjects = {n for n in words if n.endswith("_subject")}
    assert subjects == {f"{one}_subject" for one in (*Occasion, *Kind, "test")}


def test_nothing_that_was_typed_into_the_form_is_sent_to_whoever_has_the_address(office: Office) -> None:
    """Mallory signs with Sam's address to have us carry her words."""
    office.sign(
        given_name="Cheap pills at http://mallory.example.org\r\nBcc: petra@example.org",
        family_name="</style><script>",
        comment="Look here",
        postal_code="MALLORY",
        source="mallory",
    )
    office.drain()
    (got,) = office.server.letters
    assert "Bcc" not in got.mail
    assert not re.search(rb"(?i)mallory|pills|look here|script", got.raw)


def test_a_title_cannot_break_out_of_header_or_page(office: Office) -> None:
    title = "Save\r\nBcc: petra@example.org\r\n\r\n<script>alert(1)</script> the mill" + " and" * 40
    wording = Wording("en", title, ("<b>the</b> council",), "Text.")
    other = office.ledger.add_petition(draft(slug="other", wording=wording), NOW)
    office.petition_id = other.id
    office.sign(text_version=wording.text_version)
    assert office.drain() == {"sent": 1}
    (got,) = office.server.letters
    assert "Bcc" not in got.mail
    assert office.server.to() == ["sam@example.org"]
    assert "\n" not in got.mail["Subject"]
    assert got.mail["Subject"].startswith("Please confirm: Save Bcc: petra@example.org <script>")
    assert got.mail["Subject"].endswith("…")
    assert "<script>" not in got.part("html")
    assert "<b>the</b>" not in got.part("html")
    assert "<b>the</b> council" in got.part("plain")


def test_a_title_written_the_other_way_disturbs_nothing_around_it(office: Office) -> None:
    wording = Wording("ar", "أنقذوا الطاحونة", ("the council",), "نص")
    office.petition_id = office.ledger.add_petition(draft(slug="other", wording=wording), NOW).id
    office.sign(text_version=wording.text_version)
    office.drain()
    (got,) = office.server.letters
    assert got.mail["Subject"] == "Please confirm: \u2068أنقذوا الطاحونة\u2069"
    assert '<h1 lang="ar" dir="rtl">' in got.part("html")
    assert '<html lang="en" dir="ltr">' in got.part("html")


def test_names_and_domains_outside_ascii_travel_encoded(office: Office) -> None:
    office.sign("sam@bücher.example")
    office.drain()
    (got,) = office.server.letters
    assert (got.to, got.smtp_utf8, got.raw.isascii()) == ("sam@xn--bcher-kva.example", False, True)


def test_a_mailbox_outside_ascii_is_reached_where_the_server_can(office: Office) -> None:
    office.sign("սամ@example.org")
    assert office.drain() == {"sent": 1}
    assert (office.server.letters[0].to, office.server.letters[0].smtp_utf8) == ("սամ@example.org", True)


def test_a_mailbox_outside_ascii_is_given_up_where_the_server_cannot(ledger: Ledger) -> None:
    petition = ledger.add_petition(draft(confirmation=Confirmation.EMAIL), NOW)
    with running(enable_SMTPUTF8=False) as server:
        office = Office(ledger, server, petition.id)
        office.sign("սամ@example.org")
        office.sign("petra@example.org")
        assert office.drain() == {"sent": 1, "given_up": 1}
    reasons = {one.given_up_because for one in office.listed()}
    assert reasons == {None, "the mail server takes no address outside ASCII"}


def test_the_sender_may_have_a_name_in_any_script(office: Office) -> None:
    office.sign()
    letter = office.ledger.letter(1)
    assert letter is not None
    paper = replace(PAPER, mail_from='"Անահիտ, «Ջրաղաց»" <post@example.org>')
    made = message(letter, write(letter, paper, count=1), paper, to="sam@example.org", now=NOW)
    assert made.as_bytes().isascii()
    assert made["From"].addresses[0].display_name == "Անահիտ, «Ջրաղաց»"


# How the server is spoken to


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A certificate for 127.0.0.1 that only those trust who are told to, made for this run."""
    folder = tmp_path_factory.mktemp("tls")
    cert, key = str(folder / "cert.pem"), str(folder / "key.pem")
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
            ),
            *("-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=127.0.0.1"),
            *("-addext", "subjectAltName=IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
    )
    return cert, key


@pytest.fixture(params=["smtps", "smtp+starttls"])
def guarded(request: pytest.FixtureRequest, certificate: tuple[str, str]) -> Iterator[tuple[MailServer, str]]:
    """A server that speaks TLS and asks for name and password, and the address that leads to it."""
    context, account = encrypted(*certificate), login("omar@example.org", "p@ss/word")
    if request.param == "smtps":
        options = {"ssl_context": context, "auth_require_tls": False}  # it is there from the first byte
    else:
        options = {"tls_context": context, "require_starttls": True, "auth_required": True}
    with running(authenticator=account, **options) as server:
        yield server, f"{request.param}://omar%40example.org:p%40ss%2Fword@127.0.0.1:{server.port}"


def test_encrypted_and_with_a_password(
    guarded: tuple[MailServer, str], certificate: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, url = guarded
    stranger = SmtpPost(url, sender=FROM, timeout=5)
    with pytest.raises(Undelivered, match="cannot be reached: its certificate: self-signed certificate"):
        stranger.open()
    monkeypatch.setenv("SSL_CERT_FILE", certificate[0])
    wrong = SmtpPost(url.replace("p%40ss", "guess"), sender=FROM, timeout=5)
    with pytest.raises(Undelivered, match="refuses our name or password: 535") as refused:
        wrong.open()
    assert refused.value.away
    post = SmtpPost(url, sender=FROM, timeout=5)
    made = EmailMessage()
    made.set_content("Hello")
    post.send(made, "sam@example.org")
    post.close()
    assert server.to() == ["sam@example.org"]


def test_starttls_goes_no_further_without(server: MailServer) -> None:
    post = SmtpPost(server.url.replace("smtp:", "smtp+starttls:"), sender=FROM, timeout=5)
    with pytest.raises(Undelivered, match="cannot be reached: SMTPNotSupportedError"):
        post.open()


# What does not go out


def test_an_unknown_mailbox_is_given_up_at_once_and_nobody_else_waits(office: Office) -> None:
    office.server.at_rcpt = lambda to: f"550 5.1.1 <{to}> unknown" if to.startswith("sam@") else None
    for name in ("sam", "petra", "omar"):
        office.sign(f"{name}@example.org")
    assert office.drain() == {"sent": 2, "given_up": 1}
    assert office.server.to() == ["omar@example.org", "petra@example.org"]
    (lost,) = [one for one in office.listed() if one.given_up_because]
    assert lost.given_up_because == "the mail server refused at RCPT TO: 550 5.1.1"
    assert office.drain() == {}


def test_a_server_that_asks_to_come_again_gets_the_same_letter_later(office: Office) -> None:
    office.server.at_rcpt = lambda to: f"451 4.7.1 greylisted, {to}"
    office.sign()
    assert office.drain() == {"put_off": 1}
    waiting = office.only()
    assert waiting.due_at == NOW + timedelta(minutes=1)
    assert (waiting.attempts, waiting.last_failure) == (1, "the mail server refused at RCPT TO: 451 4.7.1")
    office.server.at_rcpt = lambda to: None
    office.now += timedelta(seconds=59)
    assert office.drain() == {}
    office.now += timedelta(seconds=1)
    assert office.drain() == {"sent": 1}
    assert office.only().last_failure is None


def test_after_nine_attempts_in_two_days_it_is_given_up_with_a_reason(office: Office) -> None:
    office.server.at_data = lambda letter: "452 4.2.2 mailbox full: " + letter.to
    office.sign()
    for _ in range(ATTEMPTS_AT_MOST):
        assert office.drain() != {}
        office.now += timedelta(hours=25)
    assert office.drain() == {}
    said = office.only().given_up_because
    assert said == f"the mail server refused at DATA: 452 4.2.2; {ATTEMPTS_AT_MOST} attempts"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(HANG, "the connection was lost: no answer in time"), (HANG_UP, "the connection was lost: ")],
)
@pytest.mark.parametrize("step", ["at_rcpt", "at_data"])
def test_a_connection_that_breaks_costs_one_attempt_and_the_others_go_on(
    office: Office, answer: str, reason: str, step: str
) -> None:
    office.timeout = 0.3
    broken: list[object] = []

    def once(_: object) -> str | None:
        broken.append(1)
        return answer if len(broken) == 1 else None

    setattr(office.server, step, once)
    office.sign("sam@example.org")
    office.sign("petra@example.org", signed_at=NOW)
    assert office.drain() == {"sent": 1, "put_off": 1}
    (waiting,) = [one for one in office.listed() if one.attempts and one.sent_at is None]
    assert (waiting.last_failure or "").startswith(reason)
    office.now += timedelta(minutes=2)
    assert office.drain() == {"sent": 1}


def test_while_the_mail_server_is_down_no_letter_is_touched(office: Office) -> None:
    for number in range(20):
        office.sign(f"sam.{number}@example.org")
    office.server.stop()
    for _ in range(3):
        with pytest.raises(Undelivered, match="cannot be reached: Connection refused"):
            office.drain()
        office.now += timedelta(days=1)
    assert {(one.attempts, one.last_failure) for one in office.listed()} == {(0, None)}
    office.server.start()
    assert office.drain()["sent"] == 20


@pytest.mark.parametrize("answer", ["550 5.7.1 not you", "530 5.7.0 say who you are", "421 4.3.2 closing"])
def test_a_server_that_refuses_our_sender_costs_no_letter_its_life(office: Office, answer: str) -> None:
    office.server.at_mail = lambda _: answer
    for number in range(5):
        office.sign(f"sam.{number}@example.org")
    with pytest.raises(Undelivered, match="MAIL FROM"):
        office.drain()
    assert sorted(one.attempts for one in office.listed()) == [0, 0, 0, 0, 1]
    assert {one.given_up_because for one in office.listed()} == {None}
    office.server.at_mail = lambda _: None
    office.now += timedelta(minutes=2)
    assert office.drain() == {"sent": 5}


def test_one_connection_serves_many_letters(office: Office) -> None:
    for number in range(120):
        office.sign(f"sam.{number}@example.org")
    assert office.drain() == {"sent": 120}
    assert office.server.connections == 2


# What is not needed any more


@pytest.mark.parametrize(
    ("target", "why"),
    [
        (State.CONFIRMED, "not needed: the signature is confirmed by now"),
        (State.INVALIDATED, "not needed: the signature is invalidated by now"),
    ],
)
def test_a_letter_that_came_too_late_is_dropped(office: Office, target: State, why: str) -> None:
    office.ledger.move(office.sign(), target, NOW)
    assert office.drain() == {"not_needed": 1}
    assert office.only().given_up_because == why
    assert office.server.letters == []


def test_an_erased_signature_gets_no_letter(office: Office) -> None:
    office.ledger.erase(office.sign(), NOW)
    assert office.drain().get("sent") is None
    assert office.server.letters == []


def test_whoever_withdrew_gets_no_letter_until_they_sign_again(office: Office) -> None:
    sam = office.sign()
    office.ledger.move(sam, State.CONFIRMED, NOW)
    office.ledger.move(sam, State.WITHDRAWN, NOW + timedelta(seconds=1), by=Actor.SIGNER)
    assert office.drain() == {"not_needed": 1}
    office.now += timedelta(hours=1)
    office.sign()
    assert office.drain() == {"sent": 1}
    assert office.server.letters[0].mail["Subject"] == "Please confirm: Save the mill"


# How often


def test_letters_come_ten_minutes_apart_and_five_at_most(office: Office) -> None:
    for _ in range(30):
        office.sign()
        office.drain()
        office.now += timedelta(minutes=4)
    times = sorted(got.mail["Date"].datetime for got in office.server.letters)
    assert len(times) == LETTERS_AT_MOST - 1  # the fifth is kept for the reminder
    assert all(later - earlier >= timedelta(minutes=10) for earlier, later in pairwise(times))
    office.now = NOW + REMIND_AFTER
    assert office.drain() == {"sent": 1}
    office.sign()
    assert office.drain() == {}
    assert len(office.server.letters) == LETTERS_AT_MOST


def test_a_reminder_comes_once_after_two_days(office: Office) -> None:
    office.sign()
    assert office.drain() == {"sent": 1}
    office.now += REMIND_AFTER - timedelta(seconds=1)
    assert office.drain() == {}
    office.now += timedelta(seconds=1)
    assert office.drain() == {"sent": 1}
    assert office.server.letters[-1].mail["Subject"] == "Still to be confirmed: Save the mill"
    office.now += timedelta(days=10)
    office.sign()
    assert office.drain() == {"sent": 1}
    office.now += timedelta(days=10)
    assert office.drain() == {}


def test_nobody_is_reminded_of_what_they_did(office: Office) -> None:
    sam = office.sign()
    office.drain()
    office.ledger.move(sam, State.CONFIRMED, NOW + timedelta(hours=1), by=Actor.SIGNER)
    office.now += REMIND_AFTER
    assert office.drain() == {"not_needed": 1}
    assert len(office.server.letters) == 1


def test_a_receipt_is_followed_by_no_reminder(office: Office) -> None:
    office.sign(state=State.CONFIRMED)
    assert office.drain() == {"sent": 1}
    assert office.server.letters[0].mail["Subject"] == "Thank you for signing: Save the mill"
    assert len(office.listed()) == 1


def test_what_is_to_be_done_daily_is_not_put_off_by_a_full_outbox(office: Office) -> None:
    for number in range(3):
        office.sign(f"sam.{number}@example.org")
    asked: list[tuple[datetime, int]] = []
    worker = office.worker(daily=lambda now: asked.append((now, len(office.server.letters))))
    assert worker.drain().sent == 3
    worker._post.close()
    assert {sent for _, sent in asked} == {0, 1, 2, 3}
    assert {now for now, _ in asked} == {office.now}


# Several workers, and those that die


def test_two_workers_send_two_hundred_letters_once_each(office: Office, database_url: str) -> None:
    for number in range(200):
        office.sign(f"sam.{number}@example.org")
    begin = threading.Barrier(4)

    def work(_: int) -> int:
        own = Ledger.connect(database_url)
        try:
            worker = office.worker(own)
            begin.wait()
            sent = worker.drain().sent
            worker._post.close()
            return sent
        finally:
            own.close()

    with ThreadPoolExecutor(4) as workers:
        sent = list(workers.map(work, range(4)))
    assert sum(sent) == 200
    assert min(sent) > 0
    assert office.server.to() == sorted(f"sam.{number}@example.org" for number in range(200))
    assert {one.attempts for one in office.listed() if one.sent_at} == {1}


def test_a_letter_in_a_dead_workers_hand_comes_back_when_its_time_is_over(office: Office) -> None:
    office.sign()
    taken = office.ledger.claim_letter(office.now, worker="dead", until=office.now + timedelta(minutes=5))
    assert taken is not None
    assert office.drain() == {}
    office.now += timedelta(minutes=5)
    assert office.drain() == {"sent": 1}
    assert office.only().attempts == 2


def test_sent_but_not_marked_is_sent_again_under_the_same_number(office: Office) -> None:
    """A crash between the two: at least once, and a mail program can tell the copy."""
    office.sign()
    letter = office.ledger.claim_letter(office.now, worker="dead", until=office.now + timedelta(minutes=5))
    assert letter is not None
    post = SmtpPost(office.server.url, sender=FROM, timeout=5)
    written = write(letter, PAPER, count=1)
    post.send(message(letter, written, PAPER, to="sam@example.org", now=NOW), "sam@example.org")
    post.close()
    office.now += timedelta(minutes=5)
    assert office.drain() == {"sent": 1}
    numbers = [got.mail["Message-ID"] for got in office.server.letters]
    assert len(numbers) == 2
    assert len(set(numbers)) == 1


def test_a_worker_that_lost_its_letter_cannot_undo_what_another_did(office: Office) -> None:
    office.sign()
    ledger = office.ledger
    slow = ledger.claim_letter(NOW, worker="slow", until=NOW + timedelta(minutes=5))
    assert slow is not None
    later = NOW + timedelta(minutes=6)
    ledger.claim_letter(later, worker="quick", until=later + timedelta(minutes=5))
    ledger.put_letter_off(slow.id, NOW + timedelta(days=1), worker="slow", because="too late")
    ledger.give_letter_up(slow.id, worker="slow", because="too late")
    assert office.only().given_up_because is None
    assert office.only().due_at == NOW
    assert ledger.mark_letter_sent(slow.id, later)
    assert not ledger.mark_letter_sent(slow.id, later)


def test_a_letter_that_ends_its_worker_each_time_is_given_up(office: Office) -> None:
    office.sign()
    for _ in range(ATTEMPTS_AT_MOST):
        assert office.ledger.claim_letter(office.now, worker="dead", until=office.now) is not None
        office.now += timedelta(seconds=1)
    assert office.drain() == {"given_up": 1}
    assert office.only().given_up_because == f"begun {ATTEMPTS_AT_MOST} times and never finished"


# What the operator may do


def test_what_was_given_up_is_tried_again_when_omar_says_so(office: Office) -> None:
    office.server.at_rcpt = lambda to: "550 5.7.1 relaying denied"
    office.sign("sam@example.org")
    office.sign("petra@example.org")
    assert office.drain() == {"given_up": 2}
    office.server.at_rcpt = lambda to: None
    assert office.ledger.retry_letters(office.now, [1]) == 1
    assert office.drain() == {"sent": 1}
    assert office.ledger.retry_letters(office.now) == 1
    assert office.drain() == {"sent": 1}
    assert office.ledger.retry_letters(office.now, [1, 2]) == 0


def test_the_list_and_the_log_name_nobody(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    office.server.at_rcpt = lambda to: f"550 <{to}> Sam of the Cast does not live here"
    office.sign()
    office.drain()
    assert "@" not in repr(office.listed())
    ours = [record for record in caplog.records if record.name.startswith("widget")]
    told = "".join(f"{record.getMessage()} {getattr(record, 'facts', '')}" for record in ours)
    assert "letter given up" in told
    assert "sam" not in told.lower()


def test_a_letter_that_cannot_be_written_stops_nobody(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.sign("sam@example.org")
    office.sign("petra@example.org")
    with office.ledger._database.writing() as connection:
        connection.exec_driver_sql("UPDATE signatures SET email = 'no address' WHERE id = 1")
    assert office.drain() == {"sent": 1, "put_off": 1}
    assert office.server.to() == ["petra@example.org"]
    assert {one.last_failure for one in office.listed()} == {
        None,
        "it cannot be written: EmailSyntaxError",
    }
