"""The whole service as operators start it: gunicorn and its workers, to kill and start again."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from socket import socket
from urllib.error import URLError
from urllib.request import urlopen

from tests.logbook import new_file

ROOT = Path(__file__).parents[1]
PATIENCE = 60.0  # machines that test are busy
# A developer's own .env must not lead a test to a ledger that is kept.
WITHOUT_DOTENV = {"FLASK_SKIP_DOTENV": "1", "FLASK_APP": "server"}
BINARIES = Path(sys.executable).parent


class LiveService:
    """`gunicorn server:app` on a free port of 127.0.0.1, in a process group of its own.

    `environ` is all the environment it gets; the same instance may be killed and started again, on the
    same port and the same ledger. `command` is what is started in its place, from the folder of our programs.
    """

    def __init__(
        self, folder: Path, command: tuple[str, ...] = ("gunicorn", "server:app"), **environ: str
    ) -> None:
        self._command = command
        self.port = _free_port()
        self.url = f"http://localhost:{self.port}"
        self.log = new_file("service", folder)
        self._environ = {
            "PATH": os.environ["PATH"],
            **WITHOUT_DOTENV,
            "DATA_DIR": str(folder),
            "PORT": str(self.port),
            "PUBLIC_URL": self.url,
            **environ,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def flask(self, *arguments: str) -> str:
        """Run a flask command in this service's environment; return what it printed."""
        done = subprocess.run(
            [str(BINARIES / "flask"), *arguments],
            cwd=ROOT,
            env=self._environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"flask {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def start(self, **more: str) -> "LiveService":
        """Start the server, with more in its environment, and wait until it answers."""
        return self.begin(**more).wait()

    def begin(self, **more: str) -> "LiveService":
        """Start the server and wait for nothing."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(BINARIES / self._command[0]), *self._command[1:]],
                cwd=ROOT,
                env=self._environ | more,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    def wait(self) -> "LiveService":
        """Wait until the server answers; one that does not is killed and its log told."""
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if self._process is None or self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"the service did not start: {self.log.read_text()}")
            time.sleep(0.02)
        return self

    def kill(self) -> None:
        """End every process of it at once, as a power cut would."""
        self._end(signal.SIGKILL)

    def orphan(self) -> None:
        """End the server alone, without a word to the processes that answer."""
        if self._process is not None:
            self._process.kill()

    def stop(self) -> None:
        """End it in good order."""
        self._end(signal.SIGTERM)

    def web_processes(self) -> set[int]:
        """Return the ids of the processes that answer; none while it does not run."""
        if self._process is None:
            return set()
        ours = self._process.pid
        return set(map(int, Path(f"/proc/{ours}/task/{ours}/children").read_text().split()))

    def _end(self, by: signal.Signals) -> None:
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            if by is signal.SIGKILL:
                os.killpg(self._process.pid, by)
            else:
                self._process.send_signal(by)
        self._process.wait(PATIENCE)
        self._process = None

    def _answers(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=1) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False


def _free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
