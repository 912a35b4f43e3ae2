"""Who organises: organisations, their members, and what each role may do. The table is `MAY`."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a member is to an organisation, the strongest first."""

    OWNER = "owner"
    EDITOR = "editor"
    VIEWER = "viewer"


class Deed(StrEnum):
    """What can be done in the console. Every page of it is for one deed, and names it."""

    LOOK = "look"  # the petitions, their numbers and figures, the snippet
    EDIT = "edit"  # create and change petitions
    SIGNERS = "signers"  # see who signed, and review
    TRANSFER = "transfer"  # take signatures out, bring them in
    TELL = "tell"  # write to signers, publish updates
    MEMBERS = "members"  # invite, change roles, remove; the organisation itself


_WORK = frozenset({Deed.LOOK, Deed.EDIT, Deed.SIGNERS, Deed.TRANSFER, Deed.TELL})
# A viewer sees numbers and no person: names and addresses are for those who work with them.
MAY: dict[Role, frozenset[Deed]] = {
    Role.OWNER: _WORK | {Deed.MEMBERS},
    Role.EDITOR: _WORK,
    Role.VIEWER: frozenset({Deed.LOOK}),
}


@dataclass(frozen=True, slots=True)
class Organisation:
    """A group that petitions belong to. `slug` names it in addresses."""

    id: int
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Membership:
    """What somebody is to one organisation."""

    organisation: Organisation
    role: Role

    def may(self, deed: Deed) -> bool:
        """Tell whether the role allows it."""
        return deed in MAY[self.role]


@dataclass(frozen=True, slots=True)
class Organiser:
    """A person with an account. A session holds while `session_epoch` is what it was when it began.

    `memberships` are in the order of the organisations' names.
    """

    id: int
    email: str
    session_epoch: int
    created_at: datetime
    password_hash: str | None = field(repr=False, default=None)
    memberships: tuple[Membership, ...] = ()

    def membership(self, organisation_id: int) -> Membership | None:
        """Return what they are to an organisation, None for one they do not belong to."""
        return next((one for one in self.memberships if one.organisation.id == organisation_id), None)

    def membership_in(self, slug: str) -> Membership | None:
        """Return the same by the organisation's name in addresses."""
        return next((one for one in self.memberships if one.organisation.slug == slug), None)

    def where_may(self, deed: Deed) -> tuple[Organisation, ...]:
        """Return the organisations in which they may do it."""
        return tuple(one.organisation for one in self.memberships if one.may(deed))


@dataclass(frozen=True, slots=True)
class Member:
    """A member as the others see them."""

    organiser_id: int
    email: str
    role: Role
    joined_at: datetime


def folded(email: str) -> str:
    """Return the form under which an organiser's address is unique and looked up.

    Case alone is dropped. A signer's canonical address goes further, which is right for counting
    people and wrong for letting them in: "a+b" may well be another person's mailbox.
    """
    return email.strip().casefold()
