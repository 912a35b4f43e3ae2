"""The commands about updates: what Anahit tells those who signed, on the page and by mail."""

from dataclasses import asdict
from datetime import datetime
from typing import BinaryIO

import click

from widget import delivering, updating
from widget.cli import telling
from widget.cli.delivery import posted
from widget.cli.petitions import as_json, checked_lang
from widget.cli.refusing import RefusingGroup, parts
from widget.delivering import Undelivered
from widget.domain.page_lines import MAX_BYTES
from widget.domain.refusals import EditedMeanwhile
from widget.domain.update import Kind, Mailing, Update, version

HEADS = ("UPDATE", "LANG", "KIND", "STANDING", "TITLE")
_MAILING = {
    Mailing.NONE: "on the page alone",
    Mailing.GOING: "{:,} letters written so far",
    Mailing.DONE: "{:,} letters written",
    Mailing.STOPPED: "stopped after {:,} letters",
}


@click.group(cls=RefusingGroup, short_help="Write to those who signed, on the page and by mail.")
def update() -> None:
    """Write to those who signed: on the petition's page, and by mail to whoever asked for news."""


@update.command()
@click.argument("slug")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--lang",
    required=True,
    is_eager=True,
    callback=checked_lang,
    help="Language of the text, as a BCP 47 tag.",
)
@click.option("--answer", is_flag=True, help="It is what the addressee answered.")
@click.option("--replace", type=int, metavar="NUMBER", help="Put it in the place of this draft.")
@as_json
def draft(slug: str, file: BinaryIO, *, lang: str, answer: bool, replace: int | None, as_json: bool) -> None:
    """Keep an update for the petition SLUG as a draft, from FILE ("-" reads standard input).

    FILE begins with "# TITLE"; the text follows in Markdown. Nobody sees a draft.
    """
    made = parts()
    kept = updating.draft(
        slug,
        file.read(MAX_BYTES + 1),
        lang=lang,
        kind=Kind.ANSWER if answer else Kind.UPDATE,
        ledger=made.ledger,
        now=made.clock(),
        replaces=replace,
    )
    if as_json:
        telling.print_json(_facts(kept))
        return
    click.echo(f"Draft {kept.id}: {kept.title}")
    click.echo(f"  try it     flask update test {kept.id} YOUR-ADDRESS")
    click.echo(f"  publish it flask update publish {kept.id}")


@update.command("list")
@click.argument("slug")
@as_json
def list_updates(slug: str, as_json: bool) -> None:
    """List the updates of the petition SLUG, drafts too, the newest first."""
    found = updating.listed(slug, ledger=parts().ledger)
    if as_json:
        telling.print_json([_facts(one) for one in found])
    elif not found:
        click.echo("No update yet.")
    else:
        click.echo(
            telling.table(("UPDATE", "LANG", "KIND", "STANDING", "TITLE"), [_row(one) for one in found])
        )


@update.command()
@click.argument("number", type=int)
@as_json
def show(number: int, as_json: bool) -> None:
    """Show the update NUMBER: its words, and where it stands."""
    found = updating.find(number, ledger=parts().ledger)
    if as_json:
        telling.print_json(_facts(found))
        return
    click.echo(f"# {found.title}\n\n{found.text}\n")
    click.echo(f"({found.kind}, {found.lang}; {_standing(found)})")


@update.command()
@click.argument("number", type=int)
@click.argument("address")
@click.option("--lang", callback=checked_lang, help="Language of the frame; that of the text if not given.")
def test(number: int, address: str, lang: str | None) -> None:
    """Send the draft NUMBER as a letter to ADDRESS, as signers would get it; its own links open nothing.

    On a desk without a mail server the letter is printed instead.
    """
    made, post = parts(), posted()
    try:
        written = updating.send_test(
            number,
            address,
            lang=lang,
            post=post,
            paper=delivering.stationery(made.settings),
            ledger=made.ledger,
            now=made.clock(),
        )
    except ValueError as error:
        raise click.UsageError("ADDRESS is no mail address.") from error
    except Undelivered as gone:
        raise click.ClickException(f"the test did not go out: {gone.reason}") from gone
    finally:
        post.close()
    if made.settings.smtp_url is None:
        click.echo(f"{written.subject}\n\n{written.text}")
    else:
        click.echo("The test is on its way.")


