"""A saved petition page is read in full or refused with its line: nothing is guessed, nothing lost."""

import codecs
import html
import re
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from widget.domain.goal import GoalKind
from widget.domain.page_date import read_date
from widget.domain.page_lines import MAX_BYTES, MAX_LINES, page_lines
from widget.domain.page_markdown import heading, literal, paragraph
from widget.domain.petition import CarriedOver, Wording
from widget.domain.petition_page import SOURCE, PetitionPage, lang_problem, read_page
from widget.domain.refusals import PageUnreadable
from widget.domain.slug import slug_from

SAMPLE = Path(__file__).parents[2] / "widget" / "samples" / "stop-bloodshed-in-artsakh.txt"
DOCUMENTED = Path(__file__).parents[2] / "docs" / "organising.md"
WHEN = "### When a page is refused"

TITLE = "Stop bloodshed in Artsakh (Nagorno-Karabakh)!"
# The shape a browser saves, addressed by the salutation alone. Each part is a line to take away or swap.
PAGE = {
    "title": TITLE,
    "gap": "",
    "again": TITLE,
    "gap 2": "",
    "date": "October 4, 2020",
    "to": "Petition to",
    "signatures": "Signatures: 49Next Goal: 50",
    "button": "Support now",
    "why": "Why this petition matters",
    "started": "Started by\u00a0Armenia Community",
    "gap 3": "",
    "salutation": "Dear Mr President Putin,",
    "gap 4": "",
    "plea": "War has come to the valley. Let Russia\u2019s voice end it.",
    "gap 5": "",
    "closing": "Kind regards,",
    "gap 6": "",
    "signed": "Armenians far and near",
    "gap 7": "",
    "appended": "Below you can find the articles meant.",
    "gap 8": "",
    "article": "Article 1",
    "rule": "No force among members.",
    "gap 9": "",
    "button 2": "Support now",
    "signatures 2": "Signatures: 49Next Goal: 50",
    "button 3": "Support now",
    "makers": "Decision Makerstotal 12",
}


def page(*without: str, **instead: str) -> bytes:
    """Write the page, `without` some parts and with other words for others."""
    swapped = {name.replace("_", " "): text for name, text in instead.items()}
    assert {*without, *swapped} <= PAGE.keys()
    return "\n".join(swapped.get(name, text) for name, text in PAGE.items() if name not in without).encode()


def line_of(part: str) -> int:
    return list(PAGE).index(part) + 1


def refusal(data: bytes) -> PageUnreadable:
    with pytest.raises(PageUnreadable) as refused:
        read_page(data)
    return refused.value


# What is taken


def test_every_fact_of_the_page_is_taken():
    draft = read_page(page()).draft
    assert draft.slug == "stop-bloodshed-in-artsakh"
    assert draft.wording.lang == "en"
    assert draft.wording.title == TITLE
    assert draft.wording.addressed_to == ("Mr President Putin",)
    assert draft.started_by == "Armenia Community"
    assert draft.started_on == date(2020, 10, 4)
    assert draft.carried_over == CarriedOver(49, SOURCE, date(2020, 10, 4))
    assert (draft.goal_kind, draft.goal_aim) == (GoalKind.LADDER, None)
    assert draft.decision_makers == 12
    assert draft.wording.text == (
        "Dear Mr President Putin,\n\nWar has come to the valley. Let Russia\u2019s voice end it.\n\n"
        "Kind regards,\n\nArmenians far and near"
    )
    assert (
        draft.wording.appendix
        == "Below you can find the articles meant.\n\n### Article 1\n\nNo force among members."
    )


def test_notes_tell_what_was_assumed():
    assert read_page(page()).notes == (
        f"appendix: everything from line {line_of('appended')} on",
        f"addressed to Mr President Putin: taken from the salutation in line {line_of('salutation')}",
    )


