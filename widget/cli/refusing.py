"""A refusal becomes one line on standard error and status 1, here and nowhere else."""

from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from widget.domain.refusals import (
    LedgerUnavailable,
    MemberAlready,
    OrganisationNotFound,
    OrganiserNotFound,
    PetitionNotFound,
    Refusal,
    UpdateNotFound,
    UpdatePublished,
    UpdateUntested,
)
from widget.parts import Parts

# What to say where a refusal itself has no words for the terminal, and what to type next.
WORDS: dict[type[Refusal], str] = {
    PetitionNotFound: "no petition has this slug; 'flask petition list' shows them all",
    OrganiserNotFound: "no organiser has this address; 'flask organiser list' shows them all",
    OrganisationNotFound: "no organisation has this name; 'flask organisation list' shows them all",
    MemberAlready: "whoever has this address is a member already; an owner changes the role in the console",
    LedgerUnavailable: (
        "the ledger cannot be read or written now; nothing was stored. Check DATABASE_URL, and run "
        "'flask ledger migrate'"
    ),
    UpdateNotFound: "no update has this number; 'flask update list SLUG' shows them all",
    UpdatePublished: "it is published, and what many have read is not changed: write another one",
    UpdateUntested: "send it to yourself first: 'flask update test NUMBER ADDRESS', or say --untested",
}


class RefusingCommand(click.Command):
    """A command whose refusals are said in words."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            raise click.ClickException(_words(refusal)) from refusal


class RefusingGroup(RefusingCommand, AppGroup):
    """A group of such commands, each run with the app at hand; its list says what each does to the end."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list. click's own breaks off where a line ends."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        shown = [(name, one.get_short_help_str(limit=500)) for name, one in found if one and not one.hidden]
        if shown:
            with formatter.section("Commands"):
                formatter.write_dl(shown)


def parts() -> Parts:
    """Return the parts of the running service."""
    made: Parts = current_app.extensions["support_now"]
    return made


def _words(refusal: Refusal) -> str:
    return WORDS.get(type(refusal)) or refusal.detail or refusal.code.replace("_", " ")
