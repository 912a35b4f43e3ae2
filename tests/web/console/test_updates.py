"""Word to signers at Anahit's desk: written, tried on herself, published once, and stopped."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from config import Settings
from tests.mail_server import HANG, MailServer, running
from tests.organisers import Desk, enrol, signed_in
from tests.petitions import MILL, NOW, signature
from widget import create_app
from widget.domain.petition import Status
from widget.domain.signature import Consent
from widget.domain.update import Kind, Mailing, Update, UpdateDraft, version
from widget.parts import Parts

PLACE = "/manage/petitions/save-the-mill/updates"
TYPED = {"title": "The mill turns", "text": "Since *today*.", "lang": "en"}


@pytest.fixture
def signers(parts: Parts) -> int:
    """Three who asked for news, and one who did not; the mill's number."""
    mill = parts.ledger.petition("save-the-mill").id
    for name in ("sam", "petra", "omar"):
        parts.ledger.record(signature(mill, f"{name}@example.org", consent=Consent(NOW, "Yes")), None)
    parts.ledger.record(signature(mill, "mallory@example.org"), None)
    return mill


def kept(parts: Parts, *, tested: bool = False, **changes: Any) -> Update:
    """Return a draft of Anahit's."""
    words = replace(UpdateDraft(Kind.UPDATE, "en", "The mill turns", "Since *today*."), **changes)
    draft = parts.ledger.add_update(parts.ledger.petition("save-the-mill").id, words, NOW)
    return parts.ledger.note_tested(draft.id, NOW) if tested else draft


def sent(draft: Update, **changes: Any) -> dict[str, Any]:
    """Return what the form of a draft sends when nothing was changed but this."""
    return {
        "title": draft.title,
        "text": draft.text,
        "lang": draft.lang,
        "version": version(draft),
        **changes,
    }


def agreed(draft: Update, counted: int, **changes: Any) -> dict[str, Any]:
    """Return what the page before publishing sends."""
    facts = {"mail": "yes", "version": version(draft), "counted": str(counted), "typed_number": str(counted)}
    return {**facts, **changes}


def now_of(parts: Parts, draft: Update) -> Update:
    return parts.ledger.update_by_id(draft.id)


def test_an_empty_list_says_what_to_do_first(anahit_signed_in: Desk) -> None:
    page = anahit_signed_in.get(PLACE).text
    assert "No update yet" in page
    assert f'href="{PLACE}/new"' in page
    assert f'<a href="{PLACE}" aria-current="page">Updates</a>' in page


def test_a_draft_is_kept_edited_and_seen_by_nobody_else(anahit_signed_in: Desk, parts: Parts) -> None:
    answer = anahit_signed_in.send(f"{PLACE}/new", TYPED | {"answer": "y"})
    assert (answer.status_code, answer.location) == (303, f"{PLACE}/1")
    (draft,) = parts.ledger.updates(1)
    assert (draft.kind, draft.title, draft.published_at) == (Kind.ANSWER, "The mill turns", None)
    shown = anahit_signed_in.get(f"{PLACE}/1").text
    assert 'value="The mill turns"' in shown
    assert "checked" in shown
    anahit_signed_in.send(f"{PLACE}/1", sent(draft, text="Since **yesterday**.", lang="hy"))
    after = now_of(parts, draft)
    assert (after.text, after.lang, after.kind) == ("Since **yesterday**.", "hy", Kind.UPDATE)
    assert "The mill turns" not in anahit_signed_in.get("/p/save-the-mill").text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": ""}, "Give it a title."),
        ({"text": " "}, "Write it."),
        ({"lang": "!!"}, "This "),
        ({"text": "<div>loud</div>"}, "This is HTML"),
        ({"text": "a" * 65_536}, "Take at most 50,000 characters."),
        ({"title": "a" * 301}, "Take at most 300 characters."),
    ],
)
def test_a_slip_is_told_and_nothing_typed_is_lost(
    anahit_signed_in: Desk, parts: Parts, changes: dict[str, str], said: str
) -> None:
    typed = TYPED | {"text": "Kept words."} | changes
    for path in (f"{PLACE}/new", f"{PLACE}/{kept(parts).id}"):
        answer = anahit_signed_in.send(path, typed)
        assert answer.status_code == 422
        assert said in answer.text
        assert typed["title"] in answer.text
        assert typed["text"].strip().replace("<", "&lt;").replace(">", "&gt;") in answer.text
    assert [one.text for one in parts.ledger.updates(1)] == ["Since *today*."]