def test_the_sample_is_such_a_page():
    read = read_page(SAMPLE.read_bytes())
    draft = read.draft
    assert draft.slug == "stop-bloodshed-in-artsakh"
    assert draft.wording.title == "Stop bloodshed in Artsakh (Nagorno-Karabakh)"
    assert draft.wording.addressed_to == ("the President of Russia",)
    assert (draft.started_by, draft.started_on) == ("Armenia Community", date(2020, 10, 4))
    assert draft.carried_over == CarriedOver(49, SOURCE, date(2020, 10, 4))
    assert (draft.goal_kind, draft.goal_aim, draft.decision_makers) == (GoalKind.LADDER, None, None)
    assert draft.wording.text.startswith("Mr President,\n\n")
    assert draft.wording.text.endswith("Armenians around the world")
    headings = re.findall("^### (.*)$", draft.wording.appendix, re.MULTILINE)
    assert headings == ["Article 1", "Article 2", "Article 4", "Appendix: The OSCE Minsk Group"]
    assert len(read.notes) == 1
    assert read.notes[0].startswith("appendix: ")


def test_no_furniture_stays_in_the_text():
    wording = read_page(page()).draft.wording
    for furniture in (
        "Support now",
        "Signatures",
        "Next Goal",
        "Why this petition",
        "Decision",
        "Started by",
    ):
        assert furniture not in wording.text + wording.appendix


def test_a_title_written_once_is_enough_and_keeps_its_mark():
    assert read_page(page("again")).draft.wording.title == TITLE


@pytest.mark.parametrize("title", ["Petition to save the lake", "Started by a spark"])
def test_a_title_that_begins_like_a_label_is_the_title_when_repeated(title: str):
    assert read_page(page(title=title, again=title)).draft.wording.title == title


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ("Petition to the President of Russia", ("the President of Russia",)),
        ("Petition to: the President of Russia", ("the President of Russia",)),
        ("petition to\nthe President of Russia", ("the President of Russia",)),
        ("Petition to\n\nThe Council\nThe Assembly", ("The Council", "The Assembly")),
        ("Petition to The Council\nThe Assembly", ("The Council", "The Assembly")),
        ("Petition to", ("Mr President Putin",)),
    ],
)
def test_addressees_come_from_the_label_before_the_salutation(written: str, taken: tuple[str, ...]):
    assert read_page(page(to=written)).draft.wording.addressed_to == taken


@pytest.mark.parametrize(
    "salutation", ["Dear Mr. Putin,", "DEAR Mr. Putin:", "Dear Mr. Putin", "Dear Mr. Putin !"]
)
def test_a_salutation_names_one_addressee(salutation: str):
    assert read_page(page(salutation=salutation)).draft.wording.addressed_to == ("Mr. Putin",)


def test_the_name_may_stand_below_started_by():
    assert read_page(page(started="Started by\nArmenia Community")).draft.started_by == "Armenia Community"


def test_the_starter_named_above_and_below_the_heading_is_named_once():
    draft = read_page(
        page(button="Started by Armenia Community", started="\n\nStarted by Armenia Community")
    ).draft
    assert draft.started_by == "Armenia Community"
    assert draft.wording.text.startswith("Dear Mr President Putin,")


def test_the_starter_named_in_the_text_again_stays_there():
    plea = "War has come.\n\nStarted by Armenia Community\n\nEnd it."
    assert "Started by Armenia Community" in read_page(page(plea=plea)).draft.wording.text


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ("Signatures: 49", 49),
        ("Signatures:49", 49),
        ("Signatures 49", 49),
        ("SIGNATURES : 49", 49),
        ("Signatures:\n49", 49),
        ("Signatures\n\n49", 49),
        ("Signatures: 24,845", 24_845),
        ("Signatures: 24.845", 24_845),
        ("Signatures: 24 845", 24_845),
        ("Signatures: 24\u00a0845", 24_845),
        ("Signatures: 24\u202f845", 24_845),
        ("Signatures: 24\u2019845", 24_845),
        ("Signatures: 1,217,903", 1_217_903),
        ("Signatures: 1217903", 1_217_903),
        ("Signatures: 1,000,000,000", 1_000_000_000),
    ],
)
def test_the_count_is_read_as_pages_write_it(written: str, count: int):
    carried = read_page(page("signatures 2", signatures=written)).draft.carried_over
    assert carried is not None
    assert carried.count == count


def test_no_signature_so_far_carries_nothing_over():
    assert read_page(page("signatures 2", signatures="Signatures: 0")).draft.carried_over is None


