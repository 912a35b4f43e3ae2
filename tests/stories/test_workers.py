"""Workers as processes: killed at random points, beside the server and without it, and by hand."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.logbook import new_file
from tests.mail_server import MailServer, running
from tests.petitions import draft, signature
from tests.postgres_server import PostgresServer, free_port
from widget.delivering import SmtpPost, Stationery, Worker
from widget.domain.petition import Confirmation
from widget.domain.signature import Occasion, State
from widget.store.ledger import Ledger

pytestmark = pytest.mark.services

ROOT = Path(__file__).parents[2]
FLASK = Path(sys.executable).parent / "flask"
PATIENCE = 90.0
FROM = "post@petitions.example.org"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with running() as made:
        yield made


class Crew:
    """`flask deliver` in processes of its own, on one ledger and one mail server."""

    def __init__(self, folder: Path, database_url: str, server: MailServer) -> None:
        self._environ = {
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(folder),
            "DATABASE_URL": database_url,
            "SMTP_URL": server.url,
            "MAIL_FROM": FROM,
            "MAIL_PER_MINUTE": "60000",
            "MAIL_TIMEOUT": "5",
        }
        self.log = new_file("worker", folder)
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [str(FLASK), "deliver"],
                cwd=ROOT,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)
        return process

    def flask(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(FLASK), *arguments],
            cwd=ROOT,
            env=self._environ | environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def end(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait(PATIENCE)


@pytest.fixture
def crew(tmp_path: Path, database_url: str, server: MailServer) -> Iterator[Crew]:
    made = Crew(tmp_path, database_url, server)
    try:
        yield made
    finally:
        made.end()


def write_letters(ledger: Ledger, count: int) -> None:
    now = datetime.now(UTC)
    petition = ledger.add_petition(draft(confirmation=Confirmation.EMAIL), now)
    for number in range(count):
        new = signature(petition.id, f"sam.{number}@example.org", state=State.PENDING, signed_at=now)
        ledger.record(new, Occasion.CONFIRMATION)


def until(true: Callable[[], bool], patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def last_sweep(ledger: Ledger, server: MailServer) -> None:
    """Deliver what the dead still have in their hands: an hour later, when their time is over."""
    later = datetime.now(UTC) + timedelta(hours=1)
    worker = Worker(
        ledger=ledger,
        post=SmtpPost(server.url, sender=FROM, timeout=5),
        stationery=Stationery("https://our.example.org", FROM, "k" * 40, timedelta(days=21)),
        clock=lambda: later,
        timeout=5,
        per_minute=60_000,
        stop=threading.Event(),
    )
    worker.drain()
    worker._post.close()


def killer(
    server: MailServer, goal: int, victim: "subprocess.Popen[bytes]", reached: threading.Event
) -> Callable[[object], None]:
    """Return a hook that kills a worker as soon as so many letters are here."""

    def kill(_: object) -> None:
        if len(server.letters) >= goal and not reached.is_set():
            victim.kill()
            reached.set()

    return kill


def came(server: MailServer) -> Counter[str]:
    """Count how often each letter that asks to confirm came in."""
    asking = (one.mail for one in server.letters if "confirm:" in one.mail["Subject"])
    return Counter(str(mail["Message-ID"]) for mail in asking)


def deliver_and_kill(
    crew: Crew, ledger: Ledger, server: MailServer, letters: int, kills: int, workers: int = 1
) -> Counter[str]:
    """Deliver with workers that are killed at random points; return how often each letter came."""
    dice = random.Random(20)
    write_letters(ledger, letters)
    for kill in range(kills):
        goal = (kill + 1) * letters // (kills + 1)
        reached = threading.Event()
        victims = [crew.start() for _ in range(workers)]

        at = killer(server, goal, victims[0], reached)
        # Either the letter is taken and the worker dies before it can note so, or it dies while asking.
        if dice.random() < 0.5:
            server.after_data = at
        else:
            server.at_rcpt = at
        assert reached.wait(PATIENCE)
        server.after_data, server.at_rcpt = lambda _: None, lambda _: None
        for victim in victims:
            victim.kill()
            victim.wait(PATIENCE)
    last_sweep(ledger, server)
    return came(server)


def test_workers_killed_at_random_points_lose_no_letter(
    crew: Crew, database_url: str, server: MailServer
) -> None:
    with closing(Ledger.connect(database_url)) as ledger:
        arrived = deliver_and_kill(crew, ledger, server, letters=40, kills=3)
        assert len(arrived) == 40
        assert sum(arrived.values()) - 40 <= 3  # a letter in hand at the moment of death may come twice
        assert {one.given_up_because for one in ledger.letters(limit=200)} == {None}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_thousand_letters_survive_twelve_killings(
    crew: Crew, database_url: str, server: MailServer
) -> None:
    with closing(Ledger.connect(database_url)) as ledger:
        arrived = deliver_and_kill(crew, ledger, server, letters=1_000, kills=12, workers=2)
        assert len(arrived) == 1_000
        assert sum(arrived.values()) - 1_000 <= 24


@pytest.mark.parametrize(
    "letters", [60, pytest.param(1_000, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])]
)
def test_letters_survive_a_database_and_workers_that_die_together(
    tmp_path: Path, postgres_server: PostgresServer, postgresql_url: str, server: MailServer, letters: int
) -> None:
    """Three times, at random points: PostgreSQL is killed, and one of the two workers with it."""
    crew, dice = Crew(tmp_path, postgresql_url, server), random.Random(7)
    goals = sorted(dice.sample(range(letters // 10, letters * 7 // 10), 3))
    with closing(Ledger.connect(postgresql_url)) as ledger:
        write_letters(ledger, letters)
        crew.start()
        try:
            for goal in goals:
                victim = crew.start()
                until(lambda goal=goal: len(server.letters) >= goal, PATIENCE + letters)  # type: ignore[misc]
                postgres_server.kill()
                victim.kill()
                victim.wait(PATIENCE)
                postgres_server.start()
            # What the dead have in hand comes later: at most one letter each.
            until(lambda: len(came(server)) >= letters - len(goals), PATIENCE + letters)
        finally:
            crew.end()
        last_sweep(ledger, server)
    arrived = came(server)
    assert len(arrived) == letters
    assert sum(arrived.values()) - letters <= 2 * len(goals)  # two workers, three deaths


# By hand


def test_once_sends_what_is_due_and_says_so(crew: Crew, database_url: str, server: MailServer) -> None:
    server.at_rcpt = lambda to: "550 5.1.1 no" if to.startswith("sam.1@") else None
    with closing(Ledger.connect(database_url)) as ledger:
        write_letters(ledger, 3)
    done = crew.flask("deliver", "--once", "--json")
    assert json.loads(done.stdout) == {"sent": 2, "put_off": 0, "given_up": 1, "not_needed": 0}
    assert crew.flask("deliver", "--once").stdout == "0 sent, 0 put off, 0 given up, 0 not needed any more.\n"
    waiting = json.loads(crew.flask("outbox", "list", "--json").stdout)
    assert {(one["occasion"], one["given_up_because"]) for one in waiting} == {
        ("confirmation", "the mail server refused at RCPT TO: 550 5.1.1"),
        ("reminder", None),
    }
    table = crew.flask("outbox", "list").stdout
    assert "given up: the mail server refused at RCPT TO: 550 5.1.1" in table
    assert "@" not in table
    server.at_rcpt = lambda to: None
    assert crew.flask("outbox", "retry").stdout == "1 letter will be tried again.\n"
    assert json.loads(crew.flask("deliver", "--once", "--json").stdout)["sent"] == 1
    assert "sent " in crew.flask("outbox", "list", "--all").stdout
    assert "sam" not in done.stderr


def test_once_says_that_nothing_goes_out(crew: Crew, database_url: str, server: MailServer) -> None:
    with closing(Ledger.connect(database_url)) as ledger:
        write_letters(ledger, 1)
    server.stop()
    done = crew.flask("deliver", "--once")
    assert done.returncode == 1
    assert done.stderr == "Error: no letter goes out: the mail server cannot be reached: Connection refused\n"
    production = {
        "ENVIRONMENT": "production",
        "SECRET_KEY": "k7Q2mZ9xT4vB1nR8sW5yL3pD6fH0jGcA",
        "PUBLIC_URL": "https://our.example.org",
        "SMTP_URL": "",
        "MAIL_FROM": "",
    }
    done = crew.flask("deliver", "--once", **production)
    assert (done.returncode, done.stderr) == (
        1,
        "Error: there is no mail server: set SMTP_URL and MAIL_FROM\n",
    )


def test_a_worker_told_to_stop_ends_in_good_order(crew: Crew, database_url: str, server: MailServer) -> None:
    with closing(Ledger.connect(database_url)) as ledger:
        write_letters(ledger, 1)
        worker = crew.start()
        until(lambda: ledger.letters(limit=5)[-1].sent_at is not None or len(ledger.letters(limit=5)) == 2)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(PATIENCE) == 0


# Beside the server


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_the_worker_beside_the_server_sends_is_started_again_and_ends_with_it(
    tmp_path: Path, sqlite_url: str, server: MailServer, end: signal.Signals
) -> None:
    with closing(Ledger.connect(sqlite_url)) as ledger:
        write_letters(ledger, 2)
    port = str(free_port())
    environ = Crew(tmp_path, sqlite_url, server)._environ | {"PORT": port, "WEB_CONCURRENCY": "2"}
    with new_file("serving", tmp_path).open("wb") as log:
        serving = subprocess.Popen(
            [str(FLASK), "serve"], cwd=ROOT, env=environ, stdout=log, stderr=log, start_new_session=True
        )
    try:
        until(lambda: answers(port))
        until(lambda: len(server.letters) == 2)
        (minder,) = [pid for pid in children(serving.pid) if b"deliver" in command(pid)]
        (first,) = children(minder)
        os.kill(first, signal.SIGKILL)
        until(lambda: children(minder) not in ([], [first]))
        (worker,) = children(minder)
        with closing(Ledger.connect(sqlite_url)) as ledger:
            late = signature(1, "petra@example.org", state=State.PENDING, signed_at=datetime.now(UTC))
            ledger.record(late, Occasion.CONFIRMATION)
        until(lambda: len(server.letters) == 3)
        logged = [json.loads(line) for line in said(log.name) if b"started again" in line]
        assert [(line["level"], line["status"]) for line in logged] == [("warning", -signal.SIGKILL)]
        if end is signal.SIGINT:  # Ctrl-C reaches all of them
            os.killpg(serving.pid, end)
        else:
            serving.send_signal(end)
        serving.wait(PATIENCE)
        until(lambda: not lives(worker) and not lives(minder))
        assert sum(b"started again" in line for line in said(log.name)) == 1
    finally:
        for pid in [pid for pid in everybody() if session(pid) == serving.pid]:
            os.kill(pid, signal.SIGKILL)


def said(log: str) -> list[bytes]:
    return Path(log).read_bytes().splitlines()


def answers(port: str) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def everybody() -> list[int]:
    return [
        int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and stat(int(entry.name))
    ]


def children(parent: int) -> list[int]:
    return [pid for pid in everybody() if stat(pid)[1:2] == [str(parent)]]


def session(pid: int) -> int:
    return int((stat(pid) or ["", "", "", "0"])[3])


def lives(pid: int) -> bool:
    return stat(pid)[0:1] not in ([], ["Z"])


def stat(pid: int) -> list[str]:
    """Return state, parent, group, session and so on of a process; nothing if it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
