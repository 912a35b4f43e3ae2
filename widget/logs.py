"""The log: one JSON object a line on standard error. It holds ids, never a name, address or IP.

What an exception says may quote what a visitor typed (a database names the offending value), so only
its kind and where it happened are written.
"""

import json
import logging
import traceback
from datetime import UTC, datetime

# What gunicorn says of itself may be written; what it says of a request quotes the request.
_QUOTING = ("Invalid request", "Error handling request", "Error processing", "Socket error", "Invalid")
_OWN = (
    *("Starting gunicorn", "Listening at", "Using worker", "Booting worker", "Worker ", "Shutting down"),
    *("Handling signal", "Reason", "Connection in use", "Can't connect", "Retrying", "Reloading"),
    *("WORKER TIMEOUT", "Exception in worker process", "Hang up", "Unhandled exception"),
)


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
    """Take out of what the web server itself says all that a visitor sent: peer, path, broken lines."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record's message in place; never drop it."""
        if record.name == "gunicorn.error":
            said = record.getMessage()
            if not said.startswith(_OWN):
                kind = next((kind for kind in _QUOTING if said.startswith(kind)), "The server said more")
                record.msg, record.args, record.exc_info = kind, None, None
        return True


def configure(level: str) -> None:
    """Send everything to standard error in this form, from `level` up."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(True)
    # Nobody reads these in our lines, and finding them out for each is dear (logging HOWTO, "Optimization").
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.getLogger("alembic").setLevel("WARNING")  # what it does is said by the command that asks


def _failure(error: BaseException) -> dict[str, object]:
    frames = traceback.extract_tb(error.__traceback__)
    kinds: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(kinds) < 5:
        kinds.append(f"{type(cause).__module__}.{type(cause).__qualname__}")
        cause = cause.__cause__ or cause.__context__
    return {"failure": kinds, "at_line": [f"{f.filename}:{f.lineno} {f.name}" for f in frames[-6:]]}
