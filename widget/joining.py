"""The story of belonging: organisations are founded, people are invited, get another role, and leave."""

from datetime import datetime

from widget.domain.admission import Admits, OneTimeLink, OrganiserLetter
from widget.domain.organiser import Organisation, Role, folded
from widget.domain.refusals import MemberAlready, OrganiserNotFound
from widget.store.ledger import Ledger

LISTED = 500  # letters; more invitations are not open at once
_HIGHEST = 2**63 - 1  # no ledger numbers further, and none can be asked about it


def found(slug: str, name: str, *, ledger: Ledger, now: datetime) -> Organisation:
    """Found an organisation. Raises SlugTaken."""
    return ledger.add_organisation(slug, name, now)


def invite(
    email: str, role: Role, organisation: Organisation, *, mailed: bool, ledger: Ledger, now: datetime
) -> OneTimeLink:
    """Invite somebody, by a letter if it is to be `mailed`.

    An earlier invitation of the same address to the same organisation is taken back. Raises MemberAlready.
    """
    if folded(email) in {folded(member.email) for member in ledger.members(organisation.id)}:
        raise MemberAlready
    for earlier in invited(organisation, ledger=ledger, now=now):
        if earlier.email.casefold() == email.casefold():
            ledger.revoke_link(earlier.number, organisation.id)
    return ledger.make_link(Admits.JOIN, email, now, organisation=organisation, role=role, mailed=mailed)


def invited(organisation: Organisation, *, ledger: Ledger, now: datetime) -> list[OneTimeLink]:
    """Return the invitations to an organisation that still work."""
    return [
        link for link in ledger.open_links(now, Admits.JOIN, organisation_id=organisation.id) if link.email
    ]


def letters(organisation: Organisation, *, ledger: Ledger) -> dict[int, OrganiserLetter]:
    """Return by the number of an invitation the letter that carries it."""
    found = ledger.organiser_letters(limit=LISTED, organisation_id=organisation.id)
    return {letter.link.number: letter for letter in found}


def uninvite(number: int, organisation: Organisation, *, ledger: Ledger) -> None:
    """Take an invitation back. Raises LinkUnknown."""
    ledger.revoke_link(number, organisation.id)


def set_role(organisation: Organisation, organiser_id: int, role: Role, *, ledger: Ledger) -> None:
    """Change what a member is. Raises OrganiserNotFound and OwnerNeeded."""
    _refuse_impossible(organiser_id)
    ledger.set_role(organisation.id, organiser_id, role)


def remove(organisation: Organisation, organiser_id: int, *, ledger: Ledger) -> None:
    """Take a member out of an organisation. Raises OrganiserNotFound and OwnerNeeded."""
    _refuse_impossible(organiser_id)
    ledger.remove_member(organisation.id, organiser_id)


def rename(organisation: Organisation, name: str, *, ledger: Ledger) -> None:
    """Give an organisation another name."""
    ledger.rename_organisation(organisation.id, name)


def _refuse_impossible(organiser_id: int) -> None:
    """Raise OrganiserNotFound for a number that no ledger can be asked about."""
    if organiser_id > _HIGHEST:
        raise OrganiserNotFound