@pytest.mark.parametrize(
    ("written", "kind", "aim"),
    [
        ("Signatures: 49Next Goal: 50", GoalKind.LADDER, None),
        ("Signatures: 49 Next Goal: 50", GoalKind.LADDER, None),
        ("Signatures: 49\nNext Goal: 50", GoalKind.LADDER, None),
        ("Signatures:\n49Next Goal: 50", GoalKind.LADDER, None),
        ("Signatures: 49\nNext Goal\n50", GoalKind.LADDER, None),
        ("Signatures: 24,845Next Goal: 25,000", GoalKind.LADDER, None),
        ("Signatures: 49", GoalKind.LADDER, None),
        ("Signatures: 49Next Goal: 60", GoalKind.ORGANISER, 60),
        ("Signatures: 49\nNext Goal: 1 000", GoalKind.ORGANISER, 1_000),
    ],
)
def test_the_next_goal_is_the_ladders_or_the_organisers(written: str, kind: GoalKind, aim: int | None):
    draft = read_page(page("signatures 2", signatures=written)).draft
    assert (draft.goal_kind, draft.goal_aim) == (kind, aim)


@pytest.mark.parametrize(
    ("written", "makers"),
    [
        ("Decision Makerstotal 12", 12),
        ("Decision Makers total 12", 12),
        ("Decision Makers: 12", 12),
        ("Decision Makers (12)", 12),
        ("Decision Makers\n12", 12),
        ("Decision Makers", None),
    ],
)
def test_decision_makers_are_counted_where_a_figure_stands(written: str, makers: int | None):
    assert read_page(page(makers=written)).draft.decision_makers == makers


@pytest.mark.parametrize("optional", ["date", "makers", "gap", "button", "why", "to", "appended", "again"])
def test_a_page_may_lack(optional: str):
    assert read_page(page(optional)).draft.started_by == "Armenia Community"


def test_without_a_date_the_count_has_none_either_and_a_note_says_so():
    read = read_page(page("date"))
    assert read.draft.started_on is None
    assert read.draft.carried_over == CarriedOver(49, SOURCE, None)
    assert any("no date" in note for note in read.notes)


def test_without_a_goal_a_note_names_the_ladders():
    read = read_page(page("signatures 2", signatures="Signatures: 49"))
    assert "no next goal on the page: the ladder gives 50" in read.notes


def test_names_below_decision_makers_are_left_out_with_a_note():
    read = read_page(page(makers="Decision Makerstotal 12\n\nThe President\nThe Minister"))
    assert [note for note in read.notes if note.startswith("left out")] == [
        f"left out: line {len(PAGE) + 2}, 'The President'",
        f"left out: line {len(PAGE) + 3}, 'The Minister'",
    ]
    assert "President" not in read.draft.wording.appendix


def test_many_names_below_decision_makers_are_summed_up():
    read = read_page(page(makers="Decision Makers\n" + "\n".join(f"Office {letter}" for letter in "abcdefg")))
    assert "left out: 2 more lines below 'Decision Makers'" in read.notes
    assert sum(note.startswith("left out") for note in read.notes) == 6


def test_labels_in_a_sentence_are_text():
    plea = (
        "Started by a shot, the war spreads.\nPetition to whom, some ask.\nSignatures matter.\n"
        "Next goal of the war unknown.\nDecision makers must act."
    )
    assert read_page(page(plea=plea)).draft.wording.text.count("\n") == 10


def test_a_date_in_the_text_is_text():
    draft = read_page(page(plea="September 27, 2020\nThat day it began.")).draft
    assert "September 27, 2020" in draft.wording.text
    assert draft.started_on == date(2020, 10, 4)


def test_the_slug_may_be_given():
    assert read_page(page(), slug="artsakh").draft.slug == "artsakh"


@pytest.mark.parametrize("slug", ["", "Artsakh", "a--b", "a" * 81, "\u0561"])
def test_a_slug_that_is_none_is_the_callers_fault(slug: str):
    with pytest.raises(ValueError, match="the option"):
        read_page(page(), slug=slug)


@pytest.mark.parametrize("lang", ["", "english please", "e", "en_GB", "en-" + "x" * 40, "EN"])
def test_a_language_tag_that_is_none_is_the_callers_fault(lang: str):
    assert lang_problem(lang)
    with pytest.raises(ValueError, match="language tag"):
        read_page(page(), lang=lang)


# The letter and its appendix


