"""Nobody but the service reads the file that every signature is in, wherever it is put."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.petitions import NOW, draft
from widget.domain.refusals import LedgerUnavailable
from widget.store.ledger import Ledger
from widget.store.migrating import migrate


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """One that everybody may look into, as whoever sets a machine up makes it."""
    made = tmp_path / "ledgers"
    made.mkdir()
    made.chmod(0o755)
    before = os.umask(0o022)
    yield made
    os.umask(before)


def used(url: str) -> None:
    migrate(url)
    with closing(Ledger.connect(url)) as ledger:
        ledger.add_petition(draft(), NOW)


def looked_at_too_early(url: str) -> None:
    with closing(Ledger.connect(url)) as ledger, pytest.raises(LedgerUnavailable):
        ledger.petitions()


def modes(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


@pytest.mark.parametrize("first", [used, looked_at_too_early])
def test_all_files_of_a_ledger_are_its_owners_alone(folder: Path, first: Callable[[str], None]) -> None:
    url = f"sqlite:///{folder}/ledger.sqlite3"
    first(url)
    migrate(url)
    with closing(Ledger.connect(url)) as ledger:
        ledger.petitions()
        names = ("", "-wal", "-shm", ".migrating")
        assert modes(folder) == {f"ledger.sqlite3{name}": 0o600 for name in names}


def test_a_mode_that_somebody_chose_is_kept(folder: Path) -> None:
    url = f"sqlite:///{folder}/ledger.sqlite3"
    used(url)
    (folder / "ledger.sqlite3").chmod(0o640)
    used_again = closing(Ledger.connect(url))
    migrate(url)
    with used_again as ledger:
        assert len(ledger.petitions()) == 1
    assert modes(folder)["ledger.sqlite3"] == 0o640
