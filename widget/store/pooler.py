"""A pooler such as PgBouncer before PostgreSQL that lends a connection for one transaction at a time.

Nothing of a session lasts there: no prepared statement, no SET, no bound given while connecting. Whoever
runs one says so in DATABASE_URL, `?pooler=transaction`; what depends on a session is then left out.
"""

import logging
from typing import Any

from sqlalchemy import URL, exc, make_url

from widget.store.urls import check_options

OPTION, TRANSACTION = "pooler", "transaction"
# A statement that another session prepared, or that this one did and another connection lacks.
_NOT_OURS = {"26000", "42P05"}
_BOUNDS_REFUSED = "unsupported startup parameter"

log = logging.getLogger("support_now.ledger")


def opened(url: str) -> tuple[URL, bool]:
    """Return the address as the driver takes it, and whether a pooler lends connections by transaction.

    Raises WrongAddress for an option that the driver does not take.
    """
    made = make_url(url)
    address = made.difference_update_query([OPTION])
    if address.get_backend_name() == "postgresql":
        check_options(address)
    return address, made.query.get(OPTION) == TRANSACTION


def without_session(pooled: bool) -> dict[str, Any]:
    """Return what keeps the driver from preparing statements, where these would be found by others."""
    return {"prepare_threshold": None} if pooled else {}


def is_undeclared(error: exc.DBAPIError) -> bool:
    """Tell whether a pooler stands there that nobody told us of; the log then says what to do."""
    found = getattr(error.orig, "sqlstate", None) in _NOT_OURS or _BOUNDS_REFUSED in str(error.orig)
    if found:
        log.error(
            "a pooler stands before the database that keeps no sessions: say so in DATABASE_URL, "
            "?pooler=transaction (docs/hosting.md)"
        )
    return found
