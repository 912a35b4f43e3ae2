"""How gunicorn serves the application. Numbers come from config.py; docs/operating.md says why."""

import logging

from config import Settings
from widget.logs import WithoutPeer

_settings = Settings.from_env()

bind = f"{_settings.host}:{_settings.port}"
workers = _settings.web_concurrency
threads = _settings.web_threads
worker_class = "widget.gathering.GatheringWorker"  # only whole requests hold a thread
# Each worker has a socket of its own: without it one worker may get nearly all connections.
reuse_port = True
keepalive = 75  # seconds; longer than a proxy keeps an idle connection, so that the proxy closes first
timeout = 30  # seconds until a worker that stands still is replaced
graceful_timeout = 20  # seconds a worker may take to finish what it has begun
limit_request_line = 4094
limit_request_fields = 60
control_socket_disable = True  # it would need a home to write to, and two services would share it
accesslog = None  # what is worth knowing of a request is logged by the application, without the peer
errorlog = "-"
# Below warning gunicorn names every path, and a path may hold a link that opens a signature.
loglevel = "error" if _settings.log_level == "error" else "warning"


def on_starting(server: object) -> None:  # noqa: ARG001 - gunicorn hands it
    """Keep the addresses of visitors out of what gunicorn itself logs."""
    logging.getLogger("gunicorn.error").addFilter(WithoutPeer())
