"""How many connections the database grants, and that a service which could use more is not started."""

from pathlib import Path

import pytest

from config import Settings
from widget import serving
from widget.store.ledger import Ledger


@pytest.mark.services
def test_postgresql_tells_how_many_it_grants(postgresql_url: str) -> None:
    ledger = Ledger.connect(postgresql_url, pool=1)
    room = ledger.room()
    ledger.close()
    assert room is not None
    assert room > 10


def test_sqlite_sets_no_number(sqlite_url: str) -> None:
    ledger = Ledger.connect(sqlite_url, pool=1)
    assert ledger.room() is None
    ledger.close()


@pytest.mark.parametrize(("room", "starts"), [(None, True), (97, True), (27, True), (26, False)])
def test_a_service_that_could_use_more_is_not_started(tmp_path: Path, room: int | None, starts: bool) -> None:
    settings = Settings.from_env({"DATA_DIR": str(tmp_path), "WEB_CONCURRENCY": "8", "WEB_THREADS": "4"})
    if starts:
        serving.refuse_too_many_connections(settings, room)
        return
    with pytest.raises(serving.TooFewConnections, match="8 processes with 3 connections each, and 3 beside"):
        serving.refuse_too_many_connections(settings, room)
