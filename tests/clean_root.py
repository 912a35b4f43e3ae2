"""The Dockerfile, executed without Docker: each of its instructions in a clean Debian, then what it runs.

    scripts/try-image

A `FROM` is a bookworm made by debootstrap, with Debian's Python 3.11 in the place of the official image's
own build of it; everything else is done as the file says: RUN through chroot, COPY from the build context
that .dockerignore leaves, ENV, WORKDIR, USER, HEALTHCHECK and CMD. The service then runs as that user on a
read-only root.
"""

import http.client
import json
import os
import re
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from tests.postgres_server import free_port

ROOT = Path(__file__).parents[1]
PLACE = ROOT / "var/image"
SUITE = "bookworm"
PACKAGES = "python3,python3-venv,python3-pip,ca-certificates"
PATIENCE = 60.0
FIRST_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
GRACE = 30.0  # seconds, compose.yaml's for web
SAMPLE = "/api/v1/petitions/stop-bloodshed-in-artsakh"


@dataclass
class Stage:
    """One `FROM`: its root, and what has been set so far."""

    root: Path
    env: dict[str, str] = field(default_factory=lambda: {"PATH": FIRST_PATH})
    workdir: str = "/"
    user: str = "0"
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)
    volumes: list[str] = field(default_factory=list)

    def filled(self, text: str) -> str:
        """Put in what ENV has set."""
        return re.sub(r"\$\{?(\w+)\}?", lambda found: self.env.get(found.group(1), ""), text)


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """Yield each instruction with its words, comments and line ends taken out."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            name, _, words = line.strip().partition(" ")
            yield name.upper(), words.strip()


def _pattern(text: str) -> re.Pattern[str]:
    """Read a line of .dockerignore: a star stays within one folder."""
    parts = {"**/": "(?:.*/)?", "*": "[^/]*"}
    return re.compile("".join(parts.get(piece, re.escape(piece)) for piece in re.split(r"(\*\*/|\*)", text)))


def context() -> list[Path]:
    """Return the files that .dockerignore lets into the build."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]

    def ignored(path: Path) -> bool:
        names = [str(path), *(str(parent) for parent in path.parents if parent != Path())]
        verdict = False
        for pattern in patterns:
            wanted = _pattern(pattern.removeprefix("!"))
            if any(wanted.fullmatch(name) for name in names):
                verdict = not pattern.startswith("!")
        return verdict

    found: list[Path] = []
    for folder, folders, files in os.walk(ROOT):
        here = Path(folder).relative_to(ROOT)
        folders[:] = [one for one in folders if one not in {".git", ".venv", "var", "__pycache__"}]
        found += [here / one for one in files if not ignored(here / one)]
    return found


class Build:
    """Runs a Dockerfile. `stages` by name and number; the last one is what is shipped."""

    def __init__(self, base: Path) -> None:
        self._base = base
        self._files = context()
        self.stages: list[Stage] = []
        self._names: dict[str, Stage] = {}

    def run(self, text: str) -> Stage:
        """Do what each instruction says; an unknown one is an error."""
        for name, words in instructions(text):
            say(f"  {name} {words[:88]}")
            getattr(self, f"_{name.lower()}")(words)
        return self.stages[-1]

    @property
    def _now(self) -> Stage:
        return self.stages[-1]

    def _from(self, words: str) -> None:
        image, *named = re.split(r"\s+AS\s+", words, flags=re.IGNORECASE)
        if image != "python:3.11-slim-bookworm":
            raise SystemExit(f"no stand-in for {image} here")
        root = PLACE / f"stage{len(self.stages)}"
        shutil.rmtree(root, ignore_errors=True)
        subprocess.run(["cp", "-a", "--reflink=auto", str(self._base), str(root)], check=True)
        self.stages.append(Stage(root))
        self._names |= dict.fromkeys(named, self._now)

    def _run(self, words: str) -> None:
        with borrowed(self._now.root) as more:
            chroot(self._now, ["/bin/sh", "-c", words], more)

    def _copy(self, words: str) -> None:
        parts = shlex.split(words)
        origin = self._names[parts.pop(0).partition("=")[2]] if parts[0].startswith("--from=") else None
        *sources, target = parts
        there = self._now.root / (Path(self._now.workdir) / target).relative_to("/")
        for source in sources:
            if origin:
                subprocess.run(["cp", "-a", str(origin.root / source.lstrip("/")), str(there)], check=True)
                continue
            for file in self._files:
                if source == "." or file == Path(source):
                    (there / file).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(ROOT / file, there / file)

    def _env(self, words: str) -> None:
        for pair in shlex.split(words):
            name, _, value = pair.partition("=")
            self._now.env[name] = self._now.filled(value)

    def _workdir(self, words: str) -> None:
        self._now.workdir = words
        (self._now.root / words.lstrip("/")).mkdir(parents=True, exist_ok=True)

    def _user(self, words: str) -> None:
        self._now.user = words

    def _volume(self, words: str) -> None:
        self._now.volumes.append(words)

    def _cmd(self, words: str) -> None:
        self._now.command = json.loads(words)

    def _healthcheck(self, words: str) -> None:
        self._now.health = json.loads(words.partition("CMD ")[2])

    def _expose(self, words: str) -> None:
        """Tells people only."""

    def _stopsignal(self, words: str) -> None:
        if words != "SIGTERM":
            raise SystemExit(f"{words} is not what this sends")


