"""Word to signers, on both ledgers and through a real mail server: once to everybody who asked."""

import threading
from collections import Counter as Tallied
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from tests.mail_server import MailServer, running
from tests.petitions import NOW, draft, signature
from widget import updating
from widget.delivering import SmtpPost, Stationery, Worker
from widget.domain.petition import Petition
from widget.domain.refusals import (
    EditedMeanwhile,
    PageUnreadable,
    UpdateNotFound,
    UpdatePublished,
    UpdateUntested,
)
from widget.domain.signature import LETTERS_AT_MOST, Actor, Consent, Occasion, State
from widget.domain.update import Course, Kind, Mailing, Update, UpdateDraft, step, version
from widget.store.ledger import Ledger
from widget.store.letter_tables import outbox

pytestmark = pytest.mark.services

FROM = "Support Now <post@petitions.example.org>"
PAPER = Stationery("https://our.example.org", FROM, "k7Q2mZ9xT4vB1nR8sW5yL3pD6fH0jGcA", timedelta(days=21))
WORDS = b"# The mill turns\n\nSince *today*, with [a new wheel](https://petra.example.org/wheel).\n"
YES = Consent(NOW, "Keep me informed")
PACE = 60  # ten letters a step, a step in ten seconds


@dataclass
class Office:
    """A ledger with Anahit's petition, a mail server, and a clock that the test moves."""

    ledger: Ledger
    server: MailServer
    petition: Petition
    now: datetime = NOW

    def sign(self, name: str, *, news: bool = True, letter: bool = False, **changes: object) -> int:
        new = signature(self.petition.id, f"{name}@example.org", consent=YES if news else None, **changes)
        number = self.ledger.record(new, Occasion.RECEIPT if letter else None).id
        assert number is not None
        return number

    def crowd(self, size: int) -> list[int]:
        return [self.sign(f"sam.{number}") for number in range(size)]

    def draft(self, words: bytes = WORDS, kind: Kind = Kind.UPDATE) -> Update:
        return updating.draft(
            self.petition.slug, words, lang="en", kind=kind, ledger=self.ledger, now=self.now
        )

    def publish(self) -> Update:
        drafted = self.draft()
        return updating.publish(drafted.id, mail=True, untested=True, ledger=self.ledger, now=self.now)

    def feed(self, per_minute: int = PACE) -> int:
        return updating.feeder(ledger=self.ledger, per_minute=per_minute)(self.now)

    def post(self) -> SmtpPost:
        return SmtpPost(self.server.url, sender=FROM, timeout=5.0)

    def drain(self) -> None:
        post = self.post()
        Worker(
            ledger=self.ledger,
            post=post,
            stationery=PAPER,
            clock=lambda: self.now,
            timeout=5.0,
            per_minute=60_000,
            stop=threading.Event(),
        ).drain()
        post.close()

    def later(self, seconds: float = 10) -> None:
        self.now += timedelta(seconds=seconds)

    def mail_all(self) -> None:
        """Feed and drain, step by step, until the mailing is over."""
        for _ in range(50):
            self.feed()
            self.drain()
            self.later()
            if all(one.mailing is not Mailing.GOING for one in self.ledger.updates(self.petition.id)):
                return
        raise AssertionError("the mailing does not end")

    @property
    def to(self) -> dict[str, int]:
        return dict(Tallied(self.server.to()))


@pytest.fixture
def office(ledger: Ledger) -> Iterator[Office]:
    petition = ledger.add_petition(draft(), NOW)
    with running() as server:
        yield Office(ledger, server, petition)


def test_it_reaches_those_who_asked_and_count_once_and_nobody_else(office: Office) -> None:
    office.crowd(25)
    office.sign("petra", news=False)
    office.sign("mallory", state=State.HELD)
    office.sign("omar", state=State.PENDING)
    other = office.ledger.add_petition(draft(slug="other"), NOW)
    office.ledger.record(signature(other.id, "anahit@example.org", consent=YES), None)
    published = office.publish()
    assert updating.audience(office.petition.id, ledger=office.ledger) == 25
    office.mail_all()
    assert office.to == {f"sam.{number}@example.org": 1 for number in range(25)}
    after = updating.find(published.id, ledger=office.ledger)
    assert (after.mailing, after.mailed) == (Mailing.DONE, 25)
    assert office.feed() == 0


