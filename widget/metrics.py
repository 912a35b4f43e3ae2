"""The figures for who operates the service: every metric there is, and who keeps it (docs/watching.md).

Labels come from short lists in our own code: no path, slug, address or name is ever one. With several
processes each keeps its figures in a file of a shared folder, and whoever is asked adds them up. The file
belongs to a place (`web-0`), not to a process: whoever takes the place over counts on.
"""

import os

from prometheus_client import (
    CollectorRegistry,
    Gauge,
    disable_created_metrics,
    generate_latest,
    start_http_server,
    values,
)
from prometheus_client import Counter as Counter  # noqa: PLC0414 - handed on
from prometheus_client import Histogram as Histogram  # noqa: PLC0414
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)  # seconds

_shared = values.ValueClass is not values.MutexValue
_place = ""


def take_place(name: str) -> None:
    """Keep this process's figures under a name that no other running process has."""
    global _place  # noqa: PLW0603 - a process has one
    _place = name


def _name() -> str:
    return _place or str(os.getpid())


if _shared:
    values.ValueClass = values.MultiProcessValue(_name)  # type: ignore[no-untyped-call]

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, which several processes do not have
OWN = CollectorRegistry()


def _counter(name: str, about: str, *labels: str) -> Counter:
    return Counter(f"support_now_{name}", about, labels, registry=OWN)


def _gauge(name: str, about: str, mode: str = "livesum") -> Gauge:
    return Gauge(f"support_now_{name}", about, registry=OWN, multiprocess_mode=mode)  # type: ignore[arg-type]


requests = _counter("requests", "Answers by rule, method and status", "route", "method", "status")
seconds = Histogram("support_now_request_seconds", "Time to answer", ["route"], buckets=BUCKETS, registry=OWN)
refusals = _counter("refusals", "Answers that say no, by the code in them", "code")
signatures = _counter("signatures", "What became of signatures that were sent", "outcome")
confirmations = _counter("confirmations", "What became of confirmations", "outcome")
alarms = _counter("alarms", "Networks or domains that sent very many signatures", "source", "size")
letters = _counter("letters", "What became of letters", "outcome")
mail_failures = _counter("mail_failures", "Rounds of the worker in which no letter could go out")
count_reads = _counter("count_reads", "Counts shown, by where they were read", "store")
store_failures = _counter("store_failures", "Questions that a store did not answer", "store")
redis_down = _gauge("redis_down", "Processes that keep away from Redis until it is back")
ledger_hangs = _gauge("ledger_hangs", "Processes that found the ledger hanging and ask one at a time")
counts_owed = _gauge("counts_owed", "Counts that Redis missed and will get")
ledger_connections = _gauge("ledger_connections", "Connections to the ledger in use")
ledger_connections_limit = _gauge("ledger_connections_limit", "Connections to the ledger there may be")
processes = _gauge("processes", "Processes that keep figures here")
memory = _gauge("memory_bytes", "Resident memory of the largest process", "livemax")

# Known from the start, so that a rate is there before the first of its kind.
refusals.labels("internal_error")
for outcome in ("counted", "check_email", "repeated", "held", "challenged", "refused"):
    signatures.labels(outcome)
for outcome in ("confirmed", "again"):
    confirmations.labels(outcome)
for outcome in ("sent", "put_off", "given_up", "not_needed"):
    letters.labels(outcome)
for store in ("redis", "ledger"):
    count_reads.labels(store)
    store_failures.labels(store)
for source in ("network", "domain"):
    for size in ("100", "200"):
        alarms.labels(source, size)


def forget(place: str) -> None:
    """Drop what a process that ended said of its present; what it counted stays."""
    if _shared:
        mark_process_dead(place)  # type: ignore[no-untyped-call]


def show(host: str, port: int) -> None:
    """Show the figures of this process alone at a port of its own."""
    start_http_server(port, host, OWN)


def text(*more: Collector) -> bytes:
    """Return the figures of all processes, and those that are measured for whoever asks."""
    registry = CollectorRegistry()
    if _shared:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(OWN)
    for collector in more:
        registry.register(collector)
    return generate_latest(registry)
