"""What a signer opens from a letter, without an account: a link shows a page, only a button changes anything.

Whoever has such an address has the signature, so no page here is kept, listed, or named to other sites.
"""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, redirect, request

from widget import confirming, i18n, owning, signing, tokens
from widget.domain.refusals import InvalidInput
from widget.tokens import Purpose
from widget.web.edge import parts
from widget.web.pages import petition_page
from widget.web.printing import once, printed, url_of
from widget.web.schemas import load_signature
from widget.web.thanks import own_thanks

signers = Blueprint("signers", __name__)


@signers.after_request
def keep_to_oneself(response: Response) -> Response:
    """Let the address of a page here get nowhere: to no other site, search engine or cache."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    return response


@signers.get("/confirm/<token>")
def ask_to_confirm(token: str) -> Response:
    """Show what is to be confirmed, and a button. Programs that open every link in a mail change nothing."""
    return _confirmation(confirming.look(_opened(token), **_facts()))


@signers.post("/confirm/<token>")
def confirm(token: str) -> Response:
    """Confirm, and show the thanks; sent twice it says the same."""
    return _confirmation(confirming.confirm(_opened(token), **_facts()))


@signers.post("/p/<slug>/letter")
def send_again(slug: str) -> Response:
    """Send the letter once more, if somebody waits for it; the answer is the same for everybody."""
    made = parts()
    petition = signing.find(slug, catalogue=made.catalogue)
    lang = i18n.choose(request.form.get("lang"), petition.wordings[0].lang)
    asked = tuple(field for field in petition.form if field.name == "email")
    try:
        _, ascii_form = load_signature(asked, request.form.to_dict())["email"]
    except InvalidInput as refused:
        shown = signing.show(slug, catalogue=made.catalogue, ledger=made.ledger, counter=made.counter)
        words = {"email": i18n.words(lang, refused.errors).get("email", [])}
        values = {"email": request.form.get("email", "")}
        return petition_page(shown, lang=lang, signed="check_email", values=values, errors=words, status=422)
    confirming.send_again(slug, ascii_form, catalogue=made.catalogue, ledger=made.ledger, now=made.clock())
    return redirect(f"/p/{slug}?signed=sent_again&lang={lang}#sign", 303)  # type: ignore[return-value]


def _opened(token: str) -> int | None:
    made = parts()
    link = tokens.read(made.settings.secret_key, Purpose.CONFIRM, token)
    return owning.opened(link, ledger=made.ledger)


def _facts() -> dict[str, Any]:
    made = parts()
    return {
        "catalogue": made.catalogue,
        "ledger": made.ledger,
        "counter": made.counter,
        "now": made.clock(),
        "within": timedelta(days=made.settings.confirm_within),
    }


def _confirmation(found: confirming.Confirming) -> Response:
    lang = i18n.choose(request.args.get("lang"), found.lang)
    own = tokens.make(parts().settings.secret_key, Purpose.OWN_PAGE, found.link)
    body = printed(
        "confirm.html",
        lang,
        petition=found.petition,
        wording=found.wording,
        wording_dir=i18n.direction(found.wording.lang),
        progress=found.progress,
        status=found.petition.status_at(parts().clock()),
        confirmed=found.confirmed,
        own_thanks=own_thanks(found.petition, found.wording.lang, lang),
        own_page=f"/signature/{own}",
        mail=f"mailto:?subject={quote(found.wording.title)}&body={quote(url_of(found.petition))}",
    )
    return once(body, 200)
