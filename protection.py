"""The settings of the guard: whose word about an address is believed, and how much is too much.

Part of config.py, which alone reads the environment; here so that neither file grows past a screen or
two. A limit is written as in "5 per 5 minutes" (the notation of the package `limits`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError
from marshmallow import fields as m
from marshmallow.validate import OneOf, Range

from widget.domain.guard import Limit, Limits
from widget.domain.network import TrustedProxies
from widget.domain.network import trusted_proxies as read_proxies

SPAN_AT_MOST = 24 * 3_600  # seconds; a longer span would keep hashes of networks for longer


@dataclass(frozen=True, slots=True)
class Protection:
    """What the guard is told by the operator. `proof_cost` is in iterations."""

    limits: Limits
    trusted_proxies: TrustedProxies
    proof_cost: int


class LimitField(m.String):
    """A limit in words."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        import limits  # noqa: PLC0415 - takes eight megabytes of each process, and mostly no limit is set

        try:
            item = limits.parse(super()._deserialize(value, attr, data, **kwargs))
        except ValueError as error:
            raise ValidationError("must be like 5 per 5 minutes") from error
        if item.amount < 1 or not 1 <= item.get_expiry() <= SPAN_AT_MOST:
            raise ValidationError("must allow one at least, in a second at least and a day at most")
        return Limit(item.amount, item.get_expiry())


class ProxiesField(m.String):
    """How many proxies stand in front, or their networks."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            return read_proxies(super()._deserialize(value, attr, data, **kwargs))
        except ValueError as error:
            raise ValidationError("must be a number from 1 to 9, or networks like 10.0.0.0/8") from error


def _limit(default: str, amount: int, seconds: int, unit: str, reason: str) -> LimitField:
    return LimitField(
        load_default=Limit(amount, seconds), metadata={"default": default, "unit": unit, "reason": reason}
    )


FIELDS: dict[str, m.Field[Any]] = {
    "TRUSTED_PROXIES": ProxiesField(
        load_default=TrustedProxies(),
        metadata={
            "default": "none",
            "unit": "how many, or their networks",
            "reason": "who may say where a visitor comes from; anybody else can write X-Forwarded-For too",
        },
    ),
    "RATE_LIMITS": m.String(
        load_default="on",
        validate=OneOf(["on", "off"]),
        metadata={"reason": "off is for load tests from one address, and is said loudly at start"},
    ),
    "LIMIT_FAMILY": _limit(
        *("5 per 5 minutes", 5, 300, "signatures of one network for one petition"),
        "a family at one table; above it a proof of work is asked for",
    ),
    "LIMIT_CROWD": _limit(
        *("60 per hour", 60, 3_600, "signatures of one network for one petition"),
        "a class or an office, with proofs; above it they are held for the organiser",
    ),
    "LIMIT_NETWORK": _limit(
        *("120 per minute", 120, 60, "requests of one network"),
        "more than a carrier's shared address brings on a day of records; above it 429",
    ),
    "LIMIT_DOMAIN": _limit(
        *("100 per hour", 100, 3_600, "signatures of one mail domain for one petition"),
        "a domain makes any number of addresses; providers are exempt; above it they are held",
    ),
    "LIMIT_SURGE": _limit(
        *("300 per 5 minutes", 300, 300, "signatures of one petition"),
        "from here on a petition is measured against its own past",
    ),
    "SURGE_FACTOR": m.Integer(
        load_default=8,
        validate=Range(2, 1_000),
        metadata={
            "unit": "times its average of the twelve spans before",
            "reason": "a wave grows over minutes, an attack at once; above it everybody proves work",
        },
    ),
    "PROOF_COST": m.Integer(
        load_default=5_000,
        validate=Range(1, 100_000),
        metadata={
            "unit": "iterations of PBKDF2, 256 times on average",
            "reason": "a second or two of a telephone; each proof costs the server one",
        },
    ),
    "MIN_FILL_SECONDS": m.Float(
        load_default=1.0,
        validate=Range(0, 60),
        metadata={"unit": "seconds", "reason": "a form filled faster was filled by a robot; it is held"},
    ),
    "DISPOSABLE_ADDRESSES": m.String(
        load_default="hold",
        validate=OneOf(["hold", "accept"]),
        metadata={"reason": "a mailbox for ten minutes confirms anything; held ones wait for the organiser"},
    ),
}


def gathered(known: Mapping[str, Any]) -> dict[str, Any]:
    """Replace the settings here, by their names in lower case, by one `protection`."""
    own = {name.lower() for name in FIELDS}
    protection = Protection(
        Limits(
            enforced=known["rate_limits"] == "on",
            family=known["limit_family"],
            crowd=known["limit_crowd"],
            network=known["limit_network"],
            domain=known["limit_domain"],
            surge=known["limit_surge"],
            surge_factor=known["surge_factor"],
            min_fill=known["min_fill_seconds"],
            hold_disposable=known["disposable_addresses"] == "hold",
        ),
        known["trusted_proxies"],
        known["proof_cost"],
    )
    return {name: value for name, value in known.items() if name not in own} | {"protection": protection}
