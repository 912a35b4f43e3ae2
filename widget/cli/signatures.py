"""The commands about signatures: what was held, what to do with it, and the way back."""

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import click

from widget import reviewing
from widget.cli import telling
from widget.cli.petitions import as_json
from widget.cli.refusing import RefusingGroup, parts
from widget.domain.criteria import Criteria
from widget.domain.guard import Reason
from widget.domain.signature import Signature, State
from widget.reviewing import Review

Command = TypeVar("Command", bound=Callable[..., Any])

of_petition = click.option("--petition", "slug", required=True, metavar="SLUG", help="The petition.")
yes = click.option("--yes", is_flag=True, help="Do it without asking.")
batch_name = click.option("--batch", metavar="NAME", help="Go on with a review that was stopped.")
_PAGE = click.option(
    "--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most."
)
_AFTER = click.option("--after", type=int, default=0, help="Go on after the signature with this number.")
_DAY = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])


def by_criteria(command: Command) -> Command:
    """Give a command the options that say which signatures are meant."""
    options = [
        click.option("--id", "ids", type=int, multiple=True, help="One signature; may be given again."),
        click.option("--address", help="A mail address, in any spelling of the mailbox."),
        click.option("--domain", help='A mail domain; "*" stands for any letters.'),
        click.option("--network", help="The hash of a network, as 'held' shows it."),
        click.option("--site", help="The site the form stood on: https://example.org."),
        click.option("--since", type=_DAY, help="Signed at this moment (UTC) or later."),
        click.option("--before", type=_DAY, help="Signed before this moment (UTC)."),
        click.option("--name", help='The whole name, in any case; "*" stands for any letters.'),
        click.option("--reason", type=click.Choice([r.value for r in Reason]), help="Why it was held."),
        click.option("--import", "import_id", type=int, help="The import that brought it, by its number."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@click.group(cls=RefusingGroup, short_help="Look at signatures, let held ones count, strike others.")
def signatures() -> None:
    """Look at signatures, let held ones count, strike others, and take that back."""


@signatures.command()
@of_petition
@by_criteria
@_PAGE
@_AFTER
@as_json
def held(slug: str, limit: int, after: int, as_json: bool, **given: Any) -> None:
    """List the signatures that wait for a look, the earliest first."""
    total, some = reviewing.held(slug, _criteria(given), ledger=parts().ledger, after=after, limit=limit)
    _print(total, some, as_json=as_json)


@signatures.command()
@of_petition
@by_criteria
@click.option(
    "--state", "states", type=click.Choice([s.value for s in State]), multiple=True, help="Where it is."
)
@_PAGE
@_AFTER
@as_json
def search(slug: str, states: tuple[str, ...], limit: int, after: int, as_json: bool, **given: Any) -> None:
    """Count and list signatures by what they have in common."""
    criteria = _criteria(given, frozenset(State(state) for state in states))
    total, some = reviewing.found(slug, criteria, ledger=parts().ledger, after=after, limit=limit)
    _print(total, some, as_json=as_json)


@signatures.command()
@of_petition
@by_criteria
@click.option("--because", default="accepted", show_default=True, help="Why, for the history.")
@batch_name
@yes
def accept(slug: str, because: str, batch: str | None, yes: bool, **given: Any) -> None:
    """Let held signatures count; those that were never confirmed and have to be are asked to."""
    criteria = _criteria(given)
    review = reviewing.accepting(slug, criteria, ledger=parts().ledger, reason=because, batch=batch)
    _review(review, "let count", yes=yes)


@signatures.command()
@of_petition
@by_criteria
@click.option("--because", required=True, help="Why, for the history: never a name or an address.")
@batch_name
@yes
def invalidate(slug: str, because: str, batch: str | None, yes: bool, **given: Any) -> None:
    """Strike signatures, whether held, waiting or counted. At least one criterion is needed."""
    criteria = _criteria(given)
    if criteria.is_empty:
        raise click.UsageError(
            "say which: --id, --address, --domain, --network, --site, --since, --name, ..."
        )
    review = reviewing.invalidating(slug, criteria, ledger=parts().ledger, reason=because, batch=batch)
    _review(review, "strike", yes=yes)


@signatures.command()
@of_petition
@click.option("--batch", required=True, metavar="NAME", help="The review to take back.")
@yes
def undo(slug: str, batch: str, yes: bool) -> None:
    """Bring the signatures that one review moved back to where they were before it."""
    made = parts()
    plan = reviewing.undoing(slug, batch, ledger=made.ledger)
    if not plan.moved:
        raise click.ClickException(f"no review of this petition has the name '{batch}'")
    if plan.moved - plan.still:
        click.echo(
            f"{plan.moved - plan.still:,} of {plan.moved:,} have moved on since and stay where they are."
        )
    _ask(f"Bring back {plan.still:,} signatures of '{slug}'?", plan.still, yes=yes)
    done = reviewing.undo(plan, **_moving())
    _carry_out(done, plan.still, plan.name, again=f"flask signatures undo --petition {slug} --batch {batch}")


def _review(review: Review, verb: str, *, yes: bool) -> None:
    made, slug = parts(), review.petition.slug
    total = reviewing.count(review, ledger=made.ledger)
    _ask(f"{verb.capitalize()} {total:,} signatures of '{slug}'?", total, yes=yes)
    done = reviewing.carry_out(review, **_moving())
    _carry_out(done, total, review.batch, again=f"the same command with --batch {review.batch}")


def _moving() -> dict[str, Any]:
    made = parts()
    within = timedelta(days=made.settings.confirm_within)
    return {"ledger": made.ledger, "counter": made.counter, "clock": made.clock, "within": within}


def _ask(question: str, total: int, *, yes: bool) -> None:
    """Say the number before anything is done; end quietly where there is nothing to do."""
    if not total:
        click.echo("No signature is meant: nothing was changed.")
        click.get_current_context().exit(0)
    if yes:
        click.echo(question.rstrip("?") + ".")
    else:
        click.confirm(question, abort=True, err=True)


def _carry_out(done: Iterator[int], total: int, batch: str, *, again: str) -> None:
    """Show how far it is; on Ctrl-C keep the batches that are whole and say how to go on."""
    moved = 0
    try:
        with click.progressbar(length=total, label="Moving", file=sys.stderr) as bar:
            for step in done:
                moved += step
                bar.update(step)
    except KeyboardInterrupt:
        click.echo(f"Stopped: {moved:,} of {total:,} done, the others are as they were.", err=True)
        click.echo(f"To go on: {again}. To take back what was done: undo --batch {batch}", err=True)
        raise click.exceptions.Exit(1) from None
    click.echo(f"{moved:,} done, as batch {batch}.")


def _criteria(given: dict[str, Any], states: frozenset[State] = frozenset()) -> Criteria:
    for moment in ("since", "before"):
        if given[moment] is not None:
            given[moment] = given[moment].replace(tzinfo=UTC)
    return Criteria(**given, states=states)


def _print(total: int, some: list[Signature], *, as_json: bool) -> None:
    if as_json:
        telling.print_json({"count": total, "signatures": [_facts(one) for one in some]})
        return
    click.echo(f"{total:,} signatures" if total != 1 else "1 signature")
    head = ("ID", "SIGNED", "STATE", "WHY HELD", "NAME", "ADDRESS", "NETWORK", "PAGE")
    rows = [tuple(str(value) for value in _cells(one)) for one in some]
    if rows:
        click.echo(telling.table(head, rows))


def _cells(one: Signature) -> tuple[object, ...]:
    name = f"{one.given_name} {one.family_name}".strip()
    return (
        *(one.id, _moment(one.signed_at), one.state.value, one.held_because or "", name),
        *(one.email, one.network_key or "", one.page_url),
    )


def _facts(one: Signature) -> dict[str, object]:
    return {
        "id": one.id,
        "signed_at": one.signed_at.isoformat(),
        "state": one.state.value,
        "held_because": one.held_because,
        "given_name": one.given_name,
        "family_name": one.family_name,
        "email": one.email,
        "network": one.network_key,
        "page_url": one.page_url,
        "confirmed_at": one.confirmed_at.isoformat() if one.confirmed_at else None,
    }


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")
