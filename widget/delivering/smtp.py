"""The mail server that takes our letters, and what its answers mean for a letter.

A reason is for the operator to read. It never quotes the server, which likes to repeat the address.
"""

import re
import smtplib
import ssl
import time
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Protocol
from urllib.parse import unquote, urlsplit

LETTERS_PER_CONNECTION = 100  # servers close a connection that never ends
REST = 2.0  # seconds after which a connection is asked whether it still lives
IDLE = 30.0  # seconds after which it is closed by us
PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
_ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)")  # RFC 3463


class Undelivered(Exception):
    """A letter did not go out. `permanent`: it never will. `away`: nor would any other at the moment."""

    def __init__(self, reason: str, *, permanent: bool = False, away: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.away = away


class Post(Protocol):
    """Where letters are handed in."""

    def open(self) -> None:
        """Make sure that a letter could be handed in. Raises Undelivered with `away`."""

    def send(self, message: EmailMessage, to: str) -> None:
        """Hand a letter in. Raises Undelivered."""

    def rest(self) -> None:
        """There is nothing to do at the moment."""

    def close(self) -> None:
        """There will be nothing more to do."""


class Mailbox:
    """On a desk without a mail server letters stay where they are, and a page shows them."""

    def open(self) -> None:
        """Stay open."""

    def send(self, message: EmailMessage, to: str) -> None:
        """Take it as read."""

    def rest(self) -> None:
        """Wait."""

    def close(self) -> None:
        """Stay open."""


class SmtpPost:
    """One connection to a mail server, opened when needed and used for many letters.

    `url` as SMTP_URL has it; `sender` is the header From, and its address the one that a letter which
    cannot be delivered goes back to. `timeout` in seconds, for each answer of the server.
    """

    def __init__(self, url: str, *, sender: str, timeout: float) -> None:
        self._address = urlsplit(url)
        self._sender = parseaddr(sender)[1]
        self._timeout = timeout
        self._smtp: smtplib.SMTP | None = None
        self._letters = 0
        self._used = 0.0

    def open(self) -> None:
        """Connect, unless the connection there is still lives."""
        if self._smtp is not None and self._lives(self._smtp):
            return
        self.close()
        try:
            self._smtp = self._connected()
        except smtplib.SMTPAuthenticationError as error:
            reason = f"the mail server refuses our name or password: {error.smtp_code}"
            raise Undelivered(reason, away=True) from error
        except smtplib.SMTPResponseException as error:
            reason = f"the mail server turns us away: {_code(error.smtp_code, error.smtp_error)}"
            raise Undelivered(reason, away=True) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Undelivered(f"the mail server cannot be reached: {_kind(error)}", away=True) from error
        self._letters, self._used = 0, time.monotonic()

    def send(self, message: EmailMessage, to: str) -> None:
        """Hand a letter in, in one transaction."""
        self.open()
        if self._smtp is None:  # pragma: no cover - open() raises or connects
            raise Undelivered("no connection", away=True)
        try:
            self._hand_in(self._smtp, message, to)
        except smtplib.SMTPNotSupportedError as error:
            reason = "the mail server takes no address outside ASCII"
            raise Undelivered(reason, permanent=True) from error
        except smtplib.SMTPDataError as error:
            raise self._refused("DATA", error.smtp_code, error.smtp_error) from error
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise Undelivered(f"the connection was lost: {_kind(error)}") from error
        self._letters += 1
        self._used = time.monotonic()

    def rest(self) -> None:
        """Close a connection that was idle for long."""
        if self._smtp is not None and time.monotonic() - self._used > IDLE:
            self.close()

    def close(self) -> None:
        """Say goodbye."""
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        try:
            smtp.quit()
        except (OSError, smtplib.SMTPException):
            smtp.close()

    def _connected(self) -> smtplib.SMTP:
        scheme, host = self._address.scheme, self._address.hostname or ""
        port = self._address.port or PORTS[scheme]
        ours = self._sender.rpartition("@")[
            2
        ]  # greeting by this machine's own name would tell it to strangers
        smtp: smtplib.SMTP
        if scheme == "smtps":
            context = ssl.create_default_context()
            smtp = smtplib.SMTP_SSL(host, port, ours, timeout=self._timeout, context=context)
        else:
            smtp = smtplib.SMTP(host, port, ours, timeout=self._timeout)
        try:
            if scheme == "smtp+starttls":
                smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo_or_helo_if_needed()
            if self._address.username:
                smtp.login(unquote(self._address.username), unquote(self._address.password or ""))
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _lives(self, smtp: smtplib.SMTP) -> bool:
        if self._letters >= LETTERS_PER_CONNECTION:
            return False
        if time.monotonic() - self._used < REST:
            return True
        try:
            return smtp.noop()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False

    def _hand_in(self, smtp: smtplib.SMTP, message: EmailMessage, to: str) -> None:
        options = [] if to.isascii() else ["SMTPUTF8", "BODY=8BITMIME"]
        if options and not smtp.has_extn("smtputf8"):
            raise smtplib.SMTPNotSupportedError
        code, said = smtp.mail(self._sender, options)
        if code != 250:
            # Who sends is the same for every letter: none would pass, and none is to blame.
            refusal = self._refused("MAIL FROM", code, said)
            raise Undelivered(refusal.reason, away=True)
        code, said = smtp.rcpt(to)
        if code not in {250, 251}:
            raise self._refused("RCPT TO", code, said)
        code, said = smtp.data(message.as_bytes())
        if code != 250:
            raise self._refused("DATA", code, said)

    def _refused(self, step: str, code: int, said: bytes | str) -> Undelivered:
        self._start_over(closing=code == 421)
        permanent = 500 <= code < 600
        reason = f"the mail server refused at {step}: {_code(code, said)}"
        return Undelivered(reason, permanent=permanent, away=code == 421)

    def _start_over(self, *, closing: bool) -> None:
        if closing or self._smtp is None:
            self._drop()
            return
        try:
            self._smtp.rset()
        except (OSError, smtplib.SMTPException):
            self._drop()

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None


def _code(code: int, said: bytes | str) -> str:
    answer = said if isinstance(said, bytes) else said.encode("utf-8", "replace")
    enhanced = _ENHANCED.match(answer)
    return f"{code} {enhanced.group().decode()}" if enhanced else str(code)


def _kind(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate: {error.verify_message}"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        before = error.__context__  # smtplib says the same of whatever broke
        return _kind(before) if isinstance(before, OSError) else "closed by the server"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
