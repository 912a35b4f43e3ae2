"""The date on a petition page, in the spellings pages use."""

import re
from datetime import date

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH = r"(?P<month>[A-Za-z]{3,9})\.?"
_DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>[0-9]{4})"
_WORDED = (
    re.compile(rf"{_MONTH} {_DAY},? {_YEAR}"),  # October 4, 2020
    re.compile(rf"{_DAY}\.? (?:of )?{_MONTH},? {_YEAR}"),  # 4 October 2020
)
_YEAR_FIRST = re.compile(rf"{_YEAR}([-/.])(?P<month>[0-9]{{1,2}})\2(?P<day>[0-9]{{1,2}})")
_FIGURES_ONLY = re.compile(r"[0-9]{1,2}([-/.]) ?[0-9]{1,2}\1 ?[0-9]{2,4}")
_EARLIEST = 1900


def read_date(text: str) -> date | None:
    """Return the date that is the whole of `text`, or None when it is something else.

    Raises ValueError, in words for the reader, when it is a date but not a certain one: 04/10/2020 is
    April in one country and October in another.
    """
    if _FIGURES_ONLY.fullmatch(text):
        raise ValueError("the day and the month of this date can be mistaken for each other")
    found = _YEAR_FIRST.fullmatch(text)
    if found:
        return _checked(found["year"], int(found["month"]), found["day"])
    for spelling in _WORDED:
        found = spelling.fullmatch(text)
        month = _month(found["month"]) if found else None
        if found and month:
            return _checked(found["year"], month, found["day"])
    return None


def _month(name: str) -> int | None:
    short = "sep" if name.lower() == "sept" else name.lower()
    for number, month in enumerate(_MONTHS, 1):
        if short in (month, month[:3]):
            return number
    return None


def _checked(year: str, month: int, day: str) -> date:
    try:
        found = date(int(year), month, int(day))
    except ValueError:
        raise ValueError("there is no such day in the calendar") from None
    if found.year < _EARLIEST:
        raise ValueError(f"the year is before {_EARLIEST}")
    return found