def test_the_letter_has_two_forms_and_one_click_to_leave(office: Office) -> None:
    office.sign("sam", lang="hy")
    office.publish()
    office.mail_all()
    (got,) = office.server.letters
    assert got.mail["Subject"] == "Նորություններ՝ The mill turns"
    (leave,) = [got.mail["List-Unsubscribe"].strip("<>")]
    assert leave.startswith("https://our.example.org/news/")
    assert got.mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert got.mail["Content-Language"] == "hy"
    for form in ("plain", "html"):
        assert leave in got.part(form)
        assert "https://our.example.org/p/save-the-mill#news" in got.part(form)
    assert '<div class="text" lang="en" dir="ltr">' in got.part("html")
    link = '<a href="https://petra.example.org/wheel" rel="nofollow noopener">a new wheel</a>'
    assert link in got.part("html")
    assert "<img" not in got.part("html")
    assert "<b>" not in got.part("html")


def test_the_pace_is_kept_however_many_workers_ask(office: Office) -> None:
    office.crowd(40)
    office.publish()
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda _: office.feed(), range(8))) == 10
    office.drain()
    assert office.feed() == 0  # its time is not over
    office.later(9.9)
    assert office.feed() == 0
    office.later(0.2)
    assert office.feed() == 10
    office.later(60)
    assert office.feed() == 0  # those of the last step still wait
    office.drain()
    assert office.feed() == 10


@pytest.mark.parametrize(
    ("pace", "letters", "seconds"), [(60, 10, 10), (1, 1, 60), (120, 20, 10), (7, 1, 60 / 7)]
)
def test_a_step_is_as_long_as_its_letters_take(pace: int, letters: int, seconds: float) -> None:
    assert step(pace) == (letters, timedelta(seconds=seconds))


def test_two_mailings_take_turns_and_share_the_pace(office: Office) -> None:
    office.crowd(15)
    first, second = office.publish(), office.publish()
    written = []
    for _ in range(4):
        written.append(office.feed())
        office.drain()
        office.later()
    assert written == [10, 10, 5, 5]
    assert all(updating.find(one.id, ledger=office.ledger).mailing is Mailing.DONE for one in (first, second))
    assert set(office.to.values()) == {2}


def test_who_leaves_withdraws_or_is_erased_before_it_leaves_gets_none(office: Office) -> None:
    numbers = {name: office.sign(name) for name in ("sam", "petra", "omar", "anahit", "mallory")}
    office.publish()
    assert office.feed() == 5
    office.ledger.leave_news(numbers["petra"])
    office.ledger.move(numbers["omar"], State.WITHDRAWN, office.now, by=Actor.SIGNER)
    office.ledger.erase(numbers["anahit"], office.now)
    office.ledger.move(numbers["mallory"], State.INVALIDATED, office.now, by=Actor.ORGANISER)
    office.drain()
    assert office.to == {"sam@example.org": 1}
    reasons = {one.given_up_because for one in office.ledger.letters(limit=10)}
    assert "not needed: the signer wants no news any more" in reasons


def test_a_mailing_that_is_stopped_sends_nothing_more(office: Office) -> None:
    office.crowd(25)
    published = office.publish()
    office.feed()
    stopped = updating.stop(published.id, ledger=office.ledger)
    assert (stopped.mailing, stopped.mailed) == (Mailing.STOPPED, 10)
    office.drain()
    office.later()
    assert office.feed() == 0
    assert office.to == {}
    assert stopped.published_at is not None


def test_a_step_that_is_lost_half_way_or_run_twice_writes_nobody_twice(office: Office) -> None:
    office.crowd(15)
    published = office.publish()
    office.feed()
    with office.ledger._database.writing() as connection:  # as an older copy of the cursor would have it
        connection.exec_driver_sql("UPDATE updates SET reached = 0, fed_at = NULL")
    office.drain()
    office.later()
    assert office.feed() == 0
    office.later()
    assert office.feed() == 5
    office.drain()
    assert set(office.to.values()) == {1}
    assert updating.find(published.id, ledger=office.ledger).mailed == 15


def test_a_letter_about_a_signature_goes_first(office: Office) -> None:
    office.crowd(10)
    office.publish()
    office.feed()
    office.later(1)
    office.sign("petra", letter=True, signed_at=office.now)
    office.drain()
    assert office.server.to()[0] == "petra@example.org"
    assert len(office.server.to()) == 11


