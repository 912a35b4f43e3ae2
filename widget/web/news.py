"""Leaving the news: a page with one button, and the one click that mail programs offer (RFC 8058).

A mail provider sends the POST by itself when its user asks for it: without a cookie, from anywhere, more
than once, and it follows no redirect. A link that is only opened changes nothing.
"""

from flask import Blueprint, Response, request

from widget import i18n, owning, tokens
from widget.owning import News
from widget.tokens import Purpose
from widget.web.edge import parts
from widget.web.printing import once, printed
from widget.web.signers import keep_to_oneself

news = Blueprint("news", __name__, url_prefix="/news/<token>")
news.after_request(keep_to_oneself)


@news.get("")
def ask_to_leave(token: str) -> Response:
    """Show what would be left, and a button."""
    return _page(owning.news(_opened(token), ledger=parts().ledger))


@news.post("")
def leave(token: str) -> Response:
    """Get no more news; sent twice it says the same."""
    return _page(owning.end_news(_opened(token), ledger=parts().ledger))


def _page(found: News) -> Response:
    lang = i18n.choose(request.args.get("lang"), found.lang)
    body = printed(
        "news.html",
        lang,
        petition=found.petition,
        wording=found.wording,
        wording_dir=i18n.direction(found.wording.lang),
        wanted=found.wanted,
    )
    return once(body, 200)


def _opened(token: str) -> int | None:
    made = parts()
    link = tokens.read(made.settings.secret_key, Purpose.LEAVE_NEWS, token)
    return owning.opened(link, ledger=made.ledger)
