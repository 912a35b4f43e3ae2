"""From a template to a page of the console: its frame, its navigation, its headers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - `date` is what this room offers
from datetime import datetime
from typing import Any

from flask import Response, current_app, render_template, request, url_for
from markupsafe import Markup

from widget import i18n
from widget.domain.organiser import Deed
from widget.web.assets import address
from widget.web.console import session
from widget.web.console.door import OnPetition
from widget.web.edge import OWN_PAGES_POLICY, parts
from widget.web.printing import url_of

LANG = "en"
NO_BREAK = "\u00a0"  # a space at which no line ends
# A page may show the widget as visitors see it, from here and from nowhere else.
POLICY = f"{OWN_PAGES_POLICY}; frame-src 'self'"
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), clipboard-write=(self)",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}
# The pages of a petition in their order: an entry stands there once a module brings its first page.
PETITION_PAGES = (
    ("overview", "Overview", Deed.LOOK),
    ("editing", "Edit", Deed.EDIT),
    ("snippet", "Snippet", Deed.LOOK),
    ("figures", "Figures", Deed.LOOK),
    ("signers", "Signers", Deed.SIGNERS),
    ("transfer", "In and out", Deed.TRANSFER),
    ("updates", "Updates", Deed.TELL),
)
# Pages that stand below an entry without one of their own.
BELOW = {
    **dict.fromkeys(("console.picture", "console.thanking"), "console.editing"),
    "console.review": "console.signers",
    "console.paper": "console.signers",
    "console.questions": "console.editing",
    "console.publishing": "console.updates",
    **dict.fromkeys(("console.bringing", "console.imports", "console.delivery"), "console.transfer"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the navigation; `here` marks the one that is open."""

    label: str
    href: str
    here: bool


def page(template: str, *, status: int = 200, **facts: Any) -> Response:
    """Render a page of the console, `console/<template>`.

    `here` among the facts is what the view was handed; the frame takes the navigation from it.
    """
    here = facts.get("here")
    body = render_template(
        f"console/{template}",
        asset=address,
        url_of=url_of,
        public_url=parts().settings.public_url,
        number=number,
        date=date,
        moment=moment,
        organiser=session.present_if_known(),
        places=list(_places()),
        petition_pages=list(petition_pages(here)) if isinstance(here, OnPetition) else [],
        **facts,
    )
    return Response(body, status, content_type="text/html; charset=utf-8")


def number(count: int) -> str:
    """Return a number as it is read: grouped."""
    return i18n.number(LANG, count)


def date(day: Date) -> Markup:
    """Return a day as a table has room for it."""
    return Markup('<time datetime="{}">{}</time>').format(day.isoformat(), _unbroken(day))


def moment(at: datetime) -> Markup:
    """Return a moment in UTC as a table has room for it."""
    said = f"{_unbroken(at.date())}, {at:%H:%M}{NO_BREAK}UTC"
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(timespec="seconds"), said)


def _unbroken(day: Date) -> str:
    return i18n.short_date(LANG, day).replace(" ", NO_BREAK)


def petition_pages(here: OnPetition) -> Iterator[Entry]:
    """Yield the pages of a petition that are there and that the role allows."""
    open_now = BELOW.get(request.blueprint or "", request.blueprint)
    for name, label, deed in PETITION_PAGES:
        if _is_there(f"console.{name}.show") and here.may(deed):
            href = url_for(f"console.{name}.show", slug=here.petition.slug)
            yield Entry(label, href, open_now == f"console.{name}")


def _places() -> Iterator[Entry]:
    organiser = session.present_if_known()
    if organiser is None:
        return
    yield Entry("Petitions", url_for("console.petitions.show"), request.blueprint == "console.petitions")
    asked: Mapping[str, Any] = request.view_args or {}
    for organisation in organiser.where_may(Deed.MEMBERS):
        several = len(organiser.memberships) > 1
        yield Entry(
            f"Members of {organisation.name}" if several else "Members",
            url_for("console.members.show", organisation=organisation.slug),
            request.blueprint == "console.members" and asked.get("organisation") == organisation.slug,
        )
    yield Entry("Account", url_for("console.account.show"), request.blueprint == "console.account")


def _is_there(endpoint: str) -> bool:
    return endpoint in current_app.view_functions
