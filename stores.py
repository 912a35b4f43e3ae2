"""The settings of the stores: where the ledger and the copy of the count are.

Part of config.py, which alone reads the environment; here so that neither file grows past a screen or two.
"""

from urllib.parse import urlsplit

from marshmallow import ValidationError
from marshmallow import fields as m
from marshmallow.validate import Range, Regexp


def _has_sound_port(url: str) -> None:
    try:
        port = urlsplit(url).port
    except ValueError as error:
        raise ValidationError("has a port that is no number up to 65535") from error
    if port == 0:
        raise ValidationError("has the port 0, where nobody listens")


DATABASE_URL = m.String(
    load_default=None,
    validate=[
        Regexp(
            r"(sqlite:///(?!:memory:)|postgres(ql)?(\+psycopg)?://).+",
            error="must start with sqlite:/// or postgresql://",
        ),
        _has_sound_port,
    ],
    metadata={"default": "SQLite in DATA_DIR", "reason": "the ledger, the one truth about signatures"},
)
DATABASE_POOL = m.Integer(
    load_default=None,
    validate=Range(1, 200),
    metadata={
        "default": "WEB_THREADS less one",
        "unit": "connections a process",
        "reason": "one thread stays free for what Redis answers, however the database hangs",
    },
)
REDIS_URL = m.String(
    load_default=None,
    validate=[
        Regexp(r"(rediss?|unix)://.+", error="must start with redis://, rediss:// or unix://"),
        _has_sound_port,
    ],
    metadata={
        "default": "none",
        "reason": "where the copy of the count lives; without it the ledger is read",
    },
)