def chroot(stage: Stage, words: list[str], more: dict[str, str]) -> None:
    """Run something in a root as the stage has it."""
    there = ["sh", "-c", 'cd "$0" && exec "$@"', stage.workdir, *words]
    user = f"--userspec={stage.user}:{stage.user}"
    subprocess.run(["chroot", user, str(stage.root), *there], env=stage.env | more, check=True)


@contextmanager
def borrowed(root: Path) -> Iterator[dict[str, str]]:
    """Lend a build this machine's name server and its way to the package index, and take both back."""
    told = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    ).stdout
    pairs = dict(line.split("=", 1) for line in told.splitlines())
    options = {key.rpartition(".")[2]: value.strip("'").replace("\\n", "\n") for key, value in pairs.items()}
    named = re.findall(r"(?:^|\s|file://)(/[\w./-]+)", "\n".join(options.values()))
    # An index on this machine lists files that lie beside it.
    lent = {Path(one).parent if one.rstrip("/").endswith("/simple") else Path(one) for one in named}
    lent = {path for path in lent if path.exists()} | {Path("/etc/resolv.conf"), Path("/etc/ssl/certs")}
    mounted: list[Path] = []
    created: list[Path] = []
    try:
        for path in sorted(lent):
            there = root / str(path).lstrip("/")
            if not there.exists():
                created.append(there)
                there.parent.mkdir(parents=True, exist_ok=True)
                there.mkdir() if path.is_dir() else there.touch()
            subprocess.run(["mount", "--bind", str(path), str(there)], check=True)
            mounted.append(there)
        ways = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
        yield ways | {f"PIP_{name.upper().replace('-', '_')}": value for name, value in options.items()}
    finally:
        for there in reversed(mounted):
            subprocess.run(["umount", str(there)], check=True)
        for there in created:
            there.rmdir() if there.is_dir() else there.unlink()


class Running:
    """A process of the shipped stage: its user and environment, a read-only root, its volume."""

    MOUNTS = """
        set -e; root=$1; data=$2; volume=$3; shift 3
        mount --bind "$root" "$root"
        mount -t proc proc "$root/proc"
        mount --bind /dev "$root/dev"
        mount --bind "$data" "$root$volume"
        mount -t tmpfs tmpfs "$root/tmp"
        mount -o remount,bind,ro "$root"
        exec setpriv --no-new-privs --inh-caps=-all chroot "$@"
    """

    def __init__(self, stage: Stage, words: list[str], env: dict[str, str], data: Path, log: Path) -> None:
        there = ["sh", "-c", 'cd "$0" && exec "$@"', stage.workdir, *words]
        held = [str(stage.root), str(data), stage.volumes[0], f"--userspec={stage.user}:{stage.user}"]
        # Each becomes the next, and the last is the service: signals reach it, as they do in a container.
        command = ["unshare", "--mount", "sh", "-c", self.MOUNTS, "sh", *held, str(stage.root), *there]
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                command, env=stage.env | env, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )
        self.log = log

    def end(self) -> tuple[int, float]:
        """Stop it as a container is stopped; return its status and the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(GRACE), time.monotonic() - began


def base() -> Path:
    """Return a clean Debian, made once, from the mirror that this machine's apt uses."""
    made = PLACE / "base"
    if (made / "made").exists():
        return made
    shutil.rmtree(made, ignore_errors=True)
    words = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, str(made), mirror()]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    (made / "usr/local/bin/python").symlink_to("/usr/bin/python3")  # the official image's name for it
    (made / "made").touch()
    return made


