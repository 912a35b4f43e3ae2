"""What people rely on stands in the documentation, and what the documentation names exists.

Each list is taken from the running code: a new setting, command, address, refusal or custom property
fails here until it is written down, and one that is gone fails until its words are gone too.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import pytest
import yaml
from flask import Flask

import config
from widget import create_app
from widget.domain import refusals, sheet
from widget.releasing import releases

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
TEXT = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
# Flask's own commands; ours are those on app.cli.
FLASKS_OWN = {"run", "shell", "routes"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return create_app(config.Settings.from_env({"DATA_DIR": str(tmp_path_factory.mktemp("var"))}))


def text_of(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def missing(names: Iterable[str], text: str) -> list[str]:
    """Return the names that do not stand in the text as words of their own."""
    return [
        name for name in sorted(set(names)) if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)
    ]


def none_of(found: Iterable[str], what: str) -> None:
    """Fail with all that was found, one a line."""
    if listed := sorted(set(found)):
        pytest.fail("\n".join([what, *listed]), pytrace=False)


def table(text: str, first: str) -> list[list[str]]:
    """Return the rows of the Markdown table whose first heading is `first`, without backticks."""
    rows: list[list[str]] = []
    inside = False
    for line in text.splitlines():
        cells = [cell.strip().replace("`", "") for cell in line.strip().strip("|").split(" | ")]
        if inside and line.startswith("|"):
            rows.append(cells)
        else:
            inside = line.startswith("|") and cells[0] == first
    return rows[1:]


def links(text: str) -> list[str]:
    """Return where the text's links and pictures lead, those inside this repository."""
    prose = re.sub(r"`[^`]*`", "", text)
    targets = re.findall(r"\]\(([^)\s]+)\)", prose) + re.findall(r'<img src="([^"]+)"', prose)
    return [target.partition("#")[0] for target in targets if not re.match(r"[a-z]+:|#", target)]


