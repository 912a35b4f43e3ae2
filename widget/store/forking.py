"""A forked worker begins as a process of its own."""

import os
import weakref
from typing import Protocol


class Renewed(Protocol):
    """Something with locks and sockets that a child must not take over."""

    def after_fork(self) -> None:
        """Begin anew, in the child."""


def renew_after_fork(one: Renewed) -> None:
    """Let a forked worker begin without its parent's locks and sockets. Keeps nothing alive."""
    reference = weakref.ref(one)

    def renew() -> None:
        there = reference()
        if there is not None:
            there.after_fork()

    os.register_at_fork(after_in_child=renew)
