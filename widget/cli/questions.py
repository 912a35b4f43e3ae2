"""The commands about questions of the organiser's own."""

from collections.abc import Mapping, Sequence

import click
from flask.cli import with_appcontext

from widget import questioning
from widget.cli import telling
from widget.cli.petitions import as_json
from widget.cli.refusing import parts
from widget.domain import questionnaire
from widget.domain.petition import Petition
from widget.domain.question import TYPES, Question, QuestionType, asked
from widget.domain.questionnaire import name_problem

Pairs = Sequence[tuple[str, str]]

label = click.option("--label", help="What is asked, in the petition's own language.")
label_in = click.option(
    "--label-in", "labels", type=(str, str), multiple=True, metavar="LANG WORDS", help="In another language."
)
option = click.option(
    "--option", "options", multiple=True, help="Of a choice: one option, in the petition's own language."
)
option_in = click.option(
    "--option-in",
    "others",
    type=(str, str),
    multiple=True,
    metavar="LANG WORDS",
    help="The same options in another language, in the same order.",
)
longest = click.option("--max-length", type=int, help="Characters that a text may have.")


def register(petition: click.Group) -> None:
    """Add these commands to those about petitions."""
    for command in (list_questions, add_question, change_question, remove_question, restore_question):
        petition.add_command(command)


@click.command("questions", short_help="List the petition's own questions.")
@click.argument("slug")
@as_json
@with_appcontext
def list_questions(slug: str, as_json: bool) -> None:
    """List the questions of its own that the petition SLUG asks, or asked once."""
    _print(parts().ledger.petition(slug), as_json=as_json)


@click.command("add-question", short_help="Ask one more question in the form.")
@click.argument("slug")
@click.option("--type", "kind", type=click.Choice(TYPES), required=True, help="How it is answered.")
@label
@label_in
@click.option("--required", is_flag=True, help="Nobody signs without an answer.")
@longest
@option
@option_in
@click.option("--name", default="", help="Its name in tables, for ever; made from its words if not given.")
@as_json
@with_appcontext
def add_question(
    slug: str,
    *,
    kind: QuestionType,
    label: str | None,
    labels: Pairs,
    required: bool,
    max_length: int | None,
    options: Sequence[str],
    others: Pairs,
    name: str,
    as_json: bool,
) -> None:
    """Ask one more question in the form of the petition SLUG, after the others.

    Ask for no more than you need: every question costs signatures, and every answer has to be kept safe.
    """
    if name and (problem := name_problem(name)):
        raise click.BadParameter(f"'{name}' {problem}", param_hint="--name")
    made = parts()
    petition = made.ledger.petition(slug)
    try:
        new = questionnaire.worded(
            kind,
            name=name,
            labels=_by_lang(petition, {}, label or "", labels),
            required=required,
            maxlength=max_length,
            options=_options(petition, {}, options, others),
        )
        after, _ = questioning.add(slug, new, ledger=made.ledger, counter=made.counter)
    except ValueError as error:
        raise click.UsageError(f"{error}.") from error
    _print(after, as_json=as_json)


@click.command("change-question", short_help="Put a question in other words.")
@click.argument("slug")
@click.argument("name")
@label
@label_in
@click.option("--required/--optional", default=None, help="Whether somebody may sign without an answer.")
@longest
@option
@option_in
@click.option("--place", type=click.IntRange(min=1), help="Which of the questions it is from now on.")
@as_json
@with_appcontext
def change_question(
    slug: str,
    name: str,
    *,
    label: str | None,
    labels: Pairs,
    required: bool | None,
    max_length: int | None,
    options: Sequence[str],
    others: Pairs,
    place: int | None,
    as_json: bool,
) -> None:
    """Put the question NAME of the petition SLUG in other words, or in another place; answers stay.

    An option in other words is another option: who chose the former one keeps it.
    """
    made = parts()
    petition = made.ledger.petition(slug)
    before = questionnaire.find(petition.questions, name)
    try:
        new = questionnaire.worded(
            before.kind,
            name=name,
            labels=_by_lang(petition, dict(before.labels), label, labels),
            required=before.required if required is None else required,
            maxlength=max_length or before.maxlength,
            options=_options(petition, _had(before), options, others),
        )
        after = questioning.change(slug, new, ledger=made.ledger, counter=made.counter)
        if place is not None:
            by = place - 1 - [one.name for one in asked(after.questions)].index(name)
            after = questioning.move(slug, name, by, ledger=made.ledger, counter=made.counter)
    except ValueError as error:
        raise click.UsageError(f"{error}.") from error
    _print(after, as_json=as_json)