@update.command()
@click.argument("number", type=int)
@click.option("--no-mail", is_flag=True, help="Only put it on the petition's page.")
@click.option("--untested", is_flag=True, help="Mail it although no test was sent.")
@click.option("--yes", is_flag=True, help="Do it without asking.")
@as_json
def publish(number: int, no_mail: bool, untested: bool, yes: bool, as_json: bool) -> None:
    """Publish the update NUMBER: on the petition's page for good, and by mail to whoever asked for news."""
    made = parts()
    planned = updating.find(number, ledger=made.ledger)
    mail = not no_mail and made.settings.writes_letters
    readers = updating.audience(planned.petition_id, ledger=made.ledger) if mail else 0
    if not yes:
        click.confirm(f"Publish '{planned.title}' and mail it to {readers:,} signers?", abort=True, err=True)
    done = updating.publish(number, mail=mail, untested=untested, ledger=made.ledger, now=made.clock())
    if as_json:
        telling.print_json(_facts(done) | {"readers": readers})
    elif mail:
        click.echo(f"Published. The worker sends {_letters(readers)}, a few at a time.")
    else:
        click.echo("Published, on the petition's page alone.")


@update.command()
@click.argument("number", type=int)
def stop(number: int) -> None:
    """Let no more letters of the update NUMBER go out; it stays on the page."""
    stopped = updating.stop(number, ledger=parts().ledger)
    click.echo(f"{stopped.title}: {_standing(stopped)}.")


@update.command()
@click.argument("number", type=int)
@click.option("--yes", is_flag=True, help="Do it without asking.")
@as_json
def resume(number: int, yes: bool, as_json: bool) -> None:
    """Let the stopped mailing of the update NUMBER go on, with those who have not had it."""
    made = parts()
    planned = updating.find(number, ledger=made.ledger)
    if not made.settings.writes_letters:
        raise click.ClickException("no letter can go out: there is no mail server (SMTP_URL)")
    if planned.mailing is not Mailing.STOPPED:
        raise click.ClickException("its mailing is not stopped; 'flask update show NUMBER' says where it is")
    readers = updating.left_out(planned, ledger=made.ledger)
    if not yes:
        click.confirm(f"Mail '{planned.title}' to {readers:,} more signers?", abort=True, err=True)
    updating.resume(number, ledger=made.ledger, now=made.clock())
    done = updating.find(number, ledger=made.ledger)
    if as_json:
        telling.print_json(_facts(done) | {"readers": readers})
    else:
        click.echo(f"It goes on. The worker sends {_letters(readers)}, a few at a time.")


@update.command()
@click.argument("number", type=int)
@click.option("--yes", is_flag=True, help="Do it without asking.")
def delete(number: int, yes: bool) -> None:
    """Delete the draft NUMBER for good. What is published stays."""
    made = parts()
    planned = updating.find(number, ledger=made.ledger)
    if planned.published_at is None and not yes:
        click.confirm(f"Delete the draft '{planned.title}' for good?", abort=True, err=True)
    try:
        updating.remove(planned, instead_of=version(planned), ledger=made.ledger)
    except EditedMeanwhile as error:
        raise click.ClickException("somebody saved other words meanwhile; nothing was deleted") from error
    click.echo(f"Draft {number} is deleted.")


def _letters(readers: int) -> str:
    return "1 letter" if readers == 1 else f"{readers:,} letters"


def _row(one: Update) -> tuple[str, ...]:
    return (str(one.id), one.lang, one.kind.value, _standing(one), one.title)


def _standing(one: Update) -> str:
    if one.published_at is None:
        return "draft" if one.tested_at is None else "draft, tested"
    return f"published {one.published_at:%Y-%m-%d}, {_MAILING[one.mailing].format(one.mailed)}"


def _facts(one: Update) -> dict[str, object]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(one).items()
        if name != "petition_id"
    }
