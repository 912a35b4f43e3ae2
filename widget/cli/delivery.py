"""The commands about letters: send them, look at those that wait, try again what was given up."""

import logging
import os
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import timedelta

import click
from flask.cli import with_appcontext

from widget import delivering, metrics, summing, updating
from widget.bringing import Bringing
from widget.cli import telling
from widget.cli.petitions import as_json
from widget.cli.refusing import RefusingCommand, RefusingGroup, parts
from widget.delivering import Delivered, Post, Undelivered, Worker
from widget.domain.letter import Waiting
from widget.indexing import Indexing
from widget.retaining import Daily

LISTED = 1_000  # letters

log = logging.getLogger(__name__)


@click.command(cls=RefusingCommand)
@click.option("--once", is_flag=True, help="Send what is due, then end.")
@click.option("--beside", is_flag=True, hidden=True, help="End when standard input does.")
@as_json
@with_appcontext
def deliver(once: bool, beside: bool, as_json: bool) -> None:
    """Send the letters in the outbox, until Ctrl-C or SIGTERM. Several may run at once, on many machines.

    Beside the letters it brings files in that were sent to the console, counts the figures of large
    petitions, and lets older signatures be searched; once a day it forgets what was kept long enough. In
    production without SMTP_URL it does only these.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if not once:
        _keep_figures(beside=beside)
    if beside:
        threading.Thread(target=_until_input_ends, args=(stop,), daemon=True).start()
    made = parts()
    if not once:
        _count_figures(stop)
    if not (once or made.settings.writes_letters):
        log.warning("there is no mail server (SMTP_URL): letters wait")
        _daily().run(made.clock, stop, _beside())
        return
    worker, post = _worker(stop)
    try:
        if once:
            parts().ledger.feed_outbox(parts().clock(), per_minute=parts().settings.news_per_minute)
            worker.drain()
        else:
            worker.run()
    except Undelivered as gone:
        raise click.ClickException(f"no letter goes out: {gone.reason}") from gone
    finally:
        post.close()
    if once:
        _tell(worker.done, as_json=as_json)


@click.group(cls=RefusingGroup)
def outbox() -> None:
    """Look after the letters that wait to be sent."""


@outbox.command("list")
@click.option("--all", "everything", is_flag=True, help="Those that were sent, or not needed any more, too.")
@as_json
def list_letters(everything: bool, as_json: bool) -> None:
    """List the letters that wait or were given up, the latest first, and why; never to whom they go."""
    found = parts().ledger.letters(limit=LISTED, unsent=not everything)
    shown = [one for one in found if everything or not _is_needless(one)]
    if as_json:
        telling.print_json([{name: _plain(value) for name, value in asdict(one).items()} for one in shown])
    elif not shown:
        click.echo("No letter waits.")
    else:
        heads = ("LETTER", "OCCASION", "PETITION", "ATTEMPTS", "STANDING")
        click.echo(telling.table(heads, [_row(one) for one in shown]))


@outbox.command()
@click.argument("letters", nargs=-1, type=int)
def retry(letters: Sequence[int]) -> None:
    """Try LETTERS (their numbers) again at once; without any, all that were given up."""
    again = parts().ledger.retry_letters(parts().clock(), letters or None)
    click.echo(f"{again:,} letters will be tried again." if again != 1 else "1 letter will be tried again.")


def posted() -> Post:
    """Return where letters are handed in by these settings."""
    settings, paper = parts().settings, delivering.stationery(parts().settings)
    if settings.smtp_url is not None:
        return delivering.SmtpPost(settings.smtp_url, sender=paper.mail_from, timeout=settings.mail_timeout)
    if settings.shows_mailbox:
        return delivering.Mailbox()
    raise click.ClickException("there is no mail server: set SMTP_URL and MAIL_FROM")


def _worker(stop: threading.Event) -> tuple[Worker, Post]:
    made = parts()
    settings, paper, post = made.settings, delivering.stationery(made.settings), posted()
    worker = Worker(
        ledger=made.ledger,
        post=post,
        stationery=paper,
        clock=made.clock,
        timeout=settings.mail_timeout,
        per_minute=settings.mail_per_minute,
        stop=stop,
        daily=_daily(),
        feed=updating.feeder(ledger=made.ledger, per_minute=settings.news_per_minute),
        beside=_beside(),
    )
    return worker, post


def _daily() -> Daily:
    made = parts()
    return Daily(ledger=made.ledger, rules=made.settings.privacy.retention)


def _count_figures(stop: threading.Event) -> None:
    settings = parts().settings
    within = timedelta(days=settings.confirm_within)
    summing.start(settings.database_url, clock=parts().clock, confirm_within=within, stop=stop)


def _beside() -> Callable[[float], bool]:
    made = parts()
    bringing = Bringing(ledger=made.ledger, counter=made.counter, clock=made.clock)
    indexing = Indexing(ledger=made.ledger)
    return lambda room: bringing(room) or indexing(room)


def _keep_figures(*, beside: bool) -> None:
    """Keep figures with those of the web processes beside us, or show our own where we were told to."""
    if beside:
        metrics.take_place("worker")
        return
    settings = parts().settings
    port = settings.watching.port
    if port is None:
        return
    try:
        metrics.show(settings.host, port)
    except OSError as taken:
        raise click.ClickException(
            f"METRICS_PORT: {settings.host}:{port} cannot be used ({taken.strerror})"
        ) from taken


def _until_input_ends(stop: threading.Event) -> None:
    # The other end is held by every process of the server beside us: when the last is gone, however it
    # went, the kernel closes it.
    while os.read(0, 1):
        pass
    stop.set()


def _tell(done: Delivered, *, as_json: bool) -> None:
    if as_json:
        telling.print_json(asdict(done))
        return
    click.echo(
        f"{done.sent:,} sent, {done.put_off:,} put off, {done.given_up:,} given up, "
        f"{done.not_needed:,} not needed any more."
    )


def _is_needless(one: Waiting) -> bool:
    return (one.given_up_because or "").startswith("not needed")


def _row(one: Waiting) -> tuple[str, ...]:
    if one.sent_at is not None:
        standing = f"sent {one.sent_at:%Y-%m-%d %H:%M}"
    elif one.given_up_because is not None:
        standing = f"given up: {one.given_up_because}"
    else:
        because = f": {one.last_failure}" if one.last_failure else ""
        standing = f"due {one.due_at:%Y-%m-%d %H:%M}{because}"
    return (str(one.id), one.occasion, one.slug, str(one.attempts), standing)


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, str | int) else str(value)
