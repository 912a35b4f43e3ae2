"""The organiser's own thanks, as the widget says them and as pages show them."""

from typing import Any

from widget import i18n
from widget.domain.petition import Petition, Wording
from widget.domain.thanks import in_widget
from widget.i18n import Message


def messages_of(petition: Petition, wording: Wording, lang: str) -> dict[str, Message]:
    """Return what the widget says; behind its own thanks stand the organiser's, at no cost to the script."""
    messages = i18n.embed_messages(lang)
    words, _ = petition.thanks(wording.lang, lang)
    if not words:
        return messages
    said, more = messages["one_of"], in_widget(words)
    forms = {"other": said} if isinstance(said, str) else said
    return messages | {"one_of": {form: f"{text} {more}" for form, text in forms.items()}}


def own_thanks(petition: Petition, *wanted: str) -> dict[str, Any] | None:
    """Return the organiser's own thanks as a page shows them; None where there are none."""
    words, lang = petition.thanks(*wanted)
    return {"lines": words.split("\n"), "lang": lang, "dir": i18n.direction(lang)} if words else None
