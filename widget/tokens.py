"""Links that open one thing for one purpose, and cannot be guessed: a signature, or the console's door.

A signer's token is the signature's number and the moment it was given, signed with the service's key.
It names nobody, is not stored, and stops working when the key is changed. What it opens is looked up
each time: a token of an erased signature opens nothing, and one whose number has gone to another
signature, because an older copy of the ledger was put back, opens nothing either. An organiser's is the
number of a one-time link, which is drawn at random and never shown.
"""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from itsdangerous import BadSignature, URLSafeSerializer

from widget.domain.signature import Link

LENGTH_AT_MOST = 200  # characters; ours are about 75
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNIT = timedelta(microseconds=1)  # what both databases keep of a moment


class Purpose(StrEnum):
    """What a link is for; a token of one purpose is worth nothing for another."""

    CONFIRM = "confirm"
    OWN_PAGE = "own-page"
    LEAVE_NEWS = "leave-news"
    ADMIT = "admit"


def make(secret_key: str, purpose: Purpose, link: Link) -> str:
    """Return the token that opens a signature."""
    return _serializer(secret_key, purpose).dumps([link.signature_id, (link.signed_at - _EPOCH) // _UNIT])


def read(secret_key: str, purpose: Purpose, token: str) -> Link | None:
    """Return what a token opens, None for one that is not ours."""
    if len(token) > LENGTH_AT_MOST:
        return None
    try:
        signature_id, moment = _serializer(secret_key, purpose).loads(token)
        return Link(signature_id, _EPOCH + moment * _UNIT)
    except (BadSignature, TypeError, ValueError):  # made by us, but in another form
        return None


def make_admission(secret_key: str, number: int) -> str:
    """Return the token of a one-time link."""
    return _serializer(secret_key, Purpose.ADMIT).dumps(number)


def read_admission(secret_key: str, token: str) -> int | None:
    """Return the number of the one-time link that a token stands for, None for one that is not ours."""
    if len(token) > LENGTH_AT_MOST:
        return None
    try:
        number = _serializer(secret_key, Purpose.ADMIT).loads(token)
    except BadSignature:
        return None
    return number if isinstance(number, int) else None


def _serializer(secret_key: str, purpose: Purpose) -> URLSafeSerializer:
    # SHA-256 with a key derived per purpose; constant-time comparison is the library's.
    return URLSafeSerializer(
        secret_key, salt=f"support-now.{purpose}", signer_kwargs={"digest_method": sha256}
    )
