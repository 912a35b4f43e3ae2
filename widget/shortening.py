"""Short names for the variables of a script, as short as their scopes allow.

No parser of all JavaScript: it knows arrow functions, methods, blocks, `const` and `let`, in which our own
script is written, with a semicolon after every statement and no empty one. A name that stands anywhere
outside the scopes that declare it stays as it is, and so does every property.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

Span = tuple[int, int]  # the first piece, and the one behind the last

_PIECE = re.compile(
    r"(?P<text>'(?:[^'\\]|\\.)*')"
    r"|(?<=[(=,:!|&>])(?P<regexp>/(?:\[(?:\\.|[^\]])*\]|\\.|[^/\\])+/)"
    r"|(?P<name>[A-Za-z_$][\w$]*)|\d[\w.]*|\.\.\.|=>|[^'\"]"
)
# A piece of a template, from a ` or the } of what fills a place to the next ` or ${.
_TEMPLATE = re.compile(r"[`}](?:[^`\\$]|\\.|\$(?!\{))*(`|\$\{)")
_OPEN, _CLOSE = ("(", "[", "{", "${"), (")", "]", "}")
_BEFORE_AN_OBJECT = {"(", ",", "=", ":", "[", "?", "|", "&", "...", "const", "let", "return"}
_DECLARES = {"const", "let"}
_ONE_MORE = ([";", "const"], [";", "let"])
_NO_METHOD = {"if", "for", "while", "switch"}
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
# The letters that code has most of come first: they pack best.
_LETTERS = "etaonrislducmphgbfvykwxjqzETAONRISLDUCMPHGBFVYKWXJQZ"
_SHORT_WORDS = {"as", "do", "if", "in", "of"}


@dataclass(slots=True)
class _Variable:
    uses: list[int] = field(default_factory=list)
    scopes: set[Span] = field(default_factory=set)

    def stands_in(self, scope: Span) -> bool:
        return any(_within((use, use + 1), scope) for use in self.uses)

    def is_known(self) -> bool:
        return all(any(_within((use, use + 1), scope) for scope in self.scopes) for use in self.uses)

    def disturbs(self, other: "_Variable") -> bool:
        """Tell whether one would hide the other, had they the same name."""
        return any(
            mine == theirs
            or (_within(mine, theirs) and other.stands_in(mine))
            or (_within(theirs, mine) and self.stands_in(theirs))
            for mine in self.scopes
            for theirs in other.scopes
        )


def renamed(code: str) -> str:
    """Give the variables of shrunk code short names."""
    script = _Script(code)
    variables = script.variables()
    kept = {text for text in map(script.variable_at, range(len(script.pieces))) if text not in variables}
    given: dict[str, str] = {}
    for name in sorted(
        variables, key=lambda name: (-len(variables[name].scopes), -len(variables[name].uses), name)
    ):
        rivals = {given[other] for other in given if variables[name].disturbs(variables[other])}
        given[name] = next(short for short in _short_names() if short not in rivals | kept)
    return "".join(script.said(index, given) for index in range(len(script.pieces)))


def _short_names() -> Iterator[str]:
    yield from _LETTERS
    yield from (a + b for a in _LETTERS for b in _LETTERS if a + b not in _SHORT_WORDS)


def _within(inner: Span, outer: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


class _Script:
    """A script as pieces: which brackets belong together, and which words are names of variables."""

    def __init__(self, code: str) -> None:
        self.pieces: list[str] = []
        self._blank_after: list[str] = []
        for piece in _pieces(code):
            if piece == " ":
                self._blank_after[-1] = piece
            else:
                self.pieces.append(piece)
                self._blank_after.append("")
        self._partner: dict[int, int] = {}
        self._goes_on: set[int] = set()  # ends of declarations that another one follows
        self._roles = ["" for _ in self.pieces]
        self._read()

    def _read(self) -> None:
        opened: list[tuple[int, bool]] = []
        for index, piece in enumerate(self.pieces):
            before = self.pieces[index - 1] if index else ""
            if opened and piece.startswith(_CLOSE) and (len(piece) == 1 or piece[0] == "}"):
                start, _ = opened.pop()
                self._partner[start], self._partner[index] = index, start
            in_object = bool(opened) and opened[-1][1]
            if _WORD.fullmatch(piece):
                self._roles[index] = self._role(index, before, in_object=in_object)
            if piece in _OPEN or piece.endswith("${"):
                opened.append((index, piece == "{" and before in _BEFORE_AN_OBJECT))

    def _role(self, index: int, before: str, *, in_object: bool) -> str:
        after = self.pieces[index + 1]
        if before == ".":
            return "property"
        if in_object and before in {"{", ","}:
            return "property" if after in {":", "("} else "both"
        return "variable"

    def variable_at(self, index: int) -> str:
        """Return the name of the variable that stands there, "" for anything else."""
        return self.pieces[index] if self._roles[index] in {"variable", "both"} else ""

    def said(self, index: int, given: dict[str, str]) -> str:
        """Return a piece with the names that were given, and with nothing that can be left out."""
        piece = self.pieces[index]
        if piece == ";" and self.pieces[index + 1 : index + 2] == ["}"]:
            return ""
        if index in self._goes_on:
            return ","
        if index - 1 in self._goes_on:
            return ""
        if piece == "const" and self.variable_at(index):  # one word for both packs better
            return "let" + self._blank_after[index]
        short = given.get(self.variable_at(index), piece)
        whole = f"{piece}:{short}" if self._roles[index] == "both" and short != piece else short
        return whole + self._blank_after[index]

    def variables(self) -> dict[str, _Variable]:
        """Return every variable whose uses are all inside scopes that declare it."""
        found: defaultdict[str, _Variable] = defaultdict(_Variable)
        for index, scope in self._declared():
            found[self.pieces[index]].scopes.add(scope)
        for index in range(len(self.pieces)):
            if (name := self.variable_at(index)) in found:
                found[name].uses.append(index)
        return {name: variable for name, variable in found.items() if variable.is_known()}

    def _declared(self) -> Iterator[tuple[int, Span]]:
        blocks = [
            (start, end + 1)
            for start, end in self._partner.items()
            if start < end and self.pieces[start] == "{" and self.pieces[start - 1] not in _BEFORE_AN_OBJECT
        ]
        for index, piece in enumerate(self.pieces):
            if piece == "=>":
                start = self._partner[index - 1] if self.pieces[index - 1] == ")" else index - 1
                block = self.pieces[index + 1] == "{"
                end = self._partner[index + 1] + 1 if block else self._end(index + 1)
                yield from self._bound(start, index, (start, end))
            elif piece == "{" and self._is_body(index):
                start = self._partner[index - 1]
                yield from self._bound(start, index, (start, self._partner[index] + 1))
            elif piece in _DECLARES:
                around = [span for span in blocks if _within((index, index + 1), span)]
                scope = max(around, default=(0, len(self.pieces)))
                yield from self._bound_by_statement(index + 1, scope)

    def _is_body(self, index: int) -> bool:
        """Tell whether this brace opens the body of a method."""
        if self.pieces[index - 1] != ")":
            return False
        name = self._partner[index - 1] - 1
        return bool(self._roles[name]) and self.pieces[name] not in _NO_METHOD

    def _end(self, index: int) -> int:
        """Return the piece behind the expression that begins here."""
        while index < len(self.pieces) and self.pieces[index] not in {",", ";"}:
            if self._partner.get(index, index) < index:
                break
            index = self._partner.get(index, index) + 1
        return index

    def _bound_by_statement(self, index: int, scope: Span) -> Iterator[tuple[int, Span]]:
        while True:
            end = self._partner.get(index, index) + 1
            yield from self._bound(index, end, scope)
            if self.pieces[end] == "=":
                end = self._end(end + 1)
            if self.pieces[end] != ",":
                if self.pieces[end : end + 2] in _ONE_MORE:
                    self._goes_on.add(end)
                return
            index = end + 1

    def _bound(self, start: int, end: int, scope: Span) -> Iterator[tuple[int, Span]]:
        """Yield the names that a pattern or a list of parameters brings into being."""
        for index in range(start, end):
            first = index == start or self.pieces[index - 1] in {"(", ",", "[", "{", "...", ":"}
            if self.variable_at(index) and first:
                yield index, scope


def _pieces(code: str) -> Iterator[str]:
    index, opened = 0, [""]
    while index < len(code):
        template = code[index] == "`" or (code[index] == "}" and opened[-1] == "${")
        found = (_TEMPLATE if template else _PIECE).match(code, index)
        if found is None:
            raise ValueError(f"cannot be read from here: {code[index : index + 40]}")
        piece = found[0]
        if piece[0] == "}" or piece in _CLOSE:
            opened.pop()
        if piece in _OPEN or piece.endswith("${"):
            opened.append("${" if template else piece)
        yield piece
        index = found.end()