@pytest.mark.parametrize(
    ("closing", "signed", "appended"),
    [
        ("Kind regards,", "Armenians far and near", "Member states:"),
        ("With respect", "Armenians far and near", "Member states:"),
        ("Kind regards,\nArmenians far and near", "", "Member states:"),
        ("They wait.", "Armenians far and near", "Below you can find what was promised."),
        ("They wait.", "Armenians far and near", "Appendix: what was promised"),
    ],
)
def test_the_appendix_begins_behind_the_signature_or_where_it_says_so(
    closing: str, signed: str, appended: str
):
    wording = read_page(page(closing=closing, signed=signed, appended=appended)).draft.wording
    assert wording.text.endswith("Armenians far and near")
    assert appended in wording.appendix


def test_a_letter_without_closing_or_announcement_has_no_appendix():
    wording = read_page(page("closing", "signed", appended="More follows.")).draft.wording
    assert wording.appendix == ""
    assert wording.text.endswith("No force among members.")


@pytest.mark.parametrize(
    ("line", "is_heading"),
    [
        ("Article 1", True),
        ("ARTICLE IV", True),
        ("Article 2.", True),
        ("Section 12a: Peace", True),
        ("Annex 3 \u2013 Maps", True),
        ("Article 1 says that nobody may attack.", False),
        ("Articles", False),
        ("Article of faith", False),
    ],
)
def test_only_a_line_that_is_one_becomes_a_heading(line: str, is_heading: bool):
    appendix = read_page(page(article=line)).draft.wording.appendix
    assert (f"### {line}" in appendix) is is_heading
    assert line in appendix


def test_wrapped_lines_flow_and_short_lines_keep_their_break():
    wrapped = "A line as long as this one was cut by its width and not by hand.\nIt flows on."
    text = read_page(page(plea=wrapped, signed="Armenians,\nfar and near")).draft.wording.text
    assert wrapped in text
    assert "Armenians,\\\nfar and near" in text


def test_furniture_amid_the_text_parts_two_paragraphs():
    text = read_page(page(plea="One half.\nSupport now\nThe other half.")).draft.wording.text
    assert "One half.\n\nThe other half." in text


# Words come out literally


LITERAL = (
    "*not* **bold** _nor_ __this__ `code` ~~gone~~",
    "<b>tag</b> &amp; &#65; [link](https://example.org) ![picture](x) [^1]",
    "# no heading",
    "#hashtag",
    "- no list",
    "+ no list",
    "* no list",
    "1. no list",
    "27) no list",
    "1986. A year",
    "> no quote",
    "---",
    "***",
    "===",
    "```",
    "~~~",
    "| a | b |",
    "a\\b \\* \\",
    ": no definition",
    "[a]: https://example.org",
    "<https://example.org>",
)
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@pytest.mark.parametrize("line", LITERAL)
def test_markdown_shows_a_line_as_it_was_written(line: str):
    assert html.unescape(MARKDOWN.render(literal(line))) == f"<p>{line}</p>\n"


@given(
    st.lists(
        st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S", "Zs"]), max_size=70), min_size=1
    )
)
@example(["a", "==="])
@example(["a | b", "--- | ---"])
def test_markdown_shows_any_paragraph_as_it_was_written(lines: list[str]):
    tidy = [" ".join(line.split()) for line in lines]
    filled = [line for line in tidy if line] or ["x"]
    shown = MARKDOWN.render(paragraph(filled)).replace("<br />\n", "\n")
    assert html.unescape(shown) == "<p>" + "\n".join(filled) + "</p>\n"


def test_a_heading_is_literal_too():
    assert (
        html.unescape(MARKDOWN.render(heading("Article 1: *Peace* #"))) == "<h3>Article 1: *Peace* #</h3>\n"
    )


# Encodings


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode(),
        lambda text: codecs.BOM_UTF8 + text.encode(),
        lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
        lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: text.replace("\n", " \t\u00a0\n\u200b").encode(),
        lambda text: text.replace("Signatures", "\ufeffSigna\u00adtures").encode(),
        lambda text: text.replace(" ", "\u00a0 ").encode(),
    ],
    ids=["utf-8", "bom", "utf-16-le", "utf-16-be", "crlf", "cr", "spaces", "marks inside", "no-break"],
)
def test_the_same_page_in_any_dress_is_the_same(encode):
    assert read_page(encode(page().decode())).draft == read_page(page()).draft


def test_composed_and_taken_apart_letters_are_the_same():
    apart = read_page(page(signed="Ste\u0301phane")).draft
    assert apart.wording.text.endswith("St\u00e9phane")