def test_a_text_in_any_script_may_be_as_long_as_it_may(anahit_signed_in: Desk, parts: Parts) -> None:
    long = "Ջրաղացը պտտվում է։ " * 2_600
    assert len(long.encode()) > 64 * 1024
    sent_by_browsers = {"content_type": "multipart/form-data"}
    done = anahit_signed_in.send(f"{PLACE}/new", TYPED | {"text": long}, **sent_by_browsers)
    assert done.status_code == 303
    assert parts.ledger.updates(1)[0].text == long.strip()


def test_the_preview_is_safe_and_stored_nowhere(anahit_signed_in: Desk, parts: Parts) -> None:
    typed = TYPED | {"title": "</h2><script>", "text": "**Bold** <i> [x](javascript:alert(1))", "lang": "?"}
    answer = anahit_signed_in.send(f"{PLACE}/preview", typed)
    assert "<strong>Bold</strong> &lt;i&gt;" in answer.text
    assert "<script>" not in answer.text
    assert "javascript" not in answer.text.replace("[x](javascript", "")
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    assert parts.ledger.updates(1) == []
    assert "<em>today</em>" in anahit_signed_in.get(f"{PLACE}/{kept(parts).id}/preview").text


def test_two_tabs_lose_nothing(anahit_signed_in: Desk, parts: Parts) -> None:
    draft = kept(parts)
    parts.ledger.rewrite_update(draft.id, UpdateDraft(Kind.UPDATE, "en", "Theirs", "Other words."))
    mine = sent(draft, text="Mine <3")
    answer = anahit_signed_in.send(f"{PLACE}/{draft.id}", mine)
    assert answer.status_code == 409
    assert "Mine &lt;3" in answer.text
    assert "Other words." in answer.text
    assert now_of(parts, draft).title == "Theirs"
    again = anahit_signed_in.send(f"{PLACE}/{draft.id}", mine | {"version": version(now_of(parts, draft))})
    assert again.status_code == 303
    assert now_of(parts, draft).text == "Mine <3"


def test_saving_the_same_words_leaves_them_tested(anahit_signed_in: Desk, parts: Parts) -> None:
    draft = kept(parts, tested=True)
    anahit_signed_in.send(f"{PLACE}/{draft.id}", sent(draft))
    assert now_of(parts, draft).tested_at == NOW
    anahit_signed_in.send(f"{PLACE}/{draft.id}", sent(draft, text="Other words."))
    assert now_of(parts, draft).tested_at is None


def test_what_was_published_meanwhile_is_saved_as_another(anahit_signed_in: Desk, parts: Parts) -> None:
    draft = kept(parts)
    parts.ledger.publish_update(draft.id, NOW, mailing=False)
    answer = anahit_signed_in.send(f"{PLACE}/{draft.id}", sent(draft, text="Late words."))
    assert answer.status_code == 409
    assert "A colleague published it while you wrote" in answer.text
    assert "Late words." in answer.text
    assert f'action="{PLACE}/new"' in answer.text
    assert now_of(parts, draft).text == "Since *today*."


def test_the_page_before_says_how_many_and_asks_for_that_number(
    anahit_signed_in: Desk, parts: Parts, signers: int
) -> None:
    draft = kept(parts, tested=True)
    page = anahit_signed_in.get(f"{PLACE}/{draft.id}/publish").text
    assert "<strong>3</strong> signers asked for news" in page
    assert "at most 120 a minute" in page
    wrong = anahit_signed_in.send(f"{PLACE}/{draft.id}/publish", agreed(draft, 3, typed_number="4"))
    assert wrong.status_code == 422
    assert "This touches 3. Type that number to go on." in wrong.text
    assert now_of(parts, draft).published_at is None
    done = anahit_signed_in.send(f"{PLACE}/{draft.id}/publish", agreed(draft, 3), follow_redirects=True)
    assert "the letters go out, a few at a time" in done.text
    assert now_of(parts, draft).mailing is Mailing.GOING
    assert "The mill turns" in anahit_signed_in.get("/p/save-the-mill").text


