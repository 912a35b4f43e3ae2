"""Letters as they are read: with all they are written from, or as an operator may see them."""

from typing import Any

from sqlalchemy import Row, bindparam, select

from widget.domain.letter import Letter, News, Waiting
from widget.domain.signature import Occasion, State
from widget.domain.update import Kind, Mailing
from widget.store.engine import Database
from widget.store.letter_tables import outbox, updates
from widget.store.tables import petitions, signatures, wordings


class LetterRecords:
    """What can be read of letters."""

    _database: Database

    def letters(self, *, limit: int, unsent: bool = False) -> list[Waiting]:
        """Return letters, the latest written first; `unsent` leaves out those that went out."""
        wanted = _LISTED.order_by(outbox.c.written_at.desc(), outbox.c.id.desc()).limit(limit)
        if unsent:
            wanted = wanted.where(outbox.c.sent_at.is_(None))
        rows = self._database.ask(lambda connection: connection.execute(wanted).mappings().all())
        return [Waiting(**dict(row) | {"occasion": Occasion(row["occasion"])}) for row in rows]

    def letter(self, letter_id: int) -> Letter | None:
        """Return a letter with what it is written from, if there is one of this number."""
        return self._database.ask(
            lambda connection: letter_of(connection.execute(READ, {"letter": letter_id}))
        )


def letter_of(result: Any) -> Letter | None:
    """Return the letter that a run of READ found, if any."""
    row: Row[Any] | None = result.one_or_none()
    if row is None:
        return None
    known = dict(row._mapping)
    told = {name: known.pop(f"news_{name}") for name in News.__dataclass_fields__}
    told |= {"kind": Kind(told["kind"]), "mailing": Mailing(told["mailing"])} if told["kind"] else {}
    kinds = {"occasion": Occasion(row.occasion), "state": State(row.state), "email": row.email or ""}
    kinds["thanks_text"] = tuple((lang, words) for lang, words in row.thanks_text)
    news = News(**told) if told["kind"] else None
    return Letter(**known | kinds | {"addressed_to": tuple(row.addressed_to), "news": news})


_ROWS = outbox.join(signatures).join(petitions, petitions.c.id == signatures.c.petition_id)
READ = (
    select(
        *(outbox.c.id, outbox.c.occasion, outbox.c.written_at, outbox.c.attempts, outbox.c.signature_id),
        *(signatures.c.state, signatures.c.moved_at, signatures.c.confirmed_at, signatures.c.signed_at),
        *(signatures.c.email, signatures.c.lang, signatures.c.petition_id),
        *(petitions.c.slug, petitions.c.started_by, petitions.c.thanks_text),
        *(wordings.c.title, wordings.c.lang.label("title_lang"), wordings.c.addressed_to),
        signatures.c.consent_at.is_not(None).label("wants_news"),
        *(updates.c[name].label(f"news_{name}") for name in News.__dataclass_fields__),
    )
    .select_from(
        _ROWS.join(
            wordings,
            (wordings.c.petition_id == signatures.c.petition_id)
            & (wordings.c.text_version == signatures.c.text_version),
        ).outerjoin(updates, updates.c.id == outbox.c.update_id)
    )
    .where(outbox.c.id == bindparam("letter"))
)
_LISTED = select(
    *(outbox.c.id, outbox.c.occasion, petitions.c.slug, outbox.c.written_at, outbox.c.due_at),
    *(outbox.c.attempts, outbox.c.sent_at, outbox.c.last_failure, outbox.c.given_up_because),
).select_from(_ROWS)
