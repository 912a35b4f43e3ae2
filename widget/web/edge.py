"""Where every request enters and every answer leaves: refusals in words, headers, health."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, request
from flask_cors import CORS
from werkzeug.exceptions import HTTPException

from widget import i18n
from widget.domain import intake_refusals, refusals
from widget.domain.refusals import InvalidInput, LedgerUnavailable, ProofRequired, Refusal
from widget.parts import Parts
from widget.web import request_log

BODY_LIMIT = 64 * 1024  # bytes; domain/questionnaire.py keeps the longest honest form below it

STATUS: dict[type[Refusal], int] = {
    refusals.PetitionNotFound: 404,
    refusals.WordingNotFound: 404,
    refusals.LinkUnknown: 404,
    refusals.ListNotPublic: 404,
    refusals.OrganisationNotFound: 404,
    refusals.OrganiserNotFound: 404,
    refusals.SignatureNotFound: 404,
    refusals.QuestionNotFound: 404,
    refusals.PaperNotFound: 404,
    refusals.UpdateNotFound: 404,
    intake_refusals.ImportNotFound: 404,
    intake_refusals.UploadNotFound: 404,
    refusals.NotFromHere: 403,
    refusals.NotAllowed: 403,
    refusals.SignInRefused: 403,
    refusals.LinkExpired: 410,
    refusals.EditedMeanwhile: 409,
    refusals.PublicAlready: 409,
    refusals.PetitionClosed: 410,
    refusals.OriginNotAllowed: 403,
    refusals.InvalidInput: 422,
    refusals.LedgerUnavailable: 503,
    refusals.TooManyRequests: 429,
    refusals.ProofRequired: 428,
}
# What HTTP itself refuses, under codes as stable as our own.
HTTP_CODES = {
    400: "malformed_body",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
    429: "too_many_requests",
    500: "internal_error",
    501: "not_implemented",
}
OWN_PAGES_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# A letter's HTML may carry its own style and nothing else; links open outside the frame.
LETTER_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox allow-popups"
# A link in a sandboxed frame opens its page in the same sandbox, and there a browser refuses to show what
# wants to be apart from its opener. These pages hold no session that one could reach for.
LED_TO = ("/p/", "/embed/")
PUBLIC = (r"/api/v1/.*", r"/embed\.js", r"/embed-.*\.js", r"/oembed")
EXPOSED = ["ETag", "Retry-After"]
# Everything that is public carries these, constant so that no cache has to tell origins apart. What is
# read most is made with them; flask-cors, which sees to the rest, leaves an answer alone that has them.
PUBLIC_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": ", ".join(EXPOSED),
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}

health = Blueprint("health", __name__)


def init(app: Flask) -> None:
    """Give an app its size limit, CORS, error answers and headers."""
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
    app.config["MAX_FORM_MEMORY_SIZE"] = BODY_LIMIT
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, _http_refused)
    app.register_error_handler(Exception, _failed)
    app.register_blueprint(health)
    CORS(
        app,
        resources=list(PUBLIC),
        origins="*",
        send_wildcard=True,
        methods=["GET", "POST"],
        allow_headers=["Content-Type"],
        expose_headers=EXPOSED,
        max_age=86_400,
        intercept_exceptions=False,  # our error answers pass after_request like every other
    )
    app.after_request(_headers)  # registered after CORS, runs before it
    request_log.init(app)


class Service(Flask):
    """Flask, told once that no function of ours is a coroutine: it would look at seven of them a request."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return what is to be called: the function itself."""
        return func


def parts() -> Parts:
    """Return the parts of the service that answers this request."""
    made: Parts = current_app.extensions["support_now"]
    return made


def wants_html() -> bool:
    """Tell whether the asker is a person with a browser rather than a program."""
    if "text/html" not in request.headers.get("Accept", ""):
        return False  # what most of all ask who sign: the rest is dear to find out
    accepted = request.accept_mimetypes
    return bool(accepted) and accepted["text/html"] > accepted["application/json"]


