"""The settings of mailing: how fast letters go out, who sends them, and how long their links work.

Part of config.py, which alone reads the environment; here so that neither file grows past a screen or two.
"""

from typing import Any

from marshmallow import fields as m
from marshmallow.validate import OneOf, Range

FIELDS: dict[str, m.Field[Any]] = {
    "MAIL_PER_MINUTE": m.Integer(
        load_default=600,
        validate=Range(1, 60_000),
        metadata={
            "unit": "letters a minute and worker",
            "reason": "a flood looks like spam to providers, and most relays allow no more than some",
        },
    ),
    "MAIL_TIMEOUT": m.Integer(
        load_default=30,
        validate=Range(1, 300),
        metadata={
            "unit": "seconds",
            "reason": "how long a mail server may take to answer; a worker silent ten times as long is dead",
        },
    ),
    "MAIL_WORKER": m.String(
        load_default="beside",
        validate=OneOf(["beside", "apart"]),
        metadata={"reason": "beside: flask serve starts one; apart: you run flask deliver, one or several"},
    ),
    "CONFIRM_WITHIN": m.Integer(
        load_default=21,
        validate=Range(1, 365),
        metadata={"unit": "days", "reason": "letters lie unread over a holiday; an older link asks anew"},
    ),
    "NEWS_PER_MINUTE": m.Integer(
        load_default=120,
        validate=Range(1, 60_000),
        metadata={
            "unit": "letters a minute, of all workers together",
            "reason": "a flood looks like spam; the letters that signers wait for go first",
        },
    ),
}
