"""What stands in the addresses of the stores is looked at before anything is connected.

A refusal names the option that is wrong. It never says a value: it may be the password.
"""

from psycopg import pq
from sqlalchemy import URL

NOWHERE = "/nonexistent"  # a socket's folder: libpq reads all options, and finds nobody to talk to
_WHOLE_NUMBERS = {
    *("connect_timeout", "tcp_user_timeout"),
    *("keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count"),
}
# Where the server is and who we are: what of it is wrong is known only there.
_NOT_TRIED = {"host", "hostaddr", "port", "dbname", "user", "password", "service", "passfile", "options"}


class WrongAddress(ValueError):
    """The address of a store cannot be used. The text says why, and nothing of what stands in it."""


def check_options(url: URL) -> None:
    """Look at the options of a PostgreSQL address. Raises WrongAddress."""
    known = {one.keyword.decode() for one in pq.Conninfo.get_defaults()}
    for name in url.query:
        if name not in known:
            raise WrongAddress(_unknown(name, url))
    for name, values in url.normalized_query.items():
        if len(values) > 1 and name not in ("host", "port"):
            raise WrongAddress(f"has the option {name} twice")
        if not all(_is_taken(name, value) for value in values):
            raise WrongAddress(f"has a value for the option {name} that PostgreSQL connections do not know")


def _unknown(name: str, url: URL) -> str:
    # An @ behind the ? is seldom an option's: then a password holds both, and `name` may be a part of it.
    if any("@" in word for pair in url.query.items() for word in (pair[0], *pair[1])):
        return "cannot be read: write an @, : / ? or # in its password as %40, %3A, %2F, %3F or %23"
    return f"has the option {name}, which PostgreSQL connections do not know"


def _is_taken(name: str, value: str) -> bool:
    """Ask libpq for its opinion of one option: it quotes the option's name and the value it refuses."""
    if name in _NOT_TRIED:
        return True
    if name in _WHOLE_NUMBERS:
        return value.strip().lstrip("+-").isdecimal()
    words = {"host": NOWHERE, name: value}
    asked = " ".join(f"{one}='{_quoted(said)}'" for one, said in words.items())
    tried = pq.PGconn.connect_start(asked.encode())
    try:
        said = tried.get_error_message()
    finally:
        tried.finish()
    return not (name in said and f'"{value}"' in said)


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")