def test_updates_are_no_part_of_the_five_letters(office: Office) -> None:
    sam = office.sign("sam", letter=True)
    for _ in range(LETTERS_AT_MOST + 1):
        office.publish()
    office.mail_all()
    office.later(600)
    office.ledger.write_again(office.petition.id, "sam@example.org", office.now)
    with office.ledger._database.reading() as connection:
        occasions = connection.scalars(select(outbox.c.occasion).where(outbox.c.signature_id == sam)).all()
    assert Tallied(occasions) == {"receipt": 1, "update": LETTERS_AT_MOST + 1, "already": 1}


def test_who_signs_after_it_is_published_is_not_written_to(office: Office) -> None:
    office.crowd(12)
    office.publish()
    office.feed()
    office.sign("petra")
    office.drain()
    office.later()
    office.mail_all()
    assert "petra@example.org" not in office.to
    assert len(office.to) == 12


def test_a_test_goes_to_one_address_and_opens_nothing(office: Office) -> None:
    drafted = office.draft()
    with pytest.raises(UpdateUntested):
        updating.publish(drafted.id, mail=True, ledger=office.ledger, now=office.now)
    post = office.post()
    facts = {"post": post, "paper": PAPER, "ledger": office.ledger, "now": office.now}
    updating.send_test(drafted.id, "anahit@bücher.example", lang="de", **facts)
    (got,) = office.server.letters
    assert got.to == "anahit@xn--bcher-kva.example"
    assert got.mail["Subject"] == "[Test] Neuigkeiten: The mill turns"
    assert updating.find(drafted.id, ledger=office.ledger).tested_at == office.now
    rewritten = updating.draft(
        "save-the-mill",
        b"# Other words\n\nText.",
        lang="en",
        kind=Kind.UPDATE,
        ledger=office.ledger,
        now=office.now,
        replaces=drafted.id,
    )
    assert (rewritten.id, rewritten.tested_at) == (drafted.id, None)
    with pytest.raises(UpdateUntested):
        updating.publish(drafted.id, mail=True, ledger=office.ledger, now=office.now)
    assert (
        updating.publish(drafted.id, mail=False, ledger=office.ledger, now=office.now).mailing is Mailing.NONE
    )
    with pytest.raises(ValueError, match="@"):
        updating.send_test(office.draft().id, "nobody", lang=None, **facts)
    post.close()


def test_what_is_published_is_not_changed_and_published_once(office: Office) -> None:
    published = office.publish()
    for again in (
        lambda: updating.publish(
            published.id, mail=True, untested=True, ledger=office.ledger, now=office.now
        ),
        lambda: updating.draft(
            "save-the-mill",
            WORDS,
            lang="en",
            kind=Kind.ANSWER,
            ledger=office.ledger,
            now=office.now,
            replaces=published.id,
        ),
        lambda: office.ledger.note_tested(published.id, office.now),
    ):
        with pytest.raises(UpdatePublished):
            again()
    other = office.ledger.add_petition(draft(slug="other"), NOW)
    with pytest.raises(UpdateNotFound):
        updating.find(published.id, ledger=office.ledger, petition=other)
    with pytest.raises(UpdateNotFound):
        updating.stop(999, ledger=office.ledger)


@pytest.mark.parametrize("words", [b"", b"No title\n\nText", b"# Title alone\n", b"# T\n\n" + b"x" * 60_000])
def test_what_cannot_be_read_is_refused_and_nothing_is_kept(office: Office, words: bytes) -> None:
    with pytest.raises(PageUnreadable):
        office.draft(words)
    assert office.ledger.updates(office.petition.id) == []


def test_how_far_a_mailing_is(office: Office) -> None:
    office.crowd(20)
    published = office.publish()
    other = office.publish()
    assert office.ledger.course(published.id) == Course(0, 20, 0, 0, 0, None, 2)
    office.feed()
    assert office.ledger.course(published.id) == Course(10, 10, 10, 0, 0, office.now, 2)
    office.ledger.leave_news(1)
    office.server.at_rcpt = lambda address: "550 5.1.1 no" if address.startswith("sam.1@") else None
    office.drain()
    course = office.ledger.course(published.id)
    assert (course.waiting, course.failed, course.needless, course.sent) == (0, 1, 1, 8)
    assert course.minutes_left(PACE) == 1
    office.server.at_rcpt = lambda _address: None
    office.later()
    office.mail_all()
    assert office.ledger.course(published.id).sent == 18
    after = replace(office.ledger.course(other.id), stepped_at=None)
    assert after == Course(19, 0, 0, 0, 0, None, 0)
    with pytest.raises(UpdateNotFound):
        office.ledger.course(999)


