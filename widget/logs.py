"""The log: one JSON object a line on standard error. It holds ids, never a name, address or IP.

What an exception says may quote what a visitor typed (a database names the offending value), so only
its kind and where it happened are written.
"""

import json
import logging
import re
import traceback
from datetime import UTC, datetime

_PEER = re.compile(r"(?i)\b(?:from\s+)?ip\s*=\s*\S+|\b\d{1,3}(?:\.\d{1,3}){3}\b(?::\d+)?")


class JsonFormatter(logging.Formatter):
    """Write a record as one line: time, level, where from, what, and the place of a failure."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        extra = getattr(record, "facts", None)
        if isinstance(extra, dict):
            line |= extra
        if record.exc_info and record.exc_info[1] is not None:
            line |= _failure(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


class WithoutPeer(logging.Filter):
    """Take the address of the other end out of what the web server itself says."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record's message in place; never drop it."""
        if record.name == "gunicorn.error" and not record.getMessage().startswith("Listening"):
            record.msg, record.args = _PEER.sub("(peer)", record.getMessage()), None
        return True


def configure(level: str) -> None:
    """Send everything to standard error in this form, from `level` up."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(True)
    logging.getLogger("alembic").setLevel("WARNING")  # what it does is said by the command that asks


def _failure(error: BaseException) -> dict[str, object]:
    frames = traceback.extract_tb(error.__traceback__)
    kinds: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(kinds) < 5:
        kinds.append(f"{type(cause).__module__}.{type(cause).__qualname__}")
        cause = cause.__cause__ or cause.__context__
    return {"failure": kinds, "at_line": [f"{f.filename}:{f.lineno} {f.name}" for f in frames[-6:]]}
