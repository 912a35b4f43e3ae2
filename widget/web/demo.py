"""A partner's page with the real snippet, on another origin than the petition where there is one."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, redirect, request

from widget import organising, signing
from widget.domain.petition import Petition
from widget.domain.refusals import PetitionNotFound
from widget.web.edge import parts
from widget.web.printing import once, printed

SAMPLE = "stop-bloodshed-in-artsakh"
EMBED_HEIGHT = 446  # px; the embed's own height, reserved so that nothing moves

demo = Blueprint("demo", __name__)


@demo.get("/demo")
def partner() -> Response:
    """Show the partner's page; at the petition's own address, send the visitor to the other one."""
    settings = parts().settings
    public, other = settings.public_url, settings.demo_url
    if request.host == urlsplit(public).netloc and public != other:
        return redirect(f"{other}/demo", 302)  # type: ignore[return-value]
    found = _petition_to_show()
    page = printed(
        "demo.html",
        "en",
        petition=found,
        wording=found.wordings[0],
        height=EMBED_HEIGHT,
        same_origin=public == other,
    )
    return once(page, 200, _policy(public))


def _policy(public: str) -> str:
    """Return what a careful partner would set: the petition's service, and the snippet's own height."""
    return (
        f"default-src 'none'; script-src {public}; connect-src {public}; form-action {public}; "
        "style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


def _petition_to_show() -> Petition:
    """Return the sample petition, else the newest open one. Raises PetitionNotFound."""
    made = parts()
    try:
        return signing.find(SAMPLE, catalogue=made.catalogue)
    except PetitionNotFound:
        newest = organising.open_petitions(ledger=made.ledger, now=made.clock(), limit=1)
        if not newest:
            raise
        return newest[0]
