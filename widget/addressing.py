"""A mail address as somebody types it, read the same way at the form, in letters and by the commands."""

from email_validator import validate_email


def in_ascii(address: str) -> str:
    """Return an address with its domain in ASCII, which is what is compared. Raises ValueError for none.

    Only the form is looked at: nothing is asked of the network.
    """
    read = validate_email(address, check_deliverability=False)
    return f"{read.local_part}@{read.ascii_domain}"
