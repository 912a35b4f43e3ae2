"""The house's rules, proved by reading the sources: who may import whom, and what stands nowhere.

The rules are the three tables below. `BROKEN` at the end holds a snippet for every rule that breaks it, so
that a check which no longer sees anything is found out.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[1]

# Our rooms, and which other rooms each may import. A module belongs to the longest name that fits.
STORIES = {
    *("widget.signing", "widget.guarding", "widget.confirming", "widget.organising", "widget.auditing"),
    *("widget.collecting", "widget.browsing", "widget.questioning"),
    "widget.archiving",
    "widget.exporting",
    *("widget.charting", "widget.figures", "widget.indexing", "widget.summing"),
    *("widget.bringing", "widget.importing", "widget.uploading"),
    "widget.presenting",
    *("widget.delivering", "widget.naming", "widget.owning", "widget.retaining", "widget.reviewing"),
    *("widget.admitting", "widget.joining", "widget.overseeing"),
    *("widget.picturing", "widget.spotting", "widget.updating"),
}
EDGES = {"widget.web", "widget.cli"}
ROOMS: dict[str, set[str]] = {
    "server": {"config", "widget"},
    "config": {"defaults", "mailing", "privacy", "protection", "stores", "watching"},
    "defaults": set(),
    "mailing": set(),
    "privacy": {"widget.domain"},
    "protection": {"widget.domain"},
    "stores": set(),
    "watching": {"widget.domain"},
    "gunicorn.conf": {"config", "widget.gathering", "widget.logs", "widget.metrics"},
    "widget": {
        *("config", "widget.logs", "widget.releasing", "widget.parts", "widget.store", "widget.domain"),
        *EDGES,
        *STORIES,
    },
    "widget.cli": {
        *("config", "widget.serving", "widget.releasing", "widget.parts", "widget.i18n", "widget.domain"),
        *("widget.metrics", "widget.sheets", "widget.tokens", "widget.watching"),
        *STORIES,
    },
    "widget.web": {
        *("config", "widget.releasing", "widget.parts", "widget.i18n", "widget.tokens", "widget.domain"),
        *("widget.metrics", "widget.watching"),
        *("widget.addressing", "widget.prose", *STORIES),
    },
    "widget.serving": {"config", "widget.store"},
    "widget.parts": {"config", "widget.admitting", "widget.guarding", "widget.store", "widget.domain"},
    "widget.i18n": {"widget.domain"},
    "widget.tokens": {"widget.domain"},
    "widget.logs": set(),
    "widget.gathering": {"widget.arriving", "widget.closing"},
    "widget.arriving": set(),
    "widget.closing": set(),
    "widget.metrics": set(),
    "widget.watching": {"widget.metrics", "widget.store", "widget.domain"},
    "widget.releasing": {"widget.shortening"},
    "widget.shortening": set(),
    "widget.signing": {"widget.metrics", "widget.guarding", "widget.store", "widget.domain"},
    "widget.naming": {"widget.signing", "widget.store", "widget.domain"},
    "widget.owning": {"widget.addressing", "widget.signing", "widget.store", "widget.domain"},
    "widget.retaining": {"widget.store", "widget.domain"},
    "widget.reviewing": {"widget.addressing", "widget.store", "widget.domain"},
    "widget.browsing": {"widget.reviewing", "widget.store", "widget.domain"},
    "widget.guarding": {"widget.metrics", "widget.proofs", "widget.store", "widget.domain"},
    "widget.proofs": set(),
    "widget.passwords": {"widget.domain"},
    "widget.admitting": {"widget.passwords", "widget.store", "widget.domain"},
    "widget.joining": {"widget.store", "widget.domain"},
    "widget.overseeing": {"widget.store", "widget.domain"},
    "widget.confirming": {"widget.metrics", "widget.signing", "widget.store", "widget.domain"},
    "widget.collecting": {"widget.store", "widget.domain"},
    "widget.archiving": {"widget.store"},
    "widget.presenting": {"widget.store", "widget.domain"},
    "widget.importing": {
        *("widget.addressing", "widget.i18n", "widget.sheets", "widget.store", "widget.domain"),
    },
    "widget.sheets": {"widget.domain"},
    "widget.bringing": {"widget.importing", "widget.sheets", "widget.store", "widget.domain"},
    "widget.uploading": {
        *("widget.bringing", "widget.importing", "widget.sheets", "widget.store", "widget.domain"),
    },
    "widget.exporting": {"widget.store", "widget.domain"},
    "widget.figures": {"widget.store", "widget.domain"},
    "widget.charting": {"widget.figures", "widget.i18n", "widget.domain"},
    "widget.summing": {"widget.figures", "widget.store", "widget.domain"},
    "widget.indexing": {"widget.store", "widget.domain"},
    "widget.organising": {"widget.store", "widget.domain"},
    "widget.questioning": {"widget.organising", "widget.store", "widget.domain"},
    "widget.auditing": {"widget.signing", "widget.store", "widget.domain"},
    "widget.delivering": {
        *("widget.metrics", "widget.tokens", "widget.i18n", "widget.prose", "widget.store", "widget.domain"),
    },
    "widget.spotting": {"widget.store", "widget.domain"},
    "widget.updating": {"widget.delivering", "widget.store", "widget.domain"},
    "widget.decoding": {"widget.domain"},
    "widget.picturing": {"widget.decoding", "widget.store", "widget.domain"},
    "widget.prose": set(),
    "widget.minding": {"widget.logs"},
    "widget.addressing": set(),
    "widget.store": {"widget.domain"},
    "widget.domain": set(),
    "migrations": {"widget.store"},
}

# Packages that may be spoken in some files only (patterns as PurePath.match has them).
EDGE = ("widget/__init__.py", "widget/web/*.py", "widget/web/*/*.py", "widget/cli.py", "widget/cli/*.py")
CONSOLE = ("widget/web/console/*.py",)
LEDGER = (
    *(
        "widget/store/engine.py",
        "widget/store/pooler.py",
        "widget/store/urls.py",
        "widget/store/instant.py",
        "widget/store/bounded.py",
        "widget/store/pipeline.py",
        "widget/store/columns.py",
        "widget/store/tables.py",
        "widget/store/*_tables.py",
        "widget/store/migrating.py",
    ),
    "widget/store/backups/*.py",
    *("widget/store/ledger.py", "widget/store/ledger/*.py", "migrations/*.py", "migrations/versions/*.py"),
)
OUTWARD = ("widget/delivering.py", "widget/delivering/*.py")
SPOKEN_IN: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("flask", "flask_cors", "werkzeug", "click"), EDGE),
    "jinja2": (*EDGE, "widget/delivering/writing.py"),
    "marshmallow": (
        "config.py",
        "mailing.py",
        "privacy.py",
        "protection.py",
        "stores.py",
        "watching.py",
        "widget/web/schemas.py",
        "widget/web/fields.py",
    ),
    **dict.fromkeys(("sqlalchemy", "alembic", "sqlite3", "psycopg"), LEDGER),
    "redis": ("widget/store/wire.py", "widget/store/dialling.py", "widget/store/cluster.py"),
    "altcha": ("widget/proofs.py",),
    "argon2": ("widget/passwords.py",),
    **dict.fromkeys(("flask_wtf", "wtforms"), CONSOLE),
    "limits": ("protection.py",),
    "PIL": ("widget/decoding.py",),
    "prometheus_client": ("widget/metrics.py", "widget/watching.py"),
    **dict.fromkeys(("smtplib", "http.client", "urllib.request"), OUTWARD),
}

# What the domain may import: nothing that reads a clock, a file, a socket, a setting or a random number.
PURE = {
    *(
        "abc",
        "bisect",
        "calendar",
        "codecs",
        "collections",
        "csv",
        "dataclasses",
        "datetime",
        "decimal",
        "enum",
        "functools",
    ),
    *(
        "hashlib",
        "heapq",
        "hmac",
        "html",
        "ipaddress",
        "itertools",
        "json",
        "math",
        "operator",
        "re",
        "string",
    ),
    *("textwrap", "types", "typing", "unicodedata", "urllib.parse"),
}
IMPURE_CALLS = {"open", "print", "input", "now", "utcnow", "today", "fromtimestamp"}

DRAWERS = re.compile(r"(utils?|helpers?|base|managers?|common|misc|stuff)")
MODULE_LINES = 300
FUNCTION_LINES = 40

HTML_SINKS = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|setHTML"
    r"|parseHTML|srcdoc|javascript:|\beval\b|new Function|\.on[a-z]+\s*=(?!=)|setAttribute\(\s*['\"`]on"
)
VISITOR_STORAGE = re.compile(r"document\.cookie|localStorage|sessionStorage|indexedDB|\bcaches\b|cookieStore")


@dataclass(frozen=True)
class Source:
    """One file of ours: its path from the root, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def module(self) -> str:
        parts = PurePosixPath(self.path).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def package(self) -> str:
        return self.module if self.path.endswith("__init__.py") else self.module.rpartition(".")[0]

    @property
    def is_product(self) -> bool:
        return self.path in {
            "server.py",
            "config.py",
            "defaults.py",
            "mailing.py",
            "privacy.py",
            "protection.py",
            "stores.py",
            "watching.py",
            "gunicorn.conf.py",
        } or self.path.startswith(("widget/", "migrations/"))

    def at(self, node: ast.AST, what: str) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 0)} {what}"

    def imports(self) -> Iterator[tuple[ast.AST, str]]:
        """Yield every dotted name that is imported anywhere in the file, inside functions too."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                start = node.module or ""
                if node.level:
                    ours = self.package.split(".")
                    start = ".".join([*ours[: len(ours) - node.level + 1], *filter(None, [start])])
                # `from a import b` may mean the module a.b or a name in a: a.b covers both.
                yield from ((node, f"{start}.{alias.name}") for alias in node.names)


Check = Callable[[Source], Iterator[str]]


def room_of(name: str) -> str | None:
    """Return the room a dotted name lies in, None if it is not one of ours."""
    parts = name.split(".")
    prefixes = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((prefix for prefix in prefixes if prefix in ROOMS), None)


def matches(path: str, patterns: tuple[str, ...]) -> bool:
    return any(
        len(PurePosixPath(p).parts) == len(PurePosixPath(path).parts) and PurePosixPath(path).match(p)
        for p in patterns
    )


def rooms_keep_their_order(source: Source) -> Iterator[str]:
    """A room imports only the rooms that the table allows it."""
    if not source.is_product:
        return
    home = room_of(source.module)
    if home is None or (home == "widget" and source.path != "widget/__init__.py"):
        yield f"{source.path} is in no room: name it in ROOMS and say what it may import"
        return
    for node, name in source.imports():
        target = room_of(name)
        if target not in {None, home, *ROOMS[home]}:
            yield source.at(node, f"{home} may not import {name}")


def packages_stay_in_their_rooms(source: Source) -> Iterator[str]:
    """Flask at the edge, Marshmallow in the schemas, SQL in the ledger, Redis in the counter."""
    if not source.is_product:
        return
    for node, name in source.imports():
        for package, places in SPOKEN_IN.items():
            if f"{name}.".startswith(f"{package}.") and not matches(source.path, places):
                yield source.at(node, f"{package} is spoken only in {', '.join(places)}")


def the_domain_is_pure(source: Source) -> Iterator[str]:
    """The domain imports the pure part of the standard library and calls nothing that does I/O."""
    if not source.path.startswith("widget/domain/"):
        return
    for node, name in source.imports():
        known = name.partition(".")[0] in sys.stdlib_module_names
        allowed = any(name == pure or name.startswith(f"{pure}.") for pure in PURE)
        if room_of(name) != "widget.domain" and not (known and allowed):
            yield source.at(node, f"the domain may not import {name} (if it does no I/O, add it to PURE)")
    for call in (node for node in ast.walk(source.tree) if isinstance(node, ast.Call)):
        called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if called in IMPURE_CALLS:
            yield source.at(call, f"the domain may not call {called}(): pass in what it would give")


def only_config_reads_the_environment(source: Source) -> Iterator[str]:
    """os.environ and os.getenv stand in config.py alone."""
    if not source.is_product or source.path == "config.py":
        return
    names = {"environ", "environb", "getenv", "getenvb"}
    for node in ast.walk(source.tree):
        read = (
            isinstance(node, ast.Attribute) and node.attr in names and getattr(node.value, "id", "") == "os"
        )
        if read:
            yield source.at(node, "reads the environment: make it a setting in config.py")
    for node, name in source.imports():
        if name in {f"os.{one}" for one in names}:
            yield source.at(node, "reads the environment: make it a setting in config.py")


def imports_can_be_read(source: Source) -> Iterator[str]:
    """Nothing is imported by a string or all at once, which these checks could not follow."""
    if not source.is_product:
        return
    for node, name in source.imports():
        if name.startswith("importlib.import_module") or name.endswith(".*"):
            yield source.at(node, f"imports in a way that cannot be checked: {name}")
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and (
            getattr(node.func, "id", "") == "__import__" or getattr(node.func, "attr", "") == "import_module"
        ):
            yield source.at(node, "imports by a string")


def files_have_a_name(source: Source) -> Iterator[str]:
    """No drawer: a file or folder says what is in it."""
    for part in PurePosixPath(source.path).with_suffix("").parts:
        if DRAWERS.fullmatch(part):
            yield f"{source.path}: {part!r} says nothing about what is in it"


def modules_are_short(source: Source) -> Iterator[str]:
    """A module that passes 300 lines may hold two trades; tests may be long lists."""
    length = len(source.text.splitlines())
    if length > MODULE_LINES and not source.path.startswith("tests/"):
        yield f"{source.path} has {length} lines, more than {MODULE_LINES}"


def functions_are_short(source: Source) -> Iterator[str]:
    """A function fits a screen; a migration is a list and may be as long as it is."""
    if source.path.startswith("migrations/"):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            if length > FUNCTION_LINES:
                yield source.at(node, f"{node.name} has {length} lines, more than {FUNCTION_LINES}")


def scripts_build_no_html(source: Source) -> Iterator[str]:
    """Text becomes text nodes: no HTML sink, no string that is run."""
    for number, line in enumerate(source.text.splitlines(), 1):
        if found := HTML_SINKS.search(line):
            yield f"{source.path}:{number} {found.group()} is an HTML or code sink"


def the_embed_keeps_nothing(source: Source) -> Iterator[str]:
    """No cookie and no storage on a partner's page (promise 13)."""
    if not source.path.startswith("static/embed"):
        return
    for number, line in enumerate(source.text.splitlines(), 1):
        if found := VISITOR_STORAGE.search(line):
            yield f"{source.path}:{number} {found.group()} keeps something with the visitor"


