"""What an organiser may change of a petition, and the form each thing has to have."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Literal, TypedDict
from urllib.parse import urlsplit

from widget.domain.form import BUILT_IN, MANDATORY, Field
from widget.domain.form import form as form_of
from widget.domain.goal import DEFAULT_LADDER, GoalKind, ladder_problem
from widget.domain.language import Spoken
from widget.domain.page_opening import MAX_ADDRESSEES, MAX_NAME
from widget.domain.petition import Confirmation, Petition, Status
from widget.domain.question import Question, built_in
from widget.domain.thanks import thanks_version

THANKS_URL_LENGTH = 2_000
CONTACT_LENGTH = 300
MAX_GOAL = 1_000_000_000
MAX_SITES = 100  # all of them stand in a header of the frame
MAX_STEPS = 100  # of a ladder of one's own
Asked = Literal["required", "optional", "off"]
# What two tabs may have changed beside the text; status and address are changed one at a time.
SETTINGS = (
    *("started_by", "confirmation", "goal_kind", "goal_aim", "ladder", "form", "allowed_origins"),
    *("closes_at", "thanks_url", "privacy_contact", "public_signers"),
)

_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\]")
_PLAIN = re.compile(r"[!-~]+")
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Changes(TypedDict, total=False):
    """New values of a petition; what is missing stays as it is.

    `goal_kind` and `goal_aim` go together. `allowed_origins` empty allows every site. `form` are the built-in
    fields; what else is in it stands in `questions`.
    """

    status: Status
    confirmation: Confirmation
    goal_kind: GoalKind
    goal_aim: int | None
    ladder: tuple[int, ...]
    started_by: str
    form: tuple[Field, ...]
    questions: tuple[Question, ...]
    closes_at: datetime | None
    allowed_origins: tuple[str, ...]
    thanks_url: str | None
    thanks_text: Spoken
    privacy_contact: str
    public_signers: bool


def aim(kind: GoalKind, number: int | None = None) -> Changes:
    """Return the change to a goal. Raises ValueError for a number that is no goal."""
    if number is not None and not 1 <= number <= MAX_GOAL:
        raise ValueError(f"a goal is a number from 1 to {MAX_GOAL:,}")
    return {"goal_kind": kind, "goal_aim": number}


def settings_version(petition: Petition) -> str:
    """Identify the settings of a petition by their content, so that an edit of older ones is noticed."""
    said = {name: getattr(petition, name) for name in SETTINGS} | {"form": built_in(petition.form)}
    return _fingerprint(list(said.values()))


def questions_version(petition: Petition) -> str:
    """Identify the questions of the organiser's own, in the same way."""
    return _fingerprint(list(petition.questions))


def version_of(petition: Petition, changes: Changes) -> str:
    """Identify what an edit with these changes began with."""
    if "thanks_text" in changes:
        return thanks_version(petition.thanks_text)
    return questions_version(petition) if "questions" in changes else settings_version(petition)


def steps(words: str) -> tuple[int, ...]:
    """Return a ladder of one's own from numbers between commas or blanks; none is the standard one.

    Raises ValueError, in words for the reader.
    """
    numbers = words.replace(",", " ").split()
    if not numbers:
        return DEFAULT_LADDER
    for number in numbers:
        if not (number.isascii() and number.isdigit() and len(number) <= 10):
            raise ValueError(f"'{number}' is no whole number up to {MAX_GOAL:,}; write 1000, not 1,000")
    found = tuple(int(number) for number in numbers)
    problem = ladder_problem(found)
    if problem is None and (len(found) > MAX_STEPS or found[-1] > MAX_GOAL):
        problem = f"a ladder has at most {MAX_STEPS} steps, none above {MAX_GOAL:,}"
    if problem:
        raise ValueError(problem)
    return found


def starter(words: str) -> str:
    """Return who started a petition, in one line. Raises ValueError."""
    return _name(words, "who started it")


def addressees(lines: Iterable[str]) -> tuple[str, ...]:
    """Return who is addressed, each once, in their order; blank lines are no matter. Raises ValueError."""
    found = tuple(dict.fromkeys(_name(line, "a name") for line in lines if line.strip()))
    if not found:
        raise ValueError("say who is addressed, one name a line")
    if len(found) > MAX_ADDRESSEES:
        raise ValueError(f"more than {MAX_ADDRESSEES} names: keep those who decide")
    return found


