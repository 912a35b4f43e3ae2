"""Getting in without a password: a link by mail, for a quarter of an hour and one use."""

from flask import Blueprint, abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from widget import admitting
from widget.admitting import Way
from widget.domain.admission import Admits
from widget.web.console import session
from widget.web.console.door import open_to_strangers
from widget.web.console.doorway import count_try, opened
from widget.web.console.forms import Form, address_field
from widget.web.console.printing import page
from widget.web.edge import parts

by_letter = Blueprint("by_letter", __name__, url_prefix="/link")


class AskForm(Form):
    """Where to send it."""

    email = address_field("E-mail", render_kw={"autocomplete": "username"})


@by_letter.before_request
def refuse_without_mail() -> None:
    """Raise NotFound where no letter would reach anybody."""
    if not parts().settings.writes_letters:
        abort(404)


@by_letter.get("")
@open_to_strangers
def ask() -> ResponseReturnValue:
    """Ask where to send the link."""
    return page("ask_link.html", form=AskForm())


@by_letter.post("")
@open_to_strangers
def send() -> ResponseReturnValue:
    """Send it, and say the same whether there is such an account or not."""
    form, made = AskForm(), parts()
    if not form.validate_on_submit():
        return page("ask_link.html", form=form, status=422)
    count_try(form.email.data, Way.LETTER)
    admitting.send_way_in(form.email.data, ledger=made.ledger, now=made.clock())
    flash("If there is an account with this address, a link is on its way. It works for 15 minutes.", "done")
    return redirect(url_for("console.doorway.ask"), 303)


@by_letter.get("/<token>")
@open_to_strangers
def look(token: str) -> ResponseReturnValue:
    """Show a button: programs that open every link in a letter use nothing up."""
    return page("use_link.html", link=opened(token, Admits.SIGN_IN))


@by_letter.post("/<token>")
@open_to_strangers
def use(token: str) -> ResponseReturnValue:
    """Let in whom the link was sent to."""
    link, made = opened(token, Admits.SIGN_IN), parts()
    now = made.clock()
    session.begin(admitting.sign_in_by(link, ledger=made.ledger, now=now), by_letter_at=now)
    flash("You are signed in. Under “Account” you can set a new password now.", "done")
    return redirect(session.PLACE, 303)