PYTHON_CHECKS: tuple[Check, ...] = (
    rooms_keep_their_order,
    packages_stay_in_their_rooms,
    the_domain_is_pure,
    only_config_reads_the_environment,
    imports_can_be_read,
    files_have_a_name,
    modules_are_short,
    functions_are_short,
)
SCRIPT_CHECKS: tuple[Check, ...] = (files_have_a_name, scripts_build_no_html, the_embed_keeps_nothing)


def sources(suffix: str, *folders: str) -> list[Source]:
    """Read our files with this suffix: those at the root and those under `folders`."""
    found = [
        *ROOT.glob(f"*{suffix}"),
        *(p for folder in folders for p in (ROOT / folder).rglob(f"*{suffix}")),
    ]
    return [Source(p.relative_to(ROOT).as_posix(), p.read_text(encoding="utf-8")) for p in sorted(found)]


def complain(check: Check, found: list[Source]) -> None:
    """Fail with every complaint on a line of its own."""
    complaints = [complaint for source in found for complaint in check(source)]
    if complaints:
        pytest.fail("\n".join([check.__doc__ or "", *complaints]), pytrace=False)


@pytest.mark.parametrize("check", PYTHON_CHECKS, ids=lambda check: check.__name__)
def test_python(check: Check) -> None:
    found = sources(".py", "widget", "migrations", "tests", "bench", "drills")
    assert {"config.py", "widget/signing.py"} <= {source.path for source in found}
    complain(check, found)


