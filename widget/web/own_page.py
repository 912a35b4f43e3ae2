"""The signer's own page: everything that is stored, and what can be done about it, without an account.

A link only shows; a form changes. The address is the key to the signature, so there is no cookie that
another site could make a browser send, and nobody who lacks the address can write a form that works.
Forms sent from elsewhere are refused all the same: an address can leak, and then it should at least
take a person to use it.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, redirect, request
from werkzeug.exceptions import BadRequest

from widget import i18n, owning, tokens
from widget.domain.question import Answer, Question
from widget.domain.refusals import InvalidInput, NotFromHere
from widget.owning import Own
from widget.tokens import Purpose
from widget.web.edge import parts
from widget.web.printing import once, printed
from widget.web.schemas import load_signature
from widget.web.signers import keep_to_oneself

own_page = Blueprint("own_page", __name__, url_prefix="/signature/<token>")
own_page.after_request(keep_to_oneself)

DONE = ("renamed", "shown", "hidden", "left_news", "withdrawn", "resumed")
NAMES = ("given_name", "family_name")


@own_page.before_request
def refuse_foreign_forms() -> None:
    """Raise NotFromHere for a form that another site sends.

    Browsers say where a form stands in Sec-Fetch-Site. Older ones have only Origin, which is "null" for
    a page that, like this one, tells nobody its address.
    """
    if request.method != "POST":
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    ours = parts().settings.public_url
    if site not in {None, "same-origin", "none"} or (site is None and origin not in {None, "null", ours}):
        raise NotFromHere


@own_page.get("")
def show(token: str) -> Response:
    """Show everything that is stored."""
    return _page(token, owning.read(_opened(token), ledger=parts().ledger))


@own_page.get("/download")
def download(token: str) -> Response:
    """Give the same as a file for programs."""
    own = owning.read(_opened(token), ledger=parts().ledger)
    plain = json.dumps(_stored(own), ensure_ascii=False, indent=2, default=str)
    name = f'attachment; filename="signature-{own.petition.slug}.json"'
    return Response(plain, headers={"Content-Disposition": name}, content_type="application/json")


@own_page.post("/name")
def correct(token: str) -> Response:
    """Correct the name, by the rules of the petition's form."""
    signature_id = _opened(token)
    own = owning.read(signature_id, ledger=parts().ledger)
    asked = tuple(field for field in own.petition.form if field.name in NAMES)
    try:
        typed = load_signature(asked, request.form.to_dict())
    except InvalidInput as refused:
        return _page(
            token, own, errors=i18n.words(_lang(own), refused.errors), typed=request.form, status=422
        )
    names = {name: typed.get(name, "") for name in NAMES}
    owning.correct(signature_id, **names, ledger=parts().ledger)
    return _back(token, "renamed")


@own_page.post("/show-name")
def show_name(token: str) -> Response:
    """Show the name publicly, or hide it."""
    wanted = {"true": True, "false": False}.get(request.form.get("show_name", ""))
    if wanted is None:
        raise BadRequest
    owning.show_name(_opened(token), show=wanted, ledger=parts().ledger)
    return _back(token, "shown" if wanted else "hidden")


@own_page.post("/leave-news")
def leave_news(token: str) -> Response:
    """Get no more news."""
    owning.leave_news(_opened(token), ledger=parts().ledger)
    return _back(token, "left_news")


@own_page.post("/withdraw")
def withdraw(token: str) -> Response:
    """Take the signature back."""
    owning.withdraw(_opened(token), **_number())
    return _back(token, "withdrawn")


@own_page.post("/resume")
def resume(token: str) -> Response:
    """Give it again."""
    owning.resume(_opened(token), **_number())
    return _back(token, "resumed")


@own_page.get("/erase")
def ask_to_erase(token: str) -> Response:
    """Say what erasing does, and ask once."""
    own = owning.read(_opened(token), ledger=parts().ledger)
    return once(printed("own_erase.html", _lang(own), own=own, token=token), 200)


@own_page.post("/erase")
def erase(token: str) -> Response:
    """Erase, and say so. Sent again, the link opens nothing any more."""
    own = owning.read(_opened(token), ledger=parts().ledger)
    petition = owning.erase(_opened(token), **_number())
    return once(printed("own_erased.html", _lang(own), petition=petition, wording=own.wording), 200)


def _page(
    token: str,
    own: Own,
    *,
    errors: Mapping[str, Sequence[str]] | None = None,
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    lang = _lang(own)
    privacy = parts().settings.privacy
    done = request.args.get("done")
    body = printed(
        "own.html",
        lang,
        own=own,
        token=token,
        typed=typed or {},
        errors=errors or {},
        done=done if done in DONE else None,
        country=dict(i18n.countries(lang)).get(own.signature.country, own.signature.country),
        lang_name=i18n.language(lang, own.signature.lang),
        key_until=own.signature.signed_at + timedelta(days=privacy.retention.network_key_days),
        petition_status=own.petition.status_at(parts().clock()),
        contact=own.petition.privacy_contact or privacy.contact,
        answers=_answers(own),
        asked_names=[field for field in own.petition.form if field.name in NAMES],
        wording_dir=i18n.direction(own.wording.lang),
    )
    return once(body, status)


def _answers(own: Own) -> list[tuple[Question, Answer]]:
    """Return the questions that were answered, removed ones among them, each with its answer in words."""
    given, lang = own.signature.answers or {}, own.wording.lang
    return [
        (one, given[one.name] if one.type == "checkbox" else one.answered(given[one.name], lang))
        for one in own.petition.questions
        if one.name in given
    ]


def _stored(own: Own) -> dict[str, Any]:
    """Return all there is, under the names of the API where it has them."""
    signature = own.signature
    fields = ("email", "given_name", "family_name", "country", "postal_code", "comment", "show_name")
    consent = signature.consent
    return {
        "petition": f"{parts().settings.public_url}/p/{own.petition.slug}",
        "text_version": signature.text_version,
        "wording": f"{parts().settings.public_url}/p/{own.petition.slug}/wording/{signature.text_version}",
        **{name: getattr(signature, name) for name in fields},
        "answers": [
            {"name": question.name, "question": question.label(own.wording.lang), "answer": answer}
            for question, answer in _answers(own)
        ],
        "updates": consent and {"given_at": consent.given_at.isoformat(), "wording": consent.wording},
        "lang": signature.lang,
        "source": signature.source,
        "page_url": signature.page_url,
        "canonical_email": signature.canonical_email,
        "network_key": signature.network_key,
        "state": own.state.value,
        "events": [{"happened": event.happened.value, "at": event.at.isoformat()} for event in own.events],
        "letters": [
            {
                "occasion": letter.occasion.value,
                "written_at": letter.written_at.isoformat(),
                "sent_at": letter.sent_at and letter.sent_at.isoformat(),
            }
            for letter in own.letters
        ],
    }


def _opened(token: str) -> int | None:
    made = parts()
    link = tokens.read(made.settings.secret_key, Purpose.OWN_PAGE, token)
    return owning.opened(link, ledger=made.ledger)


def _lang(own: Own) -> str:
    return i18n.choose(request.args.get("lang"), own.signature.lang)


def _number() -> dict[str, Any]:
    made = parts()
    return {"ledger": made.ledger, "counter": made.counter, "now": made.clock()}


def _back(token: str, done: str) -> Response:
    # The token as it was read: what was not ours never gets here.
    return redirect(f"/signature/{token}?done={done}#done", 303)  # type: ignore[return-value]
