"""Links that a signer gets by mail: each opens one signature, for one purpose, and cannot be guessed.

A token is the signature's number, signed with the service's key. It holds no personal data, is not
stored, and stops working when the key is changed. What it opens is looked up each time, so a token
of an erased signature opens nothing.
"""

from enum import StrEnum
from hashlib import sha256

from itsdangerous import BadSignature, URLSafeSerializer

LENGTH_AT_MOST = 200  # characters; ours are about 50


class Purpose(StrEnum):
    """What a link is for; a token of one purpose is worth nothing for another."""

    CONFIRM = "confirm"
    OWN_PAGE = "own-page"
    LEAVE_NEWS = "leave-news"


def make(secret_key: str, purpose: Purpose, signature_id: int) -> str:
    """Return the token that opens a signature."""
    return _serializer(secret_key, purpose).dumps(signature_id)


def read(secret_key: str, purpose: Purpose, token: str) -> int | None:
    """Return the number of the signature that a token opens, None for one that is not ours."""
    if len(token) > LENGTH_AT_MOST:
        return None
    try:
        signature_id = _serializer(secret_key, purpose).loads(token)
    except BadSignature:
        return None
    return signature_id if isinstance(signature_id, int) else None


def _serializer(secret_key: str, purpose: Purpose) -> URLSafeSerializer:
    # SHA-256 with a key derived per purpose; constant-time comparison is the library's.
    return URLSafeSerializer(
        secret_key, salt=f"support-now.{purpose}", signer_kwargs={"digest_method": sha256}
    )