def commands(group: click.Group, before: str = "flask") -> Iterator[tuple[str, click.Command]]:
    """Yield every command that does something, by its whole name."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{before} {name}")
        else:
            yield f"{before} {name}", command


def commands_named(text: str) -> set[str]:
    """Return what the text calls as `flask ...`, as far as it may be the name of a command."""
    called = re.findall(r"(?<![\w-])flask((?: [a-z][a-z-]*)+)(?=[ `\n])", text)
    return {f"flask{words}" for words in called}


def codes(kind: type[refusals.Refusal] = refusals.Refusal) -> set[str]:
    """Return the code of every refusal there is."""
    return {one.code for one in kind.__subclasses__()}.union(*map(codes, kind.__subclasses__()))


def http_codes() -> set[str]:
    from widget.web.edge import HTTP_CODES

    return set(HTTP_CODES.values())


# Settings


def test_the_settings_table_is_the_code() -> None:
    """docs/operating.md: name, default, unit and reason of each setting, in the order of config.py."""
    assert table(text_of("docs/operating.md"), "setting") == [list(row) for row in config.described()]


def test_the_example_environment_lists_every_setting() -> None:
    example = text_of(".env.example")
    assert re.findall(r"^#? ?([A-Z][A-Z_]+)=", example, re.M) == [name for name, *_ in config.described()]


def test_compose_and_image_use_only_settings_that_exist() -> None:
    known = {name for name, *_ in config.described()}
    known |= {f"{name}_FILE" for name in known}
    of_python = {"PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "FLASK_APP"}
    compose = yaml.safe_load(text_of("compose.yaml"))
    image = re.search(r"^ENV (?:.*\\\n)*.*$", text_of("Dockerfile"), re.M)
    assert image
    assert set(compose["services"]["web"]["environment"]) <= known
    assert set(re.findall(r"(\w+)=", image.group())) - of_python <= known


# Commands


def test_every_command_is_documented(app: Flask) -> None:
    none_of(missing((name for name, _ in commands(app.cli)), TEXT), "commands not in the docs:")


def test_every_documented_command_exists(app: Flask) -> None:
    known = {name for name, _ in commands(app.cli)} | {f"flask {name}" for name in FLASKS_OWN}
    # What follows a command's name may be a word too: `flask petition recount some-slug`.
    unknown = {
        called for called in commands_named(TEXT) if not any(f"{called} ".startswith(f"{k} ") for k in known)
    }
    groups = {name.rpartition(" ")[0] for name in known}
    none_of(unknown - groups, "commands in the docs that do not exist:")


def test_every_command_says_what_it_does(app: Flask) -> None:
    assert [name for name, command in commands(app.cli) if not command.help] == []


def test_every_column_of_an_export_is_documented_in_its_place() -> None:
    rows = table(text_of("docs/organising.md"), "column")
    assert sorted(name for row in rows for name in row[0].split(", ")) == sorted(sheet.COLUMNS)


def test_every_make_target_named_exists() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", text_of("Makefile"), re.M))
    assert set(re.findall(r"`make ([a-z][a-z-]*)", TEXT)) <= targets


# Addresses and refusals


def test_every_address_is_documented(app: Flask) -> None:
    addresses = {re.sub(r"<\w+:", "<", rule.rule) for rule in app.url_map.iter_rules()}
    none_of((one for one in addresses if f"`{one}`" not in TEXT), "addresses not in the docs:")


def test_every_documented_address_exists(app: Flask) -> None:
    """The table at the head of docs/api.md, where one row may name several."""
    known = {re.sub(r"<\w+:", "<", rule.rule) for rule in app.url_map.iter_rules()}
    rows = table(text_of("docs/api.md"), "address")
    named = {one for row in rows for one in row[0].split()}
    assert len(named) > 30
    none_of(named - known, "addresses in the docs that do not exist:")


def test_every_refusal_code_is_documented() -> None:
    """docs/api.md lists the codes with their statuses, and no other codes."""
    documented = {row[0] for row in table(text_of("docs/api.md"), "code")}
    assert documented == codes() | http_codes()


# The embed


def test_every_custom_property_is_documented() -> None:
    names = re.findall(r"--sn-[a-z-]+", text_of("static/embed.js"))
    assert names
    none_of(missing(names, text_of("docs/embedding.md")), "not in docs/embedding.md:")


def test_every_event_is_documented() -> None:
    events = re.findall(r"\bemit\('([a-z]+)'", text_of("static/embed.js"))
    assert events
    names = (f"support-now:{event}" for event in events)
    none_of(missing(names, text_of("docs/embedding.md")), "not in docs/embedding.md:")


def test_every_attribute_and_part_is_documented() -> None:
    script = text_of("static/embed.js")
    observed = re.search(r"observedAttributes = \[([^\]]*)\]", script)
    assert observed
    names = re.findall(r"'([a-z-]+)'", observed.group(1)) + re.findall(r"part: '([a-z]+)'", script)
    embedding = text_of("docs/embedding.md")
    none_of((name for name in names if f"`{name}`" not in embedding), "not in docs/embedding.md:")


def test_every_line_that_the_script_writes_into_the_console_is_explained() -> None:
    script = text_of("static/embed.js")
    said = re.findall(r"console\.\w+\('Support Now: ([^']+)'\)", script)
    faults = re.search(r"\bfault = (.*);", script)
    assert faults
    said += re.findall(r"'([^']+)'", faults.group(1))
    assert len(said) >= 6
    explained = {row[0] for row in table(text_of("docs/embedding/troubleshooting.md"), "console")}
    assert explained == set(said)


def test_no_other_line_goes_into_the_console() -> None:
    """One for a second script, one for whatever fails."""
    assert len(re.findall(r"\bconsole\.", text_of("static/embed.js"))) == 2


def test_every_form_of_the_snippet_has_its_section() -> None:
    sections = re.findall(r"^### ([A-F])\. ", text_of("docs/embedding.md"), re.M)
    assert sections == list("ABCDEF")


def test_every_hash_in_the_docs_is_that_of_a_released_script() -> None:
    told = set(re.findall(r"sha384-[A-Za-z0-9+/]{64}", TEXT))
    assert told == set(releases().values())


def test_every_picture_is_shown_and_they_stay_small() -> None:
    pictures = [path for path in (ROOT / "docs" / "pictures").iterdir() if path.is_file()]
    none_of((path.name for path in pictures if f"pictures/{path.name}" not in TEXT), "pictures nobody sees:")
    assert sum(path.stat().st_size for path in pictures) < 2_200_000


# The pages themselves


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    inside = links(page.read_text(encoding="utf-8"))
    none_of((one for one in inside if not (page.parent / one).exists()), "links that lead nowhere:")


# The checks can fail


def test_a_name_that_is_only_part_of_a_word_is_missing() -> None:
    text = "`HOSTNAME`, `--sn-accent-text` and `flask petition list`"
    names = ["HOST", "--sn-accent", "flask petition list", "flask petition lis"]
    assert missing(names, text) == ["--sn-accent", "HOST", "flask petition lis"]


def test_a_table_is_read_whole() -> None:
    text = "| code | status |\n|---|---|\n| `gone` | 410 |\n\n| other | x |\n|---|---|\n| a | b |\n"
    assert table(text, "code") == [["gone", "410"]]
    assert table(text, "status") == []


def test_a_command_that_is_named_is_found() -> None:
    text = "`.venv/bin/flask petition recount SLUG`, `flask serve` or flask.cli"
    assert commands_named(text) == {"flask petition recount", "flask serve"}


def test_links_and_pictures_inside_are_found() -> None:
    text = '[a](docs/a.md#top) [b](https://example.org) [c](#here) `[d](d.md)` <img src="e.png" width="1">'
    assert links(text) == ["docs/a.md", "e.png"]


def test_codes_of_every_depth_are_found() -> None:
    assert {"petition_closed", "ledger_unavailable"} <= codes()
    assert "refused" not in codes()
