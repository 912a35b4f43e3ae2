"""The organiser's console, under /manage. README.md says how to add a page."""

from flask import Blueprint, Flask, Response
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import HTTPException

from config import Settings
from widget.domain.refusals import Refusal
from widget.web.console import door, refusing, session
from widget.web.console.account import account
from widget.web.console.bringing import bringing
from widget.web.console.by_letter import by_letter
from widget.web.console.creating import creating
from widget.web.console.delivery import delivery
from widget.web.console.doorway import doorway
from widget.web.console.editing import editing
from widget.web.console.figures import figures
from widget.web.console.imports import imports
from widget.web.console.members import members
from widget.web.console.overview import overview
from widget.web.console.paper import paper
from widget.web.console.petitions import petitions
from widget.web.console.picture import picture
from widget.web.console.printing import HEADERS
from widget.web.console.publishing import publishing
from widget.web.console.questions import questions
from widget.web.console.review import review
from widget.web.console.signers import signers
from widget.web.console.snippet import snippet
from widget.web.console.thanking import thanking
from widget.web.console.transfer import transfer
from widget.web.console.updates import updates

# One line a module: its blueprint brings its addresses, and its entry in the navigation with them.
PAGES = (
    account,
    bringing,
    by_letter,
    creating,
    delivery,
    doorway,
    editing,
    figures,
    imports,
    members,
    overview,
    paper,
    petitions,
    picture,
    publishing,
    questions,
    review,
    signers,
    snippet,
    thanking,
    transfer,
    updates,
)


def register(app: Flask, settings: Settings) -> None:
    """Add the console to the app. Raises RuntimeError for a view that does not say who may reach it."""
    session.init(app, settings)
    # Checked below, for the console alone: signing takes no cookie, so nobody's could be misused.
    app.config.update(WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None)
    csrf = CSRFProtect(app)
    console = Blueprint("console", __name__, url_prefix=session.PLACE)
    console.before_request(door.refuse_without_room)
    console.before_request(door.make_room)
    console.before_request(csrf.protect)
    console.after_request(_headers)
    console.register_error_handler(door.SignInFirst, door.send_to_sign_in)
    console.register_error_handler(Refusal, refusing.refused)
    console.register_error_handler(HTTPException, refusing.http_refused)
    for pages in PAGES:
        console.register_blueprint(pages)
    app.register_blueprint(console)
    door.refuse_undeclared_views(app)


def _headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
