"""The members of an organisation: who they are, what they may do, who is invited."""

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest
from wtforms import RadioField

from widget import joining, tokens
from widget.domain.organiser import Deed, Role
from widget.domain.refusals import LinkUnknown, MemberAlready, OwnerNeeded
from widget.web.console.door import InOrganisation, in_organisation
from widget.web.console.forms import Form, address_field, line_field, options
from widget.web.console.printing import page
from widget.web.edge import parts

members = Blueprint("members", __name__, url_prefix="/organisations/<organisation>/members")

ROLES = {
    Role.OWNER: "Owner: everything, members too",
    Role.EDITOR: "Editor: petitions, signers, updates",
    Role.VIEWER: "Viewer: petitions and figures, no names",
}
LAST = "An organisation needs an owner: make somebody else one first."


class InviteForm(Form):
    """Whom to invite, as what."""

    email = address_field("E-mail", render_kw={"autocomplete": "off"})
    role = RadioField("Role", choices=options(ROLES), default=Role.EDITOR.value)


class NameForm(Form):
    """What the organisation is called."""

    name = line_field("Name of the organisation", limit=200, required="Type a name.")


@members.get("")
@in_organisation(Deed.MEMBERS)
def show(here: InOrganisation) -> ResponseReturnValue:
    """Show members and open invitations."""
    return _page(here)


@members.post("/invite")
@in_organisation(Deed.MEMBERS)
def invite(here: InOrganisation) -> ResponseReturnValue:
    """Invite somebody, and show the link to hand over."""
    form, made = InviteForm(), parts()
    if not form.validate_on_submit():
        return _page(here, form, status=422)
    mailed = made.settings.writes_letters
    try:
        joining.invite(
            form.email.data,
            Role(form.role.data),
            here.organisation,
            mailed=mailed,
            ledger=made.ledger,
            now=made.clock(),
        )
    except MemberAlready:
        form.complain("email", "Whoever has this address is a member already: change the role above.")
        return _page(here, form, status=422)
    how = "A letter is on its way" if mailed else "Hand the link below over"
    flash(f"{form.email.data} is invited. {how}: it works once, within seven days.", "done")
    return _back(here)


@members.post("/uninvite")
@in_organisation(Deed.MEMBERS)
def uninvite(here: InOrganisation) -> ResponseReturnValue:
    """Take an invitation back."""
    made = parts()
    number = tokens.read_admission(made.settings.secret_key, request.form.get("invitation", ""))
    if number is None:
        raise LinkUnknown
    joining.uninvite(number, here.organisation, ledger=made.ledger)
    flash("The invitation is taken back: its link opens nothing any more.", "done")
    return _back(here)


@members.post("/<int:organiser_id>/role")
@in_organisation(Deed.MEMBERS)
def set_role(here: InOrganisation, organiser_id: int) -> ResponseReturnValue:
    """Make a member an owner, an editor or a viewer."""
    role = request.form.get("role", "")
    if role not in set(Role):
        raise BadRequest
    try:
        joining.set_role(here.organisation, organiser_id, Role(role), ledger=parts().ledger)
        flash("The role is changed.", "done")
    except OwnerNeeded:
        flash(LAST, "fault")
    return _back(here)


@members.post("/<int:organiser_id>/remove")
@in_organisation(Deed.MEMBERS)
def remove(here: InOrganisation, organiser_id: int) -> ResponseReturnValue:
    """Take a member out. What they did stays; an invitation brings them back."""
    try:
        joining.remove(here.organisation, organiser_id, ledger=parts().ledger)
        flash("They are no longer a member.", "done")
    except OwnerNeeded:
        flash(LAST, "fault")
    if organiser_id == here.organiser.id:
        return redirect(url_for("console.petitions.show"), 303)
    return _back(here)


@members.post("/name")
@in_organisation(Deed.MEMBERS)
def rename(here: InOrganisation) -> ResponseReturnValue:
    """Give the organisation another name."""
    form = NameForm()
    if not form.validate_on_submit():
        return _page(here, named=form, status=422)
    joining.rename(here.organisation, form.name.data, ledger=parts().ledger)
    flash("The name is changed.", "done")
    return _back(here)


def _page(
    here: InOrganisation, form: InviteForm | None = None, *, named: NameForm | None = None, status: int = 200
) -> Response:
    made = parts()
    letters = joining.letters(here.organisation, ledger=made.ledger)
    invited = [
        (link, letters.get(link.number), tokens.make_admission(made.settings.secret_key, link.number))
        for link in joining.invited(here.organisation, ledger=made.ledger, now=made.clock())
    ]
    return page(
        "members.html",
        status=status,
        here=here,
        form=form or InviteForm(formdata=None),
        named=named or NameForm(formdata=None, name=here.organisation.name),
        members=made.ledger.members(here.organisation.id),
        invited=invited,
        roles=list(Role),
    )


def _back(here: InOrganisation) -> ResponseReturnValue:
    return redirect(url_for("console.members.show", organisation=here.organisation.slug), 303)
