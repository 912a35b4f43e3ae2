"""The request log: what was asked, how it ended, how long it took. Never who asked.

The route is logged, not the address: a slug, a token or a query may hold what somebody typed.
"""

import logging
import os
import time

from flask import Flask, Response, g, request

log = logging.getLogger("support_now.request")


def init(app: Flask) -> None:
    """Log every write, refusal and failure at info, everything else at debug."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.begun = time.perf_counter()


def _end(response: Response) -> Response:
    notable = response.status_code >= 400 or request.method not in {"GET", "HEAD", "OPTIONS"}
    level = logging.INFO if notable else logging.DEBUG
    if log.isEnabledFor(level):
        request_id = os.urandom(8).hex()
        response.headers["X-Request-Id"] = request_id  # what a visitor can quote when asking for help
        log.log(level, "request", extra={"facts": _facts(response, request_id)})
    return response


def _facts(response: Response, request_id: str) -> dict[str, object]:
    return {
        "request": request_id,
        "method": request.method if request.method in _METHODS else "other",
        "route": request.url_rule.rule if request.url_rule else None,
        "status": response.status_code,
        "code": getattr(g, "refusal", None),
        "milliseconds": round((time.perf_counter() - g.begun) * 1000, 1) if "begun" in g else None,
    }


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
