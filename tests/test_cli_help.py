"""What the terminal lists: every command with a sentence that ends."""

import click
import pytest
from flask import Flask

from widget import cli


@pytest.fixture(scope="module")
def commands() -> dict[str, click.Command]:
    app = Flask("widget")
    cli.register(app)
    return dict(app.cli.commands)


def test_every_command_says_what_it_does_in_the_room_of_a_line(commands: dict[str, click.Command]) -> None:
    longest = max(map(len, commands))
    for name, command in commands.items():
        said = command.get_short_help_str(limit=80 - 6 - longest)  # as `flask --help` lists it
        assert said, name
        assert not said.endswith("..."), name


def test_no_list_of_a_group_breaks_off(commands: dict[str, click.Command]) -> None:
    groups = {name: one for name, one in commands.items() if isinstance(one, click.Group)}
    assert {"petition", "signatures", "update"} <= set(groups)
    for name, group in groups.items():
        listed = group.get_help(click.Context(group, info_name=name)).partition("Commands:")[2]
        assert all(command in listed for command in group.commands)
        assert "..." not in listed