NO_PLAIN_TEXT: list[tuple[bytes, int | None, str]] = [
    (page(plea="caf@").replace(b"@", b"\xe9"), line_of("plea"), "not UTF-8"),
    (codecs.BOM_UTF16_LE + "one\ntwo\n\ud800x".encode("utf-16-le", "surrogatepass"), 3, "not UTF-16"),
    (codecs.BOM_UTF16_BE + b"\x00a\x00", 1, "not UTF-16"),
    (codecs.BOM_UTF32_LE + "one".encode("utf-32-le"), None, "UTF-32"),
    ("one".encode("utf-16-le"), 1, "control character (U+0000)"),
    (page(plea="a\x00b"), line_of("plea"), "control character (U+0000)"),
    (page(plea="a\x1bb"), line_of("plea"), "control character (U+001B)"),
    (page(plea="a\x85b"), line_of("plea"), "control character (U+0085)"),
    (page(title="a\u202eb"), 1, "(U+202E)"),
    (page(plea="a\u2066b"), line_of("plea"), "(U+2066)"),
    (page(plea="a\ufffdb"), line_of("plea"), "U+FFFD"),
    (page(plea="a" + "\u0301" * 31), line_of("plea"), "more than 30 marks"),
    (b"<!doctype html>\n<title>x</title>", 1, "HTML"),
    (b"\n\n<HTML lang=en>", 3, "HTML"),
    (page(plea="<p>War has come."), line_of("plea"), "HTML"),
    (b"%PDF-1.7\n", None, "a PDF"),
    (b"PK\x03\x04...", None, "word processor"),
    (b"{\\rtf1 x}", None, "rich text"),
    (b"\x89PNG\r\n", None, "a picture"),
    (b"", None, "empty"),
    (b" \r\n\t\xc2\xa0\n", None, "empty"),
    (codecs.BOM_UTF8, None, "empty"),
    (b"a" * (MAX_BYTES + 1), None, "larger than 1,048,576 bytes"),
    (b"a\n" * 20_000, None, "more than 20,000 lines"),
]


@pytest.mark.parametrize(("data", "line", "reason"), NO_PLAIN_TEXT)
def test_what_is_no_plain_text_is_refused(data: bytes, line: int | None, reason: str):
    refused = refusal(data)
    assert refused.line == line
    assert reason in refused.reason


def test_lines_are_numbered_as_an_editor_does():
    numbered = [(line.number, line.text) for line in page_lines(b"one\r\n\r\n  three  \rfour\n")]
    assert numbered == [(1, "one"), (2, ""), (3, "three"), (4, "four"), (5, "")]


# What is refused


