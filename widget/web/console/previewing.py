"""The real widget with what is not public yet: a page for a frame, for members alone, stored nowhere.

The script is the one that partners load. It asks the service without a cookie, which knows no draft; so the
page carries the answer, and preview.js hands it over.
"""

import json
from dataclasses import replace
from typing import Any

from flask import Response

from widget import i18n, signing
from widget.domain.goal import next_step
from widget.domain.petition import Confirmation, Petition, Status, Wording
from widget.domain.snippet import Options
from widget.domain.tally import Tally, progress_of
from widget.web.api import widget_body
from widget.web.console.printing import HEADERS, POLICY, page
from widget.web.edge import LETTER_POLICY, parts
from widget.web.markdown import letter

LETTER_HEADERS = {"Content-Security-Policy": LETTER_POLICY, "X-Frame-Options": "SAMEORIGIN"}


def preview(
    petition: Petition, wording: Wording, options: Options, *, full: bool = False, signed: bool = False
) -> Response:
    """Show the widget as visitors would see it while it is open; with `full` its text below it, too.

    With `signed` it has just been signed in, and counts at once: its thanks are to be seen.
    """
    if signed:
        petition = replace(petition, confirmation=Confirmation.NONE)
    made = parts()
    began = Tally(0, 0, 0, 0, next_step(0, petition.ladder), made.clock())  # where nothing is stored yet
    tally = made.counter.read(petition.id) if petition.id else began
    shown = signing.Shown(petition, progress_of(petition, tally))
    lang = i18n.choose(options.lang, wording.lang)
    body = widget_body(shown, wording, lang, Status.OPEN, made.settings.public_url)
    facts: dict[str, Any] = json.loads(body.plain)
    response = page(
        "preview.html",
        facts=facts,
        options=options,
        signed=signed,
        lang=lang,
        wording=wording,
        wording_dir=i18n.direction(wording.lang),
        letter=letter(wording) if full else None,
    )
    return framed(response)


def lettered(html: str) -> Response:
    """Give a letter's HTML for a frame of ours: it may carry its own style and nothing else."""
    return Response(html, headers={**HEADERS, **LETTER_HEADERS}, content_type="text/html; charset=utf-8")


def framed(response: Response) -> Response:
    """Let a page stand in a frame of ours, and in nobody else's."""
    response.headers["Content-Security-Policy"] = POLICY.replace(
        "frame-ancestors 'none'", "frame-ancestors 'self'"
    )
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response