def test_a_second_press_and_a_second_tab_publish_nothing_twice(
    anahit_signed_in: Desk, parts: Parts, signers: int
) -> None:
    draft = kept(parts, tested=True)
    anahit_signed_in.send(f"{PLACE}/{draft.id}/publish", agreed(draft, 3))
    before = now_of(parts, draft)
    for sent_again in (agreed(draft, 3), {"mail": "no", "version": version(draft)}):
        again = anahit_signed_in.send(f"{PLACE}/{draft.id}/publish", sent_again, follow_redirects=True)
        assert "It was published already." in again.text
    assert now_of(parts, draft) == before
    assert anahit_signed_in.get(f"{PLACE}/{draft.id}/publish").location == f"{PLACE}/{draft.id}/published"
    assert anahit_signed_in.get(f"{PLACE}/{draft.id}").location == f"{PLACE}/{draft.id}/published"


def test_words_that_changed_after_they_were_looked_at_are_not_published(
    anahit_signed_in: Desk, parts: Parts, signers: int
) -> None:
    draft = kept(parts, tested=True)
    parts.ledger.rewrite_update(draft.id, UpdateDraft(Kind.UPDATE, "en", "Theirs", "Other words."))
    for asked in (agreed(draft, 3), {"mail": "no", "version": version(draft)}):
        answer = anahit_signed_in.send(f"{PLACE}/{draft.id}/publish", asked)
        assert answer.status_code == 409
        assert "Somebody changed the words meanwhile" in answer.text
    assert now_of(parts, draft).published_at is None


def test_nobody_is_written_to_untested(anahit_signed_in: Desk, parts: Parts, signers: int) -> None:
    draft = kept(parts)
    page = anahit_signed_in.get(f"{PLACE}/{draft.id}/publish").text
    assert "Send me a test" in page
    assert "typed_number" not in page
    assert anahit_signed_in.send(f"{PLACE}/{draft.id}/publish", agreed(draft, 3)).status_code == 409
    assert now_of(parts, draft).published_at is None


def test_who_signs_while_the_page_is_open_asks_for_no_second_look(
    anahit_signed_in: Desk, parts: Parts, signers: int
) -> None:
    few, many = kept(parts, tested=True), kept(parts, tested=True)
    for number in range(10):
        news = signature(signers, f"sam.{number}@example.org", consent=Consent(NOW, "Yes"))
        parts.ledger.record(news, None)
    assert anahit_signed_in.send(f"{PLACE}/{few.id}/publish", agreed(few, 3)).status_code == 303
    late = signature(signers, "sam.late@example.org", consent=Consent(NOW, "Yes"))
    parts.ledger.record(late, None)
    answer = anahit_signed_in.send(f"{PLACE}/{many.id}/publish", agreed(many, 3))
    assert answer.status_code == 422
    assert "This touches 14." in answer.text
    assert 'name="counted" value="14"' in answer.text


def test_where_nobody_asked_for_news_it_goes_on_the_page_alone(anahit_signed_in: Desk, parts: Parts) -> None:
    draft = kept(parts, tested=True)
    page = anahit_signed_in.get(f"{PLACE}/{draft.id}/publish").text
    assert "<strong>Nobody</strong> would get a letter" in page
    assert anahit_signed_in.send(f"{PLACE}/{draft.id}/publish", agreed(draft, 0)).status_code == 422
    alone = {"mail": "no", "version": version(draft)}
    shown = anahit_signed_in.send(f"{PLACE}/{draft.id}/publish", alone, follow_redirects=True).text
    assert "no letter goes out" in shown
    assert now_of(parts, draft).mailing is Mailing.NONE
    assert "on the page alone" in anahit_signed_in.get(PLACE).text


def test_a_closed_petition_has_news_and_a_forgotten_one_no_letters(
    anahit_signed_in: Desk, parts: Parts, signers: int
) -> None:
    parts.ledger.change(signers, {"status": Status.CLOSED})
    draft = kept(parts, tested=True)
    assert "<strong>3</strong> signers" in anahit_signed_in.get(f"{PLACE}/{draft.id}/publish").text
    parts.ledger.anonymise(signers, NOW)
    forgotten = anahit_signed_in.get(f"{PLACE}/{draft.id}/publish").text
    assert "the signers of this petition are forgotten" in forgotten
    assert "Publish on the page alone" in forgotten


