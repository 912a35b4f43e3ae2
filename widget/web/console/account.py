"""The organiser's own account: memberships, password, sessions."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from widget import admitting
from widget.admitting import Way
from widget.domain.organiser import Organiser
from widget.domain.refusals import PasswordUnfit, SignInRefused
from widget.web.console import session
from widget.web.console.door import Here, signed_in
from widget.web.console.doorway import count_try
from widget.web.console.forms import Form, new_password_field, present_password_field
from widget.web.console.printing import page
from widget.web.edge import parts

account = Blueprint("account", __name__, url_prefix="/account")


class NewPasswordForm(Form):
    """A new password, for who came by a letter."""

    password = new_password_field()


class ChangePasswordForm(Form):
    """The present password and a new one."""

    present = present_password_field("Present password")
    password = new_password_field()


@account.get("")
@signed_in
def show(here: Here) -> ResponseReturnValue:
    """Show who one is, and to which organisations one belongs."""
    return page("account.html", here=here, form=_password_form())


@account.post("/password")
@signed_in
def change_password(here: Here) -> ResponseReturnValue:
    """Take a new password; every other session ends."""
    form = _password_form()
    if not form.validate_on_submit():
        return page("account.html", here=here, form=form, status=422)
    count_try(here.organiser.email, Way.CHANGE)
    try:
        organiser = _changed(here.organiser, form)
    except SignInRefused:
        form.complain("present", "This is not your present password.")
    except PasswordUnfit as unfit:
        form.complain("password", unfit.detail)
    else:
        session.begin(organiser)
        flash("Your password is changed. Every other device is signed out.", "done")
        return redirect(url_for("console.account.show"), 303)
    return page("account.html", here=here, form=form, status=422)


@account.post("/sign-out-everywhere")
@signed_in
def sign_out_everywhere(here: Here) -> ResponseReturnValue:
    """End every session, this one too."""
    admitting.log_out_everywhere(here.organiser, ledger=parts().ledger)
    session.end()
    flash("You are signed out on every device.", "done")
    return redirect(url_for("console.doorway.ask"), 303)


def _password_form() -> Form:
    return NewPasswordForm() if session.is_fresh_from_letter(parts().clock()) else ChangePasswordForm()


def _changed(organiser: Organiser, form: Form) -> Organiser:
    ledger = parts().ledger
    if "present" not in form:
        return admitting.replace_password(organiser, form["password"].data, ledger=ledger)
    return admitting.change_password(organiser, form["present"].data, form["password"].data, ledger=ledger)
