"""On a desk without a mail server: the letters that would have gone out, to read and to follow their links.

Registered in development alone (widget/__init__.py). Its words are for developers and not translated.
"""

from flask import Blueprint, Response

from widget import delivering
from widget.domain.letter import Waiting
from widget.domain.refusals import LinkUnknown
from widget.web.edge import LETTER_POLICY, OWN_PAGES_POLICY, parts
from widget.web.printing import once, printed
from widget.web.rendered import Body

mailbox = Blueprint("mailbox", __name__, url_prefix="/dev/mailbox")

SHOWN = 100  # letters, the latest
FRAMING = f"{OWN_PAGES_POLICY}; frame-src 'self'"


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
    facts = {"letters": _worded(written), "later": _worded(later), "to_organisers": to_organisers}
    return once(printed("mailbox.html", "en", **facts), 200)


@mailbox.get("/<int:letter_id>")
def letter(letter_id: int) -> Response:
    """Show a letter: its text, its links, and its HTML in a frame."""
    body = printed("mailbox_letter.html", "en", letter_id=letter_id, posted=_posted(letter_id))
    return once(body, 200, FRAMING)


@mailbox.get("/<int:letter_id>/html")
def html(letter_id: int) -> Response:
    """Show a letter's HTML as it is."""
    return once(
        Body(_posted(letter_id).written.html.encode(), "", "text/html; charset=utf-8"), 200, LETTER_POLICY
    )


def _worded(letters: list[Waiting]) -> list[tuple[Waiting, delivering.Posted]]:
    return [(one, _posted(one.id)) for one in letters]


def _posted(letter_id: int) -> delivering.Posted:
    made = parts()
    found = delivering.read(letter_id, ledger=made.ledger, paper=delivering.stationery(made.settings))
    if found is None:
        raise LinkUnknown
    return found
