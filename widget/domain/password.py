"""What a password must be: long, and not the address. No rule about signs and digits.

NIST SP 800-63B, 3.1.1.2: length is what counts; composition rules and forced changes make people choose
worse. What is typed is compared in Unicode's composed form, as the same word comes differently from
different keyboards.
"""

import unicodedata

LENGTH = 12  # characters
LENGTH_AT_MOST = 200
DISTINCT = 5  # different characters; "aaaaaaaaaaaa" is long, too


def prepared(password: str) -> str:
    """Return a password as it is hashed."""
    return unicodedata.normalize("NFKC", password)


def password_problem(password: str, email: str) -> str | None:
    """Say what is wrong with a new password, or None."""
    word = prepared(password)
    if len(word) < LENGTH:
        return f"Take at least {LENGTH} characters: three or four words that only you would put together."
    if len(word) > LENGTH_AT_MOST:
        return f"Take at most {LENGTH_AT_MOST} characters."
    if len(set(word)) < DISTINCT:
        return "Too few different characters: it would be guessed at once."
    name = email.casefold().partition("@")[0]
    if word.casefold() in {email.casefold(), name} or word.casefold().strip("0123456789!.") == name:
        return "Too close to your address: it would be guessed at once."
    return None