def test_a_draft_of_a_petition_has_nowhere_to_stand(anahit_signed_in: Desk, parts: Parts) -> None:
    parts.ledger.change(1, {"status": Status.DRAFT})
    draft = kept(parts, tested=True)
    assert "Open the petition first" in anahit_signed_in.get(f"{PLACE}/{draft.id}/publish").text
    alone = {"mail": "no", "version": version(draft)}
    assert anahit_signed_in.send(f"{PLACE}/{draft.id}/publish", alone).status_code == 422
    assert now_of(parts, draft).published_at is None


def test_where_a_mailing_stands_and_how_it_is_stopped(
    anahit_signed_in: Desk, parts: Parts, signers: int
) -> None:
    draft = kept(parts, tested=True)
    now = parts.clock()
    parts.ledger.publish_update(draft.id, now, mailing=True)
    parts.ledger.feed_outbox(now, per_minute=12)
    letter = parts.ledger.claim_letter(now, worker="w", until=now)
    assert letter is not None
    parts.ledger.mark_letter_sent(letter.id, now)
    assert "1 of 3 sent, going on" in anahit_signed_in.get(PLACE).text
    page = anahit_signed_in.get(f"{PLACE}/{draft.id}/published").text
    for fact in (
        "<dt>Still to write</dt><dd>1</dd>",
        "<dt>Waiting</dt><dd>1</dd>",
        "<dt>Sent</dt><dd>1</dd>",
    ):
        assert fact in page
    assert "No letter was written for" not in page
    stopped = anahit_signed_in.send(f"{PLACE}/{draft.id}/stop", follow_redirects=True).text
    assert "Stopped. 2 letters were written before." in stopped
    assert now_of(parts, draft).mailing is Mailing.STOPPED
    assert "stopped after 2" in anahit_signed_in.get(PLACE).text
    again = anahit_signed_in.send(f"{PLACE}/{draft.id}/stop", follow_redirects=True).text
    assert "There is nothing to stop" in again


def test_a_stopped_mailing_goes_on_once_however_often_it_is_pressed(
    anahit_signed_in: Desk, parts: Parts, signers: int
) -> None:
    draft = kept(parts, tested=True)
    place, now = f"{PLACE}/{draft.id}", parts.clock()
    parts.ledger.publish_update(draft.id, now, mailing=True)
    assert "Go on with the mailing" not in anahit_signed_in.get(f"{place}/published").text
    parts.ledger.feed_outbox(now, per_minute=12)
    anahit_signed_in.send(f"{place}/stop")
    page = anahit_signed_in.get(f"{place}/published").text
    assert "<strong>3</strong> signers have not had it" in page
    assert f'action="{place}/resume"' in page
    told = [anahit_signed_in.send(f"{place}/resume", follow_redirects=True).text for _ in range(2)]
    assert "It goes on, with those who have not had it yet." in told[0]
    assert "It goes on already." in told[1]
    assert now_of(parts, draft).mailing is Mailing.GOING
    alone = kept(parts)
    parts.ledger.publish_update(alone.id, now, mailing=False)
    refused = anahit_signed_in.send(f"{PLACE}/{alone.id}/resume", follow_redirects=True).text
    assert "There is nothing to go on with" in refused


def test_a_stopped_mailing_with_nobody_left_says_so(
    anahit_signed_in: Desk, parts: Parts, signers: int
) -> None:
    draft = kept(parts, tested=True)
    parts.ledger.publish_update(draft.id, NOW, mailing=True)
    parts.ledger.stop_mailing(draft.id)
    for number in (1, 2, 3):
        parts.ledger.leave_news(number)
    page = anahit_signed_in.get(f"{PLACE}/{draft.id}/published").text
    assert "Nobody is left to write to" in page
    assert "/resume" not in page


def test_a_draft_is_deleted_after_a_second_look(anahit_signed_in: Desk, parts: Parts) -> None:
    draft, other = kept(parts), kept(parts, title="Stays")
    place = f"{PLACE}/{draft.id}"
    page = anahit_signed_in.get(place).text
    assert f'action="{place}/remove"' in page
    assert "Delete this draft" not in anahit_signed_in.get(f"{PLACE}/new").text
    gone = anahit_signed_in.send(f"{place}/remove", {"version": version(draft)}, follow_redirects=True).text
    assert "The draft is deleted." in gone
    assert [one.id for one in parts.ledger.updates(1)] == [other.id]
    assert anahit_signed_in.send(f"{place}/remove", {"version": version(draft)}).status_code == 404
    assert anahit_signed_in.get(place).status_code == 404


