"""Where a signer can pass a petition on: plain links, no script and no picture of anybody else's."""

from urllib.parse import quote

from widget import i18n

# {text} is the title, {url} the address; both are percent-encoded. The signer's page fills in the address,
# because only it knows the partner's source. The shortest name comes first, beside words long in many
# languages: so all of them stand in two lines of a phone.
_NETWORKS = {
    "x": ("X", "https://x.com/intent/post?text={text}&url={url}"),
    "whatsapp": ("WhatsApp", "https://wa.me/?text={text}%20{url}"),
    "telegram": ("Telegram", "https://t.me/share/url?url={url}&text={text}"),
    "facebook": ("Facebook", "https://www.facebook.com/sharer/sharer.php?u={url}"),
    "bluesky": ("Bluesky", "https://bsky.app/intent/compose?text={text}%20{url}"),
}
_LETTER = "mailto:?subject={text}&body={url}"


def share_links(title: str, lang: str) -> list[dict[str, str]]:
    """Return the links for a petition's title; `{url}` stays open in them."""
    ways = {"email": (i18n.text(lang, "embed.email"), _LETTER), **_NETWORKS}
    text = quote(title, safe="")
    return [
        {"via": via, "name": name, "href": href.replace("{text}", text)} for via, (name, href) in ways.items()
    ]
