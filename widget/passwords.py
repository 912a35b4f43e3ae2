"""Passwords are kept as argon2id hashes (RFC 9106), each with a salt and its parameters.

19 MiB, two passes, one lane: what OWASP asks for at least. A few at once fit beside the signers of a
small machine, and a password of twelve characters needs no more.
"""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from widget.domain.password import LENGTH_AT_MOST, prepared

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    return _HASHER.hash(prepared(password))


def fits(password: str, password_hash: str | None) -> bool:
    """Tell whether it is the password that was hashed; None, for nobody, takes as long and is never."""
    known = password_hash or _nobodys()
    try:
        _HASHER.verify(known, prepared(password[:LENGTH_AT_MOST]))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def is_dated(password_hash: str) -> bool:
    """Tell whether a hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


@cache
def _nobodys() -> str:
    return hashed("the password of nobody")
