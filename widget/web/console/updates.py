"""Word to signers: the updates there are, and a draft that is written, looked at and tried on oneself."""

from threading import Lock

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, HiddenField

from widget import delivering, i18n, updating
from widget.delivering import Post, Undelivered
from widget.domain.organiser import Deed
from widget.domain.page_letter import MAX_TEXT
from widget.domain.page_opening import MAX_TITLE
from widget.domain.petition_page import lang_problem
from widget.domain.refusals import EditedMeanwhile, PageUnreadable, UpdateNotFound, UpdatePublished
from widget.domain.update import Kind, Mailing, Update, UpdateDraft, read_update, version
from widget.prose import html
from widget.web.console.door import TEXT_ROOM, OnPetition, on_petition, takes_up_to
from widget.web.console.forms import Form, line_field, text_field
from widget.web.console.previewing import framed, lettered
from widget.web.console.printing import page
from widget.web.edge import parts

updates = Blueprint("updates", __name__, url_prefix="/petitions/<slug>/updates")

TEST_TIMEOUT = 10.0  # seconds for each answer of the mail server: somebody waits, and a thread with them

# A test letter goes out while its writer waits. However slow the mail server is, that holds one thread.
_at_the_door = Lock()


class UpdateForm(Form):
    """An update. `version` is the one that the edit began with, empty for none."""

    title = line_field("Title", limit=MAX_TITLE, required="Give it a title.")
    text = text_field("Text", limit=MAX_TEXT, required="Write it.", render_kw={"rows": 14, "dir": "auto"})
    lang = line_field("Its language", limit=35, required="Name it, such as en or hy.")
    answer = BooleanField("This is what the addressee answered")
    version = HiddenField()

    def begin_with(self, update: Update) -> None:
        """Fill in what there is."""
        self.title.data, self.text.data, self.lang.data = update.title, update.text, update.lang
        self.answer.data, self.version.data = update.kind is Kind.ANSWER, version(update)

    def written(self) -> UpdateDraft | None:
        """Return what was typed; None where something is wrong, which its field says."""
        if not self.validate_on_submit():
            return None
        if problem := lang_problem(self.lang.data):
            self.complain("lang", f"This {problem}.")
            return None
        kind = Kind.ANSWER if self.answer.data else Kind.UPDATE
        file = f"# {self.title.data}\n\n{self.text.data}\n".encode()
        try:
            return read_update(file, lang=self.lang.data, kind=kind)
        except PageUnreadable as error:
            self.complain("text", f"{error.reason[:1].upper()}{error.reason[1:]}.")
            return None


@updates.get("")
@on_petition(Deed.TELL)
def show(here: OnPetition) -> ResponseReturnValue:
    """List the updates, the newest first, and where each stands."""
    found = updating.listed(here.petition.slug, ledger=parts().ledger)
    courses = {
        one.id: updating.course(one, ledger=parts().ledger) for one in found if one.mailing is Mailing.GOING
    }
    return page("updates.html", here=here, updates=found, courses=courses, can_mail=_can_mail())


@updates.get("/new")
@on_petition(Deed.TELL)
def begin(here: OnPetition) -> ResponseReturnValue:
    """Show the empty form; `?answer` begins what the addressee answered."""
    form = UpdateForm(None)
    form.lang.data = here.petition.wordings[0].lang
    form.answer.data = "answer" in request.args
    return _form(here, form)


@updates.post("/new")
@takes_up_to(TEXT_ROOM)
@on_petition(Deed.TELL)
def create(here: OnPetition) -> ResponseReturnValue:
    """Keep a new draft."""
    form, made = UpdateForm(), parts()
    written = form.written()
    if written is None:
        return _form(here, form, status=422)
    return _go_on(here, updating.write(here.petition, written, ledger=made.ledger, now=made.clock()))


@updates.get("/<int:update_id>")
@on_petition(Deed.TELL)
def one(here: OnPetition, update_id: int) -> ResponseReturnValue:
    """Show a draft to be edited, or what was published and how far it is."""
    update = updating.find(update_id, ledger=parts().ledger, petition=here.petition)
    if update.published_at is not None:
        return redirect(url_for("console.publishing.published", slug=here.petition.slug, update_id=update.id))
    form = UpdateForm(None)
    form.begin_with(update)
    return _form(here, form, update)


@updates.post("/<int:update_id>")
@takes_up_to(TEXT_ROOM)
@on_petition(Deed.TELL)
def save(here: OnPetition, update_id: int) -> ResponseReturnValue:
    """Save a draft; what a colleague saved or published meanwhile is not overwritten, and nothing is lost."""
    form, made = UpdateForm(), parts()
    written = form.written()
    try:
        update = updating.find(update_id, ledger=made.ledger, petition=here.petition)
        if written is None:
            return _form(here, form, update, status=422)
        saved = updating.rewrite(update, written, instead_of=form.version.data or "", ledger=made.ledger)
    except EditedMeanwhile:
        other = updating.find(update_id, ledger=made.ledger)
        form.version.data = version(other)
        return _form(here, form, other, other=other, status=409)
    except UpdatePublished:
        return _form(here, form, taken=True, status=409)
    except UpdateNotFound:
        return _form(here, form, deleted=True, status=404)
    return _go_on(here, saved)


