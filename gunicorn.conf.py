"""How gunicorn serves the application. Numbers come from config.py; docs/operating.md says why."""

import gc
import logging
import os
import shutil
import signal
import time
from contextlib import suppress
from functools import partial
from typing import Any

from config import Settings, noted_minder, open_figures_folder, taken_greeting
from widget.gathering import STOPS
from widget.logs import JsonFormatter, WithoutPeer

LETTER_WITHIN = 10.0  # seconds that the worker beside us may take for the letter in its hand

_settings = Settings.from_env()
_greeting = taken_greeting()
_folder = open_figures_folder()  # before anything that keeps figures is imported


bind = f"{_settings.host}:{_settings.port}"
workers = _settings.web_concurrency
threads = _settings.web_threads
worker_class = "widget.gathering.GatheringWorker"  # only whole requests hold a thread
# Each worker has a socket of its own: without it one worker may get nearly all connections.
reuse_port = True
# Loaded once, before the workers are forked: they share its memory, and a new one answers at once. One that
# loaded it by itself, with its own socket open already, would take connections and let them wait for it.
preload_app = True
keepalive = 75  # seconds; longer than a proxy keeps an idle connection, so that the proxy closes first
timeout = 30  # seconds until a worker that stands still is replaced
graceful_timeout = 20  # seconds a worker may take to finish what it has begun
# A worker that has answered so much makes room for a new one: against memory that some library loses.
max_requests = 400_000
max_requests_jitter = 200_000  # so that they do not go together
limit_request_line = 4094
limit_request_fields = 60
control_socket_disable = True  # it would need a home to write to, and two services would share it
accesslog = None  # what is worth knowing of a request is logged by the application, without the peer
errorlog = "-"
# Below warning gunicorn names every path, and a path may hold a link that opens a signature.
loglevel = "error" if _settings.log_level == "error" else "warning"


def on_starting(server: object) -> None:  # noqa: ARG001 - gunicorn hands it
    """Let gunicorn say what it says as we do, and keep the addresses of visitors out of it."""
    # Until a new worker listens to signals itself it has its parent's handlers, which would swallow one that
    # tells it to stop: Ctrl-C in that moment would take until graceful_timeout. So they wait until it runs.
    os.register_at_fork(
        before=partial(signal.pthread_sigmask, signal.SIG_BLOCK, STOPS),
        after_in_parent=partial(signal.pthread_sigmask, signal.SIG_UNBLOCK, STOPS),
    )
    said = logging.getLogger("gunicorn.error")
    said.addFilter(WithoutPeer())
    for handler in said.handlers:
        handler.setFormatter(JsonFormatter())


def when_ready(server: object) -> None:  # noqa: ARG001
    """Set apart all that was loaded: a collection in a worker would copy each page it looks at."""
    gc.collect()
    gc.freeze()


def pre_fork(server: Any, worker: Any) -> None:
    """Give a worker the first place that is free: its figures go on where those of the last one ended."""
    taken = {one.place for one in server.WORKERS.values()}
    worker.place = next(place for place in range(len(taken) + 1) if place not in taken)


def post_worker_init(worker: Any) -> None:
    """Let the new process keep its figures, know who may send files, and tell which sites show a widget."""
    from widget import metrics  # noqa: PLC0415 - not before the folder is known

    metrics.take_place(f"web-{worker.place}")
    ours = worker.wsgi.extensions  # bench/ serves other applications like this, too
    if "support_now" in ours:
        worker.vouch = ours["support_now_vouch"]
        ours["support_now_watch"].start()
        ours["support_now"].sightings.start()
    if _greeting and worker.age == 1:  # its socket listens; one that takes its place later says nothing
        print(_greeting, flush=True)  # noqa: T201


def child_exit(server: object, worker: Any) -> None:  # noqa: ARG001
    """Forget what a process that is gone said of its present."""
    from widget import metrics  # noqa: PLC0415

    metrics.forget(f"web-{worker.place}")


def on_exit(server: object) -> None:  # noqa: ARG001
    """Leave nothing behind: the worker that sends letters ends first, so that the prompt is really free."""
    minder = noted_minder()
    if minder is not None:
        _end(minder)
    shutil.rmtree(_folder, ignore_errors=True)


def _end(minder: int) -> None:
    """Ask it to end and wait; a letter that takes longer is finished behind our back."""
    deadline = time.monotonic() + LETTER_WITHIN
    with suppress(ChildProcessError, ProcessLookupError):  # it has ended, and gunicorn took note
        if os.waitpid(minder, os.WNOHANG) == (0, 0):
            os.kill(minder, signal.SIGTERM)
        while time.monotonic() < deadline and os.waitpid(minder, os.WNOHANG) == (0, 0):
            time.sleep(0.02)


def _stop_early(_number: int, _frame: object) -> None:
    """End in one line while the application is still being loaded, before gunicorn listens to signals."""
    print("Stopped before it was ready. Nothing is lost.", flush=True)  # noqa: T201
    on_exit(None)
    os._exit(0)


# Not on SIGHUP: then this is read anew in the midst of serving, and gunicorn listens already.
if signal.getsignal(signal.SIGINT) in {signal.default_int_handler, signal.SIG_IGN}:
    signal.signal(signal.SIGINT, _stop_early)
# One that came since this process began has waited for this line (widget/serving.py).
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
