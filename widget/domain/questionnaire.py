"""The questions of a petition together: what may be typed, and how one is added, changed and removed."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from widget.domain.question import (
    ANSWER_LENGTH,
    OPTION_LENGTH,
    Question,
    QuestionType,
    Words,
    asked,
    same,
)
from widget.domain.refusals import QuestionNotFound
from widget.domain.slug import slug_from
from widget.domain.typed import UNREADABLE_LINE

PREFIX = "own_"
NAME = re.compile(r"own_[a-z0-9]+(?:_[a-z0-9]+)*")
NAME_LENGTH = 40
LABEL_LENGTH = 200
MAX_OPTIONS = 30
MAX_ASKED = 8  # a form that asks for more is not filled in
MAX_KEPT = 40  # with those that were removed
# Characters: what an answer has if nobody says otherwise, and at most.
USUAL = {"text": 100, "textarea": 500}
LONGEST = {"text": 300, "textarea": ANSWER_LENGTH}
# Characters that all answers have together. A letter may take nine bytes on its way, and a form has 64 KiB.
MAX_TYPED = 5_000


# What an organiser types


def label(words: str) -> str:
    """Return what is asked, in one line. Raises ValueError."""
    return _line(words, "the question", LABEL_LENGTH)


def options(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the options of a choice in one language, from one a line. Raises ValueError."""
    found = tuple(_line(line, "an option", OPTION_LENGTH) for line in lines if line.strip())
    if not 2 <= len(found) <= MAX_OPTIONS:
        raise ValueError(f"a list has 2 to {MAX_OPTIONS} options, one a line; this one has {len(found)}")
    return found


def translated(by_lang: Mapping[str, Sequence[str]]) -> tuple[Words, ...]:
    """Put the options of several languages together, line by line. Raises ValueError.

    The first language has all of them; another has as many, or none at all. No words mean two options.
    """
    first, *others = by_lang
    if len(by_lang[first]) < 2:
        raise ValueError("a list has two options or more")
    for lang in others:
        if by_lang[lang] and len(by_lang[lang]) != len(by_lang[first]):
            raise ValueError(
                f"there are {len(by_lang[first])} options in {first} and {len(by_lang[lang])} in {lang}: "
                "each stands in the same line in all languages"
            )
    together = tuple(
        tuple((lang, by_lang[lang][place]) for lang in by_lang if by_lang[lang])
        for place in range(len(by_lang[first]))
    )
    known: dict[str, int] = {}
    for place, option in enumerate(together):
        for _, words in option:
            if known.setdefault(same(words), place) != place:
                raise ValueError(f"'{words}' means two options: no two may have the same words")
    return together


def length(kind: str, number: int | None) -> int | None:
    """Return how long an answer may be, in characters; None where nothing is typed. Raises ValueError."""
    if kind not in LONGEST:
        return None
    if number is not None and not 1 <= number <= LONGEST[kind]:
        raise ValueError(f"an answer has 1 to {LONGEST[kind]:,} characters at most")
    return number or USUAL[kind]


def worded(
    kind: QuestionType,
    *,
    name: str,
    labels: Mapping[str, str],
    required: bool = False,
    maxlength: int | None = None,
    options: Mapping[str, Sequence[str]] | None = None,
) -> Question:
    """Return a question from its words by language, that of the petition first. Raises ValueError.

    A language without words for it is left out; the first has them.
    """
    first = next(iter(labels))
    return Question(
        name,
        kind,
        required=required,
        maxlength=length(kind, maxlength),
        labels=tuple(
            (lang, label(words)) for lang, words in labels.items() if words.strip() or lang == first
        ),
        options=translated(options or {first: ()}) if kind == "choice" else (),
    )


def name_for(words: str, questions: Iterable[Question]) -> str:
    """Return a name that none of these questions has, made from its words where they are Latin."""
    taken = {one.name for one in questions}
    slug = (slug_from(words) or "").replace("-", "_")
    stem = PREFIX + _cut(slug, NAME_LENGTH - len(PREFIX) - 3) if slug else ""
    if stem and stem not in taken:
        return stem
    numbered = (f"{stem}_{n}" if stem else f"{PREFIX}{n}" for n in range(2 if stem else 1, MAX_KEPT + 3))
    return next(name for name in numbered if name not in taken)