def test_words_that_changed_under_a_hand_are_neither_tested_nor_published(office: Office) -> None:
    seen = office.draft()
    other = UpdateDraft(Kind.UPDATE, "en", "Theirs", "Other words.")
    theirs = office.ledger.rewrite_update(seen.id, other)
    for late in (
        lambda: office.ledger.note_tested(seen.id, office.now, seen=seen),
        lambda: office.ledger.publish_update(seen.id, office.now, mailing=False, seen=seen),
        lambda: office.ledger.rewrite_update(seen.id, replace(other, title="Mine"), seen=seen),
        lambda: updating.rewrite(
            theirs, replace(other, title="Mine"), instead_of=version(seen), ledger=office.ledger
        ),
    ):
        with pytest.raises(EditedMeanwhile):
            late()
    assert updating.find(seen.id, ledger=office.ledger) == theirs


def test_nothing_of_an_erased_signer_is_left_in_a_mailing(office: Office) -> None:
    sam = office.sign("sam")
    office.publish()
    office.mail_all()
    office.ledger.erase(sam, office.now)
    with office.ledger._database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM outbox").scalar_one() == 0


# Stopped, and on again


def test_a_stopped_mailing_goes_on_with_those_who_have_not_had_it(office: Office) -> None:
    numbers = office.crowd(35)
    published = office.publish()
    office.feed()
    office.drain()  # ten have it
    office.later()
    office.feed()
    updating.stop(published.id, ledger=office.ledger)
    office.drain()  # ten are given up
    office.later()
    assert len(office.to) == 10
    for number in (numbers[0], numbers[10], numbers[25]):
        office.ledger.leave_news(number)
    for number in (numbers[11], numbers[26]):
        office.ledger.move(number, State.WITHDRAWN, office.now, by=Actor.SIGNER)
    office.ledger.erase(numbers[12], office.now)
    office.sign("petra")  # after it was published
    stopped = updating.find(published.id, ledger=office.ledger)
    assert updating.left_out(stopped, ledger=office.ledger) == 20
    assert updating.resume(published.id, ledger=office.ledger, now=office.now) is True
    assert updating.left_out(updating.find(published.id, ledger=office.ledger), ledger=office.ledger) == 0
    office.later()
    office.mail_all()
    had = [number for number in range(35) if number not in (10, 11, 12, 25, 26)]
    assert office.to == {f"sam.{number}@example.org": 1 for number in had}
    assert office.ledger.course(published.id).needless == 2


def test_pressed_twice_or_by_many_it_goes_on_once_and_one_is_told(office: Office) -> None:
    office.crowd(25)
    published = office.publish()
    office.feed()
    updating.stop(published.id, ledger=office.ledger)
    office.drain()
    office.later()
    with ThreadPoolExecutor(4) as pool:
        told = list(
            pool.map(lambda _: updating.resume(published.id, ledger=office.ledger, now=office.now), range(12))
        )
    assert sorted(told) == [False] * 11 + [True]
    office.later()
    office.mail_all()
    assert updating.resume(published.id, ledger=office.ledger, now=office.now) is False  # it is done
    assert office.feed() == 0
    assert office.to == {f"sam.{number}@example.org": 1 for number in range(25)}


def test_it_may_be_stopped_and_go_on_at_any_moment(office: Office) -> None:
    office.crowd(45)
    published = office.publish()
    for turn in range(30):
        office.feed()
        if turn % 3:
            updating.stop(published.id, ledger=office.ledger)
        if turn % 2:
            office.drain()
        updating.resume(published.id, ledger=office.ledger, now=office.now)
        office.later()
    office.mail_all()
    assert office.to == {f"sam.{number}@example.org": 1 for number in range(45)}


