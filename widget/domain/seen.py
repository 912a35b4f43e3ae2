"""What a signer is told of their own signature: everything but that somebody looks at it twice.

A signature held for review is shown as if it were not. Whoever signs under a hundred addresses would
otherwise open a hundred of these pages and learn from them how not to be held.
docs/decisions/0040-the-signers-own-page.md weighs it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from widget.domain.signature import Actor, Signature, State


@dataclass(frozen=True, slots=True)
class Move:
    """One move of a signature: between which states, when, by whom and why; `batch` names its review."""

    origin: State
    target: State
    moved_at: datetime
    moved_by: Actor
    reason: str
    batch: str | None = None


class Happened(StrEnum):
    """What became of a signature, in the words of its signer."""

    SIGNED = "signed"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"
    RESUMED = "resumed"
    INVALIDATED = "invalidated"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, and when."""

    happened: Happened
    at: datetime


def seen_state(signature: Signature, *, at_once: bool) -> State:
    """Return the state to show; `at_once` says that the petition asks for no confirmation."""
    return _seen(signature.state, signature.confirmed_at is not None or at_once)


def seen_events(signature: Signature, moves: Iterable[Move], *, at_once: bool) -> list[Event]:
    """Return what happened to a signature, the earliest first, without what only reviewers did.

    Being confirmed is read from when the address was confirmed, not from a move: a held signature has
    no such move, and the gap would tell.
    """
    confirmed_at = signature.confirmed_at
    events = [Event(Happened.SIGNED, signature.signed_at)]
    if confirmed_at is not None and not at_once:
        events.append(Event(Happened.CONFIRMED, confirmed_at))
    for move in moves:
        sure = at_once or (confirmed_at is not None and confirmed_at <= move.moved_at)
        happened = _happened(_seen(move.origin, sure), _seen(move.target, sure))
        if happened is not None:
            events.append(Event(happened, move.moved_at))
    return sorted(events, key=lambda event: event.at)


def _seen(state: State, sure: bool) -> State:
    """Show a held signature as what it would be; `sure` says that its address is confirmed."""
    if state is not State.HELD:
        return state
    return State.CONFIRMED if sure else State.PENDING


def _happened(origin: State, target: State) -> Happened | None:
    if origin is target:
        return None
    if target in {State.WITHDRAWN, State.INVALIDATED}:
        return Happened(target.value)
    return {State.WITHDRAWN: Happened.RESUMED, State.INVALIDATED: Happened.RESTORED}.get(origin)
