"""The story of the list of signers: Anahit leafs through it, looks one up, and sees what became of it.

Whatever is looked up is looked up within one petition: a number of another petition's signature opens
nothing (promise 17).
"""

from dataclasses import dataclass
from datetime import datetime

from widget.domain.criteria import Criteria
from widget.domain.petition import Confirmation, Petition, Wording
from widget.domain.refusals import SignatureNotFound
from widget.domain.seen import Move
from widget.domain.signature import LETTERS_AT_MOST, Occasion, Signature, State
from widget.reviewing import read_criteria
from widget.store.ledger import Ledger, Post, Reviewed

HIGHEST = 2**63 - 1  # no ledger numbers further, and none can be asked about it
REVIEWS = 100  # the latest of them; nobody takes back what is older


@dataclass(frozen=True, slots=True)
class Leaf:
    """Signers, the newest first; `newer` and `older` tell whether there are any before and after them."""

    signatures: tuple[Signature, ...]
    newer: bool
    older: bool


@dataclass(frozen=True, slots=True)
class Dossier:
    """A signature with all that its organiser may know of it: what it says, its letters and its moves."""

    petition: Petition
    wording: Wording
    signature: Signature
    letters: tuple[Post, ...]
    moves: tuple[Move, ...]

    @property
    def written(self) -> int:
        """Return how many letters there were of those that are limited; news is apart."""
        return sum(letter.occasion is not Occasion.UPDATE for letter in self.letters)

    @property
    def may_be_asked_again(self) -> bool:
        """Tell whether the signer waits for a letter, and another may go out."""
        waits = self.signature.state is State.PENDING and self.petition.confirmation is Confirmation.EMAIL
        return waits and self.written < LETTERS_AT_MOST


def leaf(
    petition: Petition,
    criteria: Criteria,
    *,
    before: int | None,
    after: int | None,
    limit: int,
    ledger: Ledger,
) -> Leaf:
    """Return a page of signers: below the number `before`, else just above `after`, else the newest."""
    meant = read_criteria(criteria)
    found = ledger.newest(petition.id, meant, before=before, after=after, limit=limit + 1)
    more = len(found) > limit
    if before is None and after is not None:
        return Leaf(tuple(found[-limit:]), newer=more, older=True)
    return Leaf(tuple(found[:limit]), newer=before is not None, older=more)


def look_up(petition: Petition, signature_id: int, *, ledger: Ledger) -> Dossier:
    """Return one signer of a petition, with history. Raises SignatureNotFound."""
    signature = ledger.signature_by_id(signature_id) if signature_id <= HIGHEST else None
    if signature is None or signature.petition_id != petition.id:
        raise SignatureNotFound(str(signature_id))
    return Dossier(
        petition=petition,
        wording=ledger.wording(petition.id, signature.text_version),
        signature=signature,
        letters=tuple(ledger.post(signature_id)),
        moves=tuple(ledger.history(signature_id)),
    )


def ask_again(petition: Petition, signature_id: int, *, ledger: Ledger, now: datetime) -> bool:
    """Write the letter that asks to confirm once more; tell whether the limits let it be written.

    Raises SignatureNotFound.
    """
    found = look_up(petition, signature_id, ledger=ledger)
    if not found.may_be_asked_again:
        return False
    ledger.write_again(petition.id, found.signature.canonical_email, now)
    return len(ledger.post(signature_id)) > len(found.letters)


def reviews(petition: Petition, *, ledger: Ledger) -> list[Reviewed]:
    """Return the latest reviews of a petition, the last one first."""
    return ledger.reviews(petition.id, limit=REVIEWS)
