"""What a password must be: long, not the address, none of the commonest. No rule about signs and digits.

NIST SP 800-63B, 3.1.1.2: length is what counts; composition rules and forced changes make people choose
worse. What is typed is compared in Unicode's composed form, as the same word comes differently from
different keyboards.
"""

import re
import unicodedata

LENGTH = 12  # characters
LENGTH_AT_MOST = 200
DISTINCT = 5  # different characters; "aaaaaaaaaaaa" is long, too
# What most people take, who say it twice or put a year beside it where length is asked for (NIST, as above:
# values known to be commonly used).
COMMONEST = (
    *(
        "password",
        "passwort",
        "passw",
        "pass",
        "secret",
        "changeme",
        "default",
        "trustno",
        "letmein",
        "welcome",
    ),
    *("qwerty", "qwertz", "azerty", "qwertyuiop", "qwertzuiop", "azertyuiop", "asdf", "asdfghjkl", "zxcvbnm"),
    *("admin", "administrator", "root", "user", "login", "test", "guest", "hello", "iloveyou", "loveyou"),
    *("monkey", "dragon", "football", "baseball", "sunshine", "princess", "superman", "master", "shadow"),
    *("abc", "abcd", "summer", "winter", "spring", "autumn", "supportnow", "petition", "organiser"),
)
# What a finger walks along, forwards or backwards, from anywhere to anywhere, round and round.
_WALKS = (
    *("1234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "qwertyuiop[]asdfghjkl"),
    *("qwertzuiopasdfghjklyxcvbnm", "azertyuiopqsdfghjklmwxcvbn", "1q2w3e4r5t6y7u8i9o0p"),
    *("1qaz2wsx3edc4rfv5tgb6yhn7ujm", "qazwsxedcrfvtgbyhnujm", "zaq1xsw2cde3vfr4bgt5"),
)
_ADDED = " 0123456789!?.,*#$@+-_"  # what people put before and behind
_LOOKS_LIKE = str.maketrans("@4301$5!", "aaeoissi")
_COMMON = re.compile(rf"(?:(?:{'|'.join(COMMONEST)})[{re.escape(_ADDED)}]*)+")


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
    if _is_common(word.casefold()):
        return "Many people use this one or one much like it: it would be guessed at once."
    name = email.casefold().partition("@")[0]
    if word.casefold() in {email.casefold(), name} or word.casefold().strip("0123456789!.") == name:
        return "Too close to your address: it would be guessed at once."
    return None


def _is_common(word: str) -> bool:
    stem = word.strip(_ADDED)
    if any(_COMMON.fullmatch(one) for one in (stem, stem.translate(_LOOKS_LIKE))):
        return True
    walks = (walk * (len(word) // len(walk) + 2) for walk in _WALKS)
    return any(word in walk or word in walk[::-1] for walk in walks)
