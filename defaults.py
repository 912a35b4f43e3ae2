"""Defaults that follow from other settings, and the key that a desk makes for itself."""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SECRET_LENGTH = 32  # characters; token_urlsafe(32) gives 43


def completed(known: dict[str, Any]) -> dict[str, Any]:
    """Fill in the defaults that follow from other settings."""
    folder = Path(known["data_dir"])
    public = (known["public_url"] or f"http://localhost:{known['port']}").rstrip("/")
    database = known["database_url"] or f"sqlite:///{folder.absolute() / 'ledger.sqlite3'}"
    return known | {
        "database_url": _with_driver(database),
        "database_pool": known["database_pool"] or max(1, known["web_threads"] - 1),
        "secret_key": known["secret_key"] or _development_key(folder),
        "public_url": public,
        "demo_url": (known["demo_url"] or _other_loopback(public)).rstrip("/"),
    }


def _with_driver(url: str) -> str:
    # Hosts hand out postgres:// and postgresql://; both mean psycopg 3 here.
    scheme, _, rest = url.partition("://")
    return url if scheme == "sqlite" else f"postgresql+psycopg://{rest}"


def _other_loopback(public: str) -> str:
    parts = urlsplit(public)
    other = {"localhost": "127.0.0.1", "127.0.0.1": "localhost"}.get(parts.hostname or "")
    if other is None:
        return public
    return f"{parts.scheme}://{other}:{parts.port}" if parts.port else f"{parts.scheme}://{other}"


def _development_key(folder: Path) -> str:
    """Make a key once and keep it. Two processes that start together end up with the same one."""
    path = folder / "secret_key"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # it will hold every signature
    draft = path.with_name(f"secret_key.{secrets.token_hex(8)}")
    if not path.exists():
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(SECRET_LENGTH), encoding="utf-8")
        try:
            os.link(draft, path)  # fails when another process was first: its key is the key
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="utf-8").strip()