LACKING_OR_MUDDLED: list[tuple[bytes, int | None, str]] = [
    (page("title", "gap", "again", "gap 2"), 1, "title is missing"),
    (page("title", "again", "gap", "gap 2", "date"), 1, "title is missing"),
    (page("title", "again", "gap", "gap 2", "date", "to"), 1, "title is missing"),
    (page(title="Support now", again="Support now"), 1, "title is missing"),
    (page(title="Signatures: 49", again="Signatures: 49"), 1, "title is missing"),
    (page(title="t" * 301, again=""), 1, "longer than 300"),
    (page("started"), line_of("why"), "who started the petition is missing"),
    (page("started", "why"), len(PAGE) - 2, "who started the petition is missing"),
    (page(started="Started by"), line_of("started"), "no name follows 'Started by'"),
    (page(started="Started by\nSupport now"), line_of("started"), "no name follows 'Started by'"),
    (page(button="Started by Anahit", why="Started by Sam\nWhy this petition matters"), 9, "first Anahit"),
    (page(started="Started by " + "n" * 201), line_of("started"), "longer than 200"),
    (page("signatures", "signatures 2"), line_of("started") - 1, "number of signatures is missing"),
    (page(signatures="Signatures:"), line_of("signatures"), "no number follows 'Signatures'"),
    (page(signatures="Signatures: many"), line_of("signatures"), "'many', which is not a whole number"),
    (page(signatures="Signatures: 1.2K"), line_of("signatures"), "not a whole number"),
    (page(signatures="Signatures: 4,9"), line_of("signatures"), "not a whole number"),
    (page(signatures="Signatures: 1,234.567"), line_of("signatures"), "not a whole number"),
    (page(signatures="Signatures: -5"), line_of("signatures"), "not a whole number"),
    (page(signatures="Signatures: \u0664\u0669"), line_of("signatures"), "not a whole number"),
    (page(signatures="Signatures: 1000000001"), line_of("signatures"), "above 1,000,000,000"),
    (page(signatures="Signatures: " + "9" * 9_999), line_of("signatures"), "not a whole number"),
    (page(signatures_2="Signatures: 51"), line_of("signatures 2"), "this says 51 but line 7 says 49"),
    (page(signatures_2="Next Goal: 100"), line_of("signatures 2"), "this says 100 but line 7 says 50"),
    (page(signatures="Signatures: 49Next Goal: 40"), line_of("signatures 2"), "but line 7 says 40"),
    (
        page("signatures 2", signatures="Signatures: 49Next Goal: 49"),
        line_of("signatures"),
        "not above the number",
    ),
    (
        page("signatures 2", signatures="Signatures: 49\nNext Goal: 5"),
        line_of("signatures") + 1,
        "not above",
    ),
    (page(date="10/4/2020"), line_of("date"), "can be mistaken for each other: write it like 2020-10-04"),
    (page(date="May 1, 1066"), line_of("date"), "the year is before 1900"),
    (page(date="October 34, 2020"), line_of("date"), "no such day"),
    (page(date="Log in or sign up"), line_of("date"), "'Log in or sign up' is nothing that stands above"),
    (page(to="October 5, 2020"), line_of("to"), "second date"),
    (page(salutation="Your Excellency,"), line_of("salutation"), "who is addressed is missing"),
    (page(salutation="Dear friends, dear all,"), line_of("salutation"), "who is addressed is missing"),
    (page(to="Petition to\n" + "The Council\n" * 21), line_of("to") + 21, "more than 20 lines"),
    (page(to="Petition to " + "n" * 201), line_of("to"), "longer than 200"),
    (page(plea="Word after word. " * 3_000), line_of("plea"), "longer than 50,000"),
    (
        page(makers="Decision Makers\n" + "Not an office. " * 20),
        len(PAGE) + 1,
        "text follows 'Decision Makers'",
    ),
    (page(makers="Decision Makers: 12\nDecision Makers: 13"), len(PAGE) + 1, "this says 13"),
    (page(title="\u053f\u0561\u0576\u0563", again=""), 1, "--slug"),
    (page(title="Stop \u0432\u043e\u0439\u043d\u0443", again=""), 1, "--slug"),
]


@pytest.mark.parametrize(("data", "line", "reason"), LACKING_OR_MUDDLED)
def test_what_a_page_lacks_or_muddles_is_refused_with_its_line(data: bytes, line: int, reason: str):
    refused = refusal(data)
    assert reason in refused.reason
    assert refused.line == line
    assert refused.detail == f"line {line}: {refused.reason}"


TEXTLESS = "\n".join(list(PAGE.values())[: line_of("started")]).encode()


def test_a_page_without_text_is_refused():
    refused = refusal(TEXTLESS)
    assert (refused.line, refused.reason) == (
        line_of("started"),
        "the text is missing: write it below 'Started by NAME'",
    )


NO_PETITIONS = [b"hello", b"A shopping list\n\n- milk\n- bread\n", b"key = value\n[section]\n"]


@pytest.mark.parametrize("data", NO_PETITIONS)
def test_another_text_is_said_to_be_no_such_page(data: bytes):
    refused = refusal(data)
    assert refused.line is None
    assert "not a petition page" in refused.reason


