"""The only ways into a view of the console. Each view says who may; one that does not is an error at start.

    @signed_in                        any organiser             view(here: Here)
    @in_organisation(Deed.MEMBERS)    <organisation> in rule    view(here: InOrganisation)
    @on_petition(Deed.LOOK)           <slug> in rule            view(here: OnPetition)
    @open_to_strangers                the door itself           view()

What belongs to another organisation is not found, whatever the deed (promise 17).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import quote

from flask import Flask, current_app, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import ServiceUnavailable, Unauthorized

from widget import overseeing
from widget.domain.organiser import Deed, Membership, Organisation, Organiser, Role
from widget.domain.petition import Petition
from widget.web.console import session
from widget.web.edge import parts

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]
TEXT_ROOM = (
    256 * 1024
)  # bytes; the longest text there may be, in any script, is a little more than half of it
FIELD_LIMIT = 1024 * 1024  # bytes of what is typed; files beyond it wait on disk
NO_ROOM = "Support-Now-No-Room"  # the process says by it that too many long files are on their way
TRY_AGAIN = 30  # seconds
OPEN, ANY = "open to strangers", "any organiser"


@dataclass(frozen=True, slots=True)
class Here:
    """Who is at the desk."""

    organiser: Organiser


@dataclass(frozen=True, slots=True)
class InOrganisation(Here):
    """Who is at the desk, in which organisation, and what they are there."""

    membership: Membership

    @property
    def organisation(self) -> Organisation:
        """Return the organisation."""
        return self.membership.organisation

    @property
    def role(self) -> Role:
        """Return what the organiser is in it."""
        return self.membership.role

    def may(self, deed: Deed) -> bool:
        """Tell whether they may do something else, too; for links and buttons."""
        return self.membership.may(deed)


@dataclass(frozen=True, slots=True)
class OnPetition(InOrganisation):
    """Who is at the desk, and the petition on it, read from the ledger for this request."""

    petition: Petition


class SignInFirst(Exception):
    """Nobody is signed in, and the view is for organisers."""


def open_to_strangers(view: View[P]) -> View[P]:
    """Declare a view that anybody may reach: the door itself."""
    view.__dict__["admits"] = OPEN
    return view


def signed_in(view: Callable[Concatenate[Here, P], ResponseReturnValue]) -> View[P]:
    """Let any organiser in."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        return view(Here(_organiser()), *args, **kwargs)

    guarded.__dict__["admits"] = ANY
    return guarded


def in_organisation(
    deed: Deed,
) -> Callable[[Callable[Concatenate[InOrganisation, P], ResponseReturnValue]], View[Any]]:
    """Let members in whose role includes the deed; `<organisation>` in the rule names the organisation."""

    def declare(view: Callable[Concatenate[InOrganisation, P], ResponseReturnValue]) -> View[Any]:
        @wraps(view)
        def guarded(*args: Any, organisation: str, **kwargs: Any) -> ResponseReturnValue:
            organiser = _organiser()
            membership = overseeing.find_organisation(organisation, organiser, deed)
            return view(InOrganisation(organiser, membership), *args, **kwargs)

        guarded.__dict__["admits"] = deed
        return guarded

    return declare


def on_petition(
    deed: Deed,
) -> Callable[[Callable[Concatenate[OnPetition, P], ResponseReturnValue]], View[Any]]:
    """Let members in whose role includes the deed; `<slug>` in the rule names the petition."""

    def declare(view: Callable[Concatenate[OnPetition, P], ResponseReturnValue]) -> View[Any]:
        @wraps(view)
        def guarded(*args: Any, slug: str, **kwargs: Any) -> ResponseReturnValue:
            organiser = _organiser()
            petition, membership = overseeing.find(slug, organiser, deed, ledger=parts().ledger)
            return view(OnPetition(organiser, membership, petition), *args, **kwargs)

        guarded.__dict__["admits"] = deed
        return guarded

    return declare


def takes_up_to(size: int) -> Callable[[View[P]], View[P]]:
    """Let a view take forms of up to `size` bytes, files among them, from those who are signed in."""

    def declare(view: View[P]) -> View[P]:
        view.__dict__["body_limit"] = size
        return view

    return declare


def refuse_without_room() -> None:
    """Refuse a file that the process did not wait for. Raises ServiceUnavailable."""
    if NO_ROOM in request.headers:
        raise ServiceUnavailable(retry_after=TRY_AGAIN)


def make_room() -> None:
    """Raise the limit of this request before anything of its body is read, where its view takes more."""
    view = current_app.view_functions.get(request.endpoint or "")
    size = view.__dict__.get("body_limit") if view else None
    if size is not None and session.present() is not None:
        request.max_content_length = size
        request.max_form_memory_size = min(size, FIELD_LIMIT)


def refuse_undeclared_views(app: Flask) -> None:
    """Raise RuntimeError when a view of the console does not say who may reach it."""
    silent = sorted(
        endpoint
        for endpoint, view in app.view_functions.items()
        if endpoint.startswith("console.") and "admits" not in view.__dict__
    )
    if silent:
        raise RuntimeError(f"views of the console that do not say who may reach them: {', '.join(silent)}")


def send_to_sign_in(_first: SignInFirst) -> ResponseReturnValue:
    """Ask a stranger to sign in, and remember where they were going."""
    going = request.full_path.rstrip("?")
    return redirect(f"{session.PLACE}/sign-in?next={quote(going, safe='/')}")


def local(address: str | None) -> str:
    """Return where to go after signing in: an address of the console, never of another site."""
    wanted = address or ""
    safe = wanted.isascii() and wanted.isprintable() and not any(odd in wanted for odd in ("\\", "//", ".."))
    inside = wanted == session.PLACE or wanted.startswith((f"{session.PLACE}/", f"{session.PLACE}?"))
    return wanted if safe and inside else session.PLACE


def _organiser() -> Organiser:
    found = session.present()
    if found is not None:
        return found
    if request.method in {"GET", "HEAD"}:
        raise SignInFirst
    raise Unauthorized  # what was sent is refused: after signing in, nobody remembers having sent it
