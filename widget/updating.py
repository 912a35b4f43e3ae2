"""The story of an update: Anahit writes to those who signed, tries it on herself, and publishes it.

Published, it stands on the petition's page for good. If it is to be mailed, the worker writes its letters
a few at a time (`feed`) to all who had signed by then, count, and asked for news; whether each still does is
asked once more when the letter leaves.
"""

from collections.abc import Callable
from datetime import datetime

from widget import delivering
from widget.delivering import Post, Stationery
from widget.domain.letter import Letter, News
from widget.domain.petition import Petition
from widget.domain.refusals import EditedMeanwhile, UpdatePublished, UpdateUntested
from widget.domain.signature import Occasion, State
from widget.domain.update import Course, Kind, Mailing, Update, UpdateDraft, read_update, version
from widget.store.ledger import Ledger

A_FEW = 10  # signers who may come while an organiser reads; a hundredth where many sign
NOBODY = 0  # no signature has this number: the links of a test letter open nothing


def draft(
    slug: str,
    data: bytes,
    *,
    lang: str,
    kind: Kind,
    ledger: Ledger,
    now: datetime,
    replaces: int | None = None,
) -> Update:
    """Keep an update as a draft, new or in the place of another; `data` is a file as `read_update` takes it.

    Raises PetitionNotFound, PageUnreadable, UpdateNotFound, UpdatePublished.
    """
    petition = ledger.petition(slug)
    written = read_update(data, lang=lang, kind=kind)
    if replaces is None:
        return ledger.add_update(petition.id, written, now)
    return ledger.rewrite_update(find(replaces, ledger=ledger, petition=petition).id, written)


def write(petition: Petition, written: UpdateDraft, *, ledger: Ledger, now: datetime) -> Update:
    """Keep what was written as a new draft."""
    return ledger.add_update(petition.id, written, now)


def rewrite(update: Update, written: UpdateDraft, *, instead_of: str, ledger: Ledger) -> Update:
    """Put what was written in the place of a draft; the same words again leave it as it is, tested or not.

    `instead_of` is the version that the edit began with. Raises UpdatePublished, and EditedMeanwhile where
    somebody else has saved other words since.
    """
    if update.published_at is not None:
        raise UpdatePublished(str(update.id))
    if version(update) == version(written):
        return update
    if version(update) != instead_of:
        raise EditedMeanwhile(str(update.id))
    return ledger.rewrite_update(update.id, written, seen=update)


def find(update_id: int, *, ledger: Ledger, petition: Petition | None = None) -> Update:
    """Return an update, of a petition if one is given. Raises UpdateNotFound."""
    return ledger.update_by_id(update_id, None if petition is None else petition.id)


def listed(slug: str, *, ledger: Ledger) -> list[Update]:
    """Return the updates of a petition, drafts too, the newest first. Raises PetitionNotFound."""
    return ledger.updates(ledger.petition(slug).id)


def send_test(
    update_id: int, to: str, *, lang: str | None, post: Post, paper: Stationery, ledger: Ledger, now: datetime
) -> delivering.Written:
    """Send a draft as a letter to one address, at once; return it in words.

    Its frame is in the language `lang`, else in that of the update. Raises UpdateNotFound,
    UpdatePublished, ValueError for no address, Undelivered, and EditedMeanwhile where the words were
    changed while the letter was under way: it is a test of them no more.
    """
    update = _drafted(update_id, ledger)
    letter = _sample(update, to, lang or update.lang, ledger, now)
    written = delivering.write_test(letter, paper)
    address = delivering.recipient(to)
    post.send(delivering.message(letter, written, paper, to=address, now=now), address)
    ledger.note_tested(update_id, now, seen=update)
    return written


def read_test(
    update: Update, to: str, *, paper: Stationery, ledger: Ledger, now: datetime
) -> delivering.Written:
    """Return the test of an update as it would be sent; sends and notes nothing."""
    return delivering.write_test(_sample(update, to, update.lang, ledger, now), paper)


