"""Links as they stand in letters, for tests that open them."""

from tests.petitions import NOW
from widget import tokens
from widget.domain.signature import Link
from widget.parts import Parts
from widget.tokens import Purpose


def token(parts: Parts, purpose: Purpose, signature_id: int) -> str:
    """Return the token in a letter about a signature; of one that is not there, as it might have been."""
    found = parts.ledger.signature_by_id(signature_id)
    link = Link(signature_id, NOW) if found is None else found.link
    return tokens.make(parts.settings.secret_key, purpose, link)
