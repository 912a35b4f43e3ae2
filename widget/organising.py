"""The story of an organiser: a petition comes in from elsewhere, and its number is put in order.

Every function is handed the parts it needs and the moment it happens in; none knows of HTTP or of a
terminal. A no is a Refusal, raised where it is known.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from widget.domain.editing import Changes
from widget.domain.goal import GoalKind, next_step
from widget.domain.petition import (
    CarriedOver,
    Confirmation,
    Petition,
    PetitionDraft,
    Status,
    Wording,
    slug_problem,
)
from widget.domain.petition_page import PetitionPage, read_page
from widget.domain.refusals import PetitionClosed, PetitionNotFound, PublicAlready, SlugTaken
from widget.domain.slug import slug_from
from widget.domain.tally import progress_of
from widget.domain.wording_page import read_wording
from widget.store.counter import Counter
from widget.store.ledger import Ledger, Recounted

MANY = 10_000  # signatures that a page counts one by one; the number itself is kept in the tally


@dataclass(frozen=True, slots=True)
class Imported:
    """A petition page and what became of it.

    "new": the petition was created. "same": it was here already, with all that the page says, and
    nothing changed. `count` and `goal` are those of the petition now; `carried_over` is what the page
    counts. `notes` tell what was assumed or left out.
    """

    outcome: Literal["new", "same"]
    slug: str
    title: str
    count: int
    goal: int
    carried_over: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Worded:
    """A wording and what became of it.

    "new": the petition's first in its language. "changed": it took the place of another, which can still
    be read. "same": it was the current one already, and nothing changed.
    """

    outcome: Literal["new", "changed", "same"]
    petition: Petition
    wording: Wording


def import_page(
    data: bytes,
    *,
    ledger: Ledger,
    now: datetime,
    slug: str | None = None,
    lang: str = "en",
    confirmation: Confirmation = Confirmation.NONE,
) -> Imported:
    """Create a petition from a saved page; importing the same page again changes nothing.

    `confirmation` says when its signatures count.

    Raises PageUnreadable, and SlugTaken when a petition of this slug says something else; nothing was
    stored then. ValueError as `read_page`.
    """
    page = read_page(data, slug=slug, lang=lang)
    try:
        petition = ledger.add_petition(replace(page.draft, confirmation=confirmation), now)
    except SlugTaken:
        # Whether it is taken is the database's to say: two imports at once end here, one of them.
        return _same_as_before(page, ledger.petition(page.draft.slug), ledger)
    return _imported("new", page, petition, ledger)


def preview_page(data: bytes, *, ledger: Ledger, slug: str | None = None, lang: str = "en") -> Imported:
    """Tell what `import_page` would do, and store nothing. Raises the same."""
    page = read_page(data, slug=slug, lang=lang)
    try:
        return _same_as_before(page, ledger.petition(page.draft.slug), ledger)
    except PetitionNotFound:
        draft = page.draft
        count = _count(draft.carried_over)
        goal = draft.goal_aim or next_step(count, draft.ladder)
        return Imported("new", draft.slug, draft.wording.title, count, goal, count, page.notes)


def create(draft: PetitionDraft, *, ledger: Ledger, now: datetime, organisation_id: int | None) -> Petition:
    """Create a petition, of the first organisation if none is named.

    Without a slug it gets one from its title. Raises ValueError where the title gives none or the slug is
    none, and SlugTaken; nothing was stored then.
    """
    slug = draft.slug or slug_from(draft.wording.title)
    if slug is None:
        raise ValueError("the title gives no address in a-z and 0-9: choose one")
    if problem := slug_problem(slug):
        raise ValueError(f"'{slug}' {problem}")
    return ledger.add_petition(replace(draft, slug=slug), now, organisation_id=organisation_id)


def load_sample(
    data: bytes, *, ledger: Ledger, now: datetime, confirmation: Confirmation = Confirmation.NONE
) -> Imported | None:
    """Import the sample page into an empty ledger; None, and nothing done, when it holds a petition.

    Two processes that start at once may both find it empty: one creates the petition, the other finds
    the same one.
    """
    if ledger.petitions():
        return None
    return import_page(data, ledger=ledger, now=now, confirmation=confirmation)


def open_petitions(*, ledger: Ledger, now: datetime, limit: int = 50) -> list[Petition]:
    """Return the petitions that take signatures at `now`, the newest first."""
    return ledger.open_petitions(now, limit)


def set_wording(slug: str, data: bytes, *, lang: str, ledger: Ledger, now: datetime) -> Worded:
    """Give a petition its text in a language, from a file: a translation, or an edit of the text.

    Who signed before signed the earlier wording, and their signatures go on saying so. Raises
    PetitionNotFound, and PageUnreadable; nothing was stored then.
    """
    return reword(ledger.petition(slug), read_wording(data, lang=lang), ledger=ledger, now=now)


def reword(
    before: Petition, wording: Wording, *, ledger: Ledger, now: datetime, instead_of: str | None = None
) -> Worded:
    """Give a petition a wording, as `set_wording`.

    `instead_of` is the text version that the edit began with, "" for none. Raises EditedMeanwhile where there
    is another by now; nothing was stored then.
    """
    petition = ledger.set_wording(before.id, wording, now, instead_of=instead_of)
    if wording in before.wordings:
        return Worded("same", petition, wording)
    first = wording.lang not in {known.lang for known in before.wordings}
    return Worded("new" if first else "changed", petition, wording)


def signed_by(petition: Petition, wording: Wording, *, ledger: Ledger) -> int:
    """Return how many have signed this wording, at most `MANY`: each is looked at."""
    return ledger.count_of_wording(petition.id, wording.text_version, MANY)


def edit(
    slug: str, changes: Changes, *, ledger: Ledger, counter: Counter, instead_of: str | None = None
) -> Petition:
    """Change a petition's goal, its sites, when it closes and the like.

    `instead_of` is the `settings_version` that the edit began with. Raises PetitionNotFound, EditedMeanwhile,
    PetitionClosed for opening one whose signers are anonymised, and PublicAlready for hiding one that has
    signatures.
    """
    before = ledger.petition(slug)
    if before.anonymised_at is not None and changes.get("status") is Status.OPEN:
        raise PetitionClosed(f"the signers of '{slug}' are anonymised: nobody could tell who has signed")
    hides = changes.get("status") is Status.DRAFT and before.status is not Status.DRAFT
    if hides and ledger.tally(before.id).here:
        raise PublicAlready(f"'{slug}' has signatures: close it instead")
    after = ledger.change(before.id, changes, instead_of=instead_of)
    if after.revision != before.revision:
        counter.publish(after.id, ledger.tally(after.id))
    return after


def rename(slug: str, new: str, *, ledger: Ledger) -> Petition:
    """Give a petition another address; the old one goes on leading to it, and snippets go on working.

    Raises PetitionNotFound, SlugTaken, and ValueError for what is no slug.
    """
    petition = ledger.petition(slug)
    if problem := slug_problem(new):
        raise ValueError(f"'{new}' {problem}")
    ledger.readdress(petition.id, new)
    return ledger.petition_by_id(petition.id)


def recount(slug: str, *, ledger: Ledger, counter: Counter) -> Recounted:
    """Count a petition's signatures again and correct tally and copy. Raises PetitionNotFound."""
    petition = ledger.petition(slug)
    recounted = ledger.recount(petition.id)
    counter.publish(petition.id, recounted.after)
    return recounted


