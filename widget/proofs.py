"""Proofs of work in ALTCHA's protocol: a riddle under our seal, and whether an answer solves it.

The visitor's machine looks for a counter whose derived key begins with a zero byte, 256 tries on average.
The seal covers the petition and the expiry, so an answer is worth something for one petition and for some
minutes. That it is used once only is for whoever keeps count (store/pace.py).
"""

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import altcha

LIFETIME = 600  # seconds: time to solve it on a slow machine, and to send again after being offline
_ALGORITHM = "PBKDF2/SHA-256"
_PURPOSE = b"support-now.proof"


@dataclass(frozen=True, slots=True)
class Sealed:
    """An answer to a riddle of ours that is still good; `name` is unlike any other riddle's."""

    name: str
    payload: altcha.Payload


def riddle(secret_key: str, petition_id: int, *, cost: int, now: datetime) -> dict[str, Any]:
    """Return a challenge as ALTCHA writes it; `cost` in iterations a try."""
    made = altcha.create_challenge(
        _ALGORITHM,
        cost,
        expires_at=int(now.timestamp()) + LIFETIME,
        data={"petition": petition_id},
        hmac_secret=_key(secret_key),
    )
    challenge: dict[str, Any] = made.to_dict()
    return challenge


def sealed(secret_key: str, proof: str, petition_id: int, *, now: datetime) -> Sealed | None:
    """Return what was sent if its riddle is ours, for this petition, and not too old; cheaply."""
    try:
        payload = altcha.Payload.from_base64(proof)
        parameters = payload.challenge.parameters
        looked_at = altcha.verify_solution(payload, _key(secret_key), _no_derivation)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if looked_at.expired or looked_at.invalid_signature is not False:
        return None  # an old one is not even asked for its seal
    good = parameters.data == {"petition": petition_id} and now.timestamp() < (parameters.expires_at or 0)
    return Sealed(parameters.nonce, payload) if good else None


def solved(secret_key: str, answer: Sealed) -> bool:
    """Tell whether the answer solves its riddle. Derives one key, as each try of the visitor did."""
    try:
        return bool(altcha.verify_solution(answer.payload, _key(secret_key)).verified)
    except (ValueError, TypeError):
        return False


def _no_derivation(*_: object) -> bytes:
    return b""


def _key(secret_key: str) -> bytes:
    return hmac.digest(secret_key.encode(), _PURPOSE, "sha256")
