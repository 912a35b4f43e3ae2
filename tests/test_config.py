"""Settings: defaults that work on a desk, a refusal to guess in production, all problems at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config import Settings, SettingsError, described

STRONG = "k7Q2mZ9xT4vB1nR8sW5yL3pD6fH0jGcA"
PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": STRONG,
    "PUBLIC_URL": "https://petitions.example.org",
}


def settings(tmp_path: Path, **environ: str) -> Settings:
    return Settings.from_env({"DATA_DIR": str(tmp_path), **environ})


def test_an_empty_environment_is_enough_for_a_desk(tmp_path: Path) -> None:
    made = settings(tmp_path)
    assert made.database_url == f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
    assert (made.host, made.port, made.redis_url) == ("127.0.0.1", 8000, None)
    assert (made.public_url, made.demo_url) == ("http://localhost:8000", "http://127.0.0.1:8000")


def test_the_development_key_is_made_once_and_kept_to_oneself(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as starting:
        keys = set(starting.map(lambda _: settings(tmp_path).secret_key, range(8)))
    assert len(keys) == 1
    assert len(keys.pop()) >= 32
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
    assert [p.name for p in tmp_path.iterdir()] == ["secret_key"]


@pytest.mark.parametrize("missing", ["SECRET_KEY", "PUBLIC_URL"])
def test_production_does_not_start_on_a_guess(tmp_path: Path, missing: str) -> None:
    settings(tmp_path, **PRODUCTION)
    environ = {k: v for k, v in PRODUCTION.items() if k != missing}
    with pytest.raises(SettingsError, match=f"{missing} is required in production"):
        settings(tmp_path, **environ)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "weak",
    [
        "short",
        "a" * 64,
        "changeme",
        "development" * 3,
        "change-me-" * 4,
        "0123456789" * 4,
        "abababababababababababababababababab",
    ],
)
def test_a_weak_secret_is_refused_everywhere(tmp_path: Path, weak: str) -> None:
    with pytest.raises(SettingsError, match="SECRET_KEY is too weak"):
        settings(tmp_path, SECRET_KEY=weak)


def test_all_problems_are_reported_together(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        settings(
            tmp_path,
            PORT="eighty",
            WEB_THREADS="0",
            REDIS_URL="http://x",
            DATABASE_URL="mysql://x",
            PUBLIC_URL="nowhere",
            SECRET_KEY_FILE="/nowhere/at/all",
        )
    named = {line.split()[0] for line in str(refused.value).splitlines()}
    assert named == {"PORT", "WEB_THREADS", "REDIS_URL", "DATABASE_URL", "PUBLIC_URL", "SECRET_KEY"}


def test_a_weak_secret_is_reported_beside_a_wrong_port(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        settings(tmp_path, PORT="eighty", SECRET_KEY="short", ENVIRONMENT="production")
    named = {line.split()[0] for line in str(refused.value).splitlines()}
    assert named == {"PORT", "SECRET_KEY", "PUBLIC_URL"}


def test_a_wrong_setting_ends_the_process_in_words(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        settings(tmp_path, PORT="eighty")
    assert ended.value.code == "PORT Not a valid integer."


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(STRONG + "\n")
    assert settings(tmp_path, SECRET_KEY_FILE=str(tmp_path / "key")).secret_key == STRONG
    with pytest.raises(SettingsError, match="set twice"):
        settings(tmp_path, SECRET_KEY=STRONG, SECRET_KEY_FILE=str(tmp_path / "key"))


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("postgres://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg://u@h/d"),
        ("sqlite:////x/y", "sqlite:////x/y"),
    ],
)
def test_every_usual_database_address_means_the_same_driver(tmp_path: Path, given: str, meant: str) -> None:
    assert settings(tmp_path, DATABASE_URL=given).database_url == meant


@pytest.mark.parametrize(
    "url",
    [
        "smtp://localhost",
        "smtp://mailpit:1025",
        "smtp://user:pass@localhost:25",
        "smtps://user:p%40ss@mail.example.org",
        "smtp+starttls://user:pass@mail.example.org:587/",
        "smtp://[::1]:25",
    ],
)
def test_a_mail_server_is_named_in_every_usual_way(tmp_path: Path, url: str) -> None:
    made = settings(tmp_path, SMTP_URL=url, MAIL_FROM="Support Now <post@example.org>")
    assert (made.smtp_url, made.shows_mailbox, made.writes_letters) == (url, False, True)


@pytest.mark.parametrize(
    ("environ", "problem"),
    [
        ({"SMTP_URL": "smtp://mail.example.org"}, "MAIL_FROM is required with SMTP_URL"),
        ({"SMTP_URL": "http://mail.example.org", "MAIL_FROM": "a@example.org"}, "SMTP_URL must be like"),
        ({"SMTP_URL": "smtp://", "MAIL_FROM": "a@example.org"}, "SMTP_URL must be like"),
        ({"SMTP_URL": "smtp://mail.example.org:x", "MAIL_FROM": "a@example.org"}, "SMTP_URL must be like"),
        (
            {"SMTP_URL": "smtp://user:pass@mail.example.org", "MAIL_FROM": "a@example.org"},
            "SMTP_URL would send its password in clear",
        ),
        ({"MAIL_FROM": "nobody"}, "MAIL_FROM must be an address"),
        ({"MAIL_FROM": "Support Now"}, "MAIL_FROM must be an address"),
        ({"MAIL_FROM": "a@example.org\nBcc: b@example.org"}, "MAIL_FROM must be an address"),
        ({"MAIL_FROM": "a@example.org, b@example.org"}, "MAIL_FROM must be an address"),
        ({"MAIL_PER_MINUTE": "0"}, "MAIL_PER_MINUTE"),
        ({"MAIL_TIMEOUT": "soon"}, "MAIL_TIMEOUT"),
        ({"MAIL_WORKER": "yes"}, "MAIL_WORKER"),
        ({"CONFIRM_WITHIN": "0"}, "CONFIRM_WITHIN"),
    ],
)
def test_mail_that_could_not_go_out_is_refused_at_the_start(
    tmp_path: Path, environ: dict[str, str], problem: str
) -> None:
    with pytest.raises(SettingsError, match=problem):
        settings(tmp_path, **environ)


def test_letters_are_shown_on_a_desk_and_nowhere_else(tmp_path: Path) -> None:
    assert (settings(tmp_path).shows_mailbox, settings(tmp_path).writes_letters) == (True, True)
    alone = settings(tmp_path, **PRODUCTION)
    assert (alone.shows_mailbox, alone.writes_letters) == (False, False)


@pytest.mark.parametrize(
    "given",
    [
        "petitions.example.org",
        "https://user:pw@example.org",
        "https://example.org/sub",
        "https://example.org/?x=1",
        "https://example.org/;script-src",
        "javascript:alert(1)",
        "https://",
    ],
)
def test_a_public_address_that_is_no_origin_is_refused(tmp_path: Path, given: str) -> None:
    with pytest.raises(SettingsError, match="PUBLIC_URL must be like"):
        settings(tmp_path, PUBLIC_URL=given)
    assert settings(tmp_path, PUBLIC_URL="https://example.org:8443/").public_url == "https://example.org:8443"


def test_what_is_kept_is_kept_to_oneself(tmp_path: Path) -> None:
    Settings.from_env({"DATA_DIR": str(tmp_path / "new")})
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0


def test_an_empty_value_is_an_unset_one(tmp_path: Path) -> None:
    assert settings(tmp_path, REDIS_URL="  ", PORT="").redis_url is None


def test_every_setting_says_why_it_is_there() -> None:
    assert all(reason and name.isupper() for name, _default, _unit, reason in described())


def test_what_is_kept_of_signers_has_an_end(tmp_path: Path) -> None:
    privacy = settings(tmp_path).privacy
    assert privacy.contact == ""
    kept = privacy.retention
    assert (kept.unconfirmed_days, kept.network_key_days, kept.anonymise_months) == (21, 30, 6)
    assert kept.held_days == 90
    with pytest.raises(SettingsError, match="NETWORK_KEY_DAYS"):
        settings(tmp_path, NETWORK_KEY_DAYS="0")


def test_nobody_is_forgotten_while_their_link_works(tmp_path: Path) -> None:
    settings(tmp_path, UNCONFIRMED_DAYS="30", CONFIRM_WITHIN="30")
    with pytest.raises(SettingsError, match=r"HELD_DAYS must not be less than CONFIRM_WITHIN"):
        settings(tmp_path, UNCONFIRMED_DAYS="30", HELD_DAYS="29", CONFIRM_WITHIN="30")
    with pytest.raises(SettingsError, match=r"UNCONFIRMED_DAYS must not be less than CONFIRM_WITHIN"):
        settings(tmp_path, UNCONFIRMED_DAYS="29", CONFIRM_WITHIN="30")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgresql://u:p@127.0.0.1:543x2/ledger"),
        ("DATABASE_URL", "postgresql://u:p@127.0.0.1:99999/ledger"),
        ("DATABASE_URL", "postgresql://u:p@[::1/ledger"),
        ("REDIS_URL", "redis://127.0.0.1:six/0"),
        ("REDIS_URL", "redis://127.0.0.1:0/0"),
        ("REDIS_URL", "redis+sentinel://:word@10.0.0.1:26379,10.0.0.2:99999/signs"),
        ("REDIS_URL", "redis+cluster://10.0.0.1:0,10.0.0.2:6379"),
        ("DATABASE_URL", "postgresql://u:p@127.0.0.1:6432/ledger?pooler=statement"),
    ],
)
def test_a_port_that_is_none_is_named_among_all_problems(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_env({"DATA_DIR": str(tmp_path), name: value, "PORT": "none"})
    assert f"{name} has" in str(refused.value)
    assert "PORT" in str(refused.value)
    assert value not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "redis+sentinel://10.0.0.1,10.0.0.2:26379/signs",
        "rediss+sentinel://sam:w%40rd@[::1]:26379,redis.example.org/signs/2?sentinel_password=x&ssl_ca_certs=/a",
        "redis+cluster://redis.example.org",
        "rediss+cluster://:word@10.0.0.1:6379,10.0.0.2:6379/0",
        "unix:///run/redis.sock?db=1",
    ],
)
def test_redis_may_be_several_servers(tmp_path: Path, url: str) -> None:
    assert settings(tmp_path, REDIS_URL=url).redis_url == url


@pytest.mark.parametrize(
    "url",
    [
        "redis+sentinel://10.0.0.1:26379",  # whom do they watch?
        "redis+sentinel:///signs",
        "redis+sentinel://10.0.0.1,/signs",
        "redis+cluster://10.0.0.1:6379/3",  # a cluster has one database
        "redis+cluster://:w@rd@10.0.0.1",
        "sentinel://10.0.0.1/signs",
        "valkey://10.0.0.1",
    ],
)
def test_an_address_of_redis_that_cannot_work_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="REDIS_URL must be like") as refused:
        settings(tmp_path, REDIS_URL=url)
    assert url not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("http://petitions.example.org", False),
        ("https://petitions.example.org", True),
        ("http://localhost:8000", True),
        ("http://127.0.0.1:8000", True),
    ],
)
def test_production_speaks_https_to_others(tmp_path: Path, url: str, taken: bool) -> None:
    environ = {
        "ENVIRONMENT": "production",
        "DATA_DIR": str(tmp_path),
        "SECRET_KEY": "a-secret-key-of-many-characters-0123456789",
        "PUBLIC_URL": url,
    }
    if taken:
        assert Settings.from_env(environ).public_url == url
    else:
        with pytest.raises(SettingsError, match="PUBLIC_URL must be https in production"):
            Settings.from_env(environ)
