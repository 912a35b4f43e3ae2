"""Who is signed in: a signed cookie that exists under /manage alone, and what it is worth.

The cookie names an organiser, the moment their account was made, and the epoch of their sessions. All are
looked up with every request, so that a session which was ended, or a member who was removed, is out at once.
docs/decisions/0050 says why.
"""

import hmac
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256

from flask import Flask, Request, g, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import BadSignature
from werkzeug.http import parse_cookie

from config import Settings
from widget import admitting
from widget.domain.organiser import Organiser
from widget.web.edge import parts

PLACE = "/manage"
LASTS = timedelta(days=14)  # since the last visit; a shared machine is signed out of by hand
FRESH = timedelta(minutes=15)  # as long as the link in the letter works


class ConsoleSessions(SecureCookieSessionInterface):
    """Sessions for the console; everywhere else there is none to be read or written (promise 13)."""

    salt = "support-now.console"
    digest_method = staticmethod(sha256)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session of a request to the console, None for any other."""
        if request.path != PLACE and not request.path.startswith(f"{PLACE}/"):
            return None
        return super().open_session(app, request)


def init(app: Flask, settings: Settings) -> None:
    """Give an app the console's sessions."""
    app.session_interface = ConsoleSessions()
    app.extensions["support_now_vouch"] = partial(is_vouched_for, app)  # for the process: gunicorn.conf.py
    app.secret_key = hmac.digest(settings.secret_key.encode(), b"support-now.console", "sha256")
    secure = settings.public_url.startswith("https://")
    app.config.update(
        # A browser takes a __Secure- cookie from no unencrypted page of the same host.
        SESSION_COOKIE_NAME="__Secure-support-now" if secure else "support-now",
        SESSION_COOKIE_PATH=PLACE,
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=LASTS,
    )


def is_vouched_for(app: Flask, cookies: str) -> bool:
    """Tell whether a line of cookies holds one that we signed for an organiser who had signed in.

    It asks nothing of the ledger: the process decides by it whether a long file is worth its memory, before
    there is a request. Strangers have signed cookies too, but those name nobody. Never raises: it is asked in
    the loop that all connections of a process share, about whatever bytes anybody sends.
    """
    serializer = ConsoleSessions().get_signing_serializer(app)
    try:
        signed = parse_cookie(cookies).get(app.config["SESSION_COOKIE_NAME"], "")
        held = serializer.loads(signed, max_age=int(LASTS.total_seconds())) if serializer else {}
    except (BadSignature, ValueError):  # or no UTF-8
        return False
    return "organiser" in held


def begin(organiser: Organiser, *, by_letter_at: datetime | None = None) -> None:
    """Sign somebody in; nothing of an earlier session stays.

    Who came by a letter may set a password for a while without knowing the present one.
    """
    session.clear()
    session.permanent = True
    if by_letter_at is not None:
        session["by_letter_at"] = int(by_letter_at.timestamp())
    session.update(naming(organiser))
    g.organiser = organiser


def naming(organiser: Organiser) -> dict[str, int]:
    """Return what a cookie holds of whose it is."""
    return {
        "organiser": organiser.id,
        "since": admitting.since(organiser),
        "epoch": organiser.session_epoch,
    }


def is_fresh_from_letter(now: datetime) -> bool:
    """Tell whether whoever is signed in came by a letter a short while ago."""
    came = session.get("by_letter_at")
    return isinstance(came, int) and 0 <= now.timestamp() - came < FRESH.total_seconds()


def end() -> None:
    """Sign out on this device."""
    session.clear()
    g.organiser = None


def present() -> Organiser | None:
    """Return who is signed in. Read once a request. Raises LedgerUnavailable."""
    if "organiser" not in g:
        named = [session.get(name) for name in ("organiser", "since", "epoch")]
        numbers = [one for one in named if isinstance(one, int)]
        found = admitting.holds(*numbers, ledger=parts().ledger) if len(numbers) == len(named) else None
        g.organiser = found
    organiser: Organiser | None = g.organiser
    return organiser


def present_if_known() -> Organiser | None:
    """Return who is signed in as far as this request has found out; asks nothing of the ledger."""
    organiser: Organiser | None = g.get("organiser")
    return organiser
