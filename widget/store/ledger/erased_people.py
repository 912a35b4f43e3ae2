"""Who was erased while files of the petition wait: none of these brings them back (promise 11).

Noted is half a hash for each file, gone with it; the file has the address itself as long. The text of a file
is not rewritten: whoever reads it passes over who was erased, and its lines that were not taken lose theirs.
"""

import csv
import io
import re
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256

from email_validator import validate_email
from sqlalchemy import Connection, delete, insert, select, update

from widget.domain.address import canonical
from widget.domain.sheet import written
from widget.domain.upload import OPEN, Batch, Stage, Upload, added_up
from widget.store.ledger.imports import ONE_IMPORT
from widget.store.tables import imports, signatures
from widget.store.upload_tables import upload_erased, upload_errors, uploads

WHY = "erased here since the file was sent"
# What begins where a word does and has one "@": each letter is looked at once, however long a word is.
_ADDRESS = re.compile(r'(?<![^\s<>,;"()])[^\s<>,;"()@]++@[^\s<>,;"()@]++')


def note_erased(connection: Connection, signature_id: int) -> None:
    """Note for each file of the petition that whoever gave this signature is to be passed over.

    To be called before the row of the signature is locked: a batch that is being taken in may wait for it.
    """
    asked = select(signatures.c.petition_id, signatures.c.canonical_email)
    signer = connection.execute(asked.where(signatures.c.id == signature_id)).one_or_none()
    if signer is None or signer.canonical_email is None:
        return
    files = select(uploads.c.id, uploads.c.stage).where(uploads.c.petition_id == signer.petition_id)
    if connection.execute(files).first() is None:
        return
    if connection.dialect.name == "postgresql":
        # Whoever is erased between what a batch looks up and what it writes would come in with it.
        connection.execute(ONE_IMPORT, {"petition_id": signer.petition_id})
    # Kept from being deleted as long: a note about a file that is gone would make the erasing fail.
    for upload_id, stage in connection.execute(files.with_for_update(read=True, key_share=True)).all():
        if Stage(stage) in OPEN | {Stage.ARRIVING}:
            _note(connection, upload_id, _person(upload_id, signer.canonical_email))
        _strike_errors(connection, upload_id, signer.canonical_email)


def without_erased(connection: Connection, upload: Upload, batch: Batch) -> Batch:
    """Return a batch without who was erased since its file was sent; they count as not taken."""
    if connection.dialect.name == "postgresql":
        # In the order in which the terminal takes the two, or they wait in a ring.
        connection.execute(select(imports.c.id).where(imports.c.id == upload.import_id).with_for_update())
        connection.execute(ONE_IMPORT, {"petition_id": upload.petition_id})
    noted = select(upload_erased.c.person).where(upload_erased.c.upload_id == upload.id)
    erased = set(connection.scalars(noted))
    if not erased:
        return batch

    def is_erased(canonical_email: str) -> bool:
        return _person(upload.id, canonical_email) in erased

    fit = [one for one in batch.fit if not is_erased(one.new.canonical_email)]
    wrong = [line for line in batch.wrong if not any(map(is_erased, _people(line)))]
    gone = len(batch.fit) - len(fit)
    reasons = added_up(batch.reasons, {WHY: gone}) if gone else batch.reasons
    return replace(batch, fit=fit, wrong=wrong, reasons=reasons, erased=gone + len(batch.wrong) - len(wrong))


def forget_erased(connection: Connection, upload_id: int) -> None:
    """Forget who was erased while a file waited, once nobody reads it any more."""
    connection.execute(delete(upload_erased).where(upload_erased.c.upload_id == upload_id))


def _note(connection: Connection, upload_id: int, person: int) -> None:
    mine = (upload_erased.c.upload_id == upload_id, upload_erased.c.person == person)
    if connection.execute(select(upload_erased.c.person).where(*mine)).first() is None:
        connection.execute(insert(upload_erased).values(upload_id=upload_id, person=person))


def _strike_errors(connection: Connection, upload_id: int, canonical_email: str) -> None:
    """Take the lines of a person out of those of a file that were not taken."""
    kept = select(upload_errors).where(upload_errors.c.upload_id == upload_id)
    for row in connection.execute(kept).all():
        if canonical_email not in _people(row.content):
            continue
        mine = (upload_errors.c.upload_id == upload_id, upload_errors.c.row == row.row)
        connection.execute(
            update(upload_errors).where(*mine).values(content=_without(row.content, canonical_email))
        )


def _without(content: str, canonical_email: str) -> str:
    try:
        lines = list(csv.reader(io.StringIO(content, newline="")))
    except csv.Error:  # a cell that apostrophes have made too long: rather none of these lines than theirs
        return ""
    return written(line for line in lines if canonical_email not in _people(" ".join(line))).decode()


def _people(text: str) -> set[str]:
    """Return the canonical addresses in a text."""
    return {_canonical(found.strip("'")) for found in _ADDRESS.findall(text)}


def _canonical(found: str) -> str:
    """Return the canonical form of what may be an address, as a signature has it: its domain in ASCII."""
    if not found.isascii():
        with suppress(ValueError):
            read = validate_email(found, check_deliverability=False)
            return canonical(f"{read.local_part}@{read.ascii_domain}")
    return canonical(found)


def _person(upload_id: int, canonical_email: str) -> int:
    digest = sha256(f"erased:{upload_id}:{canonical_email}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