def test_what_changed_or_was_published_meanwhile_is_not_deleted(anahit_signed_in: Desk, parts: Parts) -> None:
    draft = kept(parts)
    theirs = parts.ledger.rewrite_update(draft.id, UpdateDraft(Kind.UPDATE, "en", "Theirs", "Other words."))
    place = f"{PLACE}/{draft.id}"
    for sent_once in ({"version": version(draft)}, {}):
        told = anahit_signed_in.send(f"{place}/remove", sent_once, follow_redirects=True).text
        assert "nothing was deleted" in told
        assert "Other words." in told
    parts.ledger.publish_update(draft.id, NOW, mailing=False)
    told = anahit_signed_in.send(f"{place}/remove", {"version": version(theirs)}, follow_redirects=True).text
    assert "It was published already: nothing was deleted." in told
    assert now_of(parts, draft).published_at == NOW


def test_who_writes_while_a_colleague_deletes_the_draft_loses_nothing(
    anahit_signed_in: Desk, parts: Parts
) -> None:
    draft = kept(parts)
    parts.ledger.remove_draft(draft.id)
    for text, said in (("Mine <3", "Mine &lt;3"), ("", "Write it.")):
        answer = anahit_signed_in.send(f"{PLACE}/{draft.id}", sent(draft, text=text))
        assert answer.status_code == 404
        assert "There is no such draft any more" in answer.text
        assert said in answer.text
        assert f'action="{PLACE}/new"' in answer.text


def test_a_mailing_that_does_not_move_is_noticed(anahit_signed_in: Desk, parts: Parts, signers: int) -> None:
    draft = kept(parts, tested=True)
    parts.ledger.publish_update(draft.id, NOW, mailing=True)  # long ago, and no worker came
    assert (
        "No letter was written for a quarter of an hour" in anahit_signed_in.get(f"{PLACE}/1/published").text
    )


def test_a_desk_without_a_mail_server_shows_the_letter(anahit_signed_in: Desk, parts: Parts) -> None:
    draft = kept(parts)
    place = f"{PLACE}/{draft.id}"
    for path, form in ((f"{place}/test", {}), (place, sent(draft, then="test"))):
        answer = anahit_signed_in.send(path, form)
        assert (answer.status_code, answer.location) == (303, f"{place}/letter")
    shown = anahit_signed_in.get(f"{place}/letter")
    assert "[Test] News: The mill turns" in shown.text
    assert "Since *today*." in shown.text  # the text part, as typed
    assert f'src="{place}/letter/html" sandbox="allow-popups"' in shown.text
    framed = anahit_signed_in.get(f"{place}/letter/html")
    assert "<em>today</em>" in framed.text
    policy = framed.headers["Content-Security-Policy"]
    for directive in ("default-src 'none'", "frame-ancestors 'self'", "sandbox"):
        assert directive in policy
    assert now_of(parts, draft).tested_at is not None


def test_another_petitions_update_is_not_found(anahit_signed_in: Desk, parts: Parts) -> None:
    """Promise 17."""
    other = parts.ledger.add_petition(replace(MILL, slug="other"), NOW)
    draft = parts.ledger.add_update(other.id, UpdateDraft(Kind.UPDATE, "en", "Hidden", "Words."), NOW)
    for path in ("", "/publish", "/published", "/preview", "/letter", "/letter/html"):
        assert anahit_signed_in.get(f"{PLACE}/{draft.id}{path}").status_code == 404
    for path in ("", "/publish", "/stop", "/resume", "/remove", "/test"):
        assert anahit_signed_in.send(f"{PLACE}/{draft.id}{path}", TYPED).status_code == 404


def test_who_delivers_is_led_to_the_answer(anahit_signed_in: Desk) -> None:
    standing = "/manage/petitions/save-the-mill/editing/standing"
    assert "Write it down as an update" not in anahit_signed_in.get(standing).text
    after = anahit_signed_in.send(standing, {"status": "delivered"}, follow_redirects=True).text
    assert f'<a href="{PLACE}/new?answer">Write it down as an update</a>' in after
    assert "checked" in anahit_signed_in.get(f"{PLACE}/new?answer").text


# With a mail server, and in production without one


