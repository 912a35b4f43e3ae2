"""Passwords of the stores stand in their addresses. No page, log line or message repeats them."""

import logging
from pathlib import Path

import pytest

from config import Settings, SettingsError
from tests.petitions import MILL, NOW
from tests.postgres_server import free_port
from widget import create_app
from widget.parts import Parts

WORD, SECOND = "hush-1f0c", "hush-2b7d"
ADDRESSES = (
    "redis://:{word}@127.0.0.1:{port}/0",
    "redis+sentinel://:{word}@127.0.0.1:{port},127.0.0.1:{port}/signs/0?sentinel_password={second}",
    "redis+cluster://sam:{word}@127.0.0.1:{port},127.0.0.1:{port}",
)


@pytest.mark.parametrize("address", ADDRESSES, ids=["one", "sentinel", "cluster"])
def test_a_redis_that_is_away_keeps_its_password_to_itself(
    sqlite_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, address: str
) -> None:
    url = address.format(word=WORD, second=SECOND, port=free_port())
    here = {"DATABASE_URL": sqlite_url, "DATA_DIR": str(tmp_path), "REDIS_URL": url, "METRICS": "loopback"}
    app = create_app(Settings.from_env(here))
    parts: Parts = app.extensions["support_now"]
    parts.ledger.add_petition(MILL, NOW)
    client = app.test_client()
    with caplog.at_level(logging.DEBUG):
        said = [client.get(path) for path in (f"/p/{MILL.slug}", "/readyz", "/metrics", "/healthz")]
    assert [one.status_code for one in said] == [200] * 4
    assert parts.counter.status().failures == 1
    told = "".join([*(one.get_data(as_text=True) for one in said), caplog.text])
    parts.counter.close()
    parts.ledger.close()
    assert WORD not in told
    assert SECOND not in told


def test_an_address_with_an_option_that_nobody_knows_is_refused_without_its_password(
    sqlite_url: str, tmp_path: Path
) -> None:
    url = f"redis+sentinel://:{WORD}@127.0.0.1/signs?sentinel_password={SECOND}&colour=red"
    here = {"DATABASE_URL": sqlite_url, "DATA_DIR": str(tmp_path), "REDIS_URL": url}
    with pytest.raises(SettingsError, match="REDIS_URL has an option") as refused:
        create_app(Settings.from_env(here))
    assert WORD not in str(refused.value)
    assert SECOND not in str(refused.value)
