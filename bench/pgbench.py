"""PostgreSQL alone: what pgbench gets from the same server with one INSERT, the least a signature needs."""

import re
import subprocess
from pathlib import Path
from statistics import quantiles
from typing import Literal

from bench.load import CONNECTIONS, Answers
from bench.stores import Books
from tests.postgres_server import find_binaries

Kind = Literal["transaction", "autocommit"]
THREADS = 2
_INSERT = """INSERT INTO signature (petition, email, given_name, family_name, country)
    VALUES ('petition-0', 'sam.' || :client_id || '.' || :n || '@example.org', 'Sam', 'of the Cast', 'AM');"""
_SCRIPTS: dict[Kind, str] = {
    "transaction": f"\\set n random(1, 9000000000000000000)\nBEGIN;\n{_INSERT}\nCOMMIT;\n",
    "autocommit": f"\\set n random(1, 9000000000000000000)\n{_INSERT}\n",
}


class NotPgbench(ValueError):
    """The text is not what pgbench prints."""


def press(kind: Kind, books: Books, seconds: int, folder: Path) -> tuple[Answers, str]:
    """Insert from all connections for some seconds; return the figures and pgbench's own words."""
    script, log = folder / f"{kind}.sql", folder / "latencies"
    script.write_text(_SCRIPTS[kind])
    command = [
        *(str(find_binaries() / "pgbench"), "--no-vacuum", "--protocol=prepared", f"--file={script}"),
        *(
            f"--client={CONNECTIONS}",
            f"--jobs={THREADS}",
            f"--time={seconds}",
            "--log",
            f"--log-prefix={log}",
        ),
        books.url.replace("+psycopg", ""),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 60)
    took = [
        int(line.split()[2]) / 1_000  # microseconds
        for file in folder.glob("latencies*")
        for line in file.read_text().splitlines()
    ]
    for file in folder.glob("latencies*"):
        file.unlink()
    return parse(done.stdout, took), f"$ {' '.join(command)}\n{done.stdout}{done.stderr}"


def parse(text: str, took: list[float]) -> Answers:
    """Read what pgbench prints, and the milliseconds that each transaction took. Raises NotPgbench."""
    answered = re.search(r"number of transactions actually processed: (\d+)", text)
    rate = re.search(r"tps = ([\d.]+)", text)
    if not answered or not rate or len(took) < 100:
        raise NotPgbench(text[-500:])
    failed = re.search(r"number of failed transactions: (\d+)", text)
    percentiles = quantiles(took, n=100)
    return Answers(
        answered=int(answered[1]),
        rate=float(rate[1]),
        p50=percentiles[49],
        p99=percentiles[98],
        refused=int(failed[1]) if failed else 0,
        broken=0,
    )
