"""Petitions and their wordings, as the ledger keeps them."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, or_, select
from sqlalchemy.exc import IntegrityError

from widget.domain.editing import Changes, version_of
from widget.domain.goal import next_step
from widget.domain.petition import CarriedOver, Petition, PetitionDraft, Status, Wording
from widget.domain.refusals import EditedMeanwhile, PetitionNotFound, SlugTaken, WordingNotFound
from widget.store.engine import Database
from widget.store.ledger.petition_columns import columns_of, stored_form
from widget.store.ledger.petition_rows import lock, petition_of, wording_of
from widget.store.ledger.prepared import Prepared
from widget.store.ledger.slugs import TAKEN
from widget.store.ledger.tallies import open_slots, shift
from widget.store.organiser_tables import organisations
from widget.store.tables import carried_over, petitions, signatures, slugs, wordings


class PetitionRecords:
    """What the ledger knows of petitions."""

    _database: Database

    def add_petition(
        self, draft: PetitionDraft, now: datetime, *, organisation_id: int | None = None
    ) -> Petition:
        """Store a petition with its wording, its slots and what is carried over.

        It belongs to the organisation given, else to the first. Raises SlugTaken, decided by the unique
        constraint; nothing is stored then.
        """
        try:
            with self._database.writing() as connection:
                petition_id = _insert(connection, draft, now, organisation_id)
        except IntegrityError as error:
            raise SlugTaken(f"the address '{draft.slug}' {TAKEN}") from error
        return self.petition_by_id(petition_id)

    def petition(self, slug: str) -> Petition:
        """Return the petition that has this slug, or had it. Raises PetitionNotFound."""
        had = select(slugs.c.petition_id).where(slugs.c.slug == slug).scalar_subquery()
        try:
            return self._one(petitions.c.slug == slug, slug)
        except PetitionNotFound:
            return self._one(petitions.c.id == had, slug)

    def is_unchanged(self, known: Petition) -> bool:
        """Tell whether a petition still has its address and its revision, which rises with all it says."""
        return self._database.ask(lambda connection: _REVISION.run(connection, {"slug": known.slug})) == [
            (known.id, known.revision)
        ]

    def petition_by_id(self, petition_id: int) -> Petition:
        """Return the petition with this number. Raises PetitionNotFound."""
        return self._one(petitions.c.id == petition_id, str(petition_id))

    def petitions(self) -> list[Petition]:
        """Return every petition, the newest first."""
        return self._database.ask(_all)

    def open_petitions(self, now: datetime, limit: int) -> list[Petition]:
        """Return petitions that take signatures at `now`, the newest first."""
        takes = (
            petitions.c.status == Status.OPEN.value,
            or_(petitions.c.closes_at.is_(None), petitions.c.closes_at > now),
            petitions.c.anonymised_at.is_(None),
        )
        newest = select(petitions.c.id).where(*takes).order_by(petitions.c.id.desc()).limit(limit)
        return self._database.ask(lambda connection: _all(connection, petitions.c.id.in_(newest)))

    def petitions_of(self, organisation_ids: Collection[int]) -> list[Petition]:
        """Return the petitions of these organisations, the newest first."""
        mine = petitions.c.organisation_id.in_(organisation_ids)
        return self._database.ask(lambda connection: _all(connection, mine))

    def wording(self, petition_id: int, text_version: str) -> Wording:
        """Return a wording the petition has or ever had. Raises WordingNotFound."""
        wanted = select(wordings).where(
            wordings.c.petition_id == petition_id, wordings.c.text_version == text_version
        )
        row = self._database.ask(lambda connection: connection.execute(wanted).one_or_none())
        if row is None:
            raise WordingNotFound(text_version)
        return wording_of(row)

    def carried_over(self, petition_id: int) -> list[CarriedOver]:
        """Return the figures from elsewhere that are part of the petition's number."""
        wanted = (
            select(carried_over).where(carried_over.c.petition_id == petition_id).order_by(carried_over.c.id)
        )
        rows = self._database.ask(lambda connection: connection.execute(wanted).mappings().all())
        return [CarriedOver(row["count"], row["source"], row["counted_on"]) for row in rows]

    def change(self, petition_id: int, changes: Changes, *, instead_of: str | None = None) -> Petition:
        """Change a petition; `revision` rises when something is not as it was already.

        A goal that changes also counts as a change of the tally, whose version identifies it. Two at once
        follow each other, and neither undoes what the other did. `instead_of` is the `version_of` what the
        edit began with. Raises PetitionNotFound, and EditedMeanwhile where there is another by now.
        """
        with self._database.writing() as connection:
            lock(connection, petition_id)
            before = connection.execute(select(petitions).where(petitions.c.id == petition_id)).one()
            if instead_of not in {None, version_of(petition_of(before, ()), changes)}:
                raise EditedMeanwhile(before.slug)
            new = {
                name: value for name, value in columns_of(changes).items() if before._mapping[name] != value
            }
            if new:
                if {"status", "closes_at"} & new.keys():
                    new["closed_at"] = None  # the months until signers are forgotten begin anew
                connection.execute(
                    petitions.update()
                    .where(petitions.c.id == petition_id)
                    .values(**new, revision=petitions.c.revision + 1)
                )
            if {"goal_kind", "goal_aim", "ladder"} & new.keys():
                shift(connection, petition_id, here=0)
        return self.petition_by_id(petition_id)

    def set_wording(
        self, petition_id: int, wording: Wording, now: datetime, *, instead_of: str | None = None
    ) -> Petition:
        """Make this the current wording of its language; the earlier one stays to be read.

        The wording that is current already changes nothing; one that was current before becomes so again.
        Two at once follow each other: the petition's row is locked first. `instead_of` is the version that
        the edit began with, "" where the language had none. Raises PetitionNotFound, and EditedMeanwhile
        where there is another by now.
        """
        with self._database.writing() as connection:
            lock(connection, petition_id)
            current = _current_version(connection, petition_id, wording.lang)
            if current != wording.text_version:
                if instead_of not in {None, current or ""}:
                    raise EditedMeanwhile(wording.lang)
                _replace_wording(connection, petition_id, wording, now)
        return self.petition_by_id(petition_id)

    def _one(self, condition: Any, name: str) -> Petition:
        def look(connection: Connection) -> Petition | None:
            row = connection.execute(select(petitions).where(condition)).one_or_none()
            return None if row is None else petition_of(row, _wordings(connection, row.id))

        found = self._database.ask(look)
        if found is None:
            raise PetitionNotFound(name)
        return found