def test_every_message_is_documented_and_every_documented_one_is_given():
    """docs/organising.md lists the messages; "..." there stands for what differs."""
    section = DOCUMENTED.read_text(encoding="utf-8").split(WHEN)[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([^`]+)` \| .+ \|$", section, re.M)
    patterns = {row: re.escape(row).replace(re.escape("..."), ".+") for row in rows}
    pages = [*(data for data, _, _ in NO_PLAIN_TEXT + LACKING_OR_MUDDLED), TEXTLESS, *NO_PETITIONS]
    reasons = {refusal(data).reason for data in pages}
    unlisted = [r for r in reasons if not any(re.fullmatch(p, r) for p in patterns.values())]
    ungiven = [row for row, p in patterns.items() if not any(re.fullmatch(p, r) for r in reasons)]
    assert (unlisted, ungiven) == ([], [])
    assert len(patterns) > 30


def test_the_documented_page_can_be_imported():
    shown = re.search(
        r"### What such a page looks like\n\n((?: {4}.*\n|\n)+)", DOCUMENTED.read_text(encoding="utf-8")
    )
    assert shown
    draft = read_page(shown[1].encode()).draft
    assert (draft.slug, draft.started_by, draft.decision_makers) == (
        "save-the-lake",
        "Friends of the Lake",
        12,
    )
    assert draft.wording.appendix.startswith("Below you can find")


@pytest.mark.parametrize(
    "data",
    [
        page(title="t" * 300, again=""),
        page(started="Started by " + "n" * 200),
        page(started="Started by Anahit" + " " * 300),
        page(to="Petition to\n" + "The Council\n" * 20),
        page(plea="w" * 49_800),
        page(plea="x" + "\u0301" * 30 + "y\u0301"),
        page(makers="Decision Makers\n" + "o" * 200),
        page(date="January 1, 1900"),
        page() + b" " * (MAX_BYTES - len(page())),
        page() + b"\n" * (MAX_LINES - len(PAGE)),
    ],
)
def test_at_its_limit_a_page_is_still_read(data: bytes):
    assert read_page(data).draft.started_by


def test_the_text_may_be_just_as_long_as_said():
    words = [text for name, text in PAGE.items() if line_of("salutation") <= line_of(name) <= line_of("rule")]
    room = 50_000 - sum(map(len, words)) + len(PAGE["plea"])
    assert read_page(page(plea="w" * room)).draft.carried_over
    assert "longer than 50,000" in refusal(page(plea="w" * (room + 1))).reason


def test_nothing_need_be_blank():
    draft = read_page(b"Save it\nSignatures:\n49\nPetition to us\nStarted by Anahit\nPlease do.").draft
    assert draft.carried_over == CarriedOver(49, SOURCE, None)
    assert draft.wording == Wording("en", "Save it", ("us",), "Please do.")


def test_an_appendix_may_follow_the_first_paragraph_or_an_unsigned_closing_at_once():
    announced = read_page(page("plea", "closing", "signed")).draft.wording
    assert announced.text == "Dear Mr President Putin,"
    unsigned = read_page(page("signed")).draft.wording
    assert unsigned.text.endswith("Kind regards,")
    assert unsigned.appendix.startswith("Below you can find")


def test_a_line_of_fifty_characters_flows_on_and_a_shorter_one_does_not():
    assert paragraph(["a" * 49, "b"]) == "a" * 49 + "\\\nb"
    assert paragraph(["a" * 50, "b"]) == "a" * 50 + "\nb"


# Dates and slugs


@pytest.mark.parametrize(
    "written",
    [
        *("October 4, 2020", "October 4 2020", "Oct 4, 2020", "Oct. 4, 2020", "october 4th, 2020"),
        *("4 October 2020", "4 Oct 2020", "04 October 2020", "4th October 2020", "4th of October, 2020"),
        *("4. October 2020", "2020-10-04", "2020-10-4", "2020/10/04", "2020.10.04"),
    ],
)
def test_a_date_is_read_as_pages_write_it(written: str):
    assert read_date(written) == date(2020, 10, 4)


def test_every_month_is_known_in_full_and_in_short():
    for month in range(1, 13):
        day = date(2020, month, 9)
        assert read_date(f"{day:%B} 9, 2020") == read_date(f"9 {day:%b} 2020") == day
    assert read_date("Sept 9, 2020") == date(2020, 9, 9)


@pytest.mark.parametrize(
    "text", ["", "October", "2020", "Octember 4, 2020", "October 4, 20", "On October 4, 2020", "49"]
)
def test_what_is_no_date_is_none(text: str):
    assert read_date(text) is None


@pytest.mark.parametrize(
    "text",
    ["10/4/2020", "04.10.2020", "4-10-20", "4. 10. 2020", "February 30, 2020", "2020-13-01", "May 1, 1066"],
)
def test_a_date_that_is_uncertain_is_an_error(text: str):
    with pytest.raises(ValueError, match=r"date|day|year"):
        read_date(text)


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        (TITLE, "stop-bloodshed-in-artsakh"),
        ("Sauvons l\u2019\u00c9cole du Ch\u00e2teau", "sauvons-lecole-du-chateau"),
        ("Stra\u00dfe f\u00fcr alle \u2014 jetzt!", "strasse-fur-alle-jetzt"),
        ("\u0141\u00f3d\u017a & \u00c6r\u00f8", "lodz-aero"),
        ("\u0130stanbul, D\u0131\u015far\u0131", "istanbul-disari"),
        ("100 trees [draft]", "100-trees"),
        ("word " * 30, "-".join(["word"] * 16)),
        ("x" * 100, "x" * 80),
        ("a" * 80 + " b", "a" * 80),
        ("2020", None),
        ("(Nagorno-Karabakh)", None),
        ("\u0531\u0580\u0581\u0561\u056d", None),
        ("Stop \u0432\u043e\u0439\u043d\u0443", None),
        ("!!!", None),
    ],
)
def test_a_slug_is_the_title_in_latin_letters_or_none(title: str, slug: str | None):
    assert slug_from(title) == slug


# Whatever comes


PIECES = st.sampled_from(
    [
        *(line.encode() for line in PAGE.values()),
        *(
            b"Signatures:",
            b"Next Goal:",
            b"Petition to",
            b"Decision Makers",
            b"Started by",
            b"49",
            b"1,2",
            b"Dear ",
        ),
        *(
            b"\r\n",
            b"\r",
            b"\xe2\x80\xa8",
            b"\xc2\xa0",
            b"\x00",
            b"\xff",
            b"\xef\xbb\xbf",
            b"<p>",
            b"(",
            b"2020-10-04",
        ),
    ]
)


def outcome(data: bytes) -> PetitionPage | PageUnreadable:
    """Any other exception fails the test."""
    try:
        return read_page(data)
    except PageUnreadable as refused:
        return refused


def assert_read_or_refused(data: bytes) -> None:
    result = outcome(data)
    if isinstance(result, PetitionPage):
        wording = result.draft.wording
        assert wording.title
        assert wording.addressed_to
        assert wording.text
        assert len(result.draft.slug) <= 80
    else:
        assert result.reason
        lines = len(re.split(rb"\r\n|\r|\n|\xe2\x80[\xa8\xa9]", data))
        assert result.line is None or 1 <= result.line <= lines


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=2_000))
def test_any_bytes_are_read_or_refused(data: bytes):
    assert_read_or_refused(data)


