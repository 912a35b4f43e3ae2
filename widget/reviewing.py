"""The story of a review: Anahit looks at what was held, lets it count or strikes it, and may undo it.

Count first, then move in batches. A batch is one transaction: number, audit and history move with each
signature or not at all, so stopping between two leaves everything right. The same review begun again goes
on where it was, since what has moved is no longer meant.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from widget.addressing import in_ascii
from widget.domain.criteria import Criteria
from widget.domain.petition import Confirmation, Petition
from widget.domain.refusals import InvalidInput, Problem
from widget.domain.signature import Signature, State
from widget.store.counter import Counter
from widget.store.ledger import Ledger

AT_ONCE = 500  # signatures in one transaction: signers of the petition wait for it a moment at most
REASON_LENGTH = 200
_HELD = frozenset({State.HELD})
_STANDING = frozenset({State.PENDING, State.CONFIRMED, State.HELD})


@dataclass(frozen=True, slots=True)
class Review:
    """What is to be done to which signatures of a petition; `batch` names it for the history."""

    petition: Petition
    criteria: Criteria
    accepts: bool
    reason: str
    batch: str

    def target(self, state: State, confirmed: bool) -> State | None:
        """Return where a signature goes. One that was never confirmed and has to be goes on waiting."""
        if not self.accepts:
            return State.INVALIDATED
        if state is not State.HELD:
            return None
        at_once = self.petition.confirmation is Confirmation.NONE
        return State.CONFIRMED if confirmed or at_once else State.PENDING


@dataclass(frozen=True, slots=True)
class Undoing:
    """A batch to take back, how many it moved, and how many of them are still where it put them."""

    petition: Petition
    batch: str
    moved: int
    still: int
    name: str


def accepting(
    slug: str, criteria: Criteria, *, ledger: Ledger, reason: str = "accepted", batch: str | None = None
) -> Review:
    """Plan to let held signatures count. Raises PetitionNotFound, InvalidInput."""
    return _planned(slug, replace(criteria, states=_HELD), ledger, reason, batch, accepts=True)


def invalidating(
    slug: str, criteria: Criteria, *, ledger: Ledger, reason: str, batch: str | None = None
) -> Review:
    """Plan to strike signatures, whether held, waiting or counted. Raises PetitionNotFound, InvalidInput."""
    if criteria.is_empty and not criteria.states:
        raise InvalidInput({"criteria": [Problem("required")]})  # a slip would empty the petition
    states = (criteria.states or _STANDING) & _STANDING
    return _planned(slug, replace(criteria, states=states), ledger, reason, batch, accepts=False)


def undoing(slug: str, batch: str, *, ledger: Ledger) -> Undoing:
    """Plan to take a review back. Raises PetitionNotFound."""
    petition = ledger.petition(slug)
    moved, still = ledger.batch_size(petition.id, batch)
    return Undoing(petition, batch, moved, still, _new_name())


def count(review: Review, *, ledger: Ledger) -> int:
    """Return how many signatures a review is about."""
    return ledger.count_matching(review.petition.id, review.criteria)


def carry_out(
    review: Review, *, ledger: Ledger, counter: Counter, clock: Callable[[], datetime], within: timedelta
) -> Iterator[int]:
    """Move batch after batch; yield how many moved in each. Whoever stops listening stops the review.

    A link in a letter works for `within`; who has to confirm and has none that works gets a letter.
    """
    last: int | None = 0
    while last is not None:
        now = clock()
        step = ledger.move_matching(
            review.petition.id,
            review.criteria,
            review.target,
            now,
            after=last,
            limit=AT_ONCE,
            reason=review.reason,
            batch=review.batch,
            links_since=now - within,
        )
        counter.publish(review.petition.id, ledger.tally(review.petition.id))
        last = step.last_id
        yield step.moved


def undo(
    plan: Undoing, *, ledger: Ledger, counter: Counter, clock: Callable[[], datetime], within: timedelta
) -> Iterator[int]:
    """Bring batch after batch back; yield how many came back in each. Letters as in `carry_out`."""
    moved = AT_ONCE
    while moved:
        now = clock()
        moved = ledger.undo_some(
            plan.petition.id,
            plan.batch,
            now,
            limit=AT_ONCE,
            reason=f"undoing {plan.batch}",
            undoing=plan.name,
            links_since=now - within,
        )
        counter.publish(plan.petition.id, ledger.tally(plan.petition.id))
        if moved:
            yield moved


def held(
    slug: str, criteria: Criteria, *, ledger: Ledger, after: int = 0, limit: int
) -> tuple[int, list[Signature]]:
    """Return how many signatures wait for a look, and some of them. Raises PetitionNotFound."""
    return found(slug, replace(criteria, states=_HELD), ledger=ledger, after=after, limit=limit)


def found(
    slug: str, criteria: Criteria, *, ledger: Ledger, after: int = 0, limit: int
) -> tuple[int, list[Signature]]:
    """Return how many signatures there are of a kind, and some of them. Raises PetitionNotFound."""
    petition, criteria = ledger.petition(slug), read_criteria(criteria)
    total = ledger.count_matching(petition.id, criteria)
    return total, ledger.matching(petition.id, criteria, after=after, limit=limit)


def _planned(
    slug: str, criteria: Criteria, ledger: Ledger, reason: str, batch: str | None, *, accepts: bool
) -> Review:
    if not reason.strip() or len(reason) > REASON_LENGTH:
        raise InvalidInput({"reason": [Problem("required")]})
    meant = read_criteria(criteria)
    return Review(ledger.petition(slug), meant, accepts, reason.strip(), batch or _new_name())


def read_criteria(criteria: Criteria) -> Criteria:
    """Read the address as the form does; what is none stays as it is and finds nobody."""
    if criteria.address:
        with suppress(ValueError):
            return replace(criteria, address=in_ascii(criteria.address))
    return criteria


def _new_name() -> str:
    return secrets.token_hex(4)
