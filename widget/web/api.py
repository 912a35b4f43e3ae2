"""JSON for the embed and for programs, under /api/v1. Public, without cookies, for any origin."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from flask import Blueprint, Request, Response, current_app, redirect, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from widget import i18n, signing
from widget.domain.countries import COUNTRIES
from widget.domain.form import Field
from widget.domain.petition import Status, Wording
from widget.domain.question import Question, answers_in, spoken
from widget.domain.refusals import InvalidInput, LedgerUnavailable, TooManyRequests
from widget.domain.summary import summary
from widget.domain.tally import Progress
from widget.guarding import Sender
from widget.parts import Parts
from widget.web import openapi, pages
from widget.web.edge import BODY_LIMIT, PUBLIC_HEADERS, parts, wants_html
from widget.web.rendered import Body, Shelf, answer
from widget.web.schemas import ProgressAnswer, WidgetAnswer, load_signature
from widget.web.sharing import share_links
from widget.web.thanks import messages_of

api = Blueprint("api", __name__, url_prefix="/api/v1")

# A browser may keep a number for five seconds. A cache in front of us that all share keeps it for one, so
# that two pages show one number soon after a signature; it may go on with it while asking anew or while we
# are down.
LIVE = "public, max-age=5, s-maxage=1, stale-while-revalidate=2, stale-if-error=300"
SETTLED = "public, max-age=30, stale-while-revalidate=300, stale-if-error=3600"

# Characters that fit beside the form; the widget shows fewer lines where it has less room.
SUMMARY_LENGTH = 320

_PROGRESS = ProgressAnswer()
_WIDGET = WidgetAnswer()


@api.get("/petitions/<slug>/widget")
def widget(slug: str) -> Response:
    """Give all that one widget needs, in the language asked for."""
    made = parts()
    shown = _show(slug, made)
    asked = request.args.get("lang")
    lang, wording = i18n.choose(asked, shown.petition.wordings[0].lang), shown.petition.wording(asked)
    status = shown.petition.status_at(made.clock())
    body = _shelf().body(
        ("widget", slug, lang, wording.lang),
        (status, *_facts(shown)),
        lambda: widget_body(shown, wording, lang, status, made.settings.public_url),
    )
    return answer(body, LIVE if status is Status.OPEN else SETTLED, PUBLIC_HEADERS)


@api.get("/petitions/<slug>/progress")
def progress(slug: str) -> Response:
    """Give count and goal alone; the entity tag is the tally's version."""
    shown = _show(slug, parts())
    body = _shelf().body(("progress", slug), _facts(shown), lambda: _progress_body(shown.progress))
    return answer(body, LIVE if shown.petition.status is Status.OPEN else SETTLED, PUBLIC_HEADERS)


@api.post("/petitions/<slug>/signatures")
def sign(slug: str) -> Response:
    """Take a signature, from the embed or a program (JSON answer) or from a plain form (a page)."""
    made = parts()
    petition = signing.find(slug, catalogue=made.catalogue)
    made.sightings.notice(petition.id, request.environ.get("HTTP_ORIGIN"))
    sent = _sent(request)
    lang = i18n.choose(_text(sent.get("lang")), petition.wordings[0].lang)
    try:
        fields = load_signature(petition.form, sent)
        signed = signing.sign(
            slug,
            _signature_request(petition.form, fields, sent, lang),
            origin=request.headers.get("Origin"),
            own_origin=_origin(made.settings.public_url),
            catalogue=made.catalogue,
            ledger=made.ledger,
            counter=made.counter,
            now=made.clock(),
            guard=made.guard,
            sent=_sender(made, fields),
            receipts=made.settings.writes_letters,
        )
    except (InvalidInput, LedgerUnavailable, TooManyRequests) as refused:
        if not wants_html():
            raise
        return _form_again(_show(slug, made), refused, sent, lang)
    if wants_html():
        asked = quote(_text(sent.get("lang")) or lang)
        rest = f"{asked}&source={quote(fields['source'], safe='')}" if fields["source"] else asked
        rest += "&test" if signed.rehearsal else ""
        return redirect(f"/p/{slug}?signed={signed.status}&lang={rest}#sign", 303)  # type: ignore[return-value]
    return _signed_answer(signed)


