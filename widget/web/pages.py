"""What a visitor opens: pages from the server, complete without JavaScript."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, current_app, request
from flask.blueprints import BlueprintSetupState

from widget import i18n, organising, signing
from widget.domain.petition import Petition, Status, Wording
from widget.domain.refusals import WordingNotFound
from widget.domain.signature import LETTERS_AT_MOST
from widget.domain.site import cut
from widget.domain.summary import summary
from widget.domain.update import Update
from widget.prose import html
from widget.web.assets import assets
from widget.web.demo import EMBED_HEIGHT, demo
from widget.web.edge import OWN_PAGES_POLICY, parts
from widget.web.markdown import letter
from widget.web.pictures import pictures
from widget.web.pictures import shown as picture_shown
from widget.web.printing import moved, once, printed, url_of
from widget.web.rendered import Body, Shelf, answer
from widget.web.schemas import SOURCE_LENGTH
from widget.web.sharing import share_links
from widget.web.thanks import own_thanks

pages = Blueprint("pages", __name__)
pages.register_blueprint(assets)
pages.register_blueprint(demo)
pages.register_blueprint(pictures)

LIVE = "public, max-age=1, stale-while-revalidate=2, stale-if-error=300"
LATE = timedelta(minutes=2)  # an older number says how old it is
KEPT = 200  # pages kept ready, some 40 KB each
UPDATE_HEADING = 4
ANSWERS = ("counted", "check_email", "sent_again")


@pages.record_once
def _prepare(state: BlueprintSetupState) -> None:
    state.app.extensions["support_now_pages"] = Shelf(KEPT)


@pages.get("/")
def front() -> Response:
    """Show what this is and which petitions are open."""
    lang = i18n.choose(request.args.get("lang"), request.headers.get("Accept-Language"))
    moment = int(parts().clock().timestamp()) // 5  # the list is read once in five seconds, however many look
    body = _shelf().body(
        ("front", lang), moment, lambda: printed("front.html", lang, petitions=list(_open_petitions()))
    )
    response = answer(body, LIVE)
    response.vary.add("Accept-Language")
    return response


@pages.get("/p/<slug>")
def petition(slug: str) -> Response:
    """Show a petition with its number, its text and its form, or the thanks for a signature."""
    shown = _shown(slug)
    if led := moved(slug, shown.petition):
        return led
    lang = _lang(shown.petition)
    signed = request.args.get("signed")
    if signed in ANSWERS:
        return petition_page(shown, lang=lang, values=_values_asked(), signed=signed)
    values = _values_asked()
    if values:  # they stand in the form; kept ready are only pages that many see
        return answer(printed("petition.html", lang, **_petition_facts(shown, lang, values)), LIVE)
    body = _shelf().body(
        (slug, lang, _read(shown.petition, {}, lang).lang),
        _facts(shown),
        lambda: printed("petition.html", lang, **_petition_facts(shown, lang, {})),
    )
    return answer(body, LIVE)


def petition_page(
    shown: signing.Shown,
    *,
    lang: str,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
    signed: str | None = None,
    status: int = 200,
) -> Response:
    """Show a petition's page as the answer to one visitor: thanks, or the form with what was typed.

    `errors` are words in `lang` by field; those under "" belong to none.
    """
    facts = _petition_facts(shown, lang, values or {}, errors or {}, signed)
    return once(printed("petition.html", lang, **facts), status)


@pages.get("/p/<slug>/wording/<text_version>")
def wording(slug: str, text_version: str) -> Response:
    """Show one wording of a petition, of today or of long ago."""
    made = parts()
    found = signing.find(slug, catalogue=made.catalogue)
    if led := moved(slug, found):
        return led
    if text_version not in found.text_versions:
        raise WordingNotFound(text_version)
    current = next((w for w in found.wordings if w.text_version == text_version), None)
    read = current or made.ledger.wording(found.id, text_version)
    lang = i18n.choose(request.args.get("lang"), read.lang)
    body = printed("wording.html", lang, petition=found, current=current, **_written(read))
    return answer(body, LIVE)


@pages.get("/embed/<slug>")
def embed(slug: str) -> Response:
    """Show the widget alone, for an iframe on the sites that the organiser allows."""
    shown = _shown(slug)
    parts().sightings.notice(shown.petition.id, _framing_site())
    lang = _lang(shown.petition)
    body = printed("embed.html", lang, height=EMBED_HEIGHT, **_petition_facts(shown, lang, _values_asked()))
    response = answer(body, LIVE)
    framed_by = " ".join(shown.petition.allowed_origins) or "*"
    # In a sandbox the frame has no origin of its own that 'self' could be: ours is named.
    response.headers["Content-Security-Policy"] = OWN_PAGES_POLICY.replace(
        "'self'", f"'self' {parts().settings.public_url}"
    ).replace("frame-ancestors 'none'", f"frame-ancestors {framed_by}")
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@pages.get("/robots.txt")
def robots() -> Response:
    """Tell crawlers that pages are for them and the rest is not."""
    lines = ("User-agent: *", "Disallow: /api/", "Disallow: /embed/", "Disallow: /demo", "")
    return answer(Body("\n".join(lines).encode(), '"1"', "text/plain; charset=utf-8"), "public, max-age=3600")


def error_page(status: int, code: str, detail: str, *, lang: str) -> Response:
    """Show why something was refused and what to do next."""
    return once(printed("error.html", lang, status=status, code=code, detail=detail), status)


def _shelf() -> Shelf:
    shelf: Shelf = current_app.extensions["support_now_pages"]
    return shelf


def _framing_site() -> str | None:
    """Return the site whose page the frame stands in; None for who follows a link here."""
    if request.headers.get("Sec-Fetch-Dest", "iframe") == "document":
        return None
    return cut(request.headers.get("Referer"))


def _shown(slug: str) -> signing.Shown:
    made = parts()
    return signing.show(slug, catalogue=made.catalogue, ledger=made.ledger, counter=made.counter)


def _open_petitions() -> Iterator[signing.Shown]:
    made = parts()
    for found in organising.open_petitions(ledger=made.ledger, now=made.clock()):
        yield signing.standing(found, ledger=made.ledger, counter=made.counter)


def _lang(shown: Petition) -> str:
    """Return the language of the page's own words: by the address alone, so that caches may keep it."""
    return i18n.choose(request.args.get("lang"), shown.wordings[0].lang)