def _all(connection: Connection, condition: Any = None) -> list[Petition]:
    """Read petitions with all their wordings in one question, however many there are."""
    wanted = (
        select(petitions, *_OF_WORDING).join(wordings).order_by(petitions.c.id.desc(), wordings.c.created_at)
    )
    rows = connection.execute(wanted if condition is None else wanted.where(condition)).all()
    of_each = (list(rows) for _, rows in groupby(rows, key=lambda row: row.id))
    return [petition_of(texts[0], texts) for texts in of_each]


def _insert(connection: Connection, draft: PetitionDraft, now: datetime, organisation_id: int | None) -> int:
    before = draft.carried_over.count if draft.carried_over else 0
    values = {
        "organisation_id": organisation_id or select(func.min(organisations.c.id)).scalar_subquery(),
        "slug": draft.slug,
        "status": draft.status,
        "started_by": draft.started_by,
        "started_on": draft.started_on,
        "default_lang": draft.wording.lang,
        "confirmation": draft.confirmation,
        "goal_kind": draft.goal_kind,
        "goal_aim": draft.goal_aim,
        "ladder": list(draft.ladder),
        "goal_floor": next_step(before, draft.ladder),
        "form": stored_form(draft.form),
        "allowed_origins": list(draft.allowed_origins),
        "closes_at": draft.closes_at,
        "decision_makers": draft.decision_makers,
        "revision": 1,
        "created_at": now,
    }
    petition_id: int = connection.scalars(insert(petitions).values(values).returning(petitions.c.id)).one()
    connection.execute(insert(slugs).values(slug=draft.slug, petition_id=petition_id))
    _insert_wording(connection, petition_id, draft.wording, now)
    open_slots(connection, petition_id, carried=before)
    if draft.carried_over:
        connection.execute(
            insert(carried_over).values(
                petition_id=petition_id, recorded_at=now, **asdict(draft.carried_over)
            )
        )
    return petition_id


def _insert_wording(connection: Connection, petition_id: int, wording: Wording, now: datetime) -> None:
    connection.execute(
        insert(wordings).values(
            petition_id=petition_id,
            text_version=wording.text_version,
            is_current=True,
            created_at=now,
            signed_after=select(func.coalesce(func.max(signatures.c.id), 0)).scalar_subquery(),
            **asdict(wording) | {"addressed_to": list(wording.addressed_to)},
        )
    )


def _current_version(connection: Connection, petition_id: int, lang: str) -> str | None:
    return connection.scalar(
        select(wordings.c.text_version).where(
            wordings.c.petition_id == petition_id, wordings.c.lang == lang, wordings.c.is_current
        )
    )


def _replace_wording(connection: Connection, petition_id: int, wording: Wording, now: datetime) -> None:
    of_petition = wordings.c.petition_id == petition_id
    connection.execute(
        wordings.update()
        .where(of_petition, wordings.c.lang == wording.lang, wordings.c.is_current)
        .values(is_current=False)
    )
    restored = connection.execute(
        wordings.update()
        .where(of_petition, wordings.c.text_version == wording.text_version)
        .values(is_current=True)
    )
    if restored.rowcount == 0:
        _insert_wording(connection, petition_id, wording, now)
    connection.execute(
        petitions.update().where(petitions.c.id == petition_id).values(revision=petitions.c.revision + 1)
    )


_REVISION = Prepared(
    select(petitions.c.id, petitions.c.revision).where(petitions.c.slug == bindparam("slug"))
)
_OF_WORDING = [
    wordings.c[name]
    for name in ("text_version", "lang", "is_current", "title", "addressed_to", "text", "appendix")
]


def _wordings(connection: Connection, petition_id: int) -> Sequence[Row[Any]]:
    return connection.execute(
        select(wordings).where(wordings.c.petition_id == petition_id).order_by(wordings.c.created_at)
    ).all()