@api.get("/openapi.json")
def openapi_document() -> Response:
    """Describe all of this."""
    body = _shelf().body("openapi", 1, lambda: openapi.body(parts().settings.public_url))
    return answer(body, SETTLED, PUBLIC_HEADERS)


def _form_again(
    shown: signing.Shown,
    refused: InvalidInput | LedgerUnavailable | TooManyRequests,
    sent: Mapping[str, Any],
    lang: str,
) -> Response:
    """Show a plain form once more with all that was typed, and what is to be done about it."""
    typed = {name: _writable(value) for name, value in sent.items() if isinstance(value, str)}
    if isinstance(refused, InvalidInput):
        words = i18n.words(lang, refused.errors)
        return pages.petition_page(shown, lang=lang, values=typed, errors=words, status=422)
    words = {"": [i18n.text(lang, f"error.{refused.code}"), i18n.text(lang, "page.send_again")]}
    status = 503 if isinstance(refused, LedgerUnavailable) else 429
    response = pages.petition_page(shown, lang=lang, values=typed, errors=words, status=status)
    response.headers["Retry-After"] = str(refused.retry_after)
    return response


def _facts(shown: signing.Shown) -> tuple[int, ...]:
    """Return what an answer is made from; its `as_of` may be a second older than the latest reading."""
    progress = shown.progress
    return shown.petition.revision, progress.version, progress.goal, int(progress.as_of.timestamp())


def _show(slug: str, made: Parts) -> signing.Shown:
    shown = signing.show(slug, catalogue=made.catalogue, ledger=made.ledger, counter=made.counter)
    made.sightings.notice(shown.petition.id, request.environ.get("HTTP_ORIGIN"))
    return shown


def _sent(incoming: Request) -> Mapping[str, Any]:
    """Return the fields of a form or of a JSON object.

    Raises UnsupportedMediaType, BadRequest, RequestEntityTooLarge: a body without a length is cut at
    the limit without a word, and half a form would be another form.
    """
    body = incoming.get_data()
    if len(body) >= BODY_LIMIT:
        raise RequestEntityTooLarge
    if incoming.mimetype == "application/json":
        try:
            sent = incoming.get_json()
        except RecursionError as error:  # brackets without end
            raise BadRequest from error
        if not isinstance(sent, dict):
            raise BadRequest("the body is to be one JSON object")
        return sent
    if incoming.mimetype == "application/x-www-form-urlencoded":
        # As `incoming.form` would, in half the time; of a name sent twice the first counts.
        return dict(reversed(parse_qsl(body.decode(errors="replace"), keep_blank_values=True)))
    if incoming.mimetype == "multipart/form-data":
        return incoming.form.to_dict()
    raise UnsupportedMediaType


def _writable(text: str) -> str:
    """Return a text as it can be sent: half a pair of surrogates, which JSON allows, cannot."""
    return text.encode(errors="replace").decode()


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _sender(made: Parts, fields: Mapping[str, Any]) -> Sender:
    """Collect what the guard weighs, apart from the answers."""
    return Sender(
        address=made.guard.address_of(request.remote_addr, request.headers.get("X-Forwarded-For", "")),
        trap=fields["website"],
        elapsed=fields["elapsed"],
        proof=fields["proof"],
        can_prove=not wants_html(),
    )


def _signature_request(
    form: tuple[Field, ...], fields: Mapping[str, Any], sent: Mapping[str, Any], lang: str
) -> signing.SignatureRequest:
    typed, ascii_form = fields["email"]
    kept = ("given_name", "family_name", "country", "postal_code", "comment", "show_name")
    return signing.SignatureRequest(
        email=typed,
        email_ascii=ascii_form,
        lang=lang,
        consent_wording=i18n.text(lang, "embed.updates") if fields.get("updates") else None,
        source=fields["source"],
        page_url=fields["page_url"],
        text_version=fields["text_version"] or None,
        wanted_lang=_text(sent.get("lang")) or "",
        rehearsal=fields["test"],
        answers=answers_in(form, fields),
        **{name: fields[name] for name in kept if name in fields},
    )


