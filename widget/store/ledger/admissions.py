"""One-time links, as the ledger keeps them. Using one and what it is used for are one transaction."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from widget.domain.admission import LASTS, Admits, OneTimeLink
from widget.domain.organiser import Organisation, Organiser, Role, folded
from widget.domain.refusals import LinkExpired, LinkUnknown, OrganiserKnown, OrganiserNotFound
from widget.store.ledger.organisers import OrganiserRecords, drop_links, renew
from widget.store.organiser_tables import (
    members,
    one_time_links,
    organisations,
    organiser_letters,
    organisers,
)

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
KEPT = timedelta(days=30)  # after its end, so that an old letter is told "used" and not "unknown"


class AdmissionRecords(OrganiserRecords):
    """What the ledger knows of links that let somebody in."""

    def make_link(
        self,
        admits: Admits,
        email: str,
        now: datetime,
        *,
        organisation: Organisation | None = None,
        role: Role | None = None,
        mailed: bool = False,
    ) -> OneTimeLink:
        """Make a link that works once, and with it the letter that carries it, if it is to be `mailed`.

        Those that ended long ago are dropped, with their letters.
        """
        link = OneTimeLink(
            number=secrets.randbits(62),
            admits=admits,
            email=email,
            organisation=organisation,
            role=role,
            made_at=now,
            expires_at=now + LASTS[admits],
        )
        with self._database.writing() as connection:
            drop_links(connection, one_time_links.c.expires_at < now - KEPT)
            connection.execute(
                insert(one_time_links).values(
                    number=link.number,
                    admits=admits,
                    email=email,
                    organisation_id=organisation and organisation.id,
                    role=role,
                    made_at=now,
                    expires_at=link.expires_at,
                )
            )
            if mailed:
                letter = insert(organiser_letters).values(link_number=link.number, attempts=0)
                connection.execute(letter.values(written_at=now, due_at=now))
        return link

    def one_time_link(self, number: int) -> OneTimeLink:
        """Return a link, used or not. Raises LinkUnknown."""
        row = self._database.ask(
            lambda connection: connection.execute(
                LINKS.where(one_time_links.c.number == number)
            ).one_or_none()
        )
        if row is None:
            raise LinkUnknown
        return link_of(row)

    def open_links(
        self,
        now: datetime,
        admits: Admits,
        *,
        organisation_id: int | None = None,
        email: str | None = None,
    ) -> list[OneTimeLink]:
        """Return links of a kind that still work, the newest first; of one organisation, for one address."""
        wanted = LINKS.where(
            one_time_links.c.admits == admits,
            one_time_links.c.used_at.is_(None),
            one_time_links.c.expires_at > now,
        ).order_by(one_time_links.c.made_at.desc(), one_time_links.c.number)
        if organisation_id is not None:
            wanted = wanted.where(one_time_links.c.organisation_id == organisation_id)
        if email is not None:
            wanted = wanted.where(one_time_links.c.email == email)
        rows = self._database.ask(lambda connection: connection.execute(wanted).all())
        return [link_of(row) for row in rows]

    def revoke_link(self, number: int, organisation_id: int) -> None:
        """Take an invitation of an organisation back. Raises LinkUnknown."""
        mine = (
            (one_time_links.c.number == number)
            & (one_time_links.c.organisation_id == organisation_id)
            & one_time_links.c.used_at.is_(None)
        )
        with self._database.writing() as connection:
            if drop_links(connection, mine) == 0:
                raise LinkUnknown

    def join_as_new(self, number: int, email: str, password_hash: str, now: datetime) -> Organiser:
        """Use an invitation: make an account and a member of it.

        Raises LinkExpired, and OrganiserKnown when there is an account with this address; nothing was
        stored then. An invitation without an address works only while there is no organiser at all.
        """
        with self._database.writing() as connection:
            link = _use(connection, number, Admits.JOIN, now)
            if not link.email and connection.scalar(select(organisers.c.id).limit(1)) is not None:
                raise LinkExpired("used")
            # A conflict that did nothing: an error would write the address into PostgreSQL's own log.
            new = _INSERT[connection.dialect.name](organisers).on_conflict_do_nothing()
            organiser_id = connection.scalar(
                new.values(
                    email=email,
                    folded_email=folded(email),
                    password_hash=password_hash,
                    session_epoch=1,
                    created_at=now,
                ).returning(organisers.c.id)
            )
            if organiser_id is None:
                raise OrganiserKnown
            _belong(connection, link, organiser_id, now)
        return self.organiser(organiser_id)

    def join(self, number: int, organiser_id: int, now: datetime) -> Organiser:
        """Use an invitation for an account that is there. Raises LinkExpired."""
        with self._database.writing() as connection:
            _belong(connection, _use(connection, number, Admits.JOIN, now), organiser_id, now)
        return self.organiser(organiser_id)

    def use_link(
        self, number: int, admits: Admits, now: datetime, *, password_hash: str | None = None
    ) -> Organiser:
        """Use a link for the account it was made for; a new password ends every session and other link.

        Raises LinkExpired, and OrganiserNotFound when the account is gone.
        """
        with self._database.writing() as connection:
            link = _use(connection, number, admits, now)
            mine = organisers.c.folded_email == folded(link.email)
            organiser_id = connection.scalar(select(organisers.c.id).where(mine))
            if organiser_id is None:
                raise OrganiserNotFound
            if password_hash is not None:
                renew(connection, organiser_id, password_hash)
        return self.organiser(organiser_id)


LINKS = select(
    *(one_time_links.c.number, one_time_links.c.admits, one_time_links.c.email, one_time_links.c.role),
    *(one_time_links.c.made_at, one_time_links.c.expires_at, one_time_links.c.used_at),
    *(organisations.c.id, organisations.c.slug, organisations.c.name),
).select_from(one_time_links.outerjoin(organisations))


def link_of(row: Any) -> OneTimeLink:
    """Make a link of a row of LINKS."""
    return OneTimeLink(
        number=row.number,
        admits=Admits(row.admits),
        email=row.email,
        organisation=None if row.id is None else Organisation(row.id, row.slug, row.name),
        role=None if row.role is None else Role(row.role),
        made_at=row.made_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
    )


def _use(connection: Connection, number: int, admits: Admits, now: datetime) -> OneTimeLink:
    """Mark a link as used: of two at once, one finds it used. Raises LinkExpired."""
    used = connection.execute(
        update(one_time_links)
        .where(
            one_time_links.c.number == number,
            one_time_links.c.admits == admits,
            one_time_links.c.used_at.is_(None),
            one_time_links.c.expires_at > now,
        )
        .values(used_at=now)
    )
    if used.rowcount == 0:
        raise LinkExpired("used")
    return link_of(connection.execute(LINKS.where(one_time_links.c.number == number)).one())


def _belong(connection: Connection, link: OneTimeLink, organiser_id: int, now: datetime) -> None:
    if link.organisation is None or link.role is None:
        raise LinkExpired("used")  # pragma: no cover - invitations are made with both
    # Whoever belongs to it already keeps the role they have. A look beforehand would miss another
    # invitation that is being accepted at this moment.
    member = _INSERT[connection.dialect.name](members).values(
        organisation_id=link.organisation.id, organiser_id=organiser_id, role=link.role, joined_at=now
    )
    connection.execute(
        member.on_conflict_do_nothing(index_elements=[members.c.organisation_id, members.c.organiser_id])
    )