def asked(wanted: Mapping[str, Asked]) -> tuple[Field, ...]:
    """Return the form that asks for these built-in fields; the address is always asked for.

    Raises ValueError for a name that is not built in, and for a box that everybody would have to tick:
    consent is free (promise 8).
    """
    for name, how in wanted.items():
        if name not in BUILT_IN:
            raise ValueError(f"there is no field '{name}', only {', '.join(BUILT_IN)}")
        if how == "required" and BUILT_IN[name].type == "checkbox":
            raise ValueError(f"'{name}' is a box to tick: nobody can be made to")
        if how != "required" and name in MANDATORY:
            raise ValueError(f"'{name}' is always required: it makes a signature unique")
    return form_of(
        required=[name for name, how in wanted.items() if how == "required"],
        optional=[name for name, how in wanted.items() if how == "optional"],
    )


def how_asked(form: Iterable[Field]) -> dict[str, Asked]:
    """Return how a form asks for each built-in field."""
    required = {field.name: field.required for field in form}
    return {
        name: "off" if name not in required else "required" if required[name] else "optional"
        for name in BUILT_IN
    }


def closing(words: str) -> datetime:
    """Read a day, which counts to its end, or a moment; UTC where no zone is given. Raises ValueError."""
    try:
        if len(words) == len("2026-12-31"):
            moment = datetime.combine(date.fromisoformat(words), time(23, 59, 59))
        else:
            moment = datetime.fromisoformat(words)
    except ValueError:
        raise ValueError(
            f"'{words}' is no day such as 2026-12-31 and no moment such as 2026-12-31T18:00+04:00"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def origin(site: str) -> str:
    """Return a site as browsers name it in the Origin header: https://example.org, lower case.

    A default port is left out, letters beyond ASCII are written as in the DNS. Raises ValueError, in words
    for the reader, for what is no site.
    """
    try:
        parts = urlsplit(site.strip())
        port = parts.port
        host = _ascii(parts.hostname or "")
    except ValueError:
        raise ValueError(f"'{site}' is no site such as https://example.org") from None
    if parts.scheme not in _DEFAULT_PORTS or not _HOST.fullmatch(host) or "@" in parts.netloc:
        raise ValueError(f"'{site}' is no site such as https://example.org")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError(f"'{site}' is an address inside a site: leave out what follows the name")
    shown_port = "" if port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{port}"
    return f"{parts.scheme}://{host}{shown_port}"


def origins(sites: tuple[str, ...]) -> tuple[str, ...]:
    """Return several sites, each once, in their order. Raises ValueError as `origin`."""
    found = tuple(dict.fromkeys(origin(site) for site in sites))
    if len(found) > MAX_SITES:
        raise ValueError(f"more than {MAX_SITES} sites")
    return found


def thanks_address(url: str) -> str:
    """Return the address of an organiser's own page for signers, which is https. Raises ValueError."""
    address = url.strip()
    if len(address) > THANKS_URL_LENGTH:
        raise ValueError(f"the address is longer than {THANKS_URL_LENGTH} characters")
    try:
        parts = urlsplit(address)
        known = _PLAIN.fullmatch(address) and _HOST.fullmatch(_ascii(parts.hostname or ""))
    except ValueError:
        known = None
    if not known:
        raise ValueError(f"'{url}' is no address such as https://example.org/thanks")
    if parts.scheme != "https":
        raise ValueError(f"'{url}' does not begin with https://")
    if "@" in parts.netloc:
        raise ValueError(f"'{url}' has a name or a password in it")
    return address


def contact(words: str) -> str:
    """Return whom signers may ask about their data, in one line; empty for none. Raises ValueError."""
    line = " ".join(words.split())
    if len(line) > CONTACT_LENGTH:
        raise ValueError(f"the contact is longer than {CONTACT_LENGTH} characters")
    if not line.isprintable():
        raise ValueError("the contact has characters that cannot be shown")
    return line


def _name(words: str, what: str) -> str:
    line = " ".join(words.split())
    if not line:
        raise ValueError(f"{what} is missing")
    if len(line) > MAX_NAME:
        raise ValueError(f"{what} is longer than {MAX_NAME} characters")
    if not line.isprintable():
        raise ValueError(f"{what} has characters that cannot be shown")
    return line


def _fingerprint(said: list[object]) -> str:
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


def _ascii(host: str) -> str:
    """Return a host name as the DNS has it. Raises ValueError (UnicodeError is one)."""
    if ":" in host:
        return f"[{host.lower()}]"
    return host if host.isascii() else host.encode("idna").decode().lower()
