"""An update goes out: who gets it is said and typed first; then where it stands, and the way to stop it."""

from datetime import timedelta

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField

from widget import i18n, updating
from widget.domain.organiser import Deed
from widget.domain.petition import Status
from widget.domain.refusals import EditedMeanwhile, UpdatePublished, UpdateUntested
from widget.domain.update import Course, Mailing, Update, minutes, version
from widget.prose import html
from widget.web.console.door import OnPetition, on_petition
from widget.web.console.forms import SureForm, id_of
from widget.web.console.printing import number, page
from widget.web.edge import parts

publishing = Blueprint("publishing", __name__, url_prefix="/petitions/<slug>/updates/<int:update_id>")

QUIET = timedelta(minutes=15)  # a mailing that goes on takes a step every ten seconds


class PublishForm(SureForm):
    """What is published: `version` are the words that were looked at, `counted` the number that was shown."""

    version = HiddenField()
    counted = HiddenField()


@publishing.get("/publish")
@on_petition(Deed.TELL)
def ask(here: OnPetition, update_id: int) -> ResponseReturnValue:
    """Show the words once more, say how many get them, and ask for that number."""
    update = updating.find(update_id, ledger=parts().ledger, petition=here.petition)
    if update.published_at is not None:
        return _to_published(here, update_id)
    return _asked(here, update, PublishForm(None))


@publishing.post("/publish")
@on_petition(Deed.TELL)
def publish(here: OnPetition, update_id: int) -> ResponseReturnValue:
    """Publish it, with letters if their number was typed. A second press finds it published, and says so."""
    form, made = PublishForm(), parts()
    update = updating.find(update_id, ledger=made.ledger, petition=here.petition)
    mail = request.form.get("mail") == "yes"
    if update.published_at is None and (
        here.petition.status is Status.DRAFT or not _agreed(here, form, mail)
    ):
        return _asked(here, update, form, status=422)
    try:
        updating.publish(
            update_id,
            mail=mail,
            ledger=made.ledger,
            now=made.clock(),
            instead_of=form.version.data or "",
        )
    except UpdatePublished:
        flash("It was published already. This is where it stands.", "done")
        return _to_published(here, update_id)
    except (EditedMeanwhile, UpdateUntested):
        flash("Somebody changed the words meanwhile: nothing was published. Read them again.", "fault")
        now_kept = updating.find(update_id, ledger=made.ledger)
        return _asked(here, now_kept, PublishForm(None), status=409)
    made.catalogue.forget(here.petition.slug)
    said = "the letters go out, a few at a time." if mail else "no letter goes out."
    flash(f"Published on the petition's page; {said}", "done")
    return _to_published(here, update_id)


@publishing.get("/published")
@on_petition(Deed.TELL)
def published(here: OnPetition, update_id: int) -> ResponseReturnValue:
    """Show what was published, and how far its letters are."""
    made = parts()
    update = updating.find(update_id, ledger=made.ledger, petition=here.petition)
    if update.published_at is None:
        return redirect(url_for("console.updates.one", slug=here.petition.slug, update_id=update_id))
    course, now = updating.course(update, ledger=made.ledger), made.clock()
    left = course.minutes_left(made.settings.news_per_minute) if course else 0
    last_step = (course.stepped_at if course else None) or update.published_at
    goes = _goes(update, course)
    return page(
        "update_published.html",
        here=here,
        update=update,
        text=html(update.text),
        dir=i18n.direction(update.lang),
        language=i18n.language("en", update.lang),
        course=course,
        goes=goes,
        until=now + timedelta(minutes=left),
        lasting=_lasting(left),
        left_out=updating.left_out(update, ledger=made.ledger),
        can_mail=made.settings.writes_letters,
        stands_still=goes and now - last_step > QUIET,
        per_minute=made.settings.news_per_minute,
    )


@publishing.post("/stop")
@on_petition(Deed.TELL)
def stop(here: OnPetition, update_id: int) -> ResponseReturnValue:
    """Let no more letters of it go out."""
    update = updating.find(update_id, ledger=parts().ledger, petition=here.petition)
    if _goes(update, updating.course(update, ledger=parts().ledger)):
        stopped = updating.stop(update.id, ledger=parts().ledger)
        flash(f"Stopped. {number(stopped.mailed)} letters were written before.", "done")
    else:
        flash("There is nothing to stop: no letter of it goes out any more.", "fault")
    return _to_published(here, update_id)


@publishing.post("/resume")
@on_petition(Deed.TELL)
def resume(here: OnPetition, update_id: int) -> ResponseReturnValue:
    """Let a mailing that was stopped go on. Whoever presses second is told that it does."""
    made = parts()
    update = updating.find(update_id, ledger=made.ledger, petition=here.petition)
    if not made.settings.writes_letters:
        flash("It stays stopped: this service has no mail server (SMTP_URL).", "fault")
    elif updating.resume(update.id, ledger=made.ledger, now=made.clock()):
        flash("It goes on, with those who have not had it yet.", "done")
    elif update.mailing in (Mailing.STOPPED, Mailing.GOING):
        flash("It goes on already.", "done")
    else:
        flash("There is nothing to go on with: it was not stopped.", "fault")
    return _to_published(here, update_id)


def _goes(update: Update, course: Course | None) -> bool:
    """Tell whether letters of it may still leave."""
    if course is None or update.mailing is Mailing.STOPPED:
        return False
    return update.mailing is Mailing.GOING or course.waiting > 0


def _agreed(here: OnPetition, form: PublishForm, mail: bool) -> bool:
    """Tell whether who publishes knows how many get a letter; else the form says how many they are."""
    if not mail:
        return True
    readers = updating.audience(here.petition.id, ledger=parts().ledger)
    if not readers or not parts().settings.writes_letters:
        return False
    shown = id_of(form.counted.data) or 0
    # While the page was open a few more may have asked for news: whoever typed what it said has agreed.
    if shown and updating.is_about(readers, shown) and form.says(shown):
        return True
    return form.agrees(readers)


def _asked(here: OnPetition, update: Update, form: PublishForm, *, status: int = 200) -> Response:
    made = parts()
    readers = updating.audience(here.petition.id, ledger=made.ledger)
    per_minute = made.settings.news_per_minute
    return page(
        "update_publish.html",
        here=here,
        update=update,
        text=html(update.text),
        dir=i18n.direction(update.lang),
        form=form,
        version=version(update),
        readers=readers,
        per_minute=per_minute,
        lasting=_lasting(minutes(readers, per_minute)),
        can_mail=made.settings.writes_letters,
        is_draft=here.petition.status is Status.DRAFT,
        status=status,
    )


def _to_published(here: OnPetition, update_id: int) -> Response:
    address = url_for("console.publishing.published", slug=here.petition.slug, update_id=update_id)
    return redirect(address, 303)  # type: ignore[return-value]


def _lasting(whole: int) -> str:
    """Return so many minutes as one says them."""
    if whole <= 1:
        return "a minute"
    if whole < 90:
        return f"{whole} minutes"
    hours = round(whole / 60)
    return f"{hours} hours" if hours < 48 else f"{round(hours / 24)} days"
