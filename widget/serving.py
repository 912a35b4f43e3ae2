"""The first run and every later one: ledger up to date, sample loaded, addresses printed, served."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import closing

from config import Settings, note_greeting, note_minder, open_figures_folder
from widget.store import migrating


class PortTaken(Exception):
    """Something else listens where the service was told to."""


class Unbounded(Exception):
    """The database lets a statement run for ever."""


class TooFewConnections(Exception):
    """The database grants fewer connections than the service may need."""


def take_port(host: str, port: int) -> None:
    """Take the address for the server that this process becomes; raise PortTaken, which says what to do."""
    _come_first(host, port)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise _taken(host, port, error) from error


def _come_first(host: str, port: int) -> None:
    """Of two that start in the same moment let one through: both would find the port free.

    gunicorn's workers share it (reuse_port), so nothing would tell them later. A name in Linux's abstract
    space is there as long as anybody holds it: this process, the server it becomes, and its workers.
    """
    if sys.platform != "linux":
        return
    name = socket.socket(socket.AF_UNIX)
    try:
        name.bind(f"\0support-now {host}:{port}")
    except OSError as error:
        name.close()
        raise _taken(host, port, error) from error
    name.set_inheritable(True)
    name.detach()  # nobody closes it


def _taken(host: str, port: int, error: OSError) -> PortTaken:
    return PortTaken(
        f"{host}:{port} cannot be used ({error.strerror}); "
        f"put another into the file .env, such as PORT={port + 1}"
    )


def migrate(settings: Settings) -> None:
    """Bring the ledger up to date."""
    migrating.migrate(settings.database_url)


def greeting(settings: Settings, slug: str, *, first: str | None = None) -> str:
    """Return the addresses to open, one a line; `first` is the link for the very first organiser."""
    mailbox = int(settings.shows_mailbox)
    return "\n".join(
        [
            "",
            "Support Now is ready.",
            f"  a partner's page with the widget   {settings.demo_url}/demo",
            f"  the sample petition                {settings.public_url}/p/{slug}",
            f"  front door                         {settings.public_url}/",
            f"  the organisers' console            {settings.public_url}/manage",
            *([f"  become the first organiser (once)  {first}"] if first else []),
            *([f"  letters, shown instead of sent     {settings.public_url}/dev/mailbox"] * mailbox),
            "Ctrl-C ends it. Everything signed is kept.",
            "",
        ]
    )


def refuse_too_many_connections(settings: Settings, room: int | None) -> None:
    """Raise TooFewConnections when this service alone could use more than the database grants."""
    beside = 3  # the worker that sends letters and counts figures, and a command now and then
    wanted = settings.web_concurrency * settings.database_pool + beside
    if room is not None and wanted > room:
        raise TooFewConnections(
            f"{settings.web_concurrency} processes with {settings.database_pool} connections each, and "
            f"{beside} beside them, are {wanted}; the database grants {room}: lower "
            "WEB_CONCURRENCY or DATABASE_POOL, or raise its max_connections"
        )


def refuse_unbounded(unbounded: bool) -> None:
    """Raise Unbounded when nothing ends a statement that takes too long; the text says what to do."""
    if unbounded:
        raise Unbounded(
            "behind a pooler only the role can bound how long a statement runs, and this one does not: ALTER "
            "ROLE the_role SET statement_timeout = '3s', lock_timeout the same; then let the pooler reconnect"
        )


def defer_ctrl_c() -> None:
    """Let a Ctrl-C wait until gunicorn can end in a line (gunicorn.conf.py), and no import break off.

    The worker beside it never hears one: the server tells it to end.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def start_worker() -> None:
    """Start a worker that sends letters until the last process of this server is gone.

    Dies it alone, it is started again (widget/minding.py). It reads a pipe that only we hold open, through
    becoming gunicorn and in every process that gunicorn forks. However they end, kill -9 included, the
    worker sees the end of the pipe and ends too, after the letter it has in hand.
    """
    open_figures_folder()  # so that it keeps its figures with those of the web processes
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    worker = [sys.executable, "-m", "flask", "deliver", "--beside"]
    minder = subprocess.Popen(
        [sys.executable, "-m", "widget.minding", *worker], stdin=reading, stdout=subprocess.DEVNULL
    )
    note_minder(minder.pid)  # gunicorn waits for it at the end (gunicorn.conf.py)
    os.close(reading)


def serve(said: str) -> None:
    """Become gunicorn: the process is replaced, so that signals reach the server itself.

    It says the greeting `said` once it serves.
    """
    sys.stdout.flush()
    note_greeting(said)
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", "server:app"])
