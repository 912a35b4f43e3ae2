"""What nobody types on purpose, wherever it comes in: at a form, at the desk, from a file."""

import re

# Controls, broken pairs, what decoding leaves of bytes that were not UTF-8, and the marks that turn
# the direction of what follows (a name could rewrite the line it is shown in). A joiner is a letter's
# neighbour in Persian and stays.
_UNREADABLE = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffd-\uffff"
UNREADABLE_LINE = re.compile(f"[{_UNREADABLE}\t\n]")
UNREADABLE_TEXT = re.compile(f"[{_UNREADABLE}]")

# Letters that no font shows: with them one mailbox would look like several people.
UNSEEN = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)
