"""Organisers in tests, and the browser they sit at: signed in, and with the token of every form."""

import re
from functools import cache
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.petitions import NOW
from widget import passwords
from widget.domain.admission import Admits
from widget.domain.organiser import Organisation, Organiser, Role
from widget.store.ledger import Ledger
from widget.web.console.session import naming

PASSWORD = "three quiet mills turning"
HOST = "https://our.example.org"


class Desk(FlaskClient):
    """A browser at the console: over TLS, with cookies, sending the token of the form it was shown."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs.setdefault("base_url", HOST)
        headers = {"Referer": f"{HOST}/manage", "Accept": "text/html", **dict(kwargs.pop("headers", {}))}
        return super().open(*args, headers=headers, **kwargs)

    def token(self) -> str:
        """Return what a form would send along."""
        found = re.search(
            r'name="csrf_token" value="([^"]+)"', self.get("/manage/sign-in", follow_redirects=True).text
        )
        assert found
        return found[1]

    def send(self, path: str, data: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        """Send a form as the browser does."""
        return self.post(path, data={"csrf_token": self.token(), **(data or {})}, **kwargs)


def enrol(
    ledger: Ledger, name: str, role: Role = Role.OWNER, organisation: Organisation | None = None
) -> Organiser:
    """Make one of the cast a member, of the first organisation if none is named."""
    into = organisation or ledger.organisations()[0]
    address = f"{name.lower()}@example.org"
    link = ledger.make_link(Admits.JOIN, address, NOW, organisation=into, role=role)
    return ledger.join_as_new(link.number, address, _hash(), NOW)


def desk(app: Flask) -> Desk:
    """Give a browser at which nobody is signed in."""
    return Desk(app, app.response_class, use_cookies=True)


def signed_in(app: Flask, organiser: Organiser) -> Desk:
    """Give a browser at which somebody is signed in."""
    found = desk(app)
    with found.session_transaction("/manage", base_url=HOST) as session:
        session.update(naming(organiser))
        session.permanent = True
    return found


@cache
def _hash() -> str:
    return passwords.hashed(PASSWORD)
