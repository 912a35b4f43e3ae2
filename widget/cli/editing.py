"""The commands that change a petition which is here."""

from collections.abc import Callable
from typing import BinaryIO, TypeVar

import click
from flask.cli import with_appcontext

from widget import organising
from widget.cli import telling
from widget.cli.petitions import as_json, checked_lang
from widget.cli.refusing import parts
from widget.domain import editing
from widget.domain import thanks as thanking
from widget.domain.editing import Changes
from widget.domain.goal import GoalKind
from widget.domain.language import together
from widget.domain.page_lines import MAX_BYTES
from widget.domain.petition import Confirmation, Status
from widget.domain.tally import progress_of
from widget.domain.wording_page import written

T = TypeVar("T")
NEVER = "never"


def register(petition: click.Group) -> None:
    """Add these commands to those about petitions."""
    for command in (change, set_wording, show_wording):
        petition.add_command(command)


@click.command("set-wording", short_help="Set its text in a language.")
@click.argument("slug")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--lang",
    required=True,
    is_eager=True,  # looked at before FILE is opened
    callback=checked_lang,
    help="Language of the text, as a BCP 47 tag.",
)
@as_json
@with_appcontext
def set_wording(slug: str, file: BinaryIO, lang: str, as_json: bool) -> None:
    """Give the petition SLUG its text in a language, from FILE ("-" reads standard input).

    FILE begins with "# TITLE" and a line "To: NAME" for each who is addressed; the text follows in Markdown,
    and below a line "---" the appendix. The wording it had in that language can still be read.
    """
    made = parts()
    worded = organising.set_wording(
        slug, file.read(MAX_BYTES + 1), lang=lang, ledger=made.ledger, now=made.clock()
    )
    facts = telling.worded_facts(worded)
    if as_json:
        telling.print_json(facts)
        return
    verb = {"new": "Added", "changed": "Changed", "same": "As it was"}[worded.outcome]
    click.echo(f"{verb}: {worded.wording.title} ({worded.wording.lang})")
    click.echo(f"  languages {', '.join(one.lang for one in worded.petition.wordings)}")
    click.echo(f"  text version {worded.wording.text_version}")
    click.echo(f"  {facts['url']}")


@click.command("wording", short_help="Print its text in a language.")
@click.argument("slug")
@click.option("--lang", callback=checked_lang, help="Language of the text; the petition's own if not given.")
@with_appcontext
def show_wording(slug: str, lang: str | None) -> None:
    """Print the text of the petition SLUG as a file that set-wording takes."""
    found = parts().ledger.petition(slug)
    known = {one.lang: one for one in found.wordings}
    if lang is not None and lang not in known:
        raise click.ClickException(f"'{slug}' has no text in '{lang}', only in {', '.join(known)}")
    click.echo(written(known[lang] if lang else found.wordings[0]), nl=False)


def _read(reader: Callable[[str], T]) -> Callable[[click.Context, click.Parameter, str | None], T | None]:
    """Return a callback that reads an option's value; what it cannot read is a slip."""

    def callback(_ctx: click.Context, _param: click.Parameter, value: str | None) -> T | None:
        try:
            return None if value is None else reader(value)
        except ValueError as error:
            raise click.BadParameter(str(error)) from error

    return callback


def _goal(value: str) -> Changes:
    if value == GoalKind.LADDER:
        return editing.aim(GoalKind.LADDER)
    return editing.aim(GoalKind.ORGANISER, _number(value))


def _threshold(value: str) -> Changes:
    return editing.aim(GoalKind.THRESHOLD, _number(value))


def _number(value: str) -> int:
    if not (value.isascii() and value.isdigit()):
        raise ValueError(f"'{value}' is no whole number")
    return int(value)


def _moment(value: str) -> Changes:
    return {"closes_at": None if value == NEVER else editing.closing(value)}


def _ladder(value: str) -> Changes:
    return {**editing.aim(GoalKind.LADDER), "ladder": editing.steps("" if value == "standard" else value)}


def _starter(value: str) -> Changes:
    return {"started_by": editing.starter(value)}


