"""The number: what the ledger counted, and what of it is shown."""

from dataclasses import dataclass
from datetime import datetime

from widget.domain.goal import GoalKind, next_step, ratio
from widget.domain.petition import Petition


@dataclass(frozen=True, slots=True)
class Tally:
    """The sums of a petition's tally slots, read from the ledger in one statement.

    `changes` is how often any slot was changed: it rises with every change of any figure here, so
    it orders two tallies of a petition and serves as their version. `goal_floor` is the highest
    ladder goal ever shown. `as_of` is when the ledger was read.
    """

    here: int
    carried_over: int
    paper: int
    changes: int
    goal_floor: int
    as_of: datetime

    @property
    def count(self) -> int:
        """All that counts: given here, carried over from an earlier home, and on paper."""
        return self.here + self.carried_over + self.paper


@dataclass(frozen=True, slots=True)
class Progress:
    """Count and goal, which always travel together."""

    count: int
    goal: int
    ratio: float
    goal_kind: GoalKind
    here: int
    carried_over: int
    paper: int
    as_of: datetime
    version: int


def goal_of(petition: Petition, tally: Tally) -> int:
    """Return the goal to show: the organiser's aim, or a ladder step that never falls back."""
    if petition.goal_kind is not GoalKind.LADDER and petition.goal_aim:
        return petition.goal_aim
    return max(next_step(tally.count, petition.ladder), tally.goal_floor)


def progress_of(petition: Petition, tally: Tally) -> Progress:
    """Combine a petition's goal rule with its tally."""
    goal = goal_of(petition, tally)
    return Progress(
        count=tally.count,
        goal=goal,
        ratio=ratio(tally.count, goal),
        goal_kind=petition.goal_kind,
        here=tally.here,
        carried_over=tally.carried_over,
        paper=tally.paper,
        as_of=tally.as_of,
        version=tally.changes,
    )
