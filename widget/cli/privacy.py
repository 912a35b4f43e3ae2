"""The commands about the data of signers."""

import sys

import click

from widget import owning, retaining, tokens
from widget.cli import telling
from widget.cli.petitions import as_json
from widget.cli.refusing import RefusingGroup, parts
from widget.domain.refusals import LinkUnknown
from widget.domain.site import REMEMBERED
from widget.retaining import Retained
from widget.tokens import Purpose


@click.group(cls=RefusingGroup)
def privacy() -> None:
    """Look after what is kept of those who sign."""


@privacy.command()
@click.option("--dry-run", is_flag=True, help="Say what would be forgotten, and forget nothing.")
@as_json
def retain(dry_run: bool, as_json: bool) -> None:
    """Forget what was kept long enough: the unconfirmed and unreviewed, old networks, who signed long ago.

    The worker does so once a day. It may be stopped at any point, and runs beside the signers.
    """
    made = parts()
    rules = made.settings.privacy.retention
    with click.progressbar(length=100, label="Looking", file=sys.stderr) as bar:
        done = retaining.retain(
            ledger=made.ledger,
            rules=rules,
            now=made.clock(),
            dry_run=dry_run,
            watch=lambda part: bar.update(int(part * 100) - bar.pos),
        )
    if as_json:
        telling.print_json(_facts(done, dry_run=dry_run))
        return
    click.echo("Would be forgotten (nothing was changed):" if dry_run else "Forgotten:")
    signed = f"signed more than {rules.network_key_days} days ago"
    rows = [
        (f"{done.unconfirmed:,}", f"never confirmed, {rules.unconfirmed_days} days after the last letter"),
        (f"{done.unreviewed:,}", f"held for a look that nobody took in {rules.held_days} days"),
        (f"{done.network_keys:,}", f"hashes of networks of those who {signed}"),
        (f"{done.uploads:,}", f"files to bring in, untouched for {rules.upload_days} days"),
        *(
            (f"{one.signers:,}", f"signers of {one.slug}, closed {rules.anonymise_months} months ago")
            for one in done.anonymised
        ),
        (f"{done.sites:,}", f"sites that showed no widget for {REMEMBERED.days} days"),
    ]
    for number, what in rows:
        click.echo(f"  {number:>9}  {what}")


@privacy.command()
@click.argument("slug")
@click.argument("address")
def link(slug: str, address: str) -> None:
    """Print the link to the own page of who signed the petition SLUG with the mail ADDRESS.

    For somebody who lost the letter, or never got one. Give it to nobody but the owner of the address:
    whoever has it can see, change and erase the signature.
    """
    made = parts()
    try:
        found = owning.find(slug, address, ledger=made.ledger)
    except LinkUnknown:
        raise click.ClickException("nobody signed this petition with this address") from None
    token = tokens.make(made.settings.secret_key, Purpose.OWN_PAGE, found)
    click.echo(f"{made.settings.public_url}/signature/{token}")


def _facts(done: Retained, *, dry_run: bool) -> dict[str, object]:
    return {
        "dry_run": dry_run,
        "unconfirmed": done.unconfirmed,
        "unreviewed": done.unreviewed,
        "network_keys": done.network_keys,
        "uploads": done.uploads,
        "sites": done.sites,
        "anonymised": [{"slug": one.slug, "signers": one.signers} for one in done.anonymised],
    }