@click.command("remove-question", short_help="Ask a question no more.")
@click.argument("slug")
@click.argument("name")
@with_appcontext
def remove_question(slug: str, name: str) -> None:
    """Ask the question NAME no more. What was answered stays, and exports go on having it."""
    made = parts()
    _print(questioning.remove(slug, name, ledger=made.ledger, counter=made.counter), as_json=False)


@click.command("restore-question", short_help="Ask a removed question again.")
@click.argument("slug")
@click.argument("name")
@with_appcontext
def restore_question(slug: str, name: str) -> None:
    """Ask the question NAME again that was removed, after the others."""
    made = parts()
    try:
        after = questioning.restore(slug, name, ledger=made.ledger, counter=made.counter)
    except ValueError as error:
        raise click.ClickException(f"{error}.") from error
    _print(after, as_json=False)


def _by_lang(petition: Petition, had: Mapping[str, str], label: str | None, labels: Pairs) -> dict[str, str]:
    """Return the words by language, the petition's own first. Raises ValueError for one it has no text in."""
    own = petition.wordings[0].lang
    given = {} if label is None else {own: label}
    return {own: "", **had, **_known(petition, labels), **given}


def _options(
    petition: Petition, had: Mapping[str, Sequence[str]], options: Sequence[str], others: Pairs
) -> dict[str, Sequence[str]]:
    """Return the options by language, as `_by_lang`; those named take the place of those there were."""
    own = petition.wordings[0].lang
    found: dict[str, Sequence[str]] = {own: questionnaire.options(options) if options else had.get(own, ())}
    found |= {lang: words for lang, words in had.items() if lang != own and not options}
    for lang in _known(petition, others):
        found[lang] = questionnaire.options([words for tag, words in others if tag == lang])
    return found


def _had(question: Question) -> dict[str, Sequence[str]]:
    langs = dict.fromkeys(lang for option in question.options for lang, _ in option)
    return {lang: [dict(option)[lang] for option in question.options] for lang in langs}


def _known(petition: Petition, pairs: Pairs) -> dict[str, str]:
    langs = [wording.lang for wording in petition.wordings]
    for lang, _ in pairs:
        if lang not in langs:
            raise ValueError(f"the petition has no text in '{lang}', only in {', '.join(langs)}")
    return dict(pairs)


def _print(petition: Petition, *, as_json: bool) -> None:
    if as_json:
        telling.print_json([_facts(one) for one in petition.questions])
    elif not petition.questions:
        click.echo("It asks nothing of its own. 'flask petition add-question' adds a question.")
    else:
        head = ("NAME", "TYPE", "ASKED", "LENGTH", "LANGUAGES", "QUESTION")
        click.echo(telling.table(head, [_row(one) for one in petition.questions]))


def _row(one: Question) -> tuple[str, ...]:
    how = "removed" if one.removed else "required" if one.required else "optional"
    langs = ", ".join(lang for lang, _ in one.labels)
    listed = f" ({' | '.join(option[0][1] for option in one.options)})" if one.options else ""
    length = str(one.maxlength) if one.maxlength else "-"
    return one.name, one.type, how, length, langs, one.labels[0][1] + listed


def _facts(one: Question) -> dict[str, object]:
    return {
        "name": one.name,
        "type": one.type,
        "required": one.required,
        "maxlength": one.maxlength,
        "labels": dict(one.labels),
        "options": [dict(option) for option in one.options],
        "removed": one.removed,
    }
