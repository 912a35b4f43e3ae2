"""The figures at /metrics, and what every request adds to them."""

import time
from ipaddress import ip_address

from flask import Blueprint, Flask, Response, abort, current_app, g, request

from widget import metrics
from widget.parts import Parts
from widget.watching import Watch
from widget.web.edge import parts

figures = Blueprint("metrics", __name__)

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# By what it adds a proxy gives itself away, also one that names no address of its own.
_PASSED_ON = ("x-forwarded-", "cf-")
_PASSED_ON_BY = frozenset({"forwarded", "x-real-ip", "via", "true-client-ip"})
# What each kind of answer is counted in, looked up once: there are some hundred kinds.
_kinds: dict[tuple[str, str, int], tuple[metrics.Counter, metrics.Histogram]] = {}


def init(app: Flask) -> None:
    """Count every answer, unless nobody may look."""
    made: Parts = app.extensions["support_now"]
    app.extensions["support_now_watch"] = Watch(
        ledger=made.ledger, counter=made.counter, catalogue=made.catalogue, clock=made.clock
    )
    if made.settings.watching.on:
        app.after_request(_count)
        app.register_blueprint(figures)


@figures.get("/metrics")
def show() -> Response:
    """Give the figures of all processes; nothing is here for who may not see them."""
    made = parts()
    peer = ip_address(request.remote_addr) if request.remote_addr else None
    names = [name.lower() for name, _ in request.headers]
    forwarded = any(name in _PASSED_ON_BY or name.startswith(_PASSED_ON) for name in names)
    bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not made.settings.watching.lets_in(peer, forwarded=forwarded, bearer=bearer):
        abort(404)
    watch: Watch = current_app.extensions["support_now_watch"]
    watch.tell()
    return Response(metrics.text(watch), content_type=metrics.CONTENT_TYPE)


def _count(response: Response) -> Response:
    rule = request.url_rule
    kind = (rule.rule if rule else "none", request.method, response.status_code)
    found = _kinds.get(kind) or _kind(kind)
    found[0].inc()
    if "begun" in g:
        found[1].observe(time.perf_counter() - g.begun)
    if response.status_code >= 400 and "refusal" in g:
        metrics.refusals.labels(g.refusal).inc()
    return response


def _kind(kind: tuple[str, str, int]) -> tuple[metrics.Counter, metrics.Histogram]:
    route, method, status = kind
    method = method if method in _METHODS else "other"
    found = metrics.requests.labels(route, method, str(status)), metrics.seconds.labels(route)
    if method != "other":  # anybody may make up methods; they all are one kind
        _kinds[kind] = found
    return found
