"""The story of one's own signature: seen, corrected, shown or hidden, taken back, given again, erased.

Whoever has the link from a letter has the signature; there is no account. `opened` tells which number
a link opens. Each of the other functions is handed that, None for a link that is not ours, and raises
LinkUnknown where there is nobody: never signed, erased, or anonymised after closing. All of them may be
called twice.
"""

from dataclasses import dataclass
from datetime import datetime

from widget.addressing import in_ascii
from widget.domain.address import canonical
from widget.domain.petition import Confirmation, Petition, Wording
from widget.domain.refusals import LinkUnknown
from widget.domain.seen import Event, seen_events, seen_state
from widget.domain.signature import Actor, Link, Signature, State
from widget.store.counter import Counter
from widget.store.ledger import Ledger, Post


@dataclass(frozen=True, slots=True)
class Own:
    """A signature with all that is stored of it, as its signer may know it.

    `state` is the one to show, which may differ from the signature's. `letters` are those written,
    `events` what became of it, the earliest first.
    """

    petition: Petition
    wording: Wording
    signature: Signature
    state: State
    letters: tuple[Post, ...]
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class News:
    """Whether the signer of a petition still wants news of it."""

    petition: Petition
    wording: Wording
    lang: str
    wanted: bool


def opened(link: Link | None, *, ledger: Ledger) -> int | None:
    """Return the number of the signature that a link opens, None for a link that opens nothing here.

    A ledger that was put back from an older copy gives numbers again that were in links before: the
    moment of signing tells whose signature it is.
    """
    signature = None if link is None else ledger.signature_by_id(link.signature_id)
    return None if signature is None or signature.link != link else signature.id


def read(signature_id: int | None, *, ledger: Ledger) -> Own:
    """Return everything that is stored of a signature; change nothing. Raises LinkUnknown."""
    signature = _somebody(signature_id, ledger)
    petition = ledger.petition_by_id(signature.petition_id)
    at_once = petition.confirmation is Confirmation.NONE
    return Own(
        petition=petition,
        wording=ledger.wording(petition.id, signature.text_version),
        signature=signature,
        state=seen_state(signature, at_once=at_once),
        letters=tuple(ledger.post(signature.id)),
        events=tuple(seen_events(signature, ledger.history(signature.id), at_once=at_once)),
    )


def find(slug: str, email: str, *, ledger: Ledger) -> Link:
    """Return the link to what somebody signed. Raises PetitionNotFound, and LinkUnknown for nobody."""
    petition = ledger.petition(slug)
    try:
        signature = ledger.signature(petition.id, canonical(in_ascii(email)))
    except ValueError as error:
        raise LinkUnknown from error
    if signature is None:
        raise LinkUnknown
    return signature.link


def correct(signature_id: int | None, *, given_name: str, family_name: str, ledger: Ledger) -> None:
    """Correct the name. Raises LinkUnknown."""
    _done(ledger.rename(_number(signature_id), given_name=given_name, family_name=family_name))


def show_name(signature_id: int | None, *, show: bool, ledger: Ledger) -> None:
    """Show the name publicly, or hide it. Raises LinkUnknown."""
    _done(ledger.show_name(_number(signature_id), show=show))


def leave_news(signature_id: int | None, *, ledger: Ledger) -> None:
    """Get no more news: the consent is forgotten, with its time and words. Raises LinkUnknown."""
    _done(ledger.leave_news(_number(signature_id)))


def news(signature_id: int | None, *, ledger: Ledger) -> News:
    """Return whether news is wanted, also of a signature that is erased. Raises LinkUnknown."""
    signature = ledger.signature_by_id(_number(signature_id))
    if signature is None:
        raise LinkUnknown
    petition = ledger.petition_by_id(signature.petition_id)
    wording = ledger.wording(petition.id, signature.text_version)
    return News(petition, wording, signature.lang, wanted=signature.consent is not None)


def end_news(signature_id: int | None, *, ledger: Ledger) -> News:
    """Get no more news, from a link in a letter that brought some; once is enough, and twice is fine.

    Whoever was erased meanwhile gets none either. Raises LinkUnknown.
    """
    ledger.leave_news(_number(signature_id))
    return news(signature_id, ledger=ledger)


def withdraw(signature_id: int | None, *, ledger: Ledger, counter: Counter, now: datetime) -> None:
    """Take a signature back, also one that does not count yet, and after closing. Raises LinkUnknown."""
    signature = _somebody(signature_id, ledger)
    ledger.move(signature.id, State.WITHDRAWN, now, by=Actor.SIGNER)
    counter.publish(signature.petition_id, ledger.tally(signature.petition_id))


def resume(signature_id: int | None, *, ledger: Ledger, counter: Counter, now: datetime) -> None:
    """Give a signature again that was taken back: it is what it was. Raises LinkUnknown, PetitionClosed."""
    signature = _somebody(signature_id, ledger)
    ledger.petition_by_id(signature.petition_id).refuse_unless_open(now)
    ledger.resume(signature.id, now)
    counter.publish(signature.petition_id, ledger.tally(signature.petition_id))


def erase(signature_id: int | None, *, ledger: Ledger, counter: Counter, now: datetime) -> Petition:
    """Take the person out of the ledger, and the signature out of the number. Raises LinkUnknown."""
    signature = _somebody(signature_id, ledger)
    ledger.erase(signature.id, now, by=Actor.SIGNER)
    counter.publish(signature.petition_id, ledger.tally(signature.petition_id))
    return ledger.petition_by_id(signature.petition_id)


def _somebody(signature_id: int | None, ledger: Ledger) -> Signature:
    signature = ledger.signature_by_id(_number(signature_id))
    if signature is None or not signature.email:
        raise LinkUnknown
    return signature


def _number(signature_id: int | None) -> int:
    if signature_id is None:
        raise LinkUnknown
    return signature_id


def _done(found: bool) -> None:
    if not found:
        raise LinkUnknown
