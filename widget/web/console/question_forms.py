"""The form of a question: its words in each of the petition's languages, and what fits its type."""

from typing import Any

from wtforms import BooleanField, HiddenField, IntegerField
from wtforms.validators import Optional

from widget import i18n
from widget.domain import questionnaire
from widget.domain.editing import questions_version
from widget.domain.petition import Petition
from widget.domain.question import OPTION_LENGTH, Question, QuestionType
from widget.domain.questionnaire import LABEL_LENGTH, LONGEST, MAX_OPTIONS, USUAL
from widget.web.console.forms import Form, line_field, text_field
from widget.web.console.printing import LANG

KINDS: dict[QuestionType, str] = {
    "text": "One line",
    "textarea": "Several lines",
    "checkbox": "A box to tick",
    "choice": "A list to choose from",
}


class QuestionForm(Form):
    """What a question of any type has. `questions_version` is the one that the edit began with.

    `kind` and `langs` are those of the class that `form_for` makes; fields that go by language are numbered.
    """

    kind: QuestionType
    langs: tuple[str, ...]

    required = BooleanField("Nobody signs without an answer")
    questions_version = HiddenField()

    def begin_with(self, petition: Petition, question: Question | None = None) -> None:
        """Fill in what there is."""
        self.questions_version.data = questions_version(petition)
        if question is None:
            return
        self.required.data = question.required
        for place, lang in enumerate(self.langs):
            self[f"label_{place}"].data = dict(question.labels).get(lang, "")
            if self.kind == "choice":
                lines = [dict(option).get(lang, "") for option in question.options]
                self[f"options_{place}"].data = "\n".join(line for line in lines if line)
        if self.kind in LONGEST:
            self["maxlength"].data = question.maxlength

    def in_order(self) -> list[Any]:
        """Return the fields by language: what is asked, and right after it what there is to choose from."""
        parts = ("label", "options") if self.kind == "choice" else ("label",)
        return [self[f"{part}_{place}"] for place in range(len(self.langs)) for part in parts]

    def question(self, name: str = "") -> Question | None:
        """Return what was typed as a question; None where something is wrong, which its field says."""
        if not self.validate_on_submit():
            return None
        labels = {lang: self._typed(f"label_{place}") for place, lang in enumerate(self.langs)}
        for place, words in enumerate(labels.values()):
            if words:
                self.read(f"label_{place}", questionnaire.label)
        options = self._options()
        if self.errors or options is None:
            return None
        try:
            return questionnaire.worded(
                self.kind,
                name=name,
                labels=labels,
                required=self.required.data,
                maxlength=self["maxlength"].data if self.kind in LONGEST else None,
                options=options,
            )
        except ValueError as error:
            words = str(error)
            field = (
                "options_0" if self.kind == "choice" else "maxlength" if self.kind in LONGEST else "label_0"
            )
            self.complain(field, f"{words[:1].upper()}{words[1:]}.")
            return None

    def sketch(self, name: str) -> Question:
        """Return what was typed as far as it goes, for a look at it."""
        own = self.langs[0]
        lines = self._typed("options_0").splitlines() if self.kind == "choice" else []
        options = (line.strip()[:OPTION_LENGTH] for line in lines if line.strip())
        return Question(
            name,
            self.kind,
            required=self.required.data,
            labels=((own, self._typed("label_0")[:LABEL_LENGTH] or "…"),),
            maxlength=USUAL.get(self.kind),
            options=tuple(((own, words),) for words in options)[:MAX_OPTIONS],
        )

    def _options(self) -> dict[str, tuple[str, ...]] | None:
        """Return the options by language, each checked; none for other types, None where one is wrong."""
        found: dict[str, tuple[str, ...]] = {}
        for place, lang in enumerate(self.langs if self.kind == "choice" else ()):
            field = f"options_{place}"
            if place and not self._typed(field):
                found[lang] = ()
                continue
            lines = self.read(field, lambda words: questionnaire.options(words.splitlines()))
            if lines is None:
                return None
            found[lang] = lines
        return found

    def _typed(self, name: str) -> str:
        return self[name].data or ""


def form_for(kind: QuestionType, petition: Petition) -> type[QuestionForm]:
    """Return the form for a type of question, with fields for each language of the petition's text."""
    langs = tuple(wording.lang for wording in petition.wordings)
    fields: dict[str, Any] = {"kind": kind, "langs": langs}
    for place, lang in enumerate(langs):
        language = f" in {i18n.language(LANG, lang)}" if len(langs) > 1 else ""
        words = {"lang": lang, "dir": i18n.direction(lang)}
        fields[f"label_{place}"] = line_field(
            ("What stands beside the box" if kind == "checkbox" else "The question") + language,
            limit=LABEL_LENGTH,
            required="Write what is asked." if place == 0 else "",
            render_kw=words,
        )
        if kind == "choice":
            fields[f"options_{place}"] = text_field(
                f"Options{language}",
                limit=MAX_OPTIONS * (OPTION_LENGTH + 2),
                required="Write two options or more, one a line." if place == 0 else "",
                render_kw={"rows": 5, **words},
            )
    if kind in LONGEST:
        fields["maxlength"] = IntegerField(
            "Characters that an answer may have", [Optional()], render_kw={"inputmode": "numeric"}
        )
    return type("QuestionForm", (QuestionForm,), fields)
