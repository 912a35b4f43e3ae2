"""Getting in and out: sign in, sign out, and the links that let somebody in once.

A link is only looked at by opening it; a button uses it, since programs open every link in a letter.
"""

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField

from widget import admitting, tokens
from widget.admitting import Way
from widget.domain.admission import Admits, OneTimeLink
from widget.domain.refusals import LinkUnknown, OrganiserKnown, PasswordUnfit, SignInRefused
from widget.web.console import session
from widget.web.console.door import local, open_to_strangers
from widget.web.console.forms import Form, address_field, new_password_field, present_password_field
from widget.web.console.printing import page
from widget.web.edge import parts

doorway = Blueprint("doorway", __name__)

REFUSED = "No account fits this address and password."


class SignInForm(Form):
    """Address and password."""

    email = address_field("E-mail", render_kw={"autocomplete": "username"})
    password = present_password_field()
    next = HiddenField()


class PasswordForm(Form):
    """A new password."""

    password = new_password_field("Password")


class FirstForm(PasswordForm):
    """What the very first organiser brings."""

    email = address_field("Your e-mail", render_kw={"autocomplete": "username"})


@doorway.get("/sign-in")
@open_to_strangers
def ask() -> ResponseReturnValue:
    """Ask for address and password."""
    going = local(request.args.get("next"))
    if session.present() is not None:
        return redirect(going, 303)
    return _asked(SignInForm(next=going))


@doorway.post("/sign-in")
@open_to_strangers
def sign_in() -> ResponseReturnValue:
    """Let an organiser in. The answer never tells whether there is such an account."""
    form = SignInForm()
    if not form.validate_on_submit():
        return _asked(form, 422)
    count_try(form.email.data, Way.PASSWORD)
    try:
        organiser = admitting.sign_in(form.email.data, form.password.data, ledger=parts().ledger)
    except SignInRefused:
        form.complain("password", REFUSED)
        return _asked(form, 422)
    session.begin(organiser)
    return redirect(local(form.next.data), 303)


@doorway.post("/sign-out")
@open_to_strangers
def sign_out() -> ResponseReturnValue:
    """End the session on this device."""
    session.end()
    flash("You are signed out.", "done")
    return redirect(url_for("console.doorway.ask"), 303)


@doorway.get("/invitation/<token>")
@open_to_strangers
def show_invitation(token: str) -> ResponseReturnValue:
    """Show what somebody is invited to."""
    return _invitation(opened(token, Admits.JOIN))


@doorway.post("/invitation/<token>")
@open_to_strangers
def accept_invitation(token: str) -> ResponseReturnValue:
    """Accept: with the account that is signed in, or with a new one."""
    link, made = opened(token, Admits.JOIN), parts()
    present = session.present()
    if present is not None:
        admitting.join(link, present, ledger=made.ledger, now=made.clock())
        return _welcome(link)
    form = PasswordForm() if link.email else FirstForm()
    if not form.validate_on_submit():
        return _invitation(link, form, 422)
    count_try(link.email or form["email"].data, Way.INVITATION)
    try:
        organiser = admitting.join_as_new(
            link,
            form.password.data,
            email="" if link.email else form["email"].data,
            ledger=made.ledger,
            now=made.clock(),
        )
    except PasswordUnfit as unfit:
        form.complain("password", unfit.detail)
        return _invitation(link, form, 422)
    except OrganiserKnown:  # whoever holds the link reads this address's mail: they may know
        return redirect(url_for("console.doorway.ask", next=request.path), 303)
    session.begin(organiser)
    return _welcome(link)


@doorway.get("/password/<token>")
@open_to_strangers
def show_password(token: str) -> ResponseReturnValue:
    """Ask for a new password."""
    return page("new_password.html", form=PasswordForm(), link=opened(token, Admits.SET_PASSWORD))


@doorway.post("/password/<token>")
@open_to_strangers
def set_password(token: str) -> ResponseReturnValue:
    """Take the new password; every session ends, and one begins here."""
    link, form, made = opened(token, Admits.SET_PASSWORD), PasswordForm(), parts()
    if not form.validate_on_submit():
        return page("new_password.html", form=form, link=link, status=422)
    try:
        organiser = admitting.set_password(link, form.password.data, ledger=made.ledger, now=made.clock())
    except PasswordUnfit as unfit:
        form.complain("password", unfit.detail)
        return page("new_password.html", form=form, link=link, status=422)
    session.begin(organiser)
    flash("Your password is changed. Every other device is signed out.", "done")
    return redirect(session.PLACE, 303)


def opened(token: str, admits: Admits) -> OneTimeLink:
    """Return the link that a token stands for. Raises LinkUnknown and LinkExpired."""
    made = parts()
    number = tokens.read_admission(made.settings.secret_key, token)
    if number is None:
        raise LinkUnknown
    return admitting.look(number, admits, ledger=made.ledger, now=made.clock())


def count_try(email: str, way: Way) -> None:
    """Count a try to get in. Raises TooManyRequests."""
    made = parts()
    sender = made.guard.address_of(request.remote_addr, request.headers.get("X-Forwarded-For", ""))
    made.doorkeeper.count(email, made.guard.key_of(sender), made.clock(), way=way)


def _asked(form: Form, status: int = 200) -> Response:
    return page("sign_in.html", form=form, by_letter=parts().settings.writes_letters, status=status)


def _invitation(link: OneTimeLink, form: Form | None = None, status: int = 200) -> Response:
    known = bool(link.email) and admitting.has_account(link.email, ledger=parts().ledger)
    return page(
        "invitation.html",
        status=status,
        link=link,
        known=known,
        present=session.present(),
        form=form or (PasswordForm() if link.email else FirstForm()),
    )


def _welcome(link: OneTimeLink) -> ResponseReturnValue:
    name = link.organisation.name if link.organisation else ""
    flash(f"Welcome. You are now {'an' if link.role != 'viewer' else 'a'} {link.role} of {name}.", "done")
    return redirect(session.PLACE, 303)