def mirror() -> str:
    """Return where this machine's apt gets Debian from."""
    lists = [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")]
    text = "\n\n".join(one.read_text() for one in lists if one.is_file())
    lines = re.findall(rf"^deb (?:\[[^]]*\] )?(\S+) {SUITE} .*\bmain\b", text, re.M)
    stanzas = [one for one in text.split("\n\n") if re.search(rf"^Suites:.*\b{SUITE}(\s|$)", one, re.M)]
    named = [found.group(1) for one in stanzas if (found := re.search(r"^URIs: *(\S+)", one, re.M))]
    if not lines + named:
        raise SystemExit(f"apt has no source of {SUITE} here")
    return (lines + named)[0]


def ask(port: int, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
    """Ask once; a form is posted."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        connection.request("POST" if form else "GET", path, urlencode(form) if form else None, kind)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def size(path: Path) -> int:
    """Return what a folder takes on disk, in MB."""
    told = subprocess.run(["du", "-sm", str(path)], capture_output=True, text=True, check=True).stdout
    return int(told.split()[0])


def until(condition: Callable[[], bool], what: str) -> float:
    """Wait for a condition; return the seconds it took."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > PATIENCE:
            raise SystemExit(f"{what} did not come")
        time.sleep(0.05)
    return time.monotonic() - began


class Trial:
    """The shipped stage at work."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.port = free_port()
        self.data = PLACE / "data"
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir()
        os.chown(self.data, int(stage.user), int(stage.user))  # as Docker gives a new volume to its owner
        self.env = {
            **{"PORT": str(self.port), "HOST": "127.0.0.1", "PUBLIC_URL": f"http://localhost:{self.port}"},
            **{"SECRET_KEY": secrets.token_urlsafe(32), "MAIL_WORKER": "apart"},
        }

    def start(self, words: list[str], name: str) -> Running:
        """Start something as a container of this image would."""
        return Running(self.stage, words, self.env, self.data, PLACE / f"{name}.log")

    def healthy(self) -> bool:
        """Ask as HEALTHCHECK does."""
        return self.start(self.stage.health, "health").process.wait(10) == 0

    def all(self) -> dict[str, str]:
        """Try everything, twice on one ledger; return what was measured."""
        return self._once("first") | self._once("second")

    def _once(self, name: str) -> dict[str, str]:
        web = self.start(self.stage.command, "web")
        try:
            took = until(lambda: self._up(web), "the service")
            worker = self.start(["flask", "deliver"], "worker")
            self._look(web, worker)
            ended = {"worker": self._stopped(worker), "web": self._stopped(web)}
        finally:
            if web.process.poll() is None:
                web.process.kill()
        return {
            f"{name} start": f"{took:.1f} s",
            **{f"{key} ended in": value for key, value in ended.items()},
        }

    def _up(self, web: Running) -> bool:
        if web.process.poll() is not None:
            raise SystemExit(f"the service ended:\n{web.log.read_text()}")
        try:
            return ask(self.port, "/healthz")[0] == 200
        except OSError:
            return False

    def _look(self, web: Running, worker: Running) -> None:
        until(self.healthy, "a healthy service")
        before = json.loads(ask(self.port, f"{SAMPLE}/progress")[1])["of_which"]["here"]
        signer = {"given_name": "Sam", "family_name": "S", "email": "sam@example.org", "country": "AM"}
        status, body = ask(self.port, f"{SAMPLE}/signatures", signer)
        after = json.loads(ask(self.port, f"{SAMPLE}/progress")[1])["of_which"]["here"]
        # The second time the same person signs, on the ledger that was kept.
        must(status == 201 and after == 1, f"signing: {status} {body}, {before} before, {after} after")
        until(lambda: "no mail server" in worker.log.read_text(), "the worker")
        must(worker.process.poll() is None, f"the worker ended: {worker.log.read_text()}")
        for process in (web, worker):
            status_of = Path(f"/proc/{process.process.pid}/status").read_text()
            must(f"Uid:\t{self.stage.user}\t" in status_of, "it runs as somebody else")
            must("CapEff:\t0000000000000000" in status_of, "it has privileges")
        for path in ("/srv/support-now/x", "/opt/venv/x", "/etc/x"):
            touched = self.start(["touch", path], "touch").process.wait(10)
            must(touched != 0, f"{path} can be written")
        said = self.start(["sh", "-c", "! command -v cc gcc make"], "compiler").process.wait(10)
        must(said == 0, "a compiler was shipped")

    def _stopped(self, one: Running) -> str:
        status, seconds = one.end()
        must(status == 0, f"it ended with {status}:\n{one.log.read_text()}")
        return f"{seconds:.1f} s"


def say(text: str) -> None:
    """Tell whoever watches."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def must(condition: bool, what: str) -> None:
    """End with an error where something is not as it should be."""
    if not condition:
        raise SystemExit(f"not so: {what}")


def main() -> None:
    """Build, try, tell."""
    PLACE.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    clean = base()
    say(f"A clean {SUITE}: {size(clean)} MB, {time.monotonic() - began:.0f} s")
    began = time.monotonic()
    stage = Build(clean).run((ROOT / "Dockerfile").read_text())
    rows = {"built in": f"{time.monotonic() - began:.0f} s"}
    rows |= {"requirements": f"{size(stage.root / 'opt/venv')} MB"}
    rows |= {"our files": f"{size(stage.root / 'srv/support-now')} MB"}
    rows |= Trial(stage).all()
    say("\n".join(f"{name:20} {value:>8}" for name, value in rows.items()))


if __name__ == "__main__":
    main()
