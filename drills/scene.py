"""Where a drill happens: the stage, the crowd on it, and what the drill itself sends and sees."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager

import redis

from drills.crowd import Crowd
from drills.stage import Stage


class Scene:
    """What a way to break something is handed: stage, crowd, chance. It notes what it sent and what it saw.

    `tempo`: below 1 everything is away for a shorter time. `away`: seconds that something was away, at most.
    """

    def __init__(self, stage: Stage, crowd: Crowd, chance: random.Random, tempo: float = 1.0) -> None:
        self.stage, self.crowd, self.chance, self._tempo = stage, crowd, chance, tempo
        self.never: set[str] = set()
        self.perhaps: set[str] = set()
        self.faults: list[str] = []
        self.away = 0.0

    @property
    def redis(self) -> redis.Redis:
        """Return a client that meddles. Close it."""
        assert self.stage.redis
        return self.stage.redis.client()

    def rest(self, seconds: float) -> None:
        """Let the crowd go on for a while, a little longer or shorter each time."""
        time.sleep(seconds * self._tempo * self.chance.uniform(0.7, 1.3))

    @contextmanager
    def outage(self, seconds: float = 0.0) -> Iterator[None]:
        """Measure how long something is away: what the block takes, and so many seconds."""
        began = time.monotonic()
        yield
        self.rest(seconds)
        self.away = max(self.away, time.monotonic() - began)
