"""Passwords of the stores stand in their addresses. No page, log line or message repeats them."""

import logging
import os
import subprocess
import sys
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


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("sslmod=require", "DATABASE_URL has the option sslmod, which PostgreSQL connections do not know"),
        ("sslmode=banana", "DATABASE_URL has a value for the option sslmode that"),
        ("sslmode=require&sslmode=disable", "DATABASE_URL has the option sslmode twice"),
        ("keepalives=yes", "DATABASE_URL has a value for the option keepalives that"),
        ("connect_timeout=soon", "DATABASE_URL has a value for the option connect_timeout that"),
        (
            "ssl_min_protocol_version=it's%5C",
            "DATABASE_URL has a value for the option ssl_min_protocol_version",
        ),
        ("target_session_attrs=any&hush-1f0c%40=1", "DATABASE_URL cannot be read: write an @"),
    ],
)
def test_an_option_that_postgresql_does_not_take_is_named_without_the_password(
    tmp_path: Path, options: str, said: str
) -> None:
    url = f"postgresql+psycopg://sam:{WORD}@127.0.0.1:{free_port()}/signs?{options}&sslpassword={SECOND}"
    here = {"DATABASE_URL": url, "DATA_DIR": str(tmp_path)}
    with pytest.raises(SettingsError) as refused:
        create_app(Settings.from_env(here))
    assert str(refused.value).startswith(said)
    assert "\n" not in str(refused.value)
    assert WORD not in str(refused.value)
    assert SECOND not in str(refused.value)


@pytest.mark.parametrize("password", ["p@ss?hush-1f0c=1", "p@h/x?hush-1f0c=2@3", "p?hush-1f0c=x"])
def test_a_password_that_was_not_encoded_is_not_taken_for_an_option_and_repeated(
    tmp_path: Path, password: str
) -> None:
    url = f"postgresql://sam:{password}@127.0.0.1:{free_port()}/signs"
    with pytest.raises(SettingsError, match="DATABASE_URL") as refused:
        create_app(Settings.from_env({"DATABASE_URL": url, "DATA_DIR": str(tmp_path)}))
    assert WORD not in str(refused.value)


@pytest.mark.parametrize(
    "options",
    [
        *(
            f"sslmode={mode}"
            for mode in ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
        ),
        "sslmode=verify-full&sslrootcert=system",
        "sslmode=verify-full&sslrootcert=/nowhere/ca.crt&channel_binding=require&gssencmode=disable",
        "sslcert=/nowhere/a&sslkey=/nowhere/b&sslpassword=it's+%5C+hush",
        "target_session_attrs=read-write&host=127.0.0.1:1&host=127.0.0.1:2",
        "keepalives=1&keepalives_idle=10&connect_timeout=3&tcp_user_timeout=5000",
        "application_name=signs&options=-c+search_path%3Dsigns",
        "pooler=transaction&sslmode=require",
        "require_auth=scram-sha-256&sslnegotiation=direct&sslmode=require",
    ],
)
def test_what_postgresql_takes_is_taken(tmp_path: Path, options: str) -> None:
    url = f"postgresql://sam:{WORD}@127.0.0.1:{free_port()}/signs?{options}"
    create_app(Settings.from_env({"DATABASE_URL": url, "DATA_DIR": str(tmp_path)}))


@pytest.mark.parametrize("command", [("ledger", "migrate"), ("petition", "list"), ("deliver", "--once")])
def test_at_the_terminal_a_wrong_option_is_one_line(tmp_path: Path, command: tuple[str, ...]) -> None:
    url = f"postgresql://sam:{WORD}@127.0.0.1:{free_port()}/signs?sslmod=require"
    ran = subprocess.run(
        [sys.executable, "-m", "flask", *command],
        env=os.environ | {"DATABASE_URL": url, "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stderr.splitlines() == [
        "DATABASE_URL has the option sslmod, which PostgreSQL connections do not know"
    ]
