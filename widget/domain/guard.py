"""Facts in, a verdict out: whether a signature counts, waits for a look, or is sent away.

Nobody is lost in silence: what is held is kept and listed for the organiser, who can let it count; what
is refused is told so. Two facts are missing on purpose. Whether the address signed before: a verdict that
depended on it would tell (promise 10). And the origin: the petition's own list has decided about it.
docs/decisions/0030-guard.md says why each limit is where it is.
"""

from dataclasses import dataclass
from enum import StrEnum

PROOF_LENGTH = 2_000  # characters that an answer to a challenge may have; ours take about 700


class Verdict(StrEnum):
    """What happens to a signature."""

    ACCEPT = "accept"
    CHALLENGE = "challenge"
    HOLD = "hold"
    REFUSE = "refuse"


class Reason(StrEnum):
    """Why, in a word for the organiser; kept with a signature that is held."""

    ORDINARY = "ordinary"
    ALLOWED = "allowed"
    PROVED = "proved"
    BLOCKED_ADDRESS = "blocked_address"
    BLOCKED_DOMAIN = "blocked_domain"
    BLOCKED_NETWORK = "blocked_network"
    FLOOD = "flood"
    TRAP = "trap"
    TOO_QUICK = "too_quick"
    DISPOSABLE = "disposable"
    CROWD = "crowd"
    DOMAIN = "domain"
    FAMILY = "family"
    SURGE = "surge"


# A letter to an address that a robot typed in would make the service its tool: nobody is written to
# until the organiser has let such a signature count.
WITHOUT_LETTER = frozenset(
    {Reason.TRAP, Reason.BLOCKED_ADDRESS, Reason.BLOCKED_DOMAIN, Reason.BLOCKED_NETWORK, Reason.DISPOSABLE}
)


SPANS_BEFORE = 12  # a petition's own past: as many spans of its surge limit


class Listing(StrEnum):
    """What a list says of an address, a domain or a network."""

    BLOCK = "block"
    ALLOW = "allow"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `amount` in any `seconds`."""

    amount: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Limits:
    """Where each verdict begins. `enforced` off: nothing depends on pace or haste.

    `family` is what one network may give one petition without more ado; above it a proof of work is
    asked for. `crowd` is what it may give with proofs; above it signatures are held. `network` is what
    one network may send to all petitions; above it requests are refused. `domain` is what one mail
    domain may give one petition before signatures are held. A petition surges when it gets more than
    `surge`, and more than `surge_factor` times what it got on average in the twelve such spans before.
    """

    enforced: bool = True
    family: Limit = Limit(5, 300)
    crowd: Limit = Limit(60, 3_600)
    network: Limit = Limit(120, 60)
    domain: Limit = Limit(100, 3_600)
    surge: Limit = Limit(300, 300)
    surge_factor: int = 8
    min_fill: float = 1.0
    hold_disposable: bool = True


@dataclass(frozen=True, slots=True)
class Pace:
    """How often within the spans of the limits, this request included.

    `before` is how many the petition got in the twelve spans before the present one.
    """

    family: int = 0
    crowd: int = 0
    network: int = 0
    domain: int = 0
    surge: int = 0
    before: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a verdict depends on.

    `trap` tells that a field was filled which no person sees. `elapsed` is how many seconds the form
    stood open, as the form itself says, None where it does not. `proved` tells that a proof of work
    came along, unused and sound; `can_prove` that whoever asks could bring one (a script, not a bare
    form). `provider` marks a mail domain that whole countries share. The listings are of the one
    address, of its domain, and of the network.
    """

    pace: Pace = Pace()
    trap: bool = False
    elapsed: float | None = None
    proved: bool = False
    can_prove: bool = True
    disposable: bool = False
    provider: bool = False
    address: Listing | None = None
    domain: Listing | None = None
    network: Listing | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with its reason; `retry_after` in seconds where it refuses."""

    verdict: Verdict
    reason: Reason
    retry_after: int | None = None


def judge(facts: Facts, limits: Limits) -> Judgement:
    """Weigh the facts: what somebody listed first, then signs of a robot, then pace."""
    trusted = facts.network is Listing.ALLOW
    if facts.address is Listing.ALLOW:
        return Judgement(Verdict.ACCEPT, Reason.ALLOWED)
    if limits.enforced and not trusted and facts.pace.network > limits.network.amount:
        return Judgement(Verdict.REFUSE, Reason.FLOOD, retry_after=limits.network.seconds)
    if reason := _suspicion(facts, limits) or _too_many(facts, limits):
        return Judgement(Verdict.HOLD, reason)
    doubt = _doubt(facts, limits)
    if trusted or doubt is None:
        return Judgement(Verdict.ACCEPT, Reason.ALLOWED if trusted else Reason.ORDINARY)
    if facts.proved:
        return Judgement(Verdict.ACCEPT, Reason.PROVED)
    # A bare form can bring no proof. To refuse it would lock people out for the browser they have.
    return Judgement(Verdict.CHALLENGE if facts.can_prove else Verdict.HOLD, doubt)


def _suspicion(facts: Facts, limits: Limits) -> Reason | None:
    """Name what makes this one signature doubtful, whatever others do."""
    hasty = limits.enforced and facts.elapsed is not None and facts.elapsed < limits.min_fill
    throw_away = facts.disposable and limits.hold_disposable and facts.domain is not Listing.ALLOW
    return _first(
        (facts.address is Listing.BLOCK, Reason.BLOCKED_ADDRESS),
        (facts.domain is Listing.BLOCK, Reason.BLOCKED_DOMAIN),
        (facts.network is Listing.BLOCK, Reason.BLOCKED_NETWORK),
        (facts.trap, Reason.TRAP),
        (hasty, Reason.TOO_QUICK),
        (throw_away, Reason.DISPOSABLE),
    )


def _too_many(facts: Facts, limits: Limits) -> Reason | None:
    """Name what there is too much of, even of honest work."""
    own_network = facts.network is not Listing.ALLOW
    own_domain = not facts.provider and facts.domain is not Listing.ALLOW
    return _first(
        (limits.enforced and own_network and facts.pace.crowd > limits.crowd.amount, Reason.CROWD),
        (limits.enforced and own_domain and facts.pace.domain > limits.domain.amount, Reason.DOMAIN),
    )


def _doubt(facts: Facts, limits: Limits) -> Reason | None:
    """Name what makes a proof of work worth asking for."""
    usual = facts.pace.before * limits.surge_factor / SPANS_BEFORE
    return _first(
        (limits.enforced and facts.pace.family > limits.family.amount, Reason.FAMILY),
        (limits.enforced and facts.pace.surge > max(limits.surge.amount, usual), Reason.SURGE),
    )


def _first(*cases: tuple[bool, Reason]) -> Reason | None:
    return next((reason for applies, reason in cases if applies), None)
