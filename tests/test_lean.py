"""What a web process does not load: each of these takes megabytes of every one, and visitors need none."""

import os
import subprocess
import sys

import pytest

from tests.live_service import ROOT, WITHOUT_DOTENV

# Migrations and backups, a parser for settings that are mostly not set, and an object mapper.
HEAVY = ("alembic", "mako", "limits", "wrapt", "pygments", "sqlalchemy.orm")


@pytest.mark.parametrize("module", HEAVY)
def test_a_web_process_does_not_load_what_no_visitor_needs(module: str, loaded: set[str]) -> None:
    assert module not in loaded


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The modules of a process that has made the application."""
    folder = tmp_path_factory.mktemp("lean")
    environ = {"PATH": os.environ["PATH"], **WITHOUT_DOTENV, "DATA_DIR": str(folder)}
    asked = [sys.executable, "-c", "import server, sys; print(*sys.modules)"]
    told = subprocess.run(asked, cwd=ROOT, env=environ, capture_output=True, text=True, check=True)
    return set(told.stdout.split())