def publish(
    update_id: int,
    *,
    mail: bool,
    ledger: Ledger,
    now: datetime,
    untested: bool = False,
    instead_of: str | None = None,
) -> Update:
    """Put an update on the petition's page, and with `mail` send it to those who asked for news.

    `instead_of` is the version that was looked at before. Raises UpdateNotFound, UpdatePublished,
    EditedMeanwhile where it has other words by now, and UpdateUntested where nobody has seen the letter,
    unless `untested` is wanted.
    """
    update = _drafted(update_id, ledger)
    if instead_of is not None and version(update) != instead_of:
        raise EditedMeanwhile(str(update_id))
    if mail and update.tested_at is None and not untested:
        raise UpdateUntested
    return ledger.publish_update(update_id, now, mailing=mail, seen=update)


def course(update: Update, *, ledger: Ledger) -> Course | None:
    """Tell how far a mailing is; None for an update that nobody was written to about."""
    return None if update.mailing is Mailing.NONE else ledger.course(update.id)


def stop(update_id: int, *, ledger: Ledger) -> Update:
    """Let no more letters of an update go out. Raises UpdateNotFound."""
    return ledger.stop_mailing(update_id)


def resume(update_id: int, *, ledger: Ledger, now: datetime) -> bool:
    """Let a mailing that was stopped go on; tell whether it was stopped.

    Those get the letter who had signed when it was published, still want news, and have not had it: the
    unique place of each letter in the outbox lets nobody have it twice. Raises UpdateNotFound.
    """
    ledger.update_by_id(update_id)
    return ledger.resume_mailing(update_id, now)


def left_out(update: Update, *, ledger: Ledger) -> int:
    """Return how many would still get the letter if the mailing went on; 0 where it was not stopped."""
    return ledger.count_left_out(update.id) if update.mailing is Mailing.STOPPED else 0


def remove(update: Update, *, instead_of: str, ledger: Ledger) -> None:
    """Delete a draft for good; `instead_of` is the version that was looked at.

    Raises UpdateNotFound, UpdatePublished, and EditedMeanwhile where it has other words by now.
    """
    if update.published_at is not None:
        raise UpdatePublished(str(update.id))
    if version(update) != instead_of:
        raise EditedMeanwhile(str(update.id))
    ledger.remove_draft(update.id, seen=update)


def audience(petition_id: int, *, ledger: Ledger) -> int:
    """Return how many signers would get an update by mail now."""
    return ledger.count_who_want_news(petition_id)


def is_about(readers: int, shown: int) -> bool:
    """Tell whether an audience is still the one that was shown a moment ago: not more, but for a few."""
    return readers <= shown + max(A_FEW, shown // 100)


def feeder(*, ledger: Ledger, per_minute: int) -> Callable[[datetime], int]:
    """Return what a worker does at each turn: write the next letters of a mailing, if it is time."""
    return lambda now: ledger.feed_outbox(now, per_minute=per_minute)


def _drafted(update_id: int, ledger: Ledger) -> Update:
    update = ledger.update_by_id(update_id)
    if update.published_at is not None:
        raise UpdatePublished(str(update_id))
    return update


def _sample(update: Update, to: str, lang: str, ledger: Ledger, now: datetime) -> Letter:
    petition = ledger.petition_by_id(update.petition_id)
    wording = petition.wording(lang)
    return Letter(
        id=NOBODY,
        occasion=Occasion.UPDATE,
        written_at=now,
        attempts=1,
        signature_id=NOBODY,
        state=State.CONFIRMED,
        moved_at=now,
        confirmed_at=now,
        signed_at=now,
        email=to,
        lang=lang,
        petition_id=petition.id,
        slug=petition.slug,
        started_by=petition.started_by,
        title=wording.title,
        title_lang=wording.lang,
        addressed_to=wording.addressed_to,
        wants_news=True,
        news=News(update.kind, update.lang, update.title, update.text, now, update.mailing),
    )
