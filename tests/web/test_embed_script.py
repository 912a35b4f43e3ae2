"""static/embed.js as served: small, shrunk without harm, and in step with the catalogue."""

import json
import re
from pathlib import Path

import brotli
import pytest
from flask.testing import FlaskClient

from widget.domain.form import BUILT_IN
from widget.domain.goal import GoalKind
from widget.domain.petition import Status
from widget.i18n import CATALOGUES, SENT_ALONG
from widget.releasing import LATEST, as_served, renamed, shrunk

SOURCE = LATEST.read_text(encoding="utf-8")
TEMPLATES = Path(__file__).parents[2] / "widget" / "web" / "templates"
PACKED = {"Accept-Encoding": "br"}


def english() -> dict[str, str | dict[str, str]]:
    catalogue = json.loads((CATALOGUES / "en.json").read_text(encoding="utf-8"))
    found: dict[str, str | dict[str, str]] = catalogue["embed"]
    return found


def quoted() -> set[str]:
    """Every text in quotes."""
    code = re.sub(r"(?m)^\s*//.*$", "", SOURCE)
    return set(re.findall(r"'((?:[^'\\\n]|\\.)*)'", code))


# Size


def test_the_script_fits_in_six_kibibytes(client: FlaskClient) -> None:
    answer = client.get("/embed.js", headers=PACKED)
    assert answer.headers["Content-Encoding"] == "br"
    assert len(answer.data) <= 6144
    assert brotli.decompress(answer.data) == as_served(LATEST)


def test_script_and_petition_together_fit_in_eight_kilobytes(client: FlaskClient) -> None:
    answers = [
        client.get(path, headers=PACKED) for path in ("/embed.js", "/api/v1/petitions/save-the-mill/widget")
    ]
    assert all(answer.headers["Content-Encoding"] == "br" for answer in answers)
    assert sum(len(answer.data) for answer in answers) <= 8000


# Shrinking


def test_only_comments_and_blanks_are_left_out() -> None:
    code = "".join(line for line in SOURCE.splitlines() if not line.lstrip().startswith("//"))
    assert re.sub(r"\s", "", shrunk(SOURCE)) == re.sub(r"\s", "", code)


def test_what_is_in_quotes_stays_as_it_is() -> None:
    assert shrunk("// why\nconst a = 'b  =  { c }';\nconst d = `e ( f )`;\n") == (
        "const a='b  =  { c }';const d=`e ( f )`;"
    )


def test_words_never_grow_together() -> None:
    assert shrunk("return\nfor (const a of b) if (a)\n  c();\nelse\n  d();\n") == (
        "return for(const a of b)if(a)c();else d();"
    )


@pytest.mark.parametrize(
    ("code", "short"),
    [
        ("const figure=1;f(figure);", "const a=1;f(a);"),
        ("const call=(first,second)=>first+second;", "const c=(a,b)=>a+b;"),
        # A property, a part of an object or of its pattern, a method.
        ("const figure=1;f(figure.count);", "const a=1;f(a.count);"),
        ("const figure=1;f.figure=figure;", "const figure=1;f.figure=figure;"),
        ("const figure=1;f({figure});", "const figure=1;f({figure});"),
        ("const figure=1;f({a:1,figure});", "const figure=1;f({a:1,figure});"),
        ("const {figure}=f,other=figure;", "const {figure}=f,a=figure;"),
        ("const figure=({other=1})=>other;", "const a=({other=1})=>other;"),
        ("const figure=1;f({figure(){}});", "const figure=1;f({figure(){}});"),
        # What is spread is a variable; so is what opens a block.
        ("const figure=[];f(...figure);", "const a=[];f(...a);"),
        ("const figure=()=>{};if(f){figure();}", "const a=()=>{};if(f){a();}"),
        # Words are no names.
        ("const figure=1;f('figure');", "const a=1;f('figure');"),
        ("const figure=1;f(`figure ${figure}`);", "const a=1;f(`figure ${a}`);"),
        ("const figure=1;f(`${figure&&'figure'}`);", "const a=1;f(`${a&&'figure'}`);"),
        ("const figure=1;f(`${f.figure}`);", "const figure=1;f(`${f.figure}`);"),
        ("const figure=1;f(/figure[{]/);", "const a=1;f(/figure[{]/);"),
        # A name that is in use is not given again; what the browser brings keeps its own.
        ("const figure=a;fetch(figure);", "const b=a;fetch(b);"),
    ],
)
def test_only_what_is_nothing_but_a_variable_gets_a_short_name(code: str, short: str) -> None:
    assert renamed(code) == short


# Words


def test_every_english_text_of_the_catalogue_stands_in_the_script() -> None:
    """Its key is the text itself; labels and rare words come with the petition, two are for pages only."""
    served = {*BUILT_IN, *SENT_ALONG.values(), "optional", "started_by"}
    for key, message in english().items():
        if key in served:
            continue
        forms = {"other": message} if isinstance(message, str) else message
        assert forms["other"] == key
        assert set(forms.values()) <= quoted(), key


def test_every_text_that_the_script_translates_is_in_the_catalogue() -> None:
    asked = set(re.findall(r"\b(?:t|say|tell)\('([^']+)'", SOURCE)) | {
        text for text in quoted() if re.fullmatch(r"[A-Z][^']*[a-z]{2} [^']*[.:…]", text)
    }
    assert len(asked) > 15
    # These are for the webmaster, or for a visitor whose language is not known yet.
    assert asked - set(english()) - set(SENT_ALONG) <= {"Support Now:"}


def test_every_word_that_comes_with_the_petition_is_said() -> None:
    # The kinds of goal and the states of a petition are looked up by their names.
    looked_up = {*GoalKind, *Status}
    assert set(SENT_ALONG) - looked_up <= quoted()
    assert set(GoalKind) <= set(SENT_ALONG)
    assert {Status.CLOSED, Status.DELIVERED} <= set(SENT_ALONG)


def test_every_field_has_a_label_in_every_language(client: FlaskClient) -> None:
    for path in CATALOGUES.glob("*.json"):
        embed = json.loads(path.read_text(encoding="utf-8"))["embed"]
        assert set(BUILT_IN) <= set(embed), path.name


def test_no_way_to_pass_it_on_tells_more_than_title_and_address(client: FlaskClient) -> None:
    content = client.get("/api/v1/petitions/save-the-mill/widget").get_json()
    assert [way["via"] for way in content["share"]] == [
        *("email", "whatsapp", "telegram", "facebook", "x", "bluesky")
    ]
    for way in content["share"]:
        assert way["href"].startswith(("https://", "mailto:"))
        assert way["href"].count("{url}") == 1
        assert "{text}" not in way["href"]
