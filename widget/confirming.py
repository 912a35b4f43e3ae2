"""The story of a confirmation: a signer opens the link in the letter, sees what it is about, and says yes.

Opening changes nothing: programs that look after mail open every link before anybody reads it (promise 12).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from widget import metrics, signing
from widget.domain.address import canonical
from widget.domain.petition import Confirmation, Petition, Wording
from widget.domain.refusals import LinkExpired, LinkUnknown
from widget.domain.signature import Link, Signature, State
from widget.domain.tally import Progress
from widget.store.catalogue import Catalogue
from widget.store.counter import Counter
from widget.store.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Confirming:
    """A signature at its confirmation: the wording that was signed, and whether the address is confirmed.

    `link` leads to the signer's own page.
    """

    petition: Petition
    wording: Wording
    progress: Progress
    lang: str
    confirmed: bool
    link: Link


def look(
    signature_id: int | None,
    *,
    catalogue: Catalogue,
    ledger: Ledger,
    counter: Counter,
    now: datetime,
    within: timedelta,
) -> Confirming:
    """Show what a link from a letter would confirm; change nothing.

    `signature_id` is what the link opens, None for one that is not ours. It works for `within` after the
    latest letter, and for ever once the address is confirmed. Raises LinkUnknown, LinkExpired.
    """
    signature = _linked(signature_id, ledger, now, within)
    petition = ledger.petition_by_id(signature.petition_id)
    shown = signing.show(petition.slug, catalogue=catalogue, ledger=ledger, counter=counter)
    return Confirming(
        petition=shown.petition,
        wording=ledger.wording(petition.id, signature.text_version),
        progress=shown.progress,
        lang=signature.lang,
        confirmed=_is_confirmed(signature),
        link=signature.link,
    )


def confirm(
    signature_id: int | None,
    *,
    catalogue: Catalogue,
    ledger: Ledger,
    counter: Counter,
    now: datetime,
    within: timedelta,
) -> Confirming:
    """Confirm a signature: it counts from now on. Twice is once. Raises as `look`.

    One that is held for review is not counted, and nobody can tell from the answer. A petition that was
    closed meanwhile still takes it: it was signed in time.
    """
    signature = _linked(signature_id, ledger, now, within)
    outcome = "again" if _is_confirmed(signature) else "confirmed"
    if signature.state is State.WITHDRAWN:  # who left comes back only while others may come, too
        ledger.petition_by_id(signature.petition_id).refuse_unless_open(now)
    ledger.confirm_signature(signature.id, now, reason="confirmed by mail")
    metrics.confirmations.labels(outcome).inc()
    counter.publish(signature.petition_id, ledger.tally(signature.petition_id))
    return look(signature.id, catalogue=catalogue, ledger=ledger, counter=counter, now=now, within=within)


def send_again(slug: str, email_ascii: str, *, catalogue: Catalogue, ledger: Ledger, now: datetime) -> None:
    """Write the letter that asks to confirm once more, if somebody waits for it and the limits allow.

    Says nothing about whether they do. Raises PetitionNotFound.
    """
    petition = signing.find(slug, catalogue=catalogue)
    if petition.confirmation is Confirmation.EMAIL:
        ledger.write_again(petition.id, canonical(email_ascii), now)


def _linked(signature_id: int | None, ledger: Ledger, now: datetime, within: timedelta) -> Signature:
    signature = None if signature_id is None else ledger.signature_by_id(signature_id)
    if signature is None or signature.state is State.ERASED:
        raise LinkUnknown
    asked = ledger.last_letter_at(signature.id) or signature.signed_at
    if not _is_confirmed(signature) and now >= asked + within:
        raise LinkExpired
    return signature


def _is_confirmed(signature: Signature) -> bool:
    """Tell whether the address is confirmed, also where others keep the signature out of the number."""
    return signature.confirmed_at is not None and signature.state is not State.WITHDRAWN