def name_problem(name: str) -> str | None:
    """Say what is wrong with a name, or None."""
    if len(name) > NAME_LENGTH:
        return f"is longer than {NAME_LENGTH} characters"
    if not NAME.fullmatch(name):
        return f"does not begin with '{PREFIX}', or has other than a-z, 0-9 and single underscores"
    return None


# All questions of a petition


def find(questions: Iterable[Question], name: str) -> Question:
    """Return the question of this name, asked or removed. Raises QuestionNotFound."""
    found = next((one for one in questions if one.name == name), None)
    if found is None:
        raise QuestionNotFound(f"this petition never asked a question '{name}'")
    return found


def added(questions: Sequence[Question], new: Question) -> tuple[Question, ...]:
    """Return the questions with one more, asked last. Raises ValueError."""
    if any(one.name == new.name for one in questions):
        raise ValueError(f"there is a question '{new.name}' already")
    return _fitting((*asked(questions), new, *_removed(questions)))


def changed(questions: Sequence[Question], new: Question) -> tuple[Question, ...]:
    """Return the questions with one in other words; a removed one stays so.

    Raises QuestionNotFound, and ValueError.
    """
    before = find(questions, new.name)
    if new.type != before.type:
        raise ValueError(f"'{new.name}' stays of the type {before.type}: remove it and add another")
    new = replace(new, removed=before.removed)
    return _fitting(tuple(new if one.name == new.name else one for one in questions))


def removed(questions: Sequence[Question], name: str) -> tuple[Question, ...]:
    """Return the questions with one no longer asked. Raises QuestionNotFound."""
    gone = replace(find(questions, name), removed=True)
    rest = [one for one in questions if one.name != name]
    return (*asked(rest), *_removed(rest), gone)


def restored(questions: Sequence[Question], name: str) -> tuple[Question, ...]:
    """Return the questions with a removed one asked again, last. Raises QuestionNotFound, and ValueError."""
    back = find(questions, name)
    if not back.removed:
        return tuple(questions)
    rest = [one for one in questions if one.name != name]
    return _fitting((*asked(rest), replace(back, removed=False), *_removed(rest)))


def moved(questions: Sequence[Question], name: str, by: int) -> tuple[Question, ...]:
    """Return the questions with one so many places later; to the end at most. Raises QuestionNotFound."""
    order = list(asked(questions))
    one = find(order, name)
    place = order.index(one)
    order.insert(max(0, min(len(order) - 1, place + by)), order.pop(place))
    return (*order, *_removed(questions))


def _removed(questions: Iterable[Question]) -> tuple[Question, ...]:
    return tuple(one for one in questions if one.removed)


def _fitting(questions: tuple[Question, ...]) -> tuple[Question, ...]:
    now = asked(questions)
    if len(now) > MAX_ASKED:
        raise ValueError(f"a form has at most {MAX_ASKED} questions of your own: remove one first")
    if len(questions) > MAX_KEPT:
        raise ValueError(f"{MAX_KEPT} were asked already, removed ones among them: change or restore one")
    room = sum(one.room for one in now)
    if room > MAX_TYPED:
        raise ValueError(
            f"all answers together have at most {MAX_TYPED:,} characters, with this one {room:,}: "
            "let some be shorter"
        )
    return questions


def _line(words: str, what: str, limit: int) -> str:
    line = " ".join(unicodedata.normalize("NFC", words).split())
    if not any(c.isprintable() and not c.isspace() for c in line):
        raise ValueError(f"{what} is missing")
    if len(line) > limit:
        raise ValueError(f"{what} is longer than {limit} characters")
    if UNREADABLE_LINE.search(line):
        raise ValueError(f"{what} has characters that cannot be shown")
    return line


def _cut(slug: str, limit: int) -> str:
    if len(slug) <= limit:
        return slug
    kept, found, _ = slug[: limit + 1].rpartition("_")
    return kept if found else slug[:limit]
