"""A no in the console: a page in its frame, with what to do next."""

from flask import Response, current_app, g, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from widget.domain.refusals import LedgerUnavailable, Refusal
from widget.web.console import session
from widget.web.console.printing import page
from widget.web.edge import STATUS

# Heading and what to do, by code of a refusal or status of HTTP.
WORDS: dict[str | int, tuple[str, str]] = {
    "petition_not_found": (
        "There is no such petition here",
        "It may have another address by now, or belong to an organisation that you are not a member of.",
    ),
    "organisation_not_found": (
        "There is no such organisation here",
        "Ask one of its owners for an invitation.",
    ),
    "organiser_not_found": ("There is no such member", "They may have left a moment ago."),
    "signature_not_found": (
        "There is no such signature of this petition",
        "Search for the address or the name on the page Signers.",
    ),
    "question_not_found": (
        "This petition never asked such a question",
        "All that it asks, or asked once, stand under Edit, Own questions.",
    ),
    "paper_not_found": (
        "There is no such figure that counts",
        "Somebody may have taken it back a moment ago: the page Paper shows every line.",
    ),
    "update_not_found": ("There is no such update of this petition", "It may belong to another petition."),
    "update_published": (
        "This update is published",
        "What many have read is not changed any more: write another one.",
    ),
    "update_untested": (
        "Nobody has seen this update as a letter yet",
        "Send it to yourself first, and read it as those who get it will.",
    ),
    "member_already": (
        "This address belongs to a member already",
        "Their role can be changed on the page Members.",
    ),
    "not_allowed": (
        "Your role does not include this",
        "An owner of the organisation can change your role on the page Members.",
    ),
    "link_unknown": (
        "This link opens nothing",
        "It may have been cut off: copy the whole line of the letter. Or it was taken back.",
    ),
    "link_expired": (
        "This link was used, or its time is over",
        "Ask for a new one. If you have set your password already, sign in.",
    ),
    "sign_in_refused": ("This link is for somebody else", "Sign out, and open it again."),
    "too_many_requests": ("Too many tries", "Wait a quarter of an hour, then try again."),
    "file_unreadable": (
        "This file cannot be read",
        "Save it as a table (CSV) in UTF-8, with one line of headings, and send it again.",
    ),
    "mapping_unfit": ("The columns do not fit", "Say which column is what, and send it again."),
    "import_not_found": ("There is no such import here", "It may belong to another petition."),
    "upload_not_found": (
        "There is no such file here",
        "It was deleted, or its days were over. What came in of it is listed under “Bring signatures in”.",
    ),
    "uploads_wait": ("Too many files wait here", "Bring them in or delete them first."),
    "petition_closed": (
        "This petition takes no signatures any more",
        "Its signers were anonymised: nobody could tell who has signed.",
    ),
    "import_elsewhere": (
        "Somebody else carries this import on",
        "Look again in a moment. Nobody is counted twice.",
    ),
    "ledger_unavailable": (
        "The ledger cannot be reached",
        "Nothing was changed. Go back and send it again in a moment: what you typed is still there.",
    ),
    "edited_meanwhile": (
        "Somebody else saved a change meanwhile",
        "Nothing of yours was saved. Go back, copy what you typed, and load the form again to see theirs.",
    ),
    "public_already": (
        "It has signatures: it does not become a draft again",
        "Close it instead: its page and its number stay, and it takes no more signatures.",
    ),
    "forged": (
        "This form is no longer valid",
        "You were signed out meanwhile, or it came from another page. Nothing was changed. Sign in in "
        "another tab, go back to this form, load it again and send it.",
    ),
    401: ("Sign in first", "Nothing was changed. Sign in, go back, and send it again."),
    404: ("There is nothing at this address", "Go on from the list of petitions."),
    413: ("That is too much at once", "Send a smaller file."),
    503: (
        "Other files are being sent just now",
        "Nothing was changed. Go back, choose your file once more and send it again in half a minute.",
    ),
}
OTHERWISE = ("This did not work", "Nothing was changed. Go back and try again.")


def refused(refusal: Refusal) -> ResponseReturnValue:
    """Say a refusal of ours."""
    g.refusal = refusal.code
    if isinstance(refusal, LedgerUnavailable):
        current_app.logger.error("ledger unavailable: %s", refusal.detail)
    response = _said(refusal.code, STATUS.get(type(refusal), 409))
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def http_refused(error: HTTPException) -> ResponseReturnValue:
    """Say what HTTP refuses, and what looks forged."""
    if error.code is None or error.code < 400:
        return error.get_response()
    if isinstance(error, CSRFError):
        g.refusal = "forged"
        return _said("forged", 400)
    # What is long is taken from those who are signed in: who was, and is no more, made no mistake.
    code = 401 if error.code == 413 and session.present_if_known() is None else error.code
    response = _said(code, code)
    for name, value in error.get_headers(request.environ):
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def _said(key: str | int, status: int) -> Response:
    heading, advice = WORDS.get(key, OTHERWISE)
    return page("refused.html", status=status, heading=heading, advice=advice, code=status)