@pytest.mark.parametrize("check", SCRIPT_CHECKS, ids=lambda check: check.__name__)
def test_scripts(check: Check) -> None:
    found = sources(".js", "static")
    assert "static/embed.js" in {source.path for source in found}
    complain(check, found)


BROKEN: list[tuple[Check, str, str]] = [
    (rooms_keep_their_order, "widget/domain/goal.py", "from widget.store.ledger import Ledger"),
    (rooms_keep_their_order, "widget/domain/goal.py", "from config import Settings"),
    (rooms_keep_their_order, "widget/store/counter.py", "from widget import signing"),
    (rooms_keep_their_order, "widget/store/counter.py", "from ..signing import sign"),
    (rooms_keep_their_order, "widget/store/ledger/tallies.py", "from ... import signing"),
    (rooms_keep_their_order, "widget/store/counter.py", "import config"),
    (rooms_keep_their_order, "widget/signing.py", "def f():\n    from widget.web import api"),
    (rooms_keep_their_order, "widget/web/api.py", "import widget.store.ledger"),
    (rooms_keep_their_order, "widget/web/api.py", "from widget import create_app"),
    (rooms_keep_their_order, "server.py", "import widget.store"),
    (rooms_keep_their_order, "widget/drawer.py", ""),
    (packages_stay_in_their_rooms, "widget/signing.py", "from flask import request"),
    (packages_stay_in_their_rooms, "widget/web/api.py", "import marshmallow.fields"),
    (packages_stay_in_their_rooms, "widget/store/counter.py", "import sqlalchemy"),
    (packages_stay_in_their_rooms, "widget/cli.py", "import sqlite3"),
    (packages_stay_in_their_rooms, "widget/store/ledger/tallies.py", "from redis import Redis"),
    (packages_stay_in_their_rooms, "widget/signing.py", "import smtplib"),
    (packages_stay_in_their_rooms, "widget/web/api.py", "from http import client"),
    (the_domain_is_pure, "widget/domain/goal.py", "import os"),
    (the_domain_is_pure, "widget/domain/goal.py", "from pathlib import Path"),
    (the_domain_is_pure, "widget/domain/goal.py", "def f():\n    import random"),
    (the_domain_is_pure, "widget/domain/goal.py", "from urllib import request"),
    (the_domain_is_pure, "widget/domain/goal.py", "import babel"),
    (the_domain_is_pure, "widget/domain/goal.py", "from datetime import datetime\ndatetime.now()"),
    (the_domain_is_pure, "widget/domain/goal.py", "open('/etc/passwd')"),
    (only_config_reads_the_environment, "widget/cli.py", "import os\nos.environ['PORT']"),
    (only_config_reads_the_environment, "server.py", "import os\nos.getenv('PORT')"),
    (only_config_reads_the_environment, "widget/web/api.py", "from os import environ"),
    (imports_can_be_read, "widget/signing.py", "from importlib import import_module"),
    (imports_can_be_read, "widget/signing.py", "import importlib\nimportlib.import_module('flask')"),
    (imports_can_be_read, "widget/signing.py", "__import__('flask')"),
    (imports_can_be_read, "widget/signing.py", "from flask import *"),
    (files_have_a_name, "widget/web/utils.py", ""),
    (files_have_a_name, "widget/common/goal.py", ""),
    (files_have_a_name, "static/helpers.js", ""),
    (modules_are_short, "widget/signing.py", "\n" * 301),
    (functions_are_short, "widget/signing.py", "def f():\n" + "    pass\n" * 40),
    (functions_are_short, "tests/test_x.py", "class A:\n    async def f(self):\n" + "        pass\n" * 40),
    (scripts_build_no_html, "static/embed.js", "box.innerHTML = title"),
    (scripts_build_no_html, "static/embed.js", "box['outerHTML'] = title"),
    (scripts_build_no_html, "static/embed.js", "button.onclick = text"),
    (scripts_build_no_html, "static/embed.js", "a.setAttribute('onclick', text)"),
    (scripts_build_no_html, "static/embed.js", "document.write(title)"),
    (scripts_build_no_html, "static/embed.js", "eval(text)"),
    (the_embed_keeps_nothing, "static/embed.js", "localStorage.setItem('seen', 1)"),
    (the_embed_keeps_nothing, "static/embed.js", "document.cookie = 'seen=1'"),
]


@pytest.mark.parametrize(
    ("check", "path", "text"), BROKEN, ids=lambda value: getattr(value, "__name__", None)
)
def test_a_broken_rule_is_seen(check: Check, path: str, text: str) -> None:
    assert list(check(Source(path, text)))


def test_every_check_has_a_case_that_breaks_it() -> None:
    assert {check for check, _, _ in BROKEN} == {*PYTHON_CHECKS, *SCRIPT_CHECKS}


@pytest.mark.parametrize("module", sorted(ROOMS))
def test_imports_point_one_way(module: str) -> None:
    """No room can come back to itself by way of another."""
    reached: set[str] = set()
    waiting = set(ROOMS[module])
    while waiting:
        room = waiting.pop()
        reached.add(room)
        waiting |= ROOMS[room] - reached
    assert module not in reached
