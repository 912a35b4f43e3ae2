"""Isso, the nearest neighbour that can be brought up here: comments under a page, on SQLite, in Python.

It lives in a virtual environment of its own (bench/prepare-isso) and is no requirement of ours. Same
gunicorn, processes and threads, and none of what it does beside: no limits, no moderation, no mail.
"""

import http.client
import json
import sqlite3
from contextlib import closing
from pathlib import Path

from config import Settings

PYTHON = Path(__file__).parents[1] / ".venv/isso/bin/python"
THREAD = "/petition-0/"
NEW, COUNT = f"/new?uri={THREAD}", "/count"
PATIENCE = 20.0
_CONF = """
[general]
dbpath = {folder}/comments.db
host = http://127.0.0.1:{port}
log-file =
[guard]
enabled = false
[moderation]
enabled = false
"""
_GUNICORN = """
bind = "127.0.0.1:{port}"
workers, threads, worker_class = {workers}, {threads}, "gthread"
reuse_port = preload_app = True
keepalive = 75
control_socket_disable = True
"""


def command(folder: Path, port: int, settings: Settings) -> tuple[list[str], dict[str, str]]:
    """Write its settings; return what starts it, and its environment."""
    (folder / "isso.cfg").write_text(_CONF.format(folder=folder, port=port))
    conf = folder / "gunicorn_of_isso.py"
    conf.write_text(
        _GUNICORN.format(port=port, workers=settings.web_concurrency, threads=settings.web_threads)
    )
    words = [str(PYTHON), "-m", "gunicorn", "-c", str(conf), "isso.run:application"]
    return words, {"ISSO_SETTINGS": str(folder / "isso.cfg")}


def fill(folder: Path, entries: int, port: int) -> None:
    """Let it write one comment, and copy that until there are so many. Raises RuntimeError."""
    status, said = _post(port, NEW, {"text": "It shall go on turning.", "title": "The mill"})
    if status not in (201, 202):
        raise RuntimeError(f"Isso takes no comment: {status} {said!r}")
    with closing(sqlite3.connect(folder / "comments.db", timeout=PATIENCE)) as book:
        columns = ", ".join(row[1] for row in book.execute("PRAGMA table_info(comments)") if row[1] != "id")
        numbers = f"WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {entries})"
        copied = f"SELECT {columns} FROM comments, n WHERE id = 1"
        if entries > 1:
            book.execute(f"{numbers} INSERT INTO comments ({columns}) {copied}")
        book.commit()
    status, said = _post(port, COUNT, [THREAD])
    if json.loads(said) != [entries]:
        raise RuntimeError(f"Isso counts {said!r}, there are {entries}")


def _post(port: int, path: str, body: object) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
