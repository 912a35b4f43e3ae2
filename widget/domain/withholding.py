"""What of small groups a viewer is not told, so that a total minus the rest does not give it away."""

from collections.abc import Sequence
from enum import StrEnum

SMALL = 5  # people; whoever sees figures but no person is not told how many fewer there are in a group


class Withheld(StrEnum):
    """What stands in the place of a number."""

    FEW = "fewer than 5"
    SOME = "5 or more"
    NOTHING = "not shown"


Shown = int | Withheld


def withheld(counts: Sequence[int]) -> list[Shown]:
    """Return each number, or what is said instead, for a reader who knows what all of them add up to.

    That reader is to know of no second such list whose groups lie inside these: nothing is kept from a
    difference.

    Groups under SMALL are withheld. While their sum leaves only one answer, the smallest of the others is
    withheld with them. Where even that leaves only one, nothing is said of any group: but of a single
    one, whose number is the sum itself.
    """
    small = [count for count in counts if 0 < count < SMALL]
    if not small:
        return list(counts)
    large = sorted(count for count in counts if count >= SMALL)
    for others in range(len(large) + 1):
        if _leaves_a_choice(len(small), others, sum(small) + sum(large[:others])):
            limit = large[others - 1] if others else 0
            return _said(counts, limit, others)
    if len(small) + len(large) == 1:
        return [Withheld.FEW if count else 0 for count in counts]
    return [Withheld.NOTHING if count else 0 for count in counts]


def _leaves_a_choice(small: int, others: int, total: int) -> bool:
    """Tell whether every small group may be of another size than it is, given the sum of all withheld.

    With others among them that holds for who knows this rule, too: two small groups that needed company are
    both as small or both as large as can be, and the sum has to leave room for either.
    """
    most = small * (SMALL - 1)
    if others:
        return total - others * SMALL >= (most if small > 1 else 2)
    return small > 1 and small < total < most


def _said(counts: Sequence[int], limit: int, others: int) -> list[Shown]:
    said: list[Shown] = []
    for count in counts:
        if 0 < count < SMALL:
            said.append(Withheld.FEW)
        elif SMALL <= count <= limit and others:
            said.append(Withheld.SOME)
            others -= 1
        else:
            said.append(count)
    return said
