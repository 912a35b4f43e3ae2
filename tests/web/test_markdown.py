"""Markdown on our pages: what it may become, and what Mallory tries to make of it."""

import re
from html.parser import HTMLParser

import pytest

from widget.domain.petition import Wording
from widget.web.markdown import html, letter

ALLOWED = {
    *("p", "br", "hr", "em", "strong", "blockquote", "pre", "code", "a"),
    *("ul", "ol", "li", "h3", "h4", "h5", "h6"),
}


class Elements(HTMLParser):
    """The elements and attributes a browser would see."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<a href='javascript:alert(1)' onclick=alert(1)>x</a>",
        "<style>*{display:none}</style>",
        "<form action=https://mallory.example.org><input name=email></form>",
        "<base href=https://mallory.example.org>",
        "<!-- --><script>alert(1)</script>",
        "<![CDATA[<script>alert(1)</script>]]>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java\tscript:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](&#x6A;avascript&colon;alert(1))",
        "[x](vbscript:msgbox(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](file:///etc/passwd)",
        "<javascript:alert(1)>",
        '[x](https://example.org "onmouseover=alert(1)")',
        "[x][1]\n\n[1]: javascript:alert(1)",
        "![x](javascript:alert(1))",
        '![x"onerror="alert(1)](https://example.org/x.png)',
        "> - 1. <script>alert(1)</script>",
        "`<script>alert(1)</script>`",
        "```html\n<script>alert(1)</script>\n```",
        "# <img src=x onerror=alert(1)>",
        "\\<script>alert(1)\\</script>",
        "a\x00<script>alert(1)</script>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
    ],
)
def test_nothing_that_runs_loads_or_submits_comes_out(attack: str) -> None:
    for tag, attributes in Elements(html(attack)).seen:
        assert tag in ALLOWED
        assert set(attributes) <= ({"href", "rel"} if tag == "a" else set())
        assert re.match(r"(https?|mailto):", attributes.get("href") or "https:")


def test_text_is_shown_as_it_was_meant() -> None:
    shown = html("Dear *all*,\n\n1. one\n2. **two**\n\n> quoted\n\nline\\\nline")
    assert shown == (
        "<p>Dear <em>all</em>,</p>\n<ol>\n<li>one</li>\n<li><strong>two</strong></li>\n</ol>\n"
        "<blockquote>\n<p>quoted</p>\n</blockquote>\n<p>line<br>\nline</p>"
    )


def test_a_link_lends_no_weight_and_no_window() -> None:
    assert html("[the plan](https://example.org/plan)") == (
        '<p><a href="https://example.org/plan" rel="nofollow noopener">the plan</a></p>'
    )


def test_a_bare_address_stays_text() -> None:
    assert html("https://example.org") == "<p>https://example.org</p>"


def test_a_picture_is_its_description() -> None:
    assert html("![the <old> mill](https://example.org/mill.png)") == "<p>the &lt;old&gt; mill</p>"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("# a", ["h3"]),
        ("### a\n\n### b", ["h3", "h3"]),
        ("# a\n\n## b\n\n# c", ["h3", "h4", "h3"]),
        ("# a\n\n###### b", ["h3", "h4"]),
        ("#### a\n\n# b", ["h3", "h3"]),
        ("# a\n\n## b\n\n### c\n\n#### d\n\n##### e", ["h3", "h4", "h5", "h6", "h6"]),
        ("a\n=\n\nb\n-", ["h3", "h4"]),
        ("> # a\n\n- ## b", ["h3", "h4"]),
    ],
)
def test_headings_stand_below_those_of_the_page_and_skip_no_level(written: str, shown: list[str]) -> None:
    assert [tag for tag, _ in Elements(html(written)).seen if tag.startswith("h")] == shown


def test_equal_wordings_are_rendered_once() -> None:
    def mill() -> Wording:
        return Wording("en", "Save the mill", ("the town council",), "It has *turned*.", "## Sources")

    assert mill() is not mill()
    assert letter(mill()) is letter(mill())
    assert letter(mill()).text_version == mill().text_version
    assert letter(mill()).appendix == "<h3>Sources</h3>"