def _read(shown: Petition, values: Mapping[str, str], lang: str) -> Wording:
    """Return the wording to read: the one that a form was sent with, else the one in the language asked for.

    That may be a language in which there are no words of ours.
    """
    sent_with = (w for w in shown.wordings if w.text_version == values.get("text_version"))
    return next(sent_with, None) or shown.wording(request.args.get("lang"), values.get("lang"), lang)


def _values_asked() -> dict[str, str]:
    """Return what the address says of the form: where the signer comes from, and whether it is a dry run."""
    source = request.args.get("source", "")[:SOURCE_LENGTH]
    return ({"source": source} if source else {}) | ({"test": "1"} if "test" in request.args else {})


def _petition_facts(
    shown: signing.Shown,
    lang: str,
    values: Mapping[str, str],
    errors: Mapping[str, Sequence[str]] | None = None,
    signed: str | None = None,
) -> dict[str, Any]:
    errors = errors or {}
    read = _read(shown.petition, values, lang)
    fields = {field.name for field in shown.petition.form}
    return _written(read) | {
        "petition": shown.petition,
        "picture": picture_shown(shown.petition, read.lang),
        "progress": shown.progress,
        "updates": [_told(one) for one in parts().news.of(shown.petition)],
        "status": shown.petition.status_at(parts().clock()),
        "late": _late(shown),
        "summary": summary(read.text),
        "values": values,
        "errors": errors,
        "loose_errors": [said for name, found in errors.items() if name not in fields for said in found],
        "signed": signed,
        "own_thanks": own_thanks(shown.petition, read.lang, lang),
        "asked": request.args.get("lang", lang),
        "countries": i18n.countries(lang),
        "privacy": _privacy(shown.petition),
        **_to_pass_on(shown.petition, read, lang, values.get("source")),
    }


def _told(update: Update) -> dict[str, Any]:
    """Return an update as its page shows it: below a heading of its own, h3."""
    text = html(update.text, UPDATE_HEADING)
    return {"told": update, "text": text, "dir": i18n.direction(update.lang)}


def _to_pass_on(petition: Petition, read: Wording, lang: str, source: str | None) -> dict[str, Any]:
    """Return the address that a signer passes on, which keeps where they came from, and the ways to do it."""
    address = url_of(petition) + (f"?source={quote(source, safe='')}" if source else "")
    ways = share_links(read.title, lang)
    return {
        "address": address,
        "ways": [way | {"href": way["href"].replace("{url}", quote(address, safe=""))} for way in ways],
    }


def _privacy(petition: Petition) -> dict[str, object]:
    """Return what the privacy notice is filled from, so that it says what the service does."""
    settings = parts().settings
    rules = settings.privacy.retention
    return {
        "contact": petition.privacy_contact or settings.privacy.contact,
        "mail": settings.smtp_url is not None,
        "letters": LETTERS_AT_MOST,
        "network_key_days": rules.network_key_days,
        "unconfirmed_days": rules.unconfirmed_days,
        "anonymise_months": rules.anonymise_months,
        "held_days": rules.held_days,
    }


def _written(read: Wording) -> dict[str, Any]:
    return {"wording": read, "letter": letter(read), "wording_dir": i18n.direction(read.lang)}


def _facts(shown: signing.Shown) -> tuple[object, ...]:
    """Return all that a petition's page depends on, so that it is made anew only when one changes."""
    petition, progress = shown.petition, shown.progress
    late = progress.as_of if _late(shown) else None
    status = petition.status_at(parts().clock())
    numbers = (progress.count, progress.goal, progress.here, progress.carried_over, progress.paper)
    news = tuple(one.id for one in parts().news.of(petition))  # fewer while the ledger is away
    return (petition.id, petition.revision, status, *numbers, late, news)


def _late(shown: signing.Shown) -> bool:
    return parts().clock() - shown.progress.as_of > LATE and shown.petition.status is Status.OPEN
