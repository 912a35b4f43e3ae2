"""The refusals that only whoever brings signatures in meets: the second page of `refusals.py`."""

from widget.domain.refusals import Refusal


class FileUnreadable(Refusal):
    """A table cannot be read. `line` is 1-based, or None for the file as a whole."""

    code = "file_unreadable"
    told_to_visitors = False

    def __init__(self, reason: str, *, line: int | None = None) -> None:
        super().__init__(f"line {line}: {reason}" if line else reason)
        self.line = line


class MappingUnfit(Refusal):
    """The columns of a file do not say what an import needs; `detail` says what is missing."""

    code = "mapping_unfit"
    told_to_visitors = False


class ImportNotFound(Refusal):
    """The petition has no import of this number."""

    code = "import_not_found"
    told_to_visitors = False


class ImportElsewhere(Refusal):
    """Somebody else carries the same import on; what they took is taken once."""

    code = "import_elsewhere"
    told_to_visitors = False


class UploadNotFound(Refusal):
    """The petition has no file on its way in of this number: none ever, or it was deleted."""

    code = "upload_not_found"
    told_to_visitors = False


class UploadsWait(Refusal):
    """Too many files of one petition lie here already: bring them in or delete them first."""

    code = "uploads_wait"
    told_to_visitors = False