def is_public() -> bool:
    """Tell whether the address is one that other sites' pages may read."""
    return request.path.startswith(("/api/v1/", "/embed.js", "/embed-", "/oembed"))


def problem(status: int, code: str, lang: str, **more: Any) -> Response:
    """Answer with the reason in words: problem+json (RFC 9457), or a page for a person."""
    g.refusal = code
    title = i18n.text(lang, f"error.{code}")
    if wants_html() or not request.path.startswith(("/api/", "/oembed")):
        from widget.web import pages  # noqa: PLC0415 - pages stand on the edge

        return pages.error_page(status, code, title, lang=lang)
    facts = {
        "type": f"urn:support-now:problem:{code}",
        "title": title,
        "status": status,
        "detail": title,
        "code": code,
        **more,
    }
    body = current_app.json.dumps(facts)
    return Response(body, status, content_type="application/problem+json")


def _refused(refusal: Refusal) -> Response:
    more: dict[str, Any] = {}
    lang = _lang()
    if isinstance(refusal, InvalidInput):
        more["errors"] = i18n.words(lang, refusal.errors)
    if isinstance(refusal, ProofRequired):
        more["challenge"] = refusal.challenge
    response = problem(STATUS[type(refusal)], refusal.code, lang, **more)
    if isinstance(refusal, LedgerUnavailable):
        current_app.logger.error("ledger unavailable: %s", refusal.detail)
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def _http_refused(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:  # a redirect is no refusal
        return error.get_response()  # type: ignore[return-value]
    response = problem(error.code, HTTP_CODES.get(error.code, "malformed_body"), _lang())
    for name, value in error.get_headers(request.environ):
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def _failed(error: Exception) -> Response:
    if _is_no_body(error):
        return problem(400, "malformed_body", _lang())
    current_app.logger.error("request failed", exc_info=error)
    return problem(500, "internal_error", _lang())


def _is_no_body(error: Exception) -> bool:
    """Tell whether a body breaks off or is none, as the server says it when the body is read."""
    return type(error).__module__.startswith("gunicorn.http")


def _lang() -> str:
    """Return the language asked for, as far as it can be read from a request that was refused."""
    try:
        return i18n.choose(request.args.get("lang"), request.form.get("lang"), _json_lang())
    except Exception as error:  # the body is what was refused
        if not isinstance(error, HTTPException) and not _is_no_body(error):
            raise
        return i18n.choose(None)


def _json_lang() -> str | None:
    try:
        sent = request.get_json(silent=True) if request.mimetype == "application/json" else None
    except RecursionError:
        return None
    lang = sent.get("lang") if isinstance(sent, dict) else None
    return lang if isinstance(lang, str) else None


def _headers(response: Response) -> Response:
    headers = response.headers
    if "Access-Control-Allow-Origin" in headers:
        return response
    headers["X-Content-Type-Options"] = "nosniff"
    if is_public():
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    else:
        headers.setdefault("Content-Security-Policy", OWN_PAGES_POLICY)
        headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
        if not request.path.startswith(LED_TO):
            headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    return response


@health.get("/healthz")
def healthz() -> Response:
    """Tell that this process answers."""
    return _facts({"status": "ok"}, 200)


@health.get("/readyz")
def readyz() -> Response:
    """Tell store by store what can be reached. Without Redis the service works on, only slower."""
    made = parts()
    try:
        made.ledger.ping()
        ledger = "ok"
    except LedgerUnavailable:
        ledger = "unreachable"
    redis = {None: "not configured", True: "ok", False: "unreachable"}[made.counter.ping()]
    limits = "on" if made.guard.enforced else "off"
    return _facts({"ledger": ledger, "redis": redis, "rate_limits": limits}, 200 if ledger == "ok" else 503)


def _facts(facts: dict[str, str], status: int) -> Response:
    return Response(current_app.json.dumps(facts), status, content_type="application/json")