def _same_as_before(page: PetitionPage, petition: Petition, ledger: Ledger) -> Imported:
    differences = list(_differences(page.draft, petition, ledger.carried_over(petition.id)))
    if differences:
        raise SlugTaken(
            f"the petition '{petition.slug}' is here already and says something else: "
            f"{'; '.join(differences)}. Nothing was stored. Import the page under another address with "
            "--slug, or leave it: a petition that is here is edited here"
        )
    return _imported("same", page, petition, ledger)


def _imported(
    outcome: Literal["new", "same"], page: PetitionPage, petition: Petition, ledger: Ledger
) -> Imported:
    progress = progress_of(petition, ledger.tally(petition.id))
    return Imported(
        outcome=outcome,
        slug=petition.slug,
        title=page.draft.wording.title,
        count=progress.count,
        goal=progress.goal,
        carried_over=_count(page.draft.carried_over),
        notes=page.notes,
    )


def _differences(draft: PetitionDraft, petition: Petition, carried: Sequence[CarriedOver]) -> Iterator[str]:
    """Name what the page says otherwise, short things with both sayings."""
    yield from _wording_differences(draft, petition)
    facts: tuple[tuple[str, object, object], ...] = (
        ("started by", petition.started_by, draft.started_by),
        ("date", petition.started_on, draft.started_on),
        ("next goal", _goal(petition), _goal(draft)),
        ("decision makers", petition.decision_makers, draft.decision_makers),
    )
    for name, here, there in facts:
        if here != there:
            yield _both(name, here, there)
    wanted = [draft.carried_over] if draft.carried_over else []
    # Figures that were added here later are no contradiction: the page only says its own.
    if not all(figure in carried for figure in wanted) or (carried and not wanted):
        yield _both("signatures so far", _counts(carried), _counts(wanted))


def _wording_differences(draft: PetitionDraft, petition: Petition) -> Iterator[str]:
    # A wording that was once here and edited since is the page that was imported, not another one.
    if draft.wording.text_version in petition.text_versions:
        return
    here, there = petition.wording(draft.wording.lang), draft.wording
    if here.lang != there.lang:
        yield _both("language", here.lang, there.lang)
    if here.title != there.title:
        yield _both("title", here.title, there.title)
    if here.addressed_to != there.addressed_to:
        yield _both("addressed to", ", ".join(here.addressed_to), ", ".join(there.addressed_to))
    if here.text != there.text:
        yield "the text"
    if here.appendix != there.appendix:
        yield "the appendix"


def _both(name: str, here: object, there: object) -> str:
    shown = ["none" if value in (None, "") else value for value in (here, there)]
    return f"{name} (here {shown[0]}, on the page {shown[1]})"


def _goal(of: Petition | PetitionDraft) -> object:
    return "the ladder's" if of.goal_kind is GoalKind.LADDER else of.goal_aim


def _counts(figures: Sequence[CarriedOver]) -> str:
    return " + ".join(f"{figure.count} of {figure.counted_on or 'no date'}" for figure in figures)


def _count(carried: CarriedOver | None) -> int:
    return carried.count if carried else 0
