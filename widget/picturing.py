"""The story of a petition's picture: it is given one, another or none, and somebody looks at it."""

from collections.abc import Mapping

from widget import decoding
from widget.domain.language import Spoken, together
from widget.domain.petition import Petition
from widget.domain.picture import Picture, PictureFile, PictureUnfit, Rendition
from widget.store.ledger import Ledger

Renditions = list[tuple[Rendition, bytes]]


def show(
    petition: Petition,
    data: bytes | None,
    *,
    descriptions: Mapping[str, str],
    credit: str,
    ledger: Ledger,
    instead_of: str | None = None,
) -> Petition:
    """Give a petition the picture in a file, or, without one, other words to the picture that it has.

    `descriptions` are by language and say all there is to say; none at all is for a picture that only
    decorates. Nothing of the file is kept but what can be seen. `instead_of` is the `picture_version` that
    the edit began with. Raises PictureUnfit, and EditedMeanwhile where there is another by now; nothing was
    stored then.
    """
    made = read(data)
    known = petition.picture.renditions if petition.picture else ()
    renditions = tuple(rendition for rendition, _ in made) or known
    if not renditions:
        raise PictureUnfit("it is missing: choose a file")
    picture = Picture(_in_order(petition, descriptions), credit, renditions)
    contents = {rendition.digest: content for rendition, content in made}
    ledger.set_picture(petition.id, picture, contents, instead_of=instead_of)
    return ledger.petition_by_id(petition.id)


def read(data: bytes | None) -> Renditions:
    """Return the sizes made of a file, none where there is no file. Raises PictureUnfit; stores nothing."""
    return [] if data is None else decoding.renditions(data)


def remove(petition: Petition, *, ledger: Ledger) -> Petition:
    """Take a petition's picture away; its address leads nowhere from then on."""
    ledger.set_picture(petition.id, None, {})
    return ledger.petition_by_id(petition.id)


def look(digest: str, *, ledger: Ledger) -> PictureFile | None:
    """Return a size of a picture that everybody may see; None where no public petition shows it."""
    return ledger.public_picture(digest)


def look_inside(petition: Petition, digest: str, *, ledger: Ledger) -> PictureFile | None:
    """Return a size of a petition's picture, also while it is a draft; None where it has no such one."""
    return ledger.picture_of(petition.id, digest)


def _in_order(petition: Petition, descriptions: Mapping[str, str]) -> Spoken:
    return together((), descriptions, first=petition.wordings[0].lang)
