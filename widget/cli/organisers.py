"""The commands about organisers and organisations: who gets into the console, and as what."""

import click
from email_validator import EmailNotValidError, validate_email

from widget import admitting, joining, tokens
from widget.cli import telling
from widget.cli.petitions import as_json
from widget.cli.refusing import RefusingGroup, parts
from widget.domain.admission import OneTimeLink
from widget.domain.organiser import Organisation, Role
from widget.domain.petition import slug_problem
from widget.domain.slug import slug_from
from widget.parts import Parts


def _address(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    try:
        checked = validate_email(value.strip(), check_deliverability=False)
    except EmailNotValidError as error:
        raise click.BadParameter(f"'{value}' is no mail address") from error
    return f"{checked.local_part}@{checked.ascii_domain}"


@click.group(cls=RefusingGroup)
def organiser() -> None:
    """Let people into the console."""


@organiser.command()
@click.argument("address", callback=_address)
@click.option("--organisation", help="Its name in addresses; may be left out while there is only one.")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.EDITOR.value,
    show_default=True,
    help="What they may do.",
)
@click.option("--mail", is_flag=True, help="Send the link by mail, too.")
@as_json
def invite(address: str, organisation: str | None, role: str, mail: bool, as_json: bool) -> None:
    """Invite ADDRESS, and print the link to hand over: it works once, for seven days."""
    made = parts()
    if mail and not made.settings.writes_letters:
        raise click.ClickException("no letter can be sent: set SMTP_URL first, or hand the link over")
    into = _organisation(organisation, made)
    link = joining.invite(address, Role(role), into, mailed=mail, ledger=made.ledger, now=made.clock())
    _tell(link, "invitation", as_json=as_json)


@organiser.command()
@click.argument("address", callback=_address)
@as_json
def password(address: str, as_json: bool) -> None:
    """Print a link with which the organiser ADDRESS sets a new password: it works once, for a day."""
    made = parts()
    _tell(admitting.password_link(address, ledger=made.ledger, now=made.clock()), "password", as_json=as_json)


@organiser.command("list")
@as_json
def list_organisers(as_json: bool) -> None:
    """List everybody who has an account, and where they belong."""
    found = parts().ledger.organisers()
    if as_json:
        facts = [
            {
                "email": one.email,
                "created_at": one.created_at.isoformat(),
                "memberships": [
                    {"organisation": its.organisation.slug, "role": its.role.value} for its in one.memberships
                ],
            }
            for one in found
        ]
        telling.print_json(facts)
    elif not found:
        click.echo("Nobody yet. 'flask organiser invite ADDRESS --role owner' prints a link for the first.")
    else:
        rows = [
            (one.email, ", ".join(f"{its.role} of {its.organisation.slug}" for its in one.memberships) or "-")
            for one in found
        ]
        click.echo(telling.table(("ADDRESS", "MEMBER"), rows))


@click.group(cls=RefusingGroup)
def organisation() -> None:
    """Found organisations: each has its own petitions and members."""


@organisation.command()
@click.argument("name")
@click.option("--slug", help="Its name in addresses; made from NAME if not given.")
def create(name: str, slug: str | None) -> None:
    """Found the organisation NAME."""
    made = parts()
    wanted = slug or slug_from(name) or ""
    if problem := slug_problem(wanted):
        raise click.BadParameter(f"'{wanted or name}' {problem}: give another with --slug")
    founded = joining.found(wanted, name, ledger=made.ledger, now=made.clock())
    click.echo(f"Founded: {founded.name} ({founded.slug})")


@organisation.command("list")
@as_json
def list_organisations(as_json: bool) -> None:
    """List every organisation with the number of its members and petitions."""
    made = parts()
    rows = [
        (one, len(made.ledger.members(one.id)), len(made.ledger.petitions_of([one.id])))
        for one in made.ledger.organisations()
    ]
    if as_json:
        telling.print_json(
            [
                {"slug": one.slug, "name": one.name, "members": members, "petitions": petitions}
                for one, members, petitions in rows
            ]
        )
        return
    cells = [(one.slug, f"{members:,}", f"{petitions:,}", one.name) for one, members, petitions in rows]
    click.echo(telling.table(("ORGANISATION", "MEMBERS", "PETITIONS", "NAME"), cells))


def first_link_address(made: Parts) -> str | None:
    """Return where the first organiser begins; None once there is one."""
    link = admitting.first_link(ledger=made.ledger, now=made.clock())
    return None if link is None else _url(link, "invitation")


def _organisation(slug: str | None, made: Parts) -> Organisation:
    if slug is not None:
        return made.ledger.organisation(slug)
    found = made.ledger.organisations()
    if len(found) > 1:
        raise click.UsageError("There are several organisations: name one with --organisation.")
    return found[0]


def _url(link: OneTimeLink, place: str) -> str:
    settings = parts().settings
    token = tokens.make_admission(settings.secret_key, link.number)
    return f"{settings.public_url}/manage/{place}/{token}"


def _tell(link: OneTimeLink, place: str, *, as_json: bool) -> None:
    if as_json:
        telling.print_json(
            {
                "email": link.email,
                "organisation": link.organisation.slug if link.organisation else None,
                "role": link.role,
                "url": _url(link, place),
                "expires_at": link.expires_at.isoformat(),
            }
        )
        return
    click.echo(_url(link, place))
    click.echo(f"For {link.email} alone, once, until {link.expires_at:%Y-%m-%d %H:%M} UTC.", err=True)