@settings(max_examples=300, deadline=None)
@given(
    st.text(max_size=1_000).map(lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le", "surrogatepass"))
)
def test_any_wide_text_is_read_or_refused(data: bytes):
    assert outcome(data)


@settings(max_examples=500, deadline=None)
@given(st.lists(PIECES, max_size=40).map(b"\n".join))
def test_any_mixture_of_a_pages_lines_is_read_or_refused(data: bytes):
    assert_read_or_refused(data)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=400))
def test_any_text_in_a_sound_page_is_read_or_refused(plea: str):
    assert_read_or_refused(page(plea=plea))


# A page is uploaded by an organiser while others wait: a megabyte of malice may take no more than this
# of a processor, however busy the machine is.
SECONDS = 5


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "\n",
            " ",
            "a",
            "\u0301",
            "\u0301\u0323",
            "\u00e9",
            "(",
            "<p ",
            "<",
            "Signatures: 49\n",
            "Signatures:\n",
        ),
        *(
            "Signatures 1 1",
            "1 ",
            "1,",
            "Next Goal ",
            "Started by\n",
            "Started by Anahit\n",
            "Started by Anahit\n\n\n",
            "Petition to\n",
            "Support now\n",
            "\\*_",
        ),
        *(
            "Decision Makers ",
            "Decision Makers\n",
            "Dear ",
            "Kind regards,\n\n",
            "Article 1\n",
            "October 4, 2020\n",
        ),
        *("\u2028", "\u200b", "\u0344", "\ufb2c", "\uac00\u1100\u1161", TITLE + "\n"),
    ],
)
@pytest.mark.parametrize("place", ["file", "plea", "signatures", "title"])
def test_a_megabyte_of_malice_takes_seconds_at_most(piece: str, place: str):
    size = (MAX_BYTES - 2_000) // len(piece.encode())
    if lines := piece.count("\n") + piece.count("\u2028"):
        size = min(size, (MAX_LINES - 100) // lines)  # as much as is not refused at once
    data = (piece * size).encode() if place == "file" else page(**{place: piece * size})
    started = time.process_time()
    assert_read_or_refused(data)
    assert time.process_time() - started < SECONDS
