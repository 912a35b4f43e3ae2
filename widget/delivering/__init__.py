"""WORKER: drain the outbox. Letters are written with what causes them; here they go out, or are given up."""

from widget.delivering.door import DoorLetter, write_to_organiser
from widget.delivering.smtp import Mailbox, Post, SmtpPost, Undelivered
from widget.delivering.worker import Delivered, Worker
from widget.delivering.writing import (
    Posted,
    Stationery,
    Written,
    message,
    read,
    recipient,
    stationery,
    write,
    write_test,
)

__all__ = [
    "Delivered",
    "DoorLetter",
    "Mailbox",
    "Post",
    "Posted",
    "SmtpPost",
    "Stationery",
    "Undelivered",
    "Worker",
    "Written",
    "message",
    "read",
    "recipient",
    "stationery",
    "write",
    "write_test",
    "write_to_organiser",
]
