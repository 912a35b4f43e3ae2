"""The guard's settings: limits in words, proxies by number or network, and nothing that means nothing."""

from pathlib import Path

import pytest

from config import Settings, SettingsError, described
from protection import FIELDS, Protection
from widget.domain.guard import Limit, Limits
from widget.domain.network import TrustedProxies


def protection(tmp_path: Path, **environ: str) -> Protection:
    return Settings.from_env({"DATA_DIR": str(tmp_path), **environ}).protection


def test_the_defaults_are_the_rules_own(tmp_path: Path) -> None:
    """The table in the docs, the settings and the domain say the same."""
    assert protection(tmp_path) == Protection(Limits(), TrustedProxies(), 5_000)
    written = {name: default for name, default, *_ in described() if name.startswith("LIMIT_")}
    assert protection(tmp_path, **written) == protection(tmp_path)


def test_limits_are_read_from_words(tmp_path: Path) -> None:
    limits = protection(tmp_path, LIMIT_FAMILY="30/10 minutes", LIMIT_CROWD="500 per day").limits
    assert (limits.family, limits.crowd) == (Limit(30, 600), Limit(500, 86_400))


def test_off_turns_off_what_depends_on_pace(tmp_path: Path) -> None:
    assert not protection(tmp_path, RATE_LIMITS="off").limits.enforced
    assert not protection(tmp_path, DISPOSABLE_ADDRESSES="accept").limits.hold_disposable


WRONG = [
    ("LIMIT_FAMILY", "five a minute"),
    ("LIMIT_FAMILY", "0 per minute"),
    ("LIMIT_FAMILY", "5 per 2 days"),
    ("LIMIT_NETWORK", "5"),
    ("TRUSTED_PROXIES", "all"),
    ("TRUSTED_PROXIES", "0"),
    ("TRUSTED_PROXIES", "10.0.0.1/8"),
    ("RATE_LIMITS", "maybe"),
    ("SURGE_FACTOR", "1"),
    ("PROOF_COST", "0"),
    ("MIN_FILL_SECONDS", "-1"),
    ("DISPOSABLE_ADDRESSES", "refuse"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_what_means_nothing_is_refused(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        protection(tmp_path, **{name: value})


def test_every_field_says_why_it_is_there() -> None:
    assert [name for name, field in FIELDS.items() if len(field.metadata["reason"]) < 20] == []
