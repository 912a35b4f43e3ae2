"""Who signed: the list, the newest first, and one signer with all that became of the signature.

What somebody searches for travels in the form, never in an address: addresses are kept by browsers and logs.
"""

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound
from wtforms import HiddenField, SelectField

from widget import browsing
from widget.browsing import Dossier, Leaf
from widget.domain.criteria import Criteria
from widget.domain.guard import Reason
from widget.domain.organiser import Deed
from widget.domain.signature import LETTERS_AT_MOST, State
from widget.web.console.door import OnPetition, on_petition
from widget.web.console.forms import Form, id_of, line_field, options
from widget.web.console.printing import page
from widget.web.edge import parts

signers = Blueprint("signers", __name__, url_prefix="/petitions/<slug>/signers")

ON_A_PAGE = 50
# What each state is to whoever organises.
STATES = {
    State.CONFIRMED: "Counts",
    State.PENDING: "Not confirmed yet",
    State.HELD: "Held for a look",
    State.WITHDRAWN: "Taken back by the signer",
    State.INVALIDATED: "Struck",
    State.ERASED: "Erased",
}
REASONS = {
    Reason.FAMILY: "a browser without scripts, in a crowd",
    Reason.SURGE: "a browser without scripts, in a surge",
    Reason.CROWD: "many of one network",
    Reason.DOMAIN: "many of one mail domain",
    Reason.TRAP: "filled in what nobody sees",
    Reason.TOO_QUICK: "faster than anybody can",
    Reason.DISPOSABLE: "a mailbox for ten minutes",
    Reason.BLOCKED_ADDRESS: "its address is blocked",
    Reason.BLOCKED_DOMAIN: "its mail domain is blocked",
    Reason.BLOCKED_NETWORK: "its network is blocked",
}
LETTERS = {
    "receipt": "Thanks",
    "confirmation": "Asked to confirm",
    "already": "Told that they had signed",
    "reminder": "Reminded to confirm",
    "update": "An update",
}
BY = {"signer": "the signer", "organiser": "an organiser", "service": "the service"}


class SearchForm(Form):
    """Whom to look for."""

    words = line_field("Address, name or site", limit=254, required="Type an address, a name or a site.")
    state = SelectField(
        "Which", choices=options({"": "Any state"} | {str(s): w for s, w in STATES.items()}), default=""
    )
    before = HiddenField()


class StrikeForm(Form):
    """Why one signature is struck."""

    because = line_field("Why", limit=200, required="Say why; it stays in the history.")


@signers.get("")
@on_petition(Deed.SIGNERS)
def show(here: OnPetition) -> ResponseReturnValue:
    """List the signers, of one state if one is named."""
    state = request.args.get("state", "")
    if state not in {"", *State}:
        raise NotFound
    number = {name: id_of(request.args.get(name)) for name in ("before", "after")}
    leaf = _leaf(here, _criteria("", state), before=number["before"], after=number["after"])
    return _list(here, leaf, SearchForm(formdata=None, state=state), state=state)


@signers.post("")
@on_petition(Deed.SIGNERS)
def find(here: OnPetition) -> ResponseReturnValue:
    """Look for an address, a name, a mail domain or a site; an address leads to its signer at once."""
    form = SearchForm()
    if not form.validate_on_submit():
        leaf = _leaf(here, Criteria(), before=None, after=None)
        return _list(here, leaf, form, status=422)
    words = form.words.data
    leaf = _leaf(here, _criteria(words, form.state.data), before=id_of(form.before.data), after=None)
    if _is_address(words) and len(leaf.signatures) == 1:
        return redirect(_of(here, leaf.signatures[0].id), 303)
    return _list(here, leaf, form, words=words, state=form.state.data)


@signers.get("/<int:signature_id>")
@on_petition(Deed.SIGNERS)
def one(here: OnPetition, signature_id: int) -> ResponseReturnValue:
    """Show a signer with history."""
    return dossier(here, browsing.look_up(here.petition, signature_id, ledger=parts().ledger))


@signers.post("/<int:signature_id>/letter")
@on_petition(Deed.SIGNERS)
def ask_again(here: OnPetition, signature_id: int) -> ResponseReturnValue:
    """Send the letter that asks to confirm once more."""
    made = parts()
    if browsing.ask_again(here.petition, signature_id, ledger=made.ledger, now=made.clock()):
        flash("The letter is written once more, and goes out in a moment.", "done")
    else:
        flash(
            f"No letter was written: somebody gets {LETTERS_AT_MOST} at most, ten minutes apart, and only "
            "while they have not confirmed.",
            "fault",
        )
    return redirect(_of(here, signature_id), 303)


def dossier(
    here: OnPetition, found: Dossier, form: StrikeForm | None = None, *, status: int = 200
) -> Response:
    """Print the page of one signer."""
    return page(
        "signer.html",
        status=status,
        here=here,
        found=found,
        form=form or StrikeForm(formdata=None),
        states=STATES,
        reasons=REASONS,
        letters=LETTERS,
        actors=BY,
        letters_at_most=LETTERS_AT_MOST,
    )


def _criteria(words: str, state: str) -> Criteria:
    states = frozenset({State(state)}) if state else frozenset()
    if _is_address(words):
        return Criteria(address=words, states=states)
    if words.startswith("@"):
        return Criteria(domain=words[1:], states=states)
    if words.startswith(("https://", "http://")):
        return Criteria(site=words, states=states)
    return Criteria(name=words or None, states=states)


def _is_address(words: str) -> bool:
    return "@" in words[1:] and "://" not in words


def _leaf(here: OnPetition, criteria: Criteria, *, before: int | None, after: int | None) -> Leaf:
    ledger = parts().ledger
    return browsing.leaf(here.petition, criteria, before=before, after=after, limit=ON_A_PAGE, ledger=ledger)


def _list(
    here: OnPetition, leaf: Leaf, form: SearchForm, *, words: str = "", state: str = "", status: int = 200
) -> Response:
    return page(
        "signers.html",
        status=status,
        here=here,
        leaf=leaf,
        form=form,
        words=words,
        state=state,
        states=STATES,
    )


def _of(here: OnPetition, signature_id: int) -> str:
    return url_for("console.signers.one", slug=here.petition.slug, signature_id=signature_id)
