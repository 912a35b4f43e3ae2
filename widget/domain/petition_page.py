"""A petition page saved as plain text, read into a petition.

Required: the title (first line, often twice), "Started by NAME", "Signatures: N" and the text below
them. An addressee is required too, from "Petition to NAME" or, when that is empty, from a salutation
"Dear NAME," in the first line of the text. Optional: the date, "Next Goal: N", "Decision Makers N" and
what is appended to the letter. What was assumed or left out is told in notes; a line that cannot be
placed is refused with its number rather than guessed at.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from widget.domain.goal import GoalKind, next_step
from widget.domain.page_letter import Letter, read_letter
from widget.domain.page_lines import Line, page_lines
from widget.domain.page_opening import Opening, part_opening, read_opening, read_title
from widget.domain.page_pieces import Part, Piece, figure, read_pieces
from widget.domain.petition import CarriedOver, PetitionDraft, Wording, slug_problem
from widget.domain.refusals import PageUnreadable
from widget.domain.slug import slug_from

SOURCE = "the petition's earlier page"

_LANG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
# One person or office: a comma would mean several, or a sentence that goes on.
_SALUTATION = re.compile(r"Dear ([^,:;!?]{1,200}?) ?[,:!]?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PetitionPage:
    """What a page says; `notes` tell an organiser what was assumed or left out."""

    draft: PetitionDraft
    notes: tuple[str, ...]


def read_page(data: bytes, *, slug: str | None = None, lang: str = "en") -> PetitionPage:
    """Read a saved petition page.

    `slug` overrules the one made from the title; `lang` is the BCP 47 tag of the text.
    Raises PageUnreadable for the page, and ValueError for a `slug` or `lang` that breaks its own rule.
    """
    _refuse_bad_options(slug, lang)
    lines = page_lines(data)
    title, below = read_title(lines)
    pieces = read_pieces(below)
    above_text, rest = part_opening(pieces, last_line=lines[-1].number)
    opening = read_opening(above_text, title.text)
    notes: list[str] = []
    letter = read_letter(rest, last_line=lines[-1].number, notes=notes)
    count = _signatures(pieces, above_text[-1])
    kind, aim = _goal(pieces, count, notes)
    draft = PetitionDraft(
        slug=slug or _slug(title),
        wording=Wording(lang, title.text, _addressees(opening, letter, notes), letter.text, letter.appendix),
        started_by=opening.started_by,
        started_on=opening.started_on,
        goal_kind=kind,
        goal_aim=aim,
        decision_makers=_decision_makers(pieces),
        carried_over=_carried_over(count, opening.started_on, notes),
    )
    return PetitionPage(draft, tuple(notes))


def lang_problem(lang: str) -> str | None:
    """Say what is wrong with a language tag, or None."""
    if not _LANG.fullmatch(lang):
        return "is not a language tag such as en, hy or pt-BR"
    return None


def _refuse_bad_options(slug: str | None, lang: str) -> None:
    problem = slug_problem(slug) if slug is not None else None
    if problem := problem or lang_problem(lang):
        raise ValueError(f"the option {problem}")


def _slug(title: Line) -> str:
    slug = slug_from(title.text)
    if slug is None:
        raise PageUnreadable(
            "no address can be made from this title, which is not (only) in Latin letters: "
            "say one, as in --slug save-the-lake",
            line=title.number,
        )
    return slug


def _addressees(opening: Opening, letter: Letter, notes: list[str]) -> tuple[str, ...]:
    if opening.addressees:
        return tuple(opening.addressees)
    first = letter.first_line
    found = _SALUTATION.fullmatch(first.text)
    if not found:
        raise PageUnreadable(
            "who is addressed is missing: write the name behind 'Petition to' above the text, or begin the "
            "text with 'Dear NAME,'",
            line=first.number,
        )
    notes.append(f"addressed to {found[1]}: taken from the salutation in line {first.number}")
    return (found[1],)


def _signatures(pieces: Sequence[Piece], end_of_opening: Piece) -> int:
    count = _agreed(pieces, Part.SIGNATURES)
    if count is None:
        raise PageUnreadable(
            "the number of signatures is missing: write a line like 'Signatures: 49' above this one",
            line=end_of_opening.number,
        )
    return count


def _agreed(pieces: Sequence[Piece], part: Part) -> int | None:
    """Return the figure behind a label that may stand on the page twice, or None without one."""
    found = [piece for piece in pieces if piece.part is part]
    if not found:
        return None
    first = figure(found[0])
    for piece in found[1:]:
        if figure(piece) != first:
            raise PageUnreadable(
                f"this says {figure(piece)} but line {found[0].number} says {first}: correct one of them",
                line=piece.number,
            )
    return first


def _goal(pieces: Sequence[Piece], count: int, notes: list[str]) -> tuple[GoalKind, int | None]:
    aim = _agreed(pieces, Part.NEXT_GOAL)
    step = next_step(count)
    if aim is None:
        notes.append(f"no next goal on the page: the ladder gives {step}")
        return GoalKind.LADDER, None
    if aim <= count:
        line = next(piece.number for piece in pieces if piece.part is Part.NEXT_GOAL)
        raise PageUnreadable(
            f"the next goal, {aim}, is not above the number of signatures, {count}: correct it or delete it",
            line=line,
        )
    if aim == step:
        return GoalKind.LADDER, None
    notes.append(f"next goal {aim}: kept as the organiser's own, where the ladder would give {step}")
    return GoalKind.ORGANISER, aim


def _decision_makers(pieces: Sequence[Piece]) -> int | None:
    # The heading alone says nothing; only with a figure behind it is there something to agree on.
    counted = [piece for piece in pieces if piece.part is Part.DECISION_MAKERS and piece.value]
    return _agreed(counted, Part.DECISION_MAKERS)


def _carried_over(count: int, day: date | None, notes: list[str]) -> CarriedOver | None:
    if day is None:
        notes.append("no date on the page: when the petition started and was counted stays open")
    return CarriedOver(count, SOURCE, day) if count else None
