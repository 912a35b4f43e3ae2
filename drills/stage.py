"""What is drilled: nginx, web services, a worker for the letters, and the stores behind them."""

import os
import signal
import socket
import subprocess
import time
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path

from drills.disk import SmallDisk
from tests.compose_stack import as_nginx, write_nginx
from tests.live_service import BINARIES, ROOT, WITHOUT_DOTENV, LiveService
from tests.mail_server import MailServer, running
from tests.petitions import draft
from tests.postgres_server import PostgresServer, free_port
from tests.services import RedisServer
from widget.store.ledger import Ledger
from widget.store.migrating import migrate

SECRET = "only-for-drills-0123456789-abcdefghij"
FROM = "post@petitions.example.org"
# One machine signs for thousands. The guard counts all it counts, with its limits far away.
LIMITS = ("LIMIT_FAMILY", "LIMIT_CROWD", "LIMIT_NETWORK", "LIMIT_DOMAIN", "LIMIT_SURGE")
MAIL_TIMEOUT = 1  # seconds; what a dead worker has in hand comes back after ten times as long
PATIENCE = 60.0
SBIN = "/usr/sbin:/sbin"


class Stage:
    """Web services behind nginx and one worker, on a ledger and stores that somebody else made.

    `start` and `stop` all of it; `webs` may be killed, paused and started one by one, and so may `workers`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        ledger: str,
        redis: RedisServer | None = None,
        postgresql: PostgresServer | None = None,
        webs: int = 2,
        processes: int = 2,
        command: tuple[str, ...] = ("gunicorn", "server:app"),
        disk: SmallDisk | None = None,
        letters: bool = True,
    ) -> None:
        self.folder, self.ledger, self.redis, self.postgresql = folder, ledger, redis, postgresql
        self.disk, self._letters = disk, letters
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.workers: list[subprocess.Popen[bytes]] = []
        self._ended = ExitStack()
        self._nginx: subprocess.Popen[bytes] | None = None
        self.mail: MailServer = self._ended.enter_context(running())
        self._environ = {
            **{"ENVIRONMENT": "production", "SECRET_KEY": SECRET, "PUBLIC_URL": self.origin},
            **{"DATABASE_URL": ledger, "TRUSTED_PROXIES": "1", "LOG_LEVEL": "warning"},
            **({"REDIS_URL": redis.url} if redis else {}),
            **({"SMTP_URL": self.mail.url, "MAIL_FROM": FROM} if letters else {}),
            **{"MAIL_WORKER": "apart"},
            **{"MAIL_PER_MINUTE": "60000", "MAIL_TIMEOUT": str(MAIL_TIMEOUT)},
            **dict.fromkeys(LIMITS, "1000000 per hour"),
        }
        self.webs = [self._web(which, command, processes) for which in range(webs)]

    @property
    def origin(self) -> str:
        """Return the address of nginx."""
        return f"http://127.0.0.1:{self.port}"

    # Life

    def start(self, *, migrated: bool = True, **more: str) -> "Stage":
        """Start everything, web services with `more` in their environment.

        Not `migrated`: they find an empty database, and bring it up to date themselves.
        """
        if migrated:
            migrate(self.ledger)
        for web in self.webs:
            web.begin(**more)
        for web in self.webs:
            web.wait()
        if self._letters:
            self.start_worker()
        write_nginx(self.folder / "nginx", self.port, [web.port for web in self.webs])
        (self.folder / "run").mkdir()
        words = [
            "nginx",
            "-e",
            "stderr",
            "-p",
            f"{self.folder}/run/",
            "-c",
            f"{self.folder}/nginx/nginx.conf",
        ]
        self._nginx = self._run(as_nginx([*words, "-g", "daemon off;"]), "nginx", {})
        self._wait_for_nginx()
        return self

    def stop(self) -> None:
        """End everything that was started here."""
        if self._nginx:
            self._nginx.send_signal(signal.SIGTERM)
            self._nginx.wait(PATIENCE)
            self._nginx = None
        for web in self.webs:
            web.kill()
        for worker in self.workers:
            worker.kill()
            worker.wait(PATIENCE)
        self.workers = []
        self._ended.close()

    def heal(self) -> None:
        """Make everything run again, whatever a drill that failed left behind."""
        if self.redis:
            self.redis.heal()
        if self.postgresql:
            self.postgresql.heal()
        for web in self.webs:
            for pid in web.web_processes():
                _signal(pid, signal.SIGCONT)
            if not web.web_processes():
                web.start()
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        for worker in self.workers:
            worker.send_signal(signal.SIGCONT)
        if self._letters and not self.workers:
            self.start_worker()

    # Parts

    def start_worker(self) -> subprocess.Popen[bytes]:
        """Start one more worker for the letters."""
        words = [str(BINARIES / "flask"), "deliver"]
        self.workers.append(self._run(words, "worker", {**self._environ, "DATA_DIR": str(self.folder)}))
        return self.workers[-1]

    def kill_worker(self) -> None:
        """End the oldest worker with kill -9."""
        worker = self.workers.pop(0)
        worker.kill()
        worker.wait(PATIENCE)

    def processes(self) -> list[int]:
        """Return every process that answers visitors."""
        return [pid for web in self.webs for pid in sorted(web.web_processes())]

    def open(self, slug: str) -> None:
        """Open a petition."""
        ledger = Ledger.connect(self.ledger)
        try:
            ledger.add_petition(draft(slug=slug), datetime.now(UTC))
        finally:
            ledger.close()

    # Inside

    def _web(self, which: int, command: tuple[str, ...], processes: int) -> LiveService:
        folder = self.folder / f"web{which}"
        folder.mkdir()
        number = {"WEB_CONCURRENCY": str(processes)}
        return LiveService(folder, command, **(self._environ | number))

    def _wait_for_nginx(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while self._nginx and self._nginx.poll() is None and time.monotonic() < deadline:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            time.sleep(0.02)
        raise RuntimeError(f"nginx did not start: {(self.folder / 'nginx.log').read_text()}")

    def _run(self, words: list[str], name: str, environ: dict[str, str]) -> subprocess.Popen[bytes]:
        path = {"PATH": f"{os.environ['PATH']}:{SBIN}", **WITHOUT_DOTENV}
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                words,
                cwd=ROOT,
                env=path | environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is ours alone
            )


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:  # it ended meanwhile
        return