def _signed_answer(signed: signing.Signed) -> Response:
    # Written as SignedAnswer would (tests/web/test_api.py holds it to that): every signer waits for this one.
    progress = _progress_facts(signed.progress) | {"as_of": signed.progress.as_of.isoformat()}
    content: dict[str, Any] = {"status": signed.status, "progress": progress}
    if signed.rehearsal:
        content["test"] = True
    body = _json(content)
    status = 201 if signed.status == "counted" else 202
    headers = {"Cache-Control": "no-store", **PUBLIC_HEADERS}
    return Response(body, status, headers, content_type="application/json")


def _progress_body(shown: Progress) -> Body:
    plain = _json(_PROGRESS.dump(_progress_facts(shown)))
    # Weak: `as_of` may differ between two answers that show the same number. A goal that was set a moment
    # ago may be known here later than the version it made.
    return Body(plain, f'W/"{shown.version}-{shown.goal}"')


def widget_body(shown: signing.Shown, wording: Wording, lang: str, status: Status, public_url: str) -> Body:
    """Make the answer that one widget is built from."""
    petition = shown.petition
    content = {
        "petition": {
            "slug": petition.slug,
            "title": wording.title,
            "addressed_to": wording.addressed_to,
            "started_by": petition.started_by,
            "summary": summary(wording.text, SUMMARY_LENGTH),
            "url": f"{public_url}/p/{petition.slug}",
            "status": status,
            "text_version": wording.text_version,
            "confirmation": petition.confirmation,
            # The text may be in another language than the words around it.
            "lang": wording.lang,
            "dir": i18n.direction(wording.lang),
            **({"thanks_url": petition.thanks_url} if petition.thanks_url else {}),
        },
        "progress": _progress_facts(shown.progress),
        "form": [_field_facts(field, lang, wording.lang) for field in petition.form],
        "sign_url": f"{public_url}/api/v1/petitions/{petition.slug}/signatures",
        "lang": lang,
        "dir": i18n.direction(lang),
        "messages": messages_of(petition, wording, lang),
        "share": share_links(wording.title, lang),
    }
    said: dict[str, Any] = _WIDGET.dump(content)
    plain = _json(said)
    del said["progress"]["as_of"]  # all else makes the tag: the words and fields of this very version, too
    return Body(plain, f'W/"{sha256(_json(said)).hexdigest()[:20]}"')


def _progress_facts(shown: Progress) -> dict[str, Any]:
    return {
        "count": shown.count,
        "goal": shown.goal,
        "ratio": shown.ratio,
        "goal_kind": shown.goal_kind,
        "of_which": {"here": shown.here, "carried_over": shown.carried_over, "paper": shown.paper},
        "as_of": shown.as_of,
    }


def _field_facts(field: Field, lang: str, of_text: str) -> dict[str, Any]:
    """Say what a field is to the widget; the organiser's own words are in the language of the text."""
    facts: dict[str, Any] = {"name": field.name, "type": field.type, "required": field.required}
    options: object = "".join(sorted(COUNTRIES)) if field.type == "country" else None
    if isinstance(field, Question):
        options = [words for _, words in field.choices(of_text)] or None
        facts |= {"label": field.label(of_text), "lang": spoken(field.labels, of_text)}
    else:
        facts["label"] = i18n.text(lang, f"embed.{field.name}")
    more = {"autocomplete": field.autocomplete, "maxlength": field.maxlength, "options": options}
    return facts | {key: value for key, value in more.items() if value is not None}


def _origin(url: str) -> str:
    scheme, rest = urlsplit(url)[:2]
    return f"{scheme}://{rest}".lower()


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _shelf() -> Shelf:
    shelf: Shelf = current_app.extensions["support_now_shelf"]
    return shelf