@pytest.fixture
def server() -> Iterator[MailServer]:
    with running() as found:
        yield found


@pytest.fixture
def posting(sqlite_url: str, server: MailServer) -> Iterator[Flask]:
    """The service with a real mail server."""
    mail = {"SMTP_URL": server.url, "MAIL_FROM": "post@example.org", "MAIL_TIMEOUT": "1"}
    yield from service({"DATABASE_URL": sqlite_url, **mail})


@pytest.fixture
def mute(sqlite_url: str) -> Iterator[Flask]:
    """The service in production, without one."""
    key = "k7Q2mZ9xT4vB1nR8sW5yL3pD6fH0jGcA"
    yield from service({"DATABASE_URL": sqlite_url, "ENVIRONMENT": "production", "SECRET_KEY": key})


def service(environ: dict[str, str]) -> Iterator[Flask]:
    app = create_app(Settings.from_env({"PUBLIC_URL": "https://our.example.org", **environ}))
    parts: Parts = app.extensions["support_now"]
    parts.ledger.add_petition(MILL, NOW)
    yield app
    parts.counter.close()
    parts.ledger.close()


def test_a_test_goes_to_who_is_at_the_desk(posting: Flask, server: MailServer) -> None:
    parts: Parts = posting.extensions["support_now"]
    browser = signed_in(posting, enrol(parts.ledger, "Anahit"))
    answer = browser.send(f"{PLACE}/new", TYPED | {"then": "test"}, follow_redirects=True)
    assert "A test is on its way to anahit@example.org." in answer.text
    (got,) = server.letters
    assert (got.to, got.mail["Subject"]) == ("anahit@example.org", "[Test] News: The mill turns")
    assert "A test of these words went out" in answer.text
    server.at_rcpt = lambda _address: "550 5.1.1 no"
    draft = parts.ledger.updates(1)[0]
    refused = browser.send(
        f"{PLACE}/{draft.id}", sent(draft, text="New.", then="test"), follow_redirects=True
    )
    assert "The test did not go out: the mail server refused at RCPT TO: 550 5.1.1." in refused.text
    assert "New.</textarea>" in refused.text
    assert parts.ledger.updates(1)[0].tested_at is None


def test_a_mail_server_that_hangs_holds_one_desk_and_not_two(posting: Flask, server: MailServer) -> None:
    from widget.web.console.updates import _at_the_door

    parts: Parts = posting.extensions["support_now"]
    browser, draft = signed_in(posting, enrol(parts.ledger, "Anahit")), kept(parts)
    with _at_the_door:
        second = browser.send(f"{PLACE}/{draft.id}/test", follow_redirects=True)
    assert "Another test is just going out" in second.text
    server.at_mail = lambda _address: HANG
    hung = browser.send(f"{PLACE}/{draft.id}/test", follow_redirects=True)
    assert "The test did not go out:" in hung.text
    assert not _at_the_door.locked()


def test_without_a_mail_server_it_is_said_what_happens(mute: Flask) -> None:
    parts: Parts = mute.extensions["support_now"]
    browser, draft = signed_in(mute, enrol(parts.ledger, "Anahit")), kept(parts)
    assert "no mail server (SMTP_URL)" in browser.get(PLACE).text
    assert "send me a test" not in browser.get(f"{PLACE}/{draft.id}").text
    page = browser.get(f"{PLACE}/{draft.id}/publish").text
    assert "No letter can go out" in page
    assert "Publish on the page alone" in page
    answer = browser.send(f"{PLACE}/{draft.id}/test", follow_redirects=True)
    assert "No letter goes out" in answer.text
    news = signature(1, "sam@example.org", consent=Consent(NOW, "Yes"))
    parts.ledger.record(news, None)
    stopped = kept(parts)
    parts.ledger.publish_update(stopped.id, NOW, mailing=True)
    parts.ledger.stop_mailing(stopped.id)
    assert "so it stays stopped" in browser.get(f"{PLACE}/{stopped.id}/published").text
    refused = browser.send(f"{PLACE}/{stopped.id}/resume", follow_redirects=True)
    assert "It stays stopped: this service has no mail server" in refused.text
    assert now_of(parts, stopped).mailing is Mailing.STOPPED
    assert browser.send(f"{PLACE}/{draft.id}/publish", agreed(draft, 1)).status_code == 422
