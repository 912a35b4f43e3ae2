"""The service with a clock that jumps: it adds the seconds that stand in the file CLOCK_OFFSET.

What is shifted is the moment as our own code reads it. How long something takes (time limits, waiting) is
measured by another clock, which no operator can set.
"""

import os
import sys
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from server import app

__all__ = ["app"]

_OFFSET = Path(os.environ["CLOCK_OFFSET"])


class _Like(type(datetime)):  # type: ignore[misc]
    def __instancecheck__(cls, one: object) -> bool:
        return isinstance(one, datetime)


class Shifted(datetime, metaclass=_Like):
    """What our modules take for datetime."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        """Return the moment on the shifted clock."""
        return datetime.now(tz) + timedelta(seconds=int(_OFFSET.read_text() or 0))


for name, module in list(sys.modules.items()):
    if name.startswith("widget") and getattr(module, "datetime", None) is datetime:
        module.datetime = Shifted  # type: ignore[attr-defined]
