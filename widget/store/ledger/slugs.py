"""The addresses of petitions, those of today and those of before. None is ever given to another petition."""

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from widget.domain.refusals import SlugTaken
from widget.store.engine import Database
from widget.store.tables import petitions, slugs

TAKEN = "is taken (now or formerly) by another petition"


class SlugRecords:
    """What the ledger knows of addresses."""

    _database: Database

    def readdress(self, petition_id: int, slug: str) -> None:
        """Give a petition another address; the ones it had go on leading to it.

        It may go back to one of its own. Raises SlugTaken, decided by the unique constraint, also for an
        address that another petition had once; nothing was changed then.
        """
        try:
            with self._database.writing() as connection:
                owner = connection.scalar(select(slugs.c.petition_id).where(slugs.c.slug == slug))
                if owner is None:
                    connection.execute(insert(slugs).values(slug=slug, petition_id=petition_id))
                elif owner != petition_id:
                    raise SlugTaken(f"the address '{slug}' {TAKEN}")
                connection.execute(
                    petitions.update()
                    .where(petitions.c.id == petition_id, petitions.c.slug != slug)
                    .values(slug=slug, revision=petitions.c.revision + 1)
                )
        except IntegrityError as error:
            raise SlugTaken(f"the address '{slug}' {TAKEN}") from error

    def slugs(self, petition_id: int) -> list[str]:
        """Return every address that a petition has or had, by the alphabet."""
        wanted = select(slugs.c.slug).where(slugs.c.petition_id == petition_id).order_by(slugs.c.slug)
        return self._database.ask(lambda connection: list(connection.scalars(wanted)))
