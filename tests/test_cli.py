"""The commands as Omar and Anahit type them: what is printed where, and the status they end with."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskCliRunner

from config import Settings
from tests.petitions import signature
from widget import cli, releasing
from widget.domain.page_lines import MAX_BYTES
from widget.parts import Parts, connect

ROOT = Path(__file__).parents[1]
SLUG = "stop-bloodshed-in-artsakh"
PAGE = """Save the lake

October 4, 2020
Petition to the Lake Council
Signatures: 1,200
Started by Friends of the Lake

The lake is drying out. Close the sluice.
"""


@pytest.fixture
def settings(parts: Parts) -> Settings:
    return parts.settings


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.txt"
    path.write_text(PAGE, encoding="utf-8")
    return path


def petition(flask_command: FlaskCliRunner, *words: object) -> Result:
    return flask_command.invoke(args=["petition", *map(str, words)])


def test_a_page_is_imported_and_told(flask_command: FlaskCliRunner, page: Path, settings: Settings) -> None:
    told = petition(flask_command, "import-page", page)
    assert (told.exit_code, told.stderr) == (0, "")
    assert told.stdout.splitlines() == [
        "Imported: Save the lake",
        "  1,200 signatures, 1,200 of them carried over from the page",
        "  next goal 1,500",
        f"  {settings.public_url}/p/save-the-lake",
        "  note: no next goal on the page: the ladder gives 1500",
    ]


def test_the_same_page_again_is_no_failure(flask_command: FlaskCliRunner, page: Path) -> None:
    petition(flask_command, "import-page", page)
    told = petition(flask_command, "import-page", page)
    assert told.exit_code == 0
    assert told.stdout.startswith("Already imported, nothing changed: Save the lake\n")


def test_another_page_for_the_address_is_refused(
    flask_command: FlaskCliRunner, page: Path, parts: Parts
) -> None:
    petition(flask_command, "import-page", page)
    page.write_text(PAGE.replace("1,200", "1,300"), encoding="utf-8")
    told = petition(flask_command, "import-page", page)
    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr.startswith(
        "Error: the petition 'save-the-lake' is here already and says something else: "
    )
    assert "1200 of 2020-10-04, on the page 1300 of" in told.stderr
    (only,) = parts.ledger.petitions()
    assert parts.ledger.tally(only.id).count == 1_200


def test_an_unreadable_page_is_refused_with_its_line(
    flask_command: FlaskCliRunner, page: Path, parts: Parts
) -> None:
    page.write_text(PAGE.replace("1,200", "plenty"), encoding="utf-8")
    told = petition(flask_command, "import-page", page)
    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr.startswith("Error: line 5: 'Signatures:' is followed by 'plenty'")
    assert parts.ledger.petitions() == []


def test_a_rehearsal_stores_nothing(flask_command: FlaskCliRunner, page: Path, parts: Parts) -> None:
    told = petition(flask_command, "import-page", page, "--dry-run")
    assert told.exit_code == 0
    assert told.stdout.startswith("Would import (nothing was stored): Save the lake\n")
    assert parts.ledger.petitions() == []
    petition(flask_command, "import-page", page)
    again = petition(flask_command, "import-page", page, "--dry-run")
    assert again.stdout.startswith("Already imported, nothing would change: ")


@pytest.mark.parametrize(("option", "stored"), [((), True), (("--dry-run",), False)])
def test_an_import_speaks_json(
    flask_command: FlaskCliRunner, page: Path, settings: Settings, option: tuple[str, ...], *, stored: bool
) -> None:
    told = petition(flask_command, "import-page", page, "--json", *option)
    assert json.loads(told.stdout) == {
        "outcome": "new",
        "stored": stored,
        "slug": "save-the-lake",
        "title": "Save the lake",
        "count": 1_200,
        "goal": 1_500,
        "carried_over": 1_200,
        "url": f"{settings.public_url}/p/save-the-lake",
        "notes": ["no next goal on the page: the ladder gives 1500"],
    }


def test_slug_and_language_are_taken(flask_command: FlaskCliRunner, page: Path, parts: Parts) -> None:
    petition(flask_command, "import-page", page, "--slug", "lake", "--lang", "hy")
    assert parts.ledger.petition("lake").wordings[0].lang == "hy"


def test_a_page_may_come_through_a_pipe(flask_command: FlaskCliRunner, parts: Parts) -> None:
    told = flask_command.invoke(args=["petition", "import-page", "-"], input=PAGE)
    assert told.exit_code == 0
    assert parts.ledger.petition("save-the-lake").started_by == "Friends of the Lake"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("import-page",), "Missing argument 'FILE'"),
        (("import-page", "nowhere.txt"), "No such file"),
        (("import-page", "{page}", "--slug", "Save_It"), "'Save_It' may hold only a-z"),
        (("import-page", "{page}", "--lang", "klingon!"), "'klingon!' is not a language tag"),
        (("import-page", "{page}", "--force"), "No such option"),
        (("set-wording", "save-the-lake", "{page}"), "Missing option '--lang'"),
        (("set-wording", "save-the-lake", "{page}", "--lang", "?"), "'?' is not a language tag"),
        (("show",), "Missing argument 'SLUG'"),
        (("list", "everything"), "unexpected extra argument"),
        (("mend",), "No such command 'mend'"),
    ],
)
def test_a_slip_ends_with_two(
    flask_command: FlaskCliRunner, page: Path, words: tuple[str, ...], said: str
) -> None:
    told = petition(flask_command, *(str(page) if word == "{page}" else word for word in words))
    assert told.exit_code == 2
    assert said in told.stderr
    assert told.stdout == ""


def test_a_file_that_never_ends_is_not_read_to_its_end(flask_command: FlaskCliRunner, page: Path) -> None:
    page.write_bytes(b"")
    with page.open("r+b") as endless:
        endless.truncate(MAX_BYTES * 1_000)  # a hole: it takes no room on the disk
    told = petition(flask_command, "import-page", page)
    assert told.exit_code == 1
    assert "larger than 1,048,576 bytes" in told.stderr


def test_the_list_says_what_to_do_when_it_is_empty(flask_command: FlaskCliRunner) -> None:
    told = petition(flask_command, "list")
    assert (told.exit_code, told.stdout) == (
        0,
        "No petition yet. 'flask petition import-page FILE' brings one in.\n",
    )
    assert json.loads(petition(flask_command, "list", "--json").stdout) == []


def test_the_list_aligns_its_figures(flask_command: FlaskCliRunner, page: Path) -> None:
    petition(flask_command, "load-sample")
    petition(flask_command, "import-page", page)
    assert petition(flask_command, "list").stdout.splitlines() == [
        "SLUG                       STATUS  COUNT   GOAL  TITLE",
        "save-the-lake              open    1,200  1,500  Save the lake",
        "stop-bloodshed-in-artsakh  open       49     50  Stop bloodshed in Artsakh (Nagorno-Karabakh)",
    ]
    listed = json.loads(petition(flask_command, "list", "--json").stdout)
    assert [(one["slug"], one["progress"]["count"]) for one in listed] == [
        ("save-the-lake", 1_200),
        (SLUG, 49),
    ]


def test_a_petition_is_shown_with_where_its_number_comes_from(
    flask_command: FlaskCliRunner, parts: Parts, settings: Settings
) -> None:
    petition(flask_command, "load-sample")
    (text_version,) = parts.ledger.petition(SLUG).text_versions
    told = petition(flask_command, "show", SLUG)
    assert told.exit_code == 0
    assert told.stdout.splitlines() == [
        "title            Stop bloodshed in Artsakh (Nagorno-Karabakh)",
        "addressed to     the President of Russia",
        "started by       Armenia Community",
        "started on       2020-10-04",
        "status           open",
        f"address          {settings.public_url}/p/{SLUG}",
        "count            49",
        "next goal        50 (ladder)",
        "given here       0",
        "on paper         0",
        "carried over     49 from the petition's earlier page, counted on 2020-10-04",
        "decision makers  not known",
        "languages        en",
        f"text version     {text_version}",
    ]


def test_a_petition_is_shown_as_json(flask_command: FlaskCliRunner, parts: Parts, settings: Settings) -> None:
    petition(flask_command, "load-sample")
    (text_version,) = parts.ledger.petition(SLUG).text_versions
    assert json.loads(petition(flask_command, "show", SLUG, "--json").stdout) == {
        "slug": SLUG,
        "title": "Stop bloodshed in Artsakh (Nagorno-Karabakh)",
        "addressed_to": ["the President of Russia"],
        "started_by": "Armenia Community",
        "started_on": "2020-10-04",
        "status": "open",
        "confirmation": "none",
        "decision_makers": None,
        "closes_at": None,
        "allowed_sites": [],
        "thanks_url": None,
        "thanks": {},
        "privacy_contact": "",
        "public_signers": False,
        "picture": None,
        "languages": ["en"],
        "text_version": text_version,
        "url": f"{settings.public_url}/p/{SLUG}",
        "progress": {
            "count": 49,
            "goal": 50,
            "ratio": 0.98,
            "goal_kind": "ladder",
            "of_which": {"here": 0, "carried_over": 49, "paper": 0},
        },
        "carried_over": [{"count": 49, "source": "the petition's earlier page", "counted_on": "2020-10-04"}],
    }


def test_a_page_without_date_is_shown_without(flask_command: FlaskCliRunner, page: Path) -> None:
    page.write_text(PAGE.replace("October 4, 2020", ""), encoding="utf-8")
    petition(flask_command, "import-page", page)
    told = petition(flask_command, "show", "save-the-lake").stdout
    assert "started on       not known\n" in told
    assert "counted on a day not known\n" in told
    assert "decision makers  not known\n" in told


@pytest.mark.parametrize("words", [("show",), ("recount",), ("wording",), ("set", "--goal", "ladder")])
def test_an_unknown_petition_is_refused(flask_command: FlaskCliRunner, words: tuple[str, ...]) -> None:
    told = petition(flask_command, words[0], "nowhere", *words[1:])
    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr == "Error: no petition has this slug; 'flask petition list' shows them all\n"


def test_a_recount_finds_nothing_or_mends_it(
    flask_command: FlaskCliRunner, parts: Parts, sqlite_url: str
) -> None:
    petition(flask_command, "load-sample")
    assert petition(flask_command, "recount", SLUG).stdout == f"{SLUG}: 49, as it was.\n"
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as tampered, tampered:
        tampered.execute("UPDATE tally SET here = 3")
    told = petition(flask_command, "recount", SLUG, "--json")
    assert json.loads(told.stdout) == {"slug": SLUG, "before": 52, "after": 49, "drift": 3}
    number = parts.ledger.petition(SLUG).id
    assert parts.ledger.tally(number).count == parts.counter.read(number).count == 49


def test_a_recount_names_both_numbers(flask_command: FlaskCliRunner, sqlite_url: str) -> None:
    petition(flask_command, "load-sample")
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as tampered, tampered:
        tampered.execute("UPDATE tally SET here = -40")
    assert petition(flask_command, "recount", SLUG).stdout == f"{SLUG}: corrected from 9 to 49.\n"


def test_a_petition_is_changed_and_told(flask_command: FlaskCliRunner, page: Path, parts: Parts) -> None:
    petition(flask_command, "import-page", page)
    told = petition(
        flask_command,
        *("set", "save-the-lake", "--goal", "5000", "--closes-at", "2099-12-31", "--status", "open"),
        *("--allow-site", "https://Petra.example.org/", "--allow-site", "http://localhost:8000"),
        *("--thanks-url", "https://anahit.example.org/next"),
    )
    assert (told.exit_code, told.stderr) == (0, "")
    lines = dict(line.split("  ", 1) for line in told.stdout.splitlines())
    assert {name: lines[name].strip() for name in ("next goal", "closes at", "sites", "thanks page")} == {
        "next goal": "5,000 (organiser)",
        "closes at": "2099-12-31 23:59:59 UTC",
        "sites": "https://petra.example.org, http://localhost:8000",
        "thanks page": "https://anahit.example.org/next",
    }
    found = parts.ledger.petition("save-the-lake")
    assert (found.goal_aim, found.revision) == (5_000, 2)
    assert parts.counter.read(found.id).changes == parts.ledger.tally(found.id).changes == 1


def test_confirmation_by_mail_needs_mail(
    flask_command: FlaskCliRunner, page: Path, parts: Parts, settings: Settings
) -> None:
    petition(flask_command, "import-page", page)
    asked = ("set", "save-the-lake", "--confirmation")
    assert petition(flask_command, *asked, "email").exit_code == 0  # on a desk a page shows the letters
    assert parts.ledger.petition("save-the-lake").confirmation == "email"
    assert petition(flask_command, *asked, "none").exit_code == 0
    assert parts.ledger.petition("save-the-lake").confirmation == "none"
    app = Flask("widget")
    app.extensions["support_now"] = replace(parts, settings=replace(settings, environment="production"))
    cli.register(app)
    told = petition(app.test_cli_runner(), *asked, "email")
    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr == "Error: no letter can be sent: set SMTP_URL first, or nobody could confirm\n"
    assert parts.ledger.petition("save-the-lake").confirmation == "none"


def test_what_was_set_is_taken_back(flask_command: FlaskCliRunner, page: Path, parts: Parts) -> None:
    petition(flask_command, "import-page", page)
    before = parts.ledger.petition("save-the-lake")
    petition(
        flask_command,
        *("set", "save-the-lake", "--threshold", "9000", "--closes-at", "2099-12-31T18:00+04:00"),
        *("--allow-site", "https://petra.example.org", "--thanks-url", "https://anahit.example.org"),
    )
    between = parts.ledger.petition("save-the-lake")
    assert (between.goal_kind, between.closes_at) == ("threshold", datetime(2099, 12, 31, 14, tzinfo=UTC))
    told = petition(
        flask_command,
        *("set", "save-the-lake", "--goal", "ladder", "--closes-at", "never"),
        *("--allow-any-site", "--no-thanks-url", "--json"),
    )
    facts = json.loads(told.stdout)
    assert (facts["closes_at"], facts["allowed_sites"], facts["thanks_url"]) == (None, [], None)
    assert facts["progress"]["goal"] == 1_500
    assert parts.ledger.petition("save-the-lake") == replace(before, revision=3)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Nothing to set"),
        (("--goal", "0"), "a goal is a number from 1"),
        (("--goal", "lots"), "'lots' is no whole number"),
        (("--goal", "١٠٠"), "is no whole number"),
        (("--goal", "5000", "--threshold", "9000"), "--goal and --threshold contradict each other"),
        (("--threshold", "ladder"), "'ladder' is no whole number"),
        (("--closes-at", "31.12.2026"), "is no day such as 2026-12-31"),
        (("--closes-at", "2026-02-30"), "is no day such as 2026-12-31"),
        (("--allow-site", "petra.example.org"), "is no site such as"),
        (
            ("--allow-site", "https://a.example", "--allow-any-site"),
            "--allow-site and --allow-any-site contradict",
        ),
        (("--thanks-url", "http://example.org"), "does not begin with https://"),
        (("--thanks-url", "https://a.example", "--no-thanks-url"), "contradict each other"),
        (("--status", "asleep"), "'asleep' is not one of"),
        (("--ladder", "100,50"), "each step is higher than the one before"),
        (("--ladder", "1,000 steps"), "'steps' is no whole number"),
        (("--ladder", "50,100", "--goal", "70"), "--ladder and --goal contradict each other"),
        (("--started-by", " "), "who started it"),
        (("--ask", "comment"), "'comment' is not FIELD=required or FIELD=optional"),
        (("--ask", "shoe_size=optional"), "there is no field 'shoe_size'"),
        (("--ask", "email=optional"), "'email' is always required"),
        (("--ask", "updates=required"), "nobody can be made to"),
    ],
)
def test_a_change_that_makes_no_sense_changes_nothing(
    flask_command: FlaskCliRunner, page: Path, parts: Parts, words: tuple[str, ...], said: str
) -> None:
    petition(flask_command, "import-page", page)
    before = parts.ledger.petition("save-the-lake")
    told = petition(flask_command, "set", "save-the-lake", *words)
    assert (told.exit_code, told.stdout) == (2, "")
    assert said in told.stderr
    assert parts.ledger.petition("save-the-lake") == before


ARMENIAN = "# Փրկենք լիճը\nTo: Լճի խորհուրդ\n\nԼիճը չորանում է։\n"


def test_a_translation_is_set_and_told(
    flask_command: FlaskCliRunner, page: Path, parts: Parts, settings: Settings, tmp_path: Path
) -> None:
    petition(flask_command, "import-page", page)
    file = tmp_path / "lake.hy.md"
    file.write_text(ARMENIAN, encoding="utf-8")
    told = petition(flask_command, "set-wording", "save-the-lake", file, "--lang", "hy")
    version = parts.ledger.petition("save-the-lake").wording("hy").text_version
    assert (told.exit_code, told.stderr) == (0, "")
    assert told.stdout.splitlines() == [
        "Added: Փրկենք լիճը (hy)",
        "  languages en, hy",
        f"  text version {version}",
        f"  {settings.public_url}/p/save-the-lake?lang=hy",
    ]
    again = petition(flask_command, "set-wording", "save-the-lake", file, "--lang", "hy", "--json")
    assert json.loads(again.stdout) == {
        "outcome": "same",
        "slug": "save-the-lake",
        "lang": "hy",
        "title": "Փրկենք լիճը",
        "text_version": version,
        "languages": ["en", "hy"],
        "url": f"{settings.public_url}/p/save-the-lake?lang=hy",
    }


def test_a_text_is_printed_edited_and_set_again(
    flask_command: FlaskCliRunner, page: Path, parts: Parts
) -> None:
    petition(flask_command, "import-page", page)
    printed = petition(flask_command, "wording", "save-the-lake").stdout
    assert printed.startswith("# Save the lake\nTo: the Lake Council\n\n")
    edited = flask_command.invoke(
        args=["petition", "set-wording", "save-the-lake", "-", "--lang", "en"],
        input=printed.replace("sluice", "gate"),
    )
    assert edited.stdout.startswith("Changed: Save the lake (en)\n")
    assert "Close the gate." in parts.ledger.petition("save-the-lake").wordings[0].text
    unknown = petition(flask_command, "wording", "save-the-lake", "--lang", "hy")
    assert (unknown.exit_code, unknown.stdout) == (1, "")
    assert unknown.stderr == "Error: 'save-the-lake' has no text in 'hy', only in en\n"


def test_a_text_that_cannot_be_read_is_refused_with_its_line(
    flask_command: FlaskCliRunner, page: Path, parts: Parts
) -> None:
    petition(flask_command, "import-page", page)
    before = parts.ledger.petition("save-the-lake")
    told = petition(flask_command, "set-wording", "save-the-lake", page, "--lang", "hy")
    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr == "Error: line 1: the title is missing: begin the file with '# TITLE'\n"
    assert parts.ledger.petition("save-the-lake") == before


def test_the_sample_comes_once_and_only_to_an_empty_ledger(
    flask_command: FlaskCliRunner, parts: Parts
) -> None:
    first = petition(flask_command, "load-sample")
    assert (first.exit_code, first.stdout) == (
        0,
        f"Loaded the sample '{SLUG}': 49 signatures, next goal 50.\n",
    )
    again = petition(flask_command, "load-sample")
    assert (again.exit_code, again.stdout) == (0, "The ledger has petitions: the sample was not loaded.\n")
    assert len(parts.ledger.petitions()) == 1


def test_two_processes_load_one_sample(settings: Settings, parts: Parts, tmp_path: Path) -> None:
    environment = {"DATABASE_URL": settings.database_url, "DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "flask", "--app", "server", "petition", "load-sample"]
    started = [
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    told = [process.communicate(timeout=60) for process in started]
    assert [process.returncode for process in started] == [0, 0], told
    assert sum(stdout.startswith("Loaded the sample") for stdout, _ in told) == 1
    assert [one.slug for one in parts.ledger.petitions()] == [SLUG]


def test_a_ledger_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    settings = Settings.from_env(
        {"DATABASE_URL": f"sqlite:///{tmp_path}/no/ledger", "DATA_DIR": str(tmp_path)}
    )
    app = Flask("widget")
    app.extensions["support_now"] = connect(settings)
    cli.register(app)
    told = petition(app.test_cli_runner(), "list")
    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr.startswith("Error: the ledger cannot be read or written now")
    assert told.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "command", ["import-page", "list", "show", "recount", "load-sample", "set-wording", "wording"]
)
def test_every_command_explains_itself(flask_command: FlaskCliRunner, command: str) -> None:
    told = petition(flask_command, command, "--help")
    assert told.exit_code == 0
    assert f"petition {command}" in told.stdout
    assert command in petition(flask_command, "--help").stdout


def test_a_list_of_signers_and_whom_to_ask_are_set(flask_command: FlaskCliRunner, parts: Parts) -> None:
    petition(flask_command, "load-sample")
    contact = "privacy@example.org, or by post"
    told = petition(flask_command, "set", SLUG, "--signers", "public", "--privacy-contact", f" {contact}\n")
    assert told.exit_code == 0
    assert "list of signers  public\n" in told.stdout
    assert f"privacy contact  {contact}\n" in told.stdout
    found = parts.ledger.petition(SLUG)
    assert (found.public_signers, found.privacy_contact) == (True, contact)
    petition(flask_command, "set", SLUG, "--signers", "hidden", "--privacy-contact", "")
    found = parts.ledger.petition(SLUG)
    assert (found.public_signers, found.privacy_contact) == (False, "")


@pytest.mark.parametrize(
    "words", [("--signers", "all"), ("--privacy-contact", "x" * 301), ("--privacy-contact", "a\u202eb")]
)
def test_what_is_no_such_setting_is_a_slip(flask_command: FlaskCliRunner, words: tuple[str, str]) -> None:
    petition(flask_command, "load-sample")
    assert petition(flask_command, "set", SLUG, *words).exit_code == 2


def test_a_petition_whose_signers_are_anonymised_stays_closed(
    flask_command: FlaskCliRunner, parts: Parts
) -> None:
    petition(flask_command, "load-sample")
    petition(flask_command, "set", SLUG, "--status", "closed")
    parts.ledger.anonymise(parts.ledger.petition(SLUG).id, datetime.now(UTC))
    told = petition(flask_command, "set", SLUG, "--status", "open")
    assert (told.exit_code, told.stdout) == (1, "")
    assert "are anonymised: nobody could tell who has signed" in told.stderr
    assert petition(flask_command, "set", SLUG, "--status", "delivered").exit_code == 0


# A petition that begins here, and what it may become


LAKE = "# Save the lake\nTo: Lake Council\n\nThe lake is drying out. Close the sluice.\n"


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "lake.md"
    path.write_text(LAKE, encoding="utf-8")
    return path


def test_a_petition_begins_with_a_text(
    flask_command: FlaskCliRunner, text: Path, parts: Parts, settings: Settings
) -> None:
    told = petition(flask_command, "create", text, "--started-by", " Friends of  the Lake ", "--json")
    assert (told.exit_code, told.stderr) == (0, "")
    facts = json.loads(told.stdout)
    assert facts["url"] == f"{settings.public_url}/p/save-the-lake"
    assert (facts["status"], facts["progress"]["count"]) == ("open", 0)
    found = parts.ledger.petition("save-the-lake")
    assert (found.started_by, found.started_on) == ("Friends of the Lake", datetime.now(UTC).date())
    assert (found.wordings[0].title, found.wordings[0].addressed_to) == ("Save the lake", ("Lake Council",))


def test_a_petition_may_begin_as_a_draft_under_an_address_of_its_own(
    flask_command: FlaskCliRunner, parts: Parts
) -> None:
    words = ("petition", "create", "-", "--started-by", "Anahit", "--slug", "lake", "--lang", "hy", "--draft")
    told = flask_command.invoke(args=words, input=ARMENIAN)
    assert (told.exit_code, told.stderr) == (0, "")
    assert "status           draft\n" in told.stdout
    found = parts.ledger.petition("lake")
    assert (found.status, found.wordings[0].lang) == ("draft", "hy")


@pytest.mark.parametrize(
    ("written", "words", "status", "said"),
    [
        (LAKE, (), 2, "Missing option '--started-by'"),
        (LAKE, ("--started-by", " "), 2, "who started it"),
        (LAKE, ("--started-by", "Anahit", "--slug", "Save_It"), 2, "'Save_It' may hold only a-z"),
        (ARMENIAN, ("--started-by", "Anahit", "--lang", "hy"), 2, "the title gives no address in a-z"),
        (LAKE, ("--started-by", "Anahit", "--organisation", "nobody"), 1, "no organisation has this name"),
        ("Save the lake\n", ("--started-by", "Anahit"), 1, "Error: line 1: "),
    ],
)
def test_what_cannot_begin_is_refused_and_nothing_stored(
    flask_command: FlaskCliRunner,
    text: Path,
    parts: Parts,
    written: str,
    words: tuple[str, ...],
    status: int,
    said: str,
) -> None:
    text.write_text(written, encoding="utf-8")
    told = petition(flask_command, "create", text, *words)
    assert (told.exit_code, told.stdout) == (status, "")
    assert said in told.stderr
    assert parts.ledger.petitions() == []


def test_a_second_petition_of_an_address_is_refused(flask_command: FlaskCliRunner, text: Path) -> None:
    assert petition(flask_command, "create", text, "--started-by", "Anahit").exit_code == 0
    told = petition(flask_command, "create", text, "--started-by", "Petra")
    assert (told.exit_code, told.stdout) == (1, "")
    assert "save-the-lake" in told.stderr


def test_a_petition_is_renamed_and_found_under_both(
    flask_command: FlaskCliRunner, page: Path, parts: Parts, settings: Settings
) -> None:
    petition(flask_command, "import-page", page)
    number = parts.ledger.petition("save-the-lake").id
    told = petition(flask_command, "rename", "save-the-lake", "the-lake")
    assert (told.exit_code, told.stderr) == (0, "")
    assert told.stdout.splitlines() == [
        f"{settings.public_url}/p/the-lake",
        "  also found under save-the-lake",
    ]
    assert parts.ledger.petition("the-lake").id == parts.ledger.petition("save-the-lake").id == number
    back = petition(flask_command, "rename", "the-lake", "save-the-lake")
    assert back.stdout.endswith("/p/save-the-lake\n  also found under the-lake\n")


def test_an_address_that_is_taken_or_none_renames_nothing(
    flask_command: FlaskCliRunner, page: Path, parts: Parts
) -> None:
    petition(flask_command, "load-sample")
    petition(flask_command, "import-page", page)
    taken = petition(flask_command, "rename", "save-the-lake", SLUG)
    assert (taken.exit_code, taken.stdout) == (1, "")
    told = f"Error: the address '{SLUG}' is taken (now or formerly) by another petition\n"
    assert taken.stderr == told
    none = petition(flask_command, "rename", "save-the-lake", "The Lake")
    assert (none.exit_code, none.stdout) == (2, "")
    assert "'The Lake' may hold only a-z" in none.stderr
    unknown = petition(flask_command, "rename", "nowhere", "somewhere")
    assert (unknown.exit_code, unknown.stdout) == (1, "")
    assert {one.slug for one in parts.ledger.petitions()} == {SLUG, "save-the-lake"}


def test_a_snippet_is_printed_to_be_pasted(flask_command: FlaskCliRunner, settings: Settings) -> None:
    petition(flask_command, "load-sample")
    base = settings.public_url
    told = petition(flask_command, "snippet", SLUG, "--theme", "dark", "--source", "lake", "--policy")
    assert (told.exit_code, told.stderr) == (0, "")
    *element, script, allowed = told.stdout.splitlines()
    assert element[0].startswith(f'<support-now petition="{SLUG}" height="')
    assert 'theme="dark" source="lake"' in element[0]
    assert f'href="{base}/p/{SLUG}"' in element[1]
    assert script == f'<script async src="{base}/embed.js"></script>'
    assert allowed == f"script-src {base}; connect-src {base}"
    address = petition(flask_command, "snippet", SLUG, "--form", "f", "--lang", "hy", "--test")
    assert address.stdout == f"{base}/p/{SLUG}?lang=hy&test\n"


def test_a_snippet_may_be_pinned_to_the_latest_version(flask_command: FlaskCliRunner) -> None:
    petition(flask_command, "load-sample")
    version, integrity = list(releasing.releases().items())[-1]
    told = petition(flask_command, "snippet", SLUG, "--form", "e").stdout
    assert f'/embed-{version}.js" integrity="{integrity}" crossorigin="anonymous"></script>' in told


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("nowhere",), 1),
        ((SLUG, "--form", "z"), 2),
        ((SLUG, "--height", "12"), 2),
        ((SLUG, "--lang", "klingon!"), 2),
    ],
)
def test_no_snippet_is_printed_for_what_is_none(
    flask_command: FlaskCliRunner, words: tuple[str, ...], status: int
) -> None:
    petition(flask_command, "load-sample")
    told = petition(flask_command, "snippet", *words)
    assert (told.exit_code, told.stdout) == (status, "")


def test_ladder_form_and_starter_are_set(flask_command: FlaskCliRunner, page: Path, parts: Parts) -> None:
    petition(flask_command, "import-page", page)
    before = parts.ledger.petition("save-the-lake")
    told = petition(
        flask_command,
        *("set", "save-the-lake", "--ladder", "1000, 1300 9000", "--started-by", " Anahit "),
        *("--ask", "given_name=required", "--ask", "comment=optional", "--ask", "email=required"),
    )
    assert (told.exit_code, told.stderr) == (0, "")
    found = parts.ledger.petition("save-the-lake")
    assert (found.ladder, found.started_by) == ((1_000, 1_300, 9_000), "Anahit")
    assert [(field.name, field.required) for field in found.form] == [
        ("given_name", True),
        ("email", True),
        ("comment", False),
    ]
    petition(flask_command, "set", "save-the-lake", "--ladder", "standard")
    assert parts.ledger.petition("save-the-lake").ladder == before.ladder


def test_a_petition_is_a_draft_again_until_somebody_signs_here(
    flask_command: FlaskCliRunner, page: Path, parts: Parts
) -> None:
    petition(flask_command, "import-page", page)  # what it carries over was signed elsewhere
    hidden = petition(flask_command, "set", "save-the-lake", "--status", "draft")
    assert (hidden.exit_code, hidden.stderr) == (0, "")
    assert parts.ledger.petition("save-the-lake").status == "draft"
    petition(flask_command, "set", "save-the-lake", "--status", "open")
    found = parts.ledger.petition("save-the-lake")
    wording = found.wordings[0].text_version
    parts.ledger.record(signature(found.id, text_version=wording), None)
    told = petition(flask_command, "set", "save-the-lake", "--status", "draft")
    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr == "Error: 'save-the-lake' has signatures: close it instead\n"
    assert parts.ledger.petition("save-the-lake").status == "open"
