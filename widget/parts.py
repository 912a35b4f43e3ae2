"""The parts of a running service, put together once by `create_app` and handed to the edges."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from config import Settings
from widget.store.catalogue import Catalogue
from widget.store.counter import Counter
from widget.store.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Parts:
    """What the stories are handed. `clock` gives the moment, aware and in UTC."""

    settings: Settings
    ledger: Ledger
    catalogue: Catalogue
    counter: Counter
    clock: Callable[[], datetime]
