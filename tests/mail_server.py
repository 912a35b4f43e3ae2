"""A real mail server of our own (aiosmtpd), which can be told to refuse, to hang and to hang up."""

import asyncio
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from threading import Lock
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.postgres_server import free_port

HANG = "hang"  # say nothing, ever
HANG_UP = "hang up"  # close the connection


@dataclass
class Received:
    """A letter as it came in."""

    sender: str
    to: str
    mail: EmailMessage
    raw: bytes
    smtp_utf8: bool

    def part(self, kind: str) -> str:
        body = self.mail.get_body(preferencelist=(kind,))
        assert body is not None
        return str(body.get_content())


@dataclass
class MailServer:
    """Takes letters on a free port of 127.0.0.1. The hooks give an answer to send instead of yes, or None."""

    options: dict[str, Any] = field(default_factory=dict)
    letters: list[Received] = field(default_factory=list)
    connections: int = 0
    at_mail: Callable[[str], str | None] = lambda _address: None
    at_rcpt: Callable[[str], str | None] = lambda _address: None
    at_data: Callable[[Received], str | None] = lambda _letter: None
    after_data: Callable[[Received], None] = lambda _letter: None

    def __post_init__(self) -> None:
        self.port = free_port()
        self._lock = Lock()
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def start(self) -> "MailServer":
        handler = _Handler(self)
        self._controller = Controller(handler, hostname="127.0.0.1", port=self.port, **self.options)
        self._controller.start()
        return self

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
        self._controller = None

    def take(self, letter: Received) -> None:
        with self._lock:
            self.letters.append(letter)

    def to(self) -> list[str]:
        return sorted(letter.to for letter in self.letters)


class _Handler:
    def __init__(self, server: MailServer) -> None:
        self._server = server

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self._server.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_options.extend(options)
        answer = await self._say(server, self._server.at_mail(address))
        if answer is None:
            envelope.mail_from = address
        return answer or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = await self._say(server, self._server.at_rcpt(address))
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        raw = envelope.content
        assert isinstance(raw, bytes)
        mail = message_from_bytes(raw, policy=default)
        utf8 = "SMTPUTF8" in envelope.mail_options
        letter = Received(str(envelope.mail_from), envelope.rcpt_tos[0], mail, raw, utf8)
        answer = await self._say(server, self._server.at_data(letter))
        if answer is None:
            self._server.take(letter)
            self._server.after_data(letter)
        return answer or "250 OK"

    async def _say(self, server: SMTP, answer: str | None) -> str | None:
        if answer == HANG:
            await asyncio.Event().wait()
        if answer == HANG_UP:
            server.transport.abort()
            return "421 gone"
        return answer


def login(user: str, password: str) -> Callable[..., AuthResult]:
    """Return an authenticator that lets one account in."""

    def check(_server: SMTP, _session: Session, _envelope: Envelope, _kind: str, data: Any) -> AuthResult:
        known = (data.login, data.password) == (user.encode(), password.encode())
        return AuthResult(success=known, handled=False)

    return check


def encrypted(certificate: str, key: str) -> ssl.SSLContext:
    """Return what a server needs to speak TLS."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context


@contextmanager
def running(**options: Any) -> Iterator[MailServer]:
    """Run a mail server for a while."""
    server = MailServer(options)
    try:
        yield server.start()
    finally:
        server.stop()
