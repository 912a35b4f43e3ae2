"""The request log: what was asked, how it ended, how long it took. Never who asked.

The route is logged, not the address: a slug, a token or a query may hold what somebody typed.
"""

import logging
import os
import re
import time
from ipaddress import ip_address

from flask import Flask, Response, current_app, g, request

from widget.domain.network import TrustedProxies

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
        request_id = _id()
        response.headers["X-Request-Id"] = request_id  # what a visitor can quote when asking for help
        log.log(level, "request", extra={"facts": _facts(response, request_id)})
    return response


def _id() -> str:
    """Return the proxy's name for this request, so that its log and ours can be read together, or a new one.

    Anybody may send one: it is believed where X-Forwarded-For would be, and only if it cannot hold words.
    """
    given = request.headers.get("X-Request-Id", "")
    if given and _ID.fullmatch(given) and _comes_from_our_proxy():
        return given
    return os.urandom(8).hex()


def _comes_from_our_proxy() -> bool:
    trusted: TrustedProxies = current_app.extensions["support_now"].settings.protection.trusted_proxies
    if trusted.hops:
        passed = request.headers.get("X-Forwarded-For", "")
        return bool(passed) and passed.count(",") + 1 >= trusted.hops
    peer = ip_address(request.remote_addr) if trusted and request.remote_addr else None
    return peer is not None and any(peer in network for network in trusted.networks)


def _facts(response: Response, request_id: str) -> dict[str, object]:
    return {
        "request": request_id,
        "method": request.method if request.method in _METHODS else "other",
        "route": request.url_rule.rule if request.url_rule else None,
        "status": response.status_code,
        "code": getattr(g, "refusal", None),
        "milliseconds": round((time.perf_counter() - g.begun) * 1000, 1) if "begun" in g else None,
    }


_ID = re.compile(r"[0-9a-f]{8,64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
