"""A real PgBouncer in front of a PostgreSQL of ours, that lends connections for one transaction."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.postgres_server import OWNER, PostgresServer, free_port

PATIENCE = 20.0
_CONF = """
[databases]
* = host=127.0.0.1 port={server} {more}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
max_client_conn = 200
server_reset_query_always = 0
ignore_startup_parameters = {ignored}
logfile = {folder}/log
"""


@contextmanager
def pooled(server: PostgresServer, database: str, *, ignored: str = "extra_float_digits") -> Iterator[str]:
    """Give the address of a database through a pooler; `ignored`: what it takes at the start and forgets."""
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    program = shutil.which("pgbouncer", path=path)
    if program is None:
        raise RuntimeError("pgbouncer is not installed: `make test` says how to get it")
    folder, port = Path(tempfile.mkdtemp(prefix="sn-pooler-")), free_port()
    conf = folder / "pgbouncer.ini"
    conf.write_text(
        _CONF.format(server=server.port, more=f"user={OWNER}", port=port, folder=folder, ignored=ignored)
    )
    as_user = ["-u", server.user] if server.user else []
    if server.user:  # it refuses to run as root, as PostgreSQL does
        shutil.chown(folder, server.user)
        shutil.chown(conf, server.user)
    running = subprocess.Popen(
        [program, "-q", *as_user, str(conf)], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + PATIENCE
        while not _listens(port):
            if running.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"pgbouncer did not start: {(folder / 'log').read_text()}")
            time.sleep(0.02)
        yield f"postgresql+psycopg://{OWNER}@127.0.0.1:{port}/{database}"
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(PATIENCE)
        shutil.rmtree(folder)


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
