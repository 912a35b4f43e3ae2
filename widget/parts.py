"""The parts of a running service, made once by `create_app` and handed to the edges."""

import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from config import Settings, SettingsError
from widget.admitting import Doorkeeper
from widget.domain.lists import Lists
from widget.domain.site import cut, site_of
from widget.guarding import Guard
from widget.store.catalogue import Catalogue
from widget.store.counter import Counter
from widget.store.ledger import Ledger
from widget.store.listed import ListsAtHand
from widget.store.news import NewsAtHand
from widget.store.pace import PaceKeeper
from widget.store.sightings import Sightings
from widget.store.urls import WrongAddress

SHOWN = 50  # updates on the page of a petition, the newest


@dataclass(frozen=True, slots=True)
class Parts:
    """What the stories are handed. `clock` gives the moment, aware and in UTC."""

    settings: Settings
    ledger: Ledger
    catalogue: Catalogue
    counter: Counter
    guard: Guard
    lists: ListsAtHand
    doorkeeper: Doorkeeper
    news: NewsAtHand
    sightings: Sightings
    clock: Callable[[], datetime]


def connect(settings: Settings) -> Parts:
    """Make the parts that these settings ask for; connections are opened when first used."""
    key = hmac.digest(settings.secret_key.encode(), b"support-now.people", "sha256")
    try:
        ledger = Ledger.connect(settings.database_url, pool=settings.database_pool, key=key)
    except WrongAddress as wrong:
        raise SettingsError(f"DATABASE_URL {wrong}") from None
    # Two services on one Redis, each with its own key, never read each other's numbers.
    namespace = sha256(f"support-now.redis.{settings.secret_key}".encode()).hexdigest()[:10]
    try:
        counter = Counter(ledger.tally, redis_url=settings.redis_url, clock=_now, namespace=namespace)
    except WrongAddress as wrong:
        raise SettingsError(f"REDIS_URL {wrong}") from None
    lists = ListsAtHand(lambda: Lists(ledger.listings()), monotonic=time.monotonic)
    protection = settings.protection
    pace = PaceKeeper(counter, namespace=namespace)
    return Parts(
        settings=settings,
        ledger=ledger,
        catalogue=Catalogue(ledger.petition, is_unchanged=ledger.is_unchanged, monotonic=time.monotonic),
        counter=counter,
        guard=Guard(
            protection.limits,
            pace=pace,
            lists=lists.lists,
            secret_key=settings.secret_key,
            trusted_proxies=protection.trusted_proxies,
            proof_cost=protection.proof_cost,
        ),
        lists=lists,
        doorkeeper=Doorkeeper(pace, secret_key=settings.secret_key),
        news=NewsAtHand(lambda petition_id: ledger.updates(petition_id, published=True, limit=SHOWN)),
        sightings=Sightings(
            ledger.note_sightings,
            hangs=lambda: ledger.hangs,
            own=[_site(settings.public_url), _site(settings.demo_url)],
        ),
        clock=_now,
    )


def _site(address: str) -> str:
    return site_of(cut(address) or "") or ""


def _now() -> datetime:
    return datetime.now(UTC)
