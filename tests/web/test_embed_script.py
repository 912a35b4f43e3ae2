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
from widget.releasing import LATEST, as_served, shrunk
from widget.shortening import renamed

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
        ("const figure=1;f(figure);", "let e=1;f(e);"),
        ("const call=(first,second)=>first+second;", "let e=(e,t)=>e+t;"),
        # Properties, keys and methods keep their names; what abbreviates them is written out.
        ("const figure=1;f(figure.figure);", "let e=1;f(e.figure);"),
        ("const figure=1;f.figure=figure;", "let e=1;f.figure=e;"),
        ("const figure=1;f({figure});", "let e=1;f({figure:e});"),
        ("const figure=1;f({a:1,figure});", "let e=1;f({a:1,figure:e});"),
        ("const {figure,...rest}=f,other=figure+rest;", "let {figure:e,...t}=f,a=e+t;"),
        ("const figure=({other=1})=>other;", "let e=({other:e=1})=>e;"),
        ("const figure=1;f({figure(){}});", "let e=1;f({figure(){}});"),
        ("f({call(first){return first;}});", "f({call(e){return e}});"),
        # What is spread is a variable; so is what opens a block.
        ("const figure=[];f(...figure);", "let e=[];f(...e);"),
        ("const figure=()=>{};if(f){figure();}", "let e=()=>{};if(f){e()}"),
        # Declarations that follow each other become one.
        ("const a=1;let b=2;f(a,b);", "let e=1,t=2;f(e,t);"),
        ("for(const a of b){const c=a;f(c);}", "for(let e of b){let t=e;f(t)}"),
        # Words are no names.
        ("const figure=1;f('figure');", "let e=1;f('figure');"),
        ("const figure=1;f(`figure ${figure} figure`);", "let e=1;f(`figure ${e} figure`);"),
        ("const figure=1;f(`${figure&&'figure'}`);", "let e=1;f(`${e&&'figure'}`);"),
        ("const figure=1;f(/figure[{]/);", "let e=1;f(/figure[{]/);"),
        # Two that are never asked for in one place share a name; one that is seen in both does not.
        ("f(first=>first,second=>second);", "f(e=>e,e=>e);"),
        ("f(first=>second=>first+second);", "f(e=>t=>e+t);"),
        (
            "const a=()=>{const b=1;f(b);},c=()=>{const d=a;f(d);};",
            "let e=()=>{let e=1;f(e)},t=()=>{let t=e;f(t)};",
        ),
        ("const a=1,b=2;", "let e=1,t=2;"),
        # What the browser brings keeps its own, and nobody else gets it.
        ("const figure=e;fetch(figure);", "let t=e;fetch(t);"),
        ("f(status=>status);f(status);", "f(status=>status);f(status);"),
    ],
)
def test_variables_get_short_names_and_nothing_else_does(code: str, short: str) -> None:
    assert renamed(code) == short


def test_a_script_that_cannot_be_read_is_not_guessed_at() -> None:
    with pytest.raises(ValueError, match="cannot be read from here: 'open"):
        renamed("const a='open;")


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
        *("email", "x", "whatsapp", "telegram", "facebook", "bluesky")
    ]
    for way in content["share"]:
        assert way["href"].startswith(("https://", "mailto:"))
        assert way["href"].count("{url}") == 1
        assert "{text}" not in way["href"]
