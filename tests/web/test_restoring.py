"""An older copy of the ledger is put back: links to what it never held open nothing of anybody else's."""

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config import Settings
from tests import links
from tests.petitions import NOW, draft, signature
from widget import create_app
from widget.domain.petition import Confirmation
from widget.domain.signature import Occasion, State
from widget.parts import Parts
from widget.tokens import Purpose

PAGES = {Purpose.OWN_PAGE: "signature", Purpose.CONFIRM: "confirm"}


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path) -> Settings:
    return Settings.from_env({"DATABASE_URL": sqlite_url, "DATA_DIR": str(tmp_path)})


def sign(parts: Parts, name: str) -> int:
    petition = parts.ledger.petition("save-the-mill")
    new = signature(
        petition.id,
        f"{name}@example.org",
        given_name=name,
        state=State.PENDING,
        signed_at=datetime.now(UTC),
    )
    number = parts.ledger.record(new, Occasion.CONFIRMATION).id
    assert number is not None
    return number


def test_a_link_to_a_number_that_somebody_else_has_by_now_opens_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    before = create_app(settings).extensions["support_now"]
    before.ledger.add_petition(draft(confirmation=Confirmation.EMAIL), NOW)
    anahit = sign(before, "anahit")
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite3")) as ledger:
        ledger.execute("VACUUM INTO ?", (str(tmp_path / "backup"),))
    sam = sign(before, "sam")
    paths = [f"/{page}/{links.token(before, purpose, sam)}" for purpose, page in PAGES.items()]
    kept = [f"/{page}/{links.token(before, purpose, anahit)}" for purpose, page in PAGES.items()]
    before.ledger.close()
    for name in ("ledger.sqlite3-wal", "ledger.sqlite3-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    shutil.copyfile(tmp_path / "backup", tmp_path / "ledger.sqlite3")

    app = create_app(settings)
    after: Parts = app.extensions["support_now"]
    client = app.test_client()
    assert [client.get(path).status_code for path in paths] == [404, 404]
    assert sign(after, "petra") == sam  # the number is given once more
    for path in paths:
        page = client.get(path)
        assert page.status_code == 404
        assert "petra" not in page.text
        assert client.post(path).status_code in {404, 405}
    assert client.post(f"{paths[0]}/withdraw").status_code == 404
    assert client.post(f"{paths[0]}/erase").status_code == 404
    found = after.ledger.signature_by_id(sam)
    assert found is not None
    assert (found.given_name, found.state) == ("petra", State.PENDING)
    assert [client.get(path).status_code for path in kept] == [200, 200]
    after.ledger.close()
