"""Every reason the service says no: one class and one stable code each.

A refusal is raised where it is known and turned into HTTP and words in one place, `web/edge.py`. Those about
files that are brought in stand in `intake_refusals.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field: a key into the catalogue's `error` section; `limit` in characters.

    `asked` are the words of a question by language, `among` those of the options that it has.
    """

    key: str
    limit: int | None = None
    asked: tuple[tuple[str, str], ...] = ()
    among: tuple[tuple[tuple[str, str], ...], ...] = ()


FieldErrors = Mapping[str, Sequence[Problem]]


class Refusal(Exception):
    """A reasoned no. `code` is stable and documented; `retry_after` is in seconds."""

    code = "refused"
    retry_after: int | None = None
    # Who may meet it. What only organisers do is said in the console, in English (web/console/refusing.py).
    told_to_visitors = True

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class PetitionNotFound(Refusal):
    """No petition has this slug, or none that the asker may know of."""

    code = "petition_not_found"


class WordingNotFound(Refusal):
    """The petition never had a wording with this hash."""

    code = "wording_not_found"


class PetitionClosed(Refusal):
    """The petition takes no signatures: closed, delivered, or past its closing date."""

    code = "petition_closed"


class OriginNotAllowed(Refusal):
    """The organiser allows the form only on sites that do not include this one."""

    code = "origin_not_allowed"


class InvalidInput(Refusal):
    """One or more fields cannot be accepted; `errors` maps a field to what is wrong with it."""

    code = "invalid_input"

    def __init__(self, errors: FieldErrors) -> None:
        super().__init__(", ".join(sorted(errors)))
        self.errors = errors


class LedgerUnavailable(Refusal):
    """The ledger cannot be read or written now: nothing was accepted, send it again."""

    code = "ledger_unavailable"
    retry_after = 5


class TooManyRequests(Refusal):
    """One network sends more than any honest crowd: nothing was accepted, come back later."""

    code = "too_many_requests"

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class ProofRequired(Refusal):
    """A network or the petition is far above its usual pace: send the same again with a proof of work."""

    code = "proof_required"

    def __init__(self, challenge: Mapping[str, object]) -> None:
        super().__init__()
        self.challenge = challenge


class LinkUnknown(Refusal):
    """No signature is opened by this link: altered, meant for something else, or the signature is erased."""

    code = "link_unknown"


class LinkExpired(Refusal):
    """The link was to be opened earlier; signing again brings a new one."""

    code = "link_expired"


class ListNotPublic(Refusal):
    """The organiser wants no public list of signers."""

    code = "list_not_public"


class NotFromHere(Refusal):
    """A form of a signer's own page was sent from another site."""

    code = "not_from_here"


class SignInRefused(Refusal):
    """No account with this address and password, or too many tries: which of them is not told."""

    code = "sign_in_refused"
    told_to_visitors = False


class NotAllowed(Refusal):
    """The asker's role in the organisation does not include this."""

    code = "not_allowed"
    told_to_visitors = False


class OrganisationNotFound(Refusal):
    """No organisation has this name, or none that the asker belongs to."""

    code = "organisation_not_found"
    told_to_visitors = False


class OrganiserNotFound(Refusal):
    """No organiser has this address, or none in this organisation."""

    code = "organiser_not_found"
    told_to_visitors = False


class SignatureNotFound(Refusal):
    """The petition has no signature of this number."""

    code = "signature_not_found"
    told_to_visitors = False


class QuestionNotFound(Refusal):
    """The petition never asked a question of this name."""

    code = "question_not_found"
    told_to_visitors = False


class OrganiserKnown(Refusal):
    """There is an account with this address: its owner signs in first."""

    code = "organiser_known"
    told_to_visitors = False


class PasswordUnfit(Refusal):
    """A new password would be guessed; `detail` says why."""

    code = "password_unfit"
    told_to_visitors = False


class MemberAlready(Refusal):
    """Whoever is to be invited belongs to the organisation: their role can be changed."""

    code = "member_already"
    told_to_visitors = False


class OwnerNeeded(Refusal):
    """The last owner cannot leave or become less: nobody could look after the organisation."""

    code = "owner_needed"
    told_to_visitors = False


class UpdateNotFound(Refusal):
    """No update has this number, or none of this petition."""

    code = "update_not_found"
    told_to_visitors = False


class UpdatePublished(Refusal):
    """The update is published: what many have read is not changed. Publish another one."""

    code = "update_published"
    told_to_visitors = False


class UpdateUntested(Refusal):
    """Nobody has seen the update as a letter yet: send a test before it goes to many."""

    code = "update_untested"
    told_to_visitors = False


class SlugTaken(Refusal):
    """Another petition has this slug; nothing was stored."""

    code = "slug_taken"


class EditedMeanwhile(Refusal):
    """Somebody saved something else since this edit began; nothing was stored, and nobody's work is lost."""

    code = "edited_meanwhile"
    told_to_visitors = False


class PublicAlready(Refusal):
    """A petition that has signatures does not become a draft again: its signers could not find it."""

    code = "public_already"
    told_to_visitors = False


class PageUnreadable(Refusal):
    """A saved petition page cannot be imported. `line` is 1-based, or None for the file as a whole."""

    code = "page_unreadable"

    def __init__(self, reason: str, *, line: int | None = None) -> None:
        super().__init__(f"line {line}: {reason}" if line else reason)
        self.reason = reason
        self.line = line


class PaperRefused(Refusal):
    """A figure of signatures on paper cannot be right; `problems` says why, by field."""

    code = "paper_refused"

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name.replace('_', ' ')} {words}" for name, words in problems.items()))
        self.problems = problems


class ReferenceTaken(Refusal):
    """A scan of this number is in the petition's books already; nothing was stored."""

    code = "reference_taken"


class PaperNotFound(Refusal):
    """The petition has no figure of this number that counts: none ever, or it was taken back."""

    code = "paper_not_found"
