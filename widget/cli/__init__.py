"""The commands: what Omar and Anahit type. They print, and end with 0, with 1 for a no, with 2 for a slip."""

from flask import Flask
from flask.cli import routes_command, run_command, shell_command

from widget.cli import (
    archives,
    creating,
    editing,
    figures,
    incoming,
    paper,
    picture,
    questions,
    sites,
    snippets,
    transfer,
)
from widget.cli.delivery import deliver, outbox
from widget.cli.guard import guard
from widget.cli.organisers import organisation, organiser
from widget.cli.petitions import petition
from widget.cli.privacy import privacy
from widget.cli.script import embed
from widget.cli.service import ledger, serve
from widget.cli.signatures import signatures
from widget.cli.updates import update


def register(app: Flask) -> None:
    """Add every command to the app."""
    for flasks_own in (routes_command, run_command, shell_command):
        flasks_own.hidden = True  # they work as ever; but "run" beside "serve" invites the wrong one
    for command in (
        *(petition, embed, ledger, serve, deliver, outbox, privacy, guard, signatures, update),
        *(organiser, organisation),
    ):
        app.cli.add_command(command)
    archives.register(ledger)
    creating.register(petition)
    editing.register(petition)
    figures.register(petition)
    paper.register(petition)
    questions.register(petition)
    picture.register(petition)
    sites.register(petition)
    snippets.register(petition)
    transfer.register(signatures)
    incoming.register(signatures)
