"""A refusal becomes one line on standard error and status 1, here and nowhere else."""

from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from widget.domain.refusals import (
    LedgerUnavailable,
    PetitionNotFound,
    Refusal,
    UpdateNotFound,
    UpdatePublished,
    UpdateUntested,
)
from widget.parts import Parts


class RefusingCommand(click.Command):
    """A command whose refusals are said in words."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            raise click.ClickException(_words(refusal)) from refusal


class RefusingGroup(RefusingCommand, AppGroup):
    """A group of such commands, each run with the app at hand."""


def parts() -> Parts:
    """Return the parts of the running service."""
    made: Parts = current_app.extensions["support_now"]
    return made


def _words(refusal: Refusal) -> str:
    if isinstance(refusal, PetitionNotFound):
        return "no petition has this slug; 'flask petition list' shows them all"
    if isinstance(refusal, LedgerUnavailable):
        return (
            "the ledger cannot be read or written now; nothing was stored. Check DATABASE_URL, and run "
            "'flask ledger migrate'"
        )
    if isinstance(refusal, UpdateNotFound):
        return "no update has this number; 'flask update list SLUG' shows them all"
    if isinstance(refusal, UpdatePublished):
        return "it is published, and what many have read is not changed: write another one"
    if isinstance(refusal, UpdateUntested):
        return "send it to yourself first: 'flask update test NUMBER ADDRESS', or say --untested"
    return refusal.detail or refusal.code.replace("_", " ")
