"""The settings of the stores: where the ledger and the copy of the count are.

Part of config.py, which alone reads the environment; here so that neither file grows past a screen or two.
"""

from urllib.parse import parse_qs, urlsplit

from marshmallow import ValidationError
from marshmallow import fields as m
from marshmallow.validate import Range, Regexp


def _has_sound_port(url: str) -> None:
    try:
        places = urlsplit(url).netloc.rpartition("@")[2].split(",")
        ports = [urlsplit(f"//{place}").port for place in places]
    except ValueError as error:
        raise ValidationError("has a port that is no number up to 65535") from error
    if 0 in ports:
        raise ValidationError("has the port 0, where nobody listens")


def _has_known_pooler(url: str) -> None:
    named = parse_qs(url.partition("?")[2], keep_blank_values=True).get("pooler", ["transaction"])
    if set(named) != {"transaction"}:
        raise ValidationError("has a pooler other than transaction; one that keeps sessions needs no word")


_USER = r"([^/@\s]*@)?"
_PLACE = r"(\[[0-9A-Fa-f:.]+\]|[^\s/@:,?#\[\]]+)(:[0-9]+)?"
_PLACES = rf"{_PLACE}(,{_PLACE})*"
_REDIS = (
    r"(rediss?|unix)://.+",
    rf"rediss?\+sentinel://{_USER}{_PLACES}/[^/?#\s]+(/[0-9]+)?/?(\?\S*)?",
    rf"rediss?\+cluster://{_USER}{_PLACES}(/0?)?(\?\S*)?",
)
_REDIS_ERROR = (
    "must be like redis://HOST:PORT/0, redis+sentinel://HOST:26379,HOST:26379/SERVICE/0 or "
    "redis+cluster://HOST:6379,HOST:6379; rediss for redis where it is encrypted, or unix:///PATH"
)


DATABASE_URL = m.String(
    load_default=None,
    validate=[
        Regexp(
            r"(sqlite:///(?!:memory:)|postgres(ql)?(\+psycopg)?://).+",
            error="must start with sqlite:/// or postgresql://",
        ),
        _has_sound_port,
        _has_known_pooler,
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
        Regexp(rf"({'|'.join(_REDIS)})\Z", error=_REDIS_ERROR),
        _has_sound_port,
    ],
    metadata={
        "default": "none",
        "reason": "where the copy of the count lives; without it the ledger is read",
    },
)
