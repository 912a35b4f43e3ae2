"""A database that stands still: nobody waits for it longer than the bound, and all is well afterwards."""

import time

import pytest

from tests.petitions import MILL, NOW, signature
from tests.postgres_server import PostgresServer
from widget.domain.refusals import LedgerUnavailable
from widget.domain.signature import Occasion
from widget.store.bounded import ANSWER_TIMEOUT
from widget.store.ledger import Ledger

pytestmark = pytest.mark.services


def test_a_frozen_server_is_given_up_in_time_and_asked_again_when_it_wakes(
    postgres_server: PostgresServer, postgresql_url: str
) -> None:
    ledger = Ledger.connect(postgresql_url, pool=1)
    petition = ledger.add_petition(MILL, NOW)
    try:
        postgres_server.pause()
        begun = time.monotonic()
        with pytest.raises(LedgerUnavailable):
            ledger.record(signature(petition.id), Occasion.RECEIPT)
        with pytest.raises(LedgerUnavailable):
            ledger.tally(petition.id)
        assert time.monotonic() - begun < 4 * ANSWER_TIMEOUT
    finally:
        postgres_server.resume()
    again = ledger.record(signature(petition.id), Occasion.RECEIPT)
    # What was given up on may have gone through when the server woke: once, in any case.
    assert again.tally.count == 50
    assert ledger.recount(petition.id).drift == 0
    ledger.close()


def test_an_address_that_answers_nothing_is_given_up_in_time() -> None:
    from socket import socket

    with socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(1)
        ledger = Ledger.connect(f"postgresql+psycopg://x@127.0.0.1:{silent.getsockname()[1]}/x", pool=1)
        begun = time.monotonic()
        with pytest.raises(LedgerUnavailable):
            ledger.petition("save-the-mill")
        assert time.monotonic() - begun < 3 * ANSWER_TIMEOUT