def _asked(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> Changes | None:
    wanted: dict[str, editing.Asked] = {}
    for value in values:
        name, _, how = value.partition("=")
        if how not in {"required", "optional"}:
            raise click.BadParameter(f"'{value}' is not FIELD=required or FIELD=optional")
        wanted[name] = "required" if how == "required" else "optional"
    try:
        return {"form": editing.asked(wanted)} if values else None
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _sites(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> Changes | None:
    try:
        return {"allowed_origins": editing.origins(values)} if values else None
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _thanks(value: str) -> Changes:
    return {"thanks_url": editing.thanks_address(value)}


def _thanks_in(
    ctx: click.Context, param: click.Parameter, values: tuple[tuple[str, str], ...]
) -> dict[str, str]:
    try:
        return {str(checked_lang(ctx, param, lang)): thanking.thanks(words) for lang, words in values}
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _contact(value: str) -> Changes:
    return {"privacy_contact": editing.contact(value)}


def _signers(value: str) -> Changes:
    if value not in {"public", "hidden"}:
        raise ValueError(f"'{value}' is neither 'public' nor 'hidden'")
    return {"public_signers": value == "public"}


@click.command("set", short_help="Change goal, sites, dates, form, status.")
@click.argument("slug")
@click.option(
    "--goal", callback=_read(_goal), help="A number to reach, or 'ladder' for the next step of the ladder."
)
@click.option("--threshold", callback=_read(_threshold), help="A number that is needed, by law or by rule.")
@click.option(
    "--ladder",
    callback=_read(_ladder),
    help="Goals of your own, as 50,100; 'standard' for the usual ones.",
)
@click.option("--started-by", callback=_read(_starter), help="Who started it.")
@click.option(
    "--ask",
    multiple=True,
    callback=_asked,
    help="FIELD=required or FIELD=optional; repeat it. Replaces the form, which always asks for the address.",
)
@click.option(
    "--closes-at", callback=_read(_moment), help="A day, a moment, or 'never'; UTC unless it names a zone."
)
@click.option(
    "--allow-site",
    multiple=True,
    callback=_sites,
    help="A site that may show the form, as https://example.org; repeat it for more. Replaces the list.",
)
@click.option("--allow-any-site", is_flag=True, help="Let every site show the form.")
@click.option(
    "--thanks-url",
    callback=_read(_thanks),
    help="Your own page for those who have signed, offered as a link.",
)
@click.option("--no-thanks-url", is_flag=True, help="Offer no such page.")
@click.option(
    "--thanks",
    callback=_read(thanking.thanks),
    help="Your own thanks to whoever has signed, in the petition's own language; '' for none.",
)
@click.option(
    "--thanks-in",
    nargs=2,
    multiple=True,
    metavar="LANG TEXT",
    callback=_thanks_in,
    help="The same in another language of the petition; repeat it.",
)
@click.option(
    "--privacy-contact",
    callback=_read(_contact),
    help="Whom signers may ask about their data; '' for the operator's.",
)
@click.option(
    "--signers",
    callback=_read(_signers),
    help="'public' for a list of those who show their name, 'hidden' for none.",
)
@click.option(
    "--status", type=click.Choice(["draft", "open", "closed", "delivered"]), help="Open, close or deliver it."
)
@click.option(
    "--confirmation",
    type=click.Choice(["none", "email"]),
    help="Count a signature at once, or when its address was confirmed by a letter.",
)
@as_json
@with_appcontext
def change(
    slug: str,
    *,
    status: str | None,
    confirmation: str | None,
    allow_any_site: bool,
    no_thanks_url: bool,
    thanks: str | None,
    thanks_in: dict[str, str],
    as_json: bool,
    **given: Changes | None,
) -> None:
    """Change the petition SLUG: its goal, its sites, when it closes and the like."""
    if allow_any_site:
        given["allow_any_site"] = {"allowed_origins": ()}
    if no_thanks_url:
        given["no_thanks_url"] = {"thanks_url": None}
    if status:
        given["status"] = {"status": Status(status)}
    if confirmation:
        given["confirmation"] = {"confirmation": _sendable(Confirmation(confirmation))}
    if thanks is not None or thanks_in:
        given["thanks"] = _thanked(slug, thanks, thanks_in)
    changes = _together(given)
    made = parts()
    after = organising.edit(slug, changes, ledger=made.ledger, counter=made.counter)
    progress = progress_of(after, made.ledger.tally(after.id))
    if as_json:
        telling.print_json(telling.facts(after, progress))
    else:
        click.echo(telling.table((), telling.rows(after, progress, made.ledger.carried_over(after.id))))


def _thanked(slug: str, own: str | None, others: dict[str, str]) -> Changes:
    """Return the thanks that a petition has with these; those in other languages stay."""
    petition = parts().ledger.petition(slug)
    langs = [wording.lang for wording in petition.wordings]
    if strange := others.keys() - set(langs):
        raise click.BadParameter(f"'{slug}' has no text in '{min(strange)}'", param_hint="--thanks-in")
    new = others if own is None else {langs[0]: own, **others}
    return {"thanks_text": together(petition.thanks_text, new, first=langs[0])}


def _sendable(confirmation: Confirmation) -> Confirmation:
    """Return it, unless it asks for letters that nobody would get."""
    if confirmation is Confirmation.EMAIL and not parts().settings.writes_letters:
        raise click.ClickException("no letter can be sent: set SMTP_URL first, or nobody could confirm")
    return confirmation


def _together(given: dict[str, Changes | None]) -> Changes:
    """Put the options together. Raises UsageError when there are none, or two for one thing."""
    changes: Changes = {}
    by: dict[str, str] = {}
    for option, part in given.items():
        for name in part or ():
            if name in by and by[name] != option:
                first, second = (f"--{one.replace('_', '-')}" for one in (by[name], option))
                raise click.UsageError(f"{first} and {second} contradict each other.")
            by[name] = option
        changes |= part or {}
    if not changes:
        raise click.UsageError("Nothing to set: name at least one option.")
    return changes
