"""The story of a signature: a visitor is shown a petition, signs it, and is counted.

Read this first. Every function is handed the parts it needs and the moment it happens in; none knows
of HTTP. A no is a Refusal, raised where it is known.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from widget import metrics
from widget.domain.address import canonical
from widget.domain.goal import GoalKind
from widget.domain.guard import WITHOUT_LETTER, Verdict
from widget.domain.petition import Confirmation, Petition, Status, slug_problem
from widget.domain.question import Answers
from widget.domain.refusals import InvalidInput, LedgerUnavailable, PetitionNotFound, Problem
from widget.domain.signature import Actor, Consent, NewSignature, Occasion, State
from widget.domain.tally import Progress, Tally, goal_of, progress_of
from widget.guarding import Guard, Sender
from widget.store.catalogue import Catalogue
from widget.store.counter import Counter
from widget.store.ledger import Ledger

NOBODY = Sender()


@dataclass(frozen=True, slots=True)
class Shown:
    """A petition and where it stands."""

    petition: Petition
    progress: Progress


@dataclass(frozen=True, slots=True)
class SignatureRequest:
    """What a visitor sent, checked for form: nothing but this passes the edge.

    `email` is as typed, `email_ascii` the same with its domain in ASCII. `consent_wording` is what
    stood beside the ticked box for news, None when it was left unticked. `text_version` is None when
    the form did not say which wording it showed: then it is the one in `wanted_lang`, the tag asked for,
    which may be a language that the service itself does not speak. `rehearsal` asks for everything but
    the signature: a webmaster's dry run. `answers` are those to the organiser's own questions.
    """

    email: str
    email_ascii: str
    lang: str
    given_name: str = ""
    family_name: str = ""
    country: str = ""
    postal_code: str = ""
    comment: str = ""
    show_name: bool = False
    consent_wording: str | None = None
    source: str = ""
    page_url: str = ""
    text_version: str | None = None
    wanted_lang: str = ""
    rehearsal: bool = False
    answers: Answers | None = None


@dataclass(frozen=True, slots=True)
class Signed:
    """The answer to a signer: it says the same whether or not the address had signed before."""

    status: Literal["counted", "check_email"]
    progress: Progress
    rehearsal: bool = False


def find(slug: str, *, catalogue: Catalogue) -> Petition:
    """Return a petition that visitors may know of. Raises PetitionNotFound, for a draft too."""
    if slug_problem(slug):  # nobody has it, and PostgreSQL takes no NUL: the ledger need not be asked
        raise PetitionNotFound(slug)
    petition = catalogue.petition(slug)
    if petition.status is Status.DRAFT:
        raise PetitionNotFound(slug)
    return petition


def show(slug: str, *, catalogue: Catalogue, ledger: Ledger, counter: Counter) -> Shown:
    """Return a petition with its number. Raises PetitionNotFound, or LedgerUnavailable if unknown."""
    return standing(find(slug, catalogue=catalogue), ledger=ledger, counter=counter)


def standing(petition: Petition, *, ledger: Ledger, counter: Counter) -> Shown:
    """Return a petition that is at hand with its number. Raises LedgerUnavailable if unknown."""
    return Shown(petition, _progress(petition, counter.read(petition.id), ledger, counter))


def sign(
    slug: str,
    request: SignatureRequest,
    *,
    origin: str | None,
    own_origin: str,
    catalogue: Catalogue,
    ledger: Ledger,
    counter: Counter,
    now: datetime,
    guard: Guard | None = None,
    sent: Sender = NOBODY,
    receipts: bool = True,
) -> Signed:
    """Sign a petition: on disk, once a person, and in the number before the answer goes out.

    `origin` is the site the form stood on, None if the browser did not say; `own_origin` is ours. The
    guard judges by what was `sent` with the form; None where whoever calls vouches for the signer.
    `receipts` is False where no mail goes out; a letter that asks to confirm is written all the same.
    Raises PetitionNotFound, PetitionClosed, OriginNotAllowed, InvalidInput for a wording the petition
    never had, TooManyRequests and ProofRequired from the guard, and LedgerUnavailable when nothing
    could be written.
    """
    petition = _with_wording(slug, request.text_version, catalogue)
    petition.refuse_unless_open(now)
    petition.refuse_foreign_origin(origin, own=own_origin)

    at_once = petition.confirmation is Confirmation.NONE
    status: Literal["counted", "check_email"] = "counted" if at_once else "check_email"
    new = _signature(petition, request, now, State.CONFIRMED if at_once else State.PENDING)
    if request.rehearsal:
        tally = counter.read(petition.id)
        return Signed(status, _progress(petition, tally, ledger, counter), rehearsal=True)

    letter = _letter(at_once, receipts=receipts)
    if guard is not None:
        new, letter = _guarded(guard, new, letter, sent)
    tally = _record(new, letter, ledger, status)
    counter.publish(petition.id, tally)
    return Signed(status, _progress(petition, tally, ledger, counter))


def _letter(at_once: bool, *, receipts: bool) -> Occasion | None:
    if not at_once:
        return Occasion.CONFIRMATION  # it waits until there is a mail server: without it nothing ever counts
    return Occasion.RECEIPT if receipts else None


def _outcome(new: NewSignature, status: str, *, repeated: bool) -> str:
    """Say for the operator what the answer does not tell the signer (promise 10)."""
    if repeated:
        return "repeated"
    return "held" if new.state is State.HELD else status


def _record(new: NewSignature, letter: Occasion | None, ledger: Ledger, status: str) -> Tally:
    recorded = ledger.record(new, letter)
    metrics.signatures.labels(_outcome(new, status, repeated=recorded.id is None)).inc()
    again = recorded.prior_id if recorded.prior_state is State.WITHDRAWN else None
    if again is None or new.state is not State.CONFIRMED:
        return recorded.tally
    # Whoever took their name back and signs again means it.
    ledger.move(again, State.CONFIRMED, new.signed_at, by=Actor.SIGNER, reason="signed again")
    return ledger.tally(new.petition_id)


def _with_wording(slug: str, text_version: str | None, catalogue: Catalogue) -> Petition:
    petition = find(slug, catalogue=catalogue)
    if text_version is None or text_version in petition.text_versions:
        return petition
    catalogue.forget(slug)  # it may have got this wording a moment ago, in another process
    return find(slug, catalogue=catalogue)


def _guarded(
    guard: Guard, new: NewSignature, letter: Occasion | None, sent: Sender
) -> tuple[NewSignature, Occasion | None]:
    """Have the guard look before anything is written: a repeat meets the same verdict as the first."""
    judged = guard.check(new.petition_id, new.canonical_email, sent, new.signed_at)
    new = replace(new, network_key=guard.key_of(sent.address))
    if judged.verdict is not Verdict.HOLD:
        return new, letter
    held = replace(new, state=State.HELD, held_because=judged.reason)
    return held, None if judged.reason in WITHOUT_LETTER else letter


def _signature(petition: Petition, request: SignatureRequest, now: datetime, state: State) -> NewSignature:
    wording = request.consent_wording
    return NewSignature(
        petition_id=petition.id,
        text_version=_wording_signed(petition, request),
        state=state,
        email=request.email,
        canonical_email=canonical(request.email_ascii),
        signed_at=now,
        lang=request.lang,
        given_name=request.given_name,
        family_name=request.family_name,
        country=request.country,
        postal_code=request.postal_code,
        comment=request.comment,
        show_name=request.show_name,
        consent=Consent(now, wording) if wording is not None else None,
        source=request.source,
        page_url=request.page_url,
        answers=request.answers,
    )


def _wording_signed(petition: Petition, request: SignatureRequest) -> str:
    """Return the wording the signer had before their eyes, which may be an earlier one (promise 9)."""
    if request.text_version is None:
        return petition.wording(request.wanted_lang, request.lang).text_version
    if request.text_version not in petition.text_versions:
        raise InvalidInput({"text_version": [Problem("unknown_wording")]})
    return request.text_version


def _progress(petition: Petition, tally: Tally, ledger: Ledger, counter: Counter) -> Progress:
    """Combine petition and tally; note a newly reached ladder step before anybody is shown it."""
    if petition.goal_kind is GoalKind.LADDER and goal_of(petition, tally) > tally.goal_floor:
        # A ledger that is away, perhaps since a moment after it took the signature, takes no note: the next
        # one who looks does that, and what is known is shown.
        with suppress(LedgerUnavailable):
            tally = _noted(petition, ledger)
            counter.publish(petition.id, tally)
    return progress_of(petition, tally)


def _noted(petition: Petition, ledger: Ledger) -> Tally:
    """Keep the goal for good, if the ledger itself says that it is reached; Redis alone may be wrong."""
    tally = ledger.tally(petition.id)
    if goal_of(petition, tally) > tally.goal_floor:
        tally = ledger.raise_goal_floor(petition.id, goal_of(petition, tally))
    return tally