def test_one_that_was_all_written_goes_on_too(office: Office) -> None:
    office.crowd(4)
    published = office.publish()
    office.feed()
    updating.stop(published.id, ledger=office.ledger)
    office.drain()
    assert updating.resume(published.id, ledger=office.ledger, now=office.now)
    office.drain()
    office.later()
    office.mail_all()
    assert office.to == {f"sam.{number}@example.org": 1 for number in range(4)}
    assert updating.find(published.id, ledger=office.ledger).mailing is Mailing.DONE


def test_a_letter_in_a_workers_hand_is_neither_lost_nor_sent_twice(office: Office) -> None:
    """One worker looked at its letter while the mailing was stopped, one before: both settle it after."""
    office.crowd(2)
    published = office.publish()
    office.feed()
    until = office.now + timedelta(minutes=5)
    sending = office.ledger.claim_letter(office.now, worker="sends", until=until)
    updating.stop(published.id, ledger=office.ledger)
    giving = office.ledger.claim_letter(office.now, worker="gives up", until=until)
    assert sending is not None
    assert giving is not None
    assert giving.news is not None
    assert giving.news.mailing is Mailing.STOPPED
    updating.resume(published.id, ledger=office.ledger, now=office.now)
    office.ledger.give_letter_up(giving.id, worker="gives up", because="not needed: the mailing was stopped")
    assert office.ledger.mark_letter_sent(sending.id, office.now)
    office.drain()
    assert list(office.to) == [giving.email]
    assert office.ledger.course(published.id).sent == 2


def test_workers_and_an_organiser_who_cannot_decide_lose_nobody(office: Office) -> None:
    office.crowd(30)
    published = office.publish()
    done = threading.Event()

    def work() -> None:
        while not done.is_set():
            office.drain()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for one in workers:
        one.start()
    for _ in range(25):
        office.feed()
        updating.stop(published.id, ledger=office.ledger)
        updating.resume(published.id, ledger=office.ledger, now=office.now)
        office.later()
    done.set()
    for one in workers:
        one.join()
    office.mail_all()
    office.drain()
    assert office.to == {f"sam.{number}@example.org": 1 for number in range(30)}


def test_what_was_never_stopped_does_not_go_on(office: Office) -> None:
    office.crowd(1)
    drafted = office.draft()
    assert not updating.resume(drafted.id, ledger=office.ledger, now=office.now)
    updating.publish(drafted.id, mail=False, ledger=office.ledger, now=office.now)
    assert not updating.resume(drafted.id, ledger=office.ledger, now=office.now)
    assert office.feed() == 0
    with pytest.raises(UpdateNotFound):
        updating.resume(999, ledger=office.ledger, now=office.now)


# A draft that nobody wants


def test_a_draft_is_deleted_and_nothing_else(office: Office) -> None:
    unwanted, other, published = office.draft(), office.draft(), office.publish()
    updating.remove(unwanted, instead_of=version(unwanted), ledger=office.ledger)
    assert office.ledger.updates(office.petition.id) == [published, other]
    with pytest.raises(UpdateNotFound):
        updating.remove(unwanted, instead_of=version(unwanted), ledger=office.ledger)
    with pytest.raises(UpdatePublished):
        updating.remove(published, instead_of=version(published), ledger=office.ledger)
    with pytest.raises(EditedMeanwhile):
        updating.remove(other, instead_of=version(published) + "x", ledger=office.ledger)
    assert office.ledger.updates(office.petition.id) == [published, other]


def test_of_deleting_and_publishing_or_rewriting_at_once_the_first_stands(office: Office) -> None:
    seen = office.draft()
    office.ledger.publish_update(seen.id, office.now, mailing=True)
    with pytest.raises(UpdatePublished):
        updating.remove(seen, instead_of=version(seen), ledger=office.ledger)
    late = office.draft()
    office.ledger.rewrite_update(late.id, UpdateDraft(Kind.UPDATE, "en", "Theirs", "Other words."))
    with pytest.raises(EditedMeanwhile):
        updating.remove(late, instead_of=version(late), ledger=office.ledger)
    for _ in range(10):
        both = office.draft()
        with ThreadPoolExecutor(2) as pool:
            gone = pool.submit(updating.remove, both, instead_of=version(both), ledger=office.ledger)
            out = pool.submit(updating.publish, both.id, mail=False, ledger=office.ledger, now=office.now)
        failures = [gone.exception(), out.exception()]
        assert sum(one is None for one in failures) == 1
        assert any(isinstance(one, UpdateNotFound | UpdatePublished) for one in failures)
