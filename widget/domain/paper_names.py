"""Who signed on a sheet of paper: one person a line, as the organiser typed them off the scan."""

from collections.abc import Iterable
from dataclasses import dataclass

from widget.domain.paper import words_problem
from widget.domain.refusals import PaperRefused
from widget.domain.sheet import safe

AT_MOST = 500  # names of one scan or folder; whoever has more records several
NAME_LENGTH = 200
FROM_LENGTH = 200
COLUMNS = ("scan", "place", "collected_on", "name", "from")


@dataclass(frozen=True, slots=True)
class PaperName:
    """A person on a sheet. `from_place` is what stood beside the name, a town or a postal code, or empty."""

    name: str
    from_place: str = ""


def read_names(text: str) -> tuple[PaperName, ...]:
    """Read one person a line, with what follows a semicolon or a tab as where they are from.

    Empty lines are passed over. Raises PaperRefused for the first line that cannot be right: the same person
    twice on one scan would count twice.
    """
    names: dict[tuple[str, str], int] = {}
    read = []
    for number, line in enumerate(text.splitlines(), 1):
        name = _name(line)
        if name is None:
            continue
        _refuse(number, _problem(name))
        key = (name.name.casefold(), name.from_place.casefold())
        if key in names:
            what = f"is line {names[key]} again: if they are two people, say what tells them apart"
            _refuse(number, what)
        names[key] = number
        read.append(name)
    if len(read) > AT_MOST:
        raise PaperRefused({"names": f"has more than {AT_MOST} lines: add each scan as a figure of its own"})
    return tuple(read)


def agree(count: int, names: Iterable[PaperName]) -> None:
    """Raise PaperRefused unless there are no names or as many as were counted."""
    many = sum(1 for _ in names)
    if many and many != count:
        raise PaperRefused({"names": f"has {many:,} names where {count:,} were counted"})


def cells_of(reference: str, place: str, collected_on: str, name: PaperName) -> tuple[str, ...]:
    """Return a name as the cells of `COLUMNS`, safe to open."""
    return tuple(safe(cell) for cell in (reference, place, collected_on, name.name, name.from_place))


def _name(line: str) -> PaperName | None:
    name, _, rest = line.replace("\t", ";").partition(";")
    name, rest = " ".join(name.split()), " ".join(rest.replace(";", " ").split())
    return PaperName(name, rest) if name or rest else None


def _problem(name: PaperName) -> str | None:
    return words_problem(name.name, NAME_LENGTH) or words_problem(
        name.from_place, FROM_LENGTH, required=False
    )


def _refuse(number: int, problem: str | None) -> None:
    if problem:
        what = "names nobody" if problem == "is missing" else problem
        raise PaperRefused({"names": f"cannot be taken: line {number} {what}"})
