"""Pictures, as the ledger keeps them: known with their petition, their bytes apart."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from widget.domain.petition import Status
from widget.domain.picture import Picture, PictureFile, picture_version
from widget.domain.refusals import EditedMeanwhile
from widget.store.engine import Database
from widget.store.ledger.petition_rows import lock, picture_facts, picture_of
from widget.store.picture_tables import pictures
from widget.store.tables import petitions


class PictureRecords:
    """What the ledger knows of the bytes of pictures."""

    _database: Database

    def set_picture(
        self,
        petition_id: int,
        picture: Picture | None,
        contents: Mapping[str, bytes],
        *,
        instead_of: str | None = None,
    ) -> None:
        """Give a petition its picture, or none; the bytes of the one before are gone with it.

        `contents` are the bytes by their hash, at least those that are new. `revision` rises when something
        is not as it was. `instead_of` is the `picture_version` that the edit began with. Raises
        PetitionNotFound, and EditedMeanwhile where there is another by now.
        """
        with self._database.writing() as connection:
            lock(connection, petition_id)
            row = petitions.c.id == petition_id
            before = picture_of(connection.scalar(select(petitions.c.picture).where(row)))
            if instead_of not in {None, picture_version(before)}:
                raise EditedMeanwhile(str(petition_id))
            if picture == before:
                return
            _replace_files(connection, petition_id, picture, contents)
            new = {"picture": picture_facts(picture), "revision": petitions.c.revision + 1}
            connection.execute(update(petitions).where(row).values(new))

    def public_picture(self, digest: str) -> PictureFile | None:
        """Return the bytes with this hash that a petition shows which everybody may see, None without."""
        seen = petitions.c.status != Status.DRAFT.value
        found = select(pictures).join(petitions).where(pictures.c.digest == digest, seen)
        return self._file(found.limit(1))

    def picture_of(self, petition_id: int, digest: str) -> PictureFile | None:
        """Return the bytes with this hash of a petition, also of a draft; None without."""
        return self._file(
            select(pictures).where(pictures.c.petition_id == petition_id, pictures.c.digest == digest)
        )

    def _file(self, wanted: Any) -> PictureFile | None:
        row = self._database.ask(lambda connection: connection.execute(wanted).one_or_none())
        return None if row is None else PictureFile(row.media_type, bytes(row.content))


def _replace_files(
    connection: Connection, petition_id: int, picture: Picture | None, contents: Mapping[str, bytes]
) -> None:
    """Keep the bytes of the picture that a petition has now, and no others; `contents` has the new ones."""
    kept = {} if picture is None else {one.digest: one for one in picture.renditions}
    of_petition = pictures.c.petition_id == petition_id
    connection.execute(delete(pictures).where(of_petition, pictures.c.digest.not_in(kept)))
    there = set(connection.scalars(select(pictures.c.digest).where(of_petition)))
    new = kept.keys() - there
    if not new <= contents.keys():  # what was there when the edit began was taken away
        raise EditedMeanwhile(str(petition_id))
    for digest in new:
        connection.execute(
            insert(pictures).values(
                petition_id=petition_id,
                digest=digest,
                media_type=kept[digest].media_type,
                content=contents[digest],
            )
        )