@updates.post("/<int:update_id>/remove")
@on_petition(Deed.TELL)
def remove(here: OnPetition, update_id: int) -> ResponseReturnValue:
    """Delete a draft for good, unless a colleague has put other words into it or published it."""
    ledger = parts().ledger
    update = updating.find(update_id, ledger=ledger, petition=here.petition)
    try:
        updating.remove(update, instead_of=request.form.get("version", ""), ledger=ledger)
    except EditedMeanwhile:
        flash("Somebody saved other words meanwhile: nothing was deleted. Read them first.", "fault")
        return redirect(url_for(".one", slug=here.petition.slug, update_id=update_id), 303)
    except UpdatePublished:
        flash("It was published already: nothing was deleted. This is where it stands.", "fault")
        return redirect(
            url_for("console.publishing.published", slug=here.petition.slug, update_id=update_id), 303
        )
    flash("The draft is deleted.", "done")
    return redirect(url_for(".show", slug=here.petition.slug), 303)


@updates.post("/<int:update_id>/test")
@on_petition(Deed.TELL)
def send_test(here: OnPetition, update_id: int) -> ResponseReturnValue:
    """Send a draft to who is at the desk, as signers would get it."""
    update = updating.find(update_id, ledger=parts().ledger, petition=here.petition)
    return _try_out(here, update)


@updates.get("/<int:update_id>/letter")
@on_petition(Deed.TELL)
def show_letter(here: OnPetition, update_id: int) -> ResponseReturnValue:
    """Show an update as its signers would get it, in words and as HTML in a frame."""
    update, letter = _letter(here, update_id)
    return page("update_letter.html", here=here, update=update, letter=letter)


@updates.get("/<int:update_id>/letter/html")
@on_petition(Deed.TELL)
def show_letter_html(here: OnPetition, update_id: int) -> ResponseReturnValue:
    """Give the HTML of that letter as it is, for the frame."""
    return lettered(_letter(here, update_id)[1].html)


@updates.get("/<int:update_id>/preview")
@on_petition(Deed.TELL)
def show_preview(here: OnPetition, update_id: int) -> ResponseReturnValue:
    """Show a draft as it is kept, for the frame beside the form."""
    return _preview(updating.find(update_id, ledger=parts().ledger, petition=here.petition))


@updates.post("/preview")
@takes_up_to(TEXT_ROOM)
@on_petition(Deed.TELL)
def preview(here: OnPetition) -> ResponseReturnValue:
    """Show what was typed as the petition's page would; nothing is stored."""
    form = UpdateForm()
    lang = form.lang.data or ""
    return _preview(
        UpdateDraft(
            Kind.ANSWER if form.answer.data else Kind.UPDATE,
            here.petition.wordings[0].lang if lang_problem(lang) else lang,
            (form.title.data or "…")[:MAX_TITLE],
            (form.text.data or "")[:MAX_TEXT],
        )
    )


def _go_on(here: OnPetition, saved: Update) -> ResponseReturnValue:
    """Go on with what was saved: to a test of it, to publishing it, or back to it."""
    then = request.form.get("then")
    if then == "test":
        return _try_out(here, saved)
    place = "console.publishing.ask" if then == "publish" else "console.updates.one"
    if then != "publish":
        flash("Saved. Nobody but members sees a draft.", "done")
    return redirect(url_for(place, slug=here.petition.slug, update_id=saved.id), 303)


def _try_out(here: OnPetition, update: Update) -> ResponseReturnValue:
    settings, back = parts().settings, url_for(".one", slug=here.petition.slug, update_id=update.id)
    if not settings.writes_letters:
        flash("No letter goes out: this service has no mail server (SMTP_URL).", "fault")
        return redirect(back, 303)
    if not _at_the_door.acquire(blocking=False):
        flash("Another test is just going out: try again in a moment.", "fault")
        return redirect(back, 303)
    try:
        _sent(here, update)
    except (Undelivered, ValueError) as gone:
        why = gone.reason if isinstance(gone, Undelivered) else "your address cannot be written to"
        flash(f"The test did not go out: {why}.", "fault")
    except EditedMeanwhile:
        flash("Somebody changed the words while it went out: send another test of them.", "fault")
    else:
        if settings.smtp_url is None:
            return redirect(f"{back}/letter", 303)
        flash(f"A test is on its way to {here.organiser.email}. Read it there before you publish.", "done")
    finally:
        _at_the_door.release()
    return redirect(back, 303)


def _sent(here: OnPetition, update: Update) -> None:
    made = parts()
    paper = delivering.stationery(made.settings)
    post: Post = delivering.Mailbox()
    if made.settings.smtp_url is not None:
        timeout = min(float(made.settings.mail_timeout), TEST_TIMEOUT)
        post = delivering.SmtpPost(made.settings.smtp_url, sender=paper.mail_from, timeout=timeout)
    try:
        updating.send_test(
            update.id,
            here.organiser.email,
            lang=None,
            post=post,
            paper=paper,
            ledger=made.ledger,
            now=made.clock(),
        )
    finally:
        post.close()


def _letter(here: OnPetition, update_id: int) -> tuple[Update, delivering.Written]:
    made = parts()
    update = updating.find(update_id, ledger=made.ledger, petition=here.petition)
    paper = delivering.stationery(made.settings)
    to, now = here.organiser.email, made.clock()
    return update, updating.read_test(update, to, paper=paper, ledger=made.ledger, now=now)


def _preview(told: Update | UpdateDraft) -> Response:
    return framed(page("update_preview.html", told=told, text=html(told.text), dir=i18n.direction(told.lang)))


def _form(
    here: OnPetition,
    form: UpdateForm,
    update: Update | None = None,
    *,
    other: Update | None = None,
    taken: bool = False,
    deleted: bool = False,
    status: int = 200,
) -> Response:
    """Show the form; `taken` when it was published while somebody wrote, so that it is saved as another.

    So it is with `deleted`.
    """
    return page(
        "update_form.html",
        here=here,
        form=form,
        update=update,
        other=other,
        taken=taken,
        deleted=deleted,
        version=version(update) if update else "",
        can_mail=_can_mail(),
        status=status,
    )


def _can_mail() -> bool:
    return parts().settings.writes_letters
