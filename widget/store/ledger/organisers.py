"""Organisers, organisations and who belongs to which, as the ledger keeps them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from widget.domain.admission import Admits
from widget.domain.organiser import Member, Membership, Organisation, Organiser, Role, folded
from widget.domain.refusals import OrganisationNotFound, OrganiserNotFound, OwnerNeeded, SlugTaken
from widget.store.engine import Database
from widget.store.organiser_tables import (
    members,
    one_time_links,
    organisations,
    organiser_letters,
    organisers,
)


class OrganiserRecords:
    """What the ledger knows of those who organise."""

    _database: Database

    def organiser(self, organiser_id: int) -> Organiser:
        """Return an organiser with their organisations. Raises OrganiserNotFound."""
        return self._organiser(organisers.c.id == organiser_id)

    def organiser_with(self, email: str) -> Organiser:
        """Return the organiser who has this address, in any case. Raises OrganiserNotFound."""
        return self._organiser(organisers.c.folded_email == folded(email))

    def organisers(self) -> list[Organiser]:
        """Return every organiser, by address."""
        wanted = select(organisers).order_by(organisers.c.folded_email)
        return self._database.ask(
            lambda connection: [_organiser(connection, row) for row in connection.execute(wanted).all()]
        )

    def set_password(self, organiser_id: int, password_hash: str) -> Organiser:
        """Keep a new password; every session and every other way in ends. Raises OrganiserNotFound."""
        with self._database.writing() as connection:
            renew(connection, organiser_id, password_hash)
        return self.organiser(organiser_id)

    def rehash_password(self, organiser_id: int, password_hash: str) -> Organiser:
        """Keep the same password under stronger parameters; sessions go on. Raises OrganiserNotFound."""
        return self._change(organiser_id, password_hash=password_hash)

    def end_sessions(self, organiser_id: int) -> Organiser:
        """End every session of an organiser. Raises OrganiserNotFound."""
        return self._change(organiser_id, session_epoch=organisers.c.session_epoch + 1)

    def add_organisation(self, slug: str, name: str, now: datetime) -> Organisation:
        """Found an organisation. Raises SlugTaken, decided by the unique constraint."""
        new = insert(organisations).values(slug=slug, name=name, created_at=now)
        try:
            with self._database.writing() as connection:
                return _organisation(connection.execute(new.returning(*_ORGANISATION)).one())
        except IntegrityError as error:
            raise SlugTaken(f"another organisation is '{slug}' in addresses") from error

    def rename_organisation(self, organisation_id: int, name: str) -> None:
        """Give an organisation another name; its address stays."""
        with self._database.writing() as connection:
            connection.execute(
                update(organisations).where(organisations.c.id == organisation_id).values(name=name)
            )

    def organisations(self) -> list[Organisation]:
        """Return every organisation, the first one founded first."""
        wanted = select(*_ORGANISATION).order_by(organisations.c.id)
        rows = self._database.ask(lambda connection: connection.execute(wanted).all())
        return [_organisation(row) for row in rows]

    def organisation(self, slug: str) -> Organisation:
        """Return the organisation with this name in addresses. Raises OrganisationNotFound."""
        wanted = select(*_ORGANISATION).where(organisations.c.slug == slug)
        row = self._database.ask(lambda connection: connection.execute(wanted).one_or_none())
        if row is None:
            raise OrganisationNotFound(slug)
        return _organisation(row)

    def members(self, organisation_id: int) -> list[Member]:
        """Return the members of an organisation, by address."""
        wanted = (
            select(members.c.organiser_id, organisers.c.email, members.c.role, members.c.joined_at)
            .select_from(members.join(organisers))
            .where(members.c.organisation_id == organisation_id)
            .order_by(organisers.c.folded_email)
        )
        rows = self._database.ask(lambda connection: connection.execute(wanted).all())
        return [Member(row.organiser_id, row.email, Role(row.role), row.joined_at) for row in rows]

    def set_role(self, organisation_id: int, organiser_id: int, role: Role) -> None:
        """Change what a member is. Raises OrganiserNotFound, and OwnerNeeded for the last owner.

        Whoever is no owner any more takes the open invitations along, see `_drop_invitations`.
        """
        with self._database.writing() as connection:
            present = _refuse_losing_the_owner(connection, organisation_id, organiser_id, role)
            if role is not present:
                _drop_invitations(connection, organisation_id, organiser_id, present)
            connection.execute(update(members).where(_is(organisation_id, organiser_id)).values(role=role))

    def remove_member(self, organisation_id: int, organiser_id: int) -> None:
        """Take a member out; the account stays, and what invitations they could come back with do not.

        Raises OrganiserNotFound, and OwnerNeeded for the last owner.
        """
        with self._database.writing() as connection:
            present = _refuse_losing_the_owner(connection, organisation_id, organiser_id, None)
            _drop_invitations(connection, organisation_id, organiser_id, present)
            connection.execute(delete(members).where(_is(organisation_id, organiser_id)))

    def _organiser(self, condition: Any) -> Organiser:
        wanted = select(organisers).where(condition)

        def look(connection: Connection) -> Organiser | None:
            row = connection.execute(wanted).one_or_none()
            return None if row is None else _organiser(connection, row)

        found = self._database.ask(look)
        if found is None:
            raise OrganiserNotFound
        return found

    def _change(self, organiser_id: int, **values: Any) -> Organiser:
        with self._database.writing() as connection:
            changed = connection.execute(
                update(organisers).where(organisers.c.id == organiser_id).values(**values)
            )
            if changed.rowcount == 0:
                raise OrganiserNotFound
        return self.organiser(organiser_id)


_ORGANISATION = (organisations.c.id, organisations.c.slug, organisations.c.name)


def _is(organisation_id: int, organiser_id: int) -> Any:
    return (members.c.organisation_id == organisation_id) & (members.c.organiser_id == organiser_id)


def _refuse_losing_the_owner(
    connection: Connection, organisation_id: int, organiser_id: int, role: Role | None
) -> Role:
    """Return what the member is now."""
    # The organisation's row is locked first: two owners who leave in the same moment follow each other.
    connection.execute(
        select(organisations.c.id)
        .where(organisations.c.id == organisation_id)
        .with_for_update(key_share=True)
    )
    present = connection.scalar(select(members.c.role).where(_is(organisation_id, organiser_id)))
    if present is None:
        raise OrganiserNotFound
    if present != Role.OWNER or role is Role.OWNER:
        return Role(present)
    owners = connection.scalar(
        select(func.count())
        .select_from(members)
        .where(members.c.organisation_id == organisation_id, members.c.role == Role.OWNER)
    )
    if owners == 1:
        raise OwnerNeeded
    return Role.OWNER


def _drop_invitations(connection: Connection, organisation_id: int, organiser_id: int, present: Role) -> None:
    """Drop the invitations that a member who leaves or becomes another could use.

    An owner invites whom they like and sees every open link: all of them are dropped. Anybody else has
    those to their own address.
    """
    email = connection.scalar(select(organisers.c.email).where(organisers.c.id == organiser_id)) or ""
    links = one_time_links.c
    of_here = (links.organisation_id == organisation_id) & links.used_at.is_(None)
    waiting = connection.execute(select(links.number, links.email).where(of_here)).all()
    dropped = [
        link.number for link in waiting if present is Role.OWNER or folded(link.email) == folded(email)
    ]
    drop_links(connection, of_here & links.number.in_(dropped))


def drop_links(connection: Connection, condition: Any) -> int:
    """Delete links and their letters; tell how many links."""
    dropped = select(one_time_links.c.number).where(condition)
    connection.execute(delete(organiser_letters).where(organiser_letters.c.link_number.in_(dropped)))
    return connection.execute(delete(one_time_links).where(condition)).rowcount


def renew(connection: Connection, organiser_id: int, password_hash: str) -> None:
    """Keep a new password; end every session, and the open links that were sent to this address before.

    Raises OrganiserNotFound.
    """
    changed = connection.execute(
        update(organisers)
        .where(organisers.c.id == organiser_id)
        .values(password_hash=password_hash, session_epoch=organisers.c.session_epoch + 1)
        .returning(organisers.c.email)
    )
    email = changed.scalar()
    if email is None:
        raise OrganiserNotFound
    links = one_time_links.c
    ways_in = links.admits.in_((Admits.SET_PASSWORD, Admits.SIGN_IN)) & links.used_at.is_(None)
    # An end at its beginning: whoever opens it is told that its time is over.
    ended = update(one_time_links).where(ways_in, links.email == email)
    connection.execute(ended.values(expires_at=links.made_at))


def _organisation(row: Any) -> Organisation:
    return Organisation(row.id, row.slug, row.name)


def _organiser(connection: Connection, row: Row[Any]) -> Organiser:
    wanted = (
        select(*_ORGANISATION, members.c.role)
        .select_from(members.join(organisations))
        .where(members.c.organiser_id == row.id)
        .order_by(organisations.c.name, organisations.c.id)
    )
    return Organiser(
        id=row.id,
        email=row.email,
        session_epoch=row.session_epoch,
        created_at=row.created_at,
        password_hash=row.password_hash,
        memberships=tuple(
            Membership(_organisation(found), Role(found.role)) for found in connection.execute(wanted).all()
        ),
    )
