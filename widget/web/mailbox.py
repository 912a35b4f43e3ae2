"""On a desk without a mail server: the letters that would have gone out, to read and to follow their links.

Registered in development alone (widget/__init__.py). Its words are for developers and not translated.
"""

from flask import Blueprint, Response

from widget import delivering
from widget.domain.refusals import LinkUnknown
from widget.web.edge import OWN_PAGES_POLICY, parts
from widget.web.printing import once, printed
from widget.web.rendered import Body

mailbox = Blueprint("mailbox", __name__, url_prefix="/dev/mailbox")

SHOWN = 100  # letters, the latest
FRAMING = f"{OWN_PAGES_POLICY}; frame-src 'self'"
# A letter's HTML may carry its own style and nothing else; links open outside the frame.
FRAMED = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox allow-popups"


@mailbox.get("")
def letters() -> Response:
    """List the letters, the latest first."""
    made = parts()
    paper = delivering.stationery(made.settings)
    to_organisers = [
        (one, delivering.write_to_organiser(one, paper)) for one in made.ledger.organiser_letters(limit=SHOWN)
    ]
    listed = made.ledger.letters(limit=SHOWN)
    later = [one for one in listed if one.sent_at is None and one.due_at > made.clock()]
    written = [one for one in listed if one not in later]
    return once(printed("mailbox.html", "en", letters=written, later=later, to_organisers=to_organisers), 200)


@mailbox.get("/<int:letter_id>")
def letter(letter_id: int) -> Response:
    """Show a letter: its text, its links, and its HTML in a frame."""
    body = printed("mailbox_letter.html", "en", letter_id=letter_id, written=_written(letter_id))
    return once(body, 200, FRAMING)


@mailbox.get("/<int:letter_id>/html")
def html(letter_id: int) -> Response:
    """Show a letter's HTML as it is."""
    return once(Body(_written(letter_id).html.encode(), "", "text/html; charset=utf-8"), 200, FRAMED)


def _written(letter_id: int) -> delivering.Written:
    made = parts()
    found = delivering.read(letter_id, ledger=made.ledger, paper=delivering.stationery(made.settings))
    if found is None:
        raise LinkUnknown
    return found
