"""From REDIS_URL to a line: one server, the one that Sentinels name at the moment, or a cluster.

What redis-py knows it does here: the options of a URL, TLS, Sentinel's protocol, a cluster's map. What it
would do around a failure (try again, ask all others) is left out: outage.py keeps away instead.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from redis import ConnectionPool
from redis.backoff import NoBackoff
from redis.connection import AbstractConnection, Connection, SSLConnection, parse_url
from redis.exceptions import ReadOnlyError, ResponseError
from redis.retry import Retry
from redis.sentinel import Sentinel

from widget.store.cluster import ClusterWire
from widget.store.urls import WrongAddress
from widget.store.wire import PROBE, Line, Wire

SHORTEST = 0.1  # seconds for one of several servers that are asked in turn
_PORTS = {"sentinel": 26_379, "cluster": 6_379}
_FOR_SENTINELS = "sentinel_"  # how options begin that are for the Sentinels alone
_YES = {"1", "true", "yes", "on"}

Place = tuple[str, int]


def line_to(url: str, *, timeout: float, interrupted: Callable[[], None]) -> Line:
    """Return a line to what a REDIS_URL names; nothing is connected yet. Raises WrongAddress.

    `timeout` bounds each connect and each answer, in seconds.
    """
    try:
        scheme, _, kind = urlsplit(url).scheme.partition("+")
        if kind == "sentinel":
            dial: Callable[[], AbstractConnection] = _Sentinels(_read(url, scheme, kind), timeout)
        elif kind == "cluster":
            address = _read(url, scheme, kind)
            settings = address.settings | _bounds(timeout)
            _made(address.kind, settings | {"host": "", "port": 0})
            return ClusterWire(
                address.places,
                lambda place: _made(address.kind, settings | {"host": place[0], "port": place[1]}),
                settings | {"ssl": address.tls} | _share(timeout, len(address.places)),
                interrupted=interrupted,
            )
        else:
            dial = _server(url, timeout)
    except (TypeError, ValueError) as error:
        raise WrongAddress("has an option that Redis connections do not know, or a wrong value") from error
    return Wire(dial, interrupted=interrupted)


def _bounds(timeout: float) -> dict[str, Any]:
    # Protocol 2 and no driver_info: no greeting to wait for.
    return {
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "retry": Retry(NoBackoff(), 0),
        "health_check_interval": 0,
        "protocol": 2,
        "driver_info": None,
    }


def _share(timeout: float, among: int) -> dict[str, float]:
    """Return the limits of one of several servers: all of them together take about one timeout."""
    each = max(timeout / among, SHORTEST)
    return {"socket_timeout": each, "socket_connect_timeout": each}


def _server(url: str, timeout: float) -> Callable[[], AbstractConnection]:
    pool = ConnectionPool.from_url(url, **_bounds(timeout))  # it only parses the URL
    kind, settings = pool.connection_class, pool.connection_kwargs
    _made(kind, settings)
    return lambda: _made(kind, settings)


def _made(kind: Any, settings: dict[str, Any]) -> AbstractConnection:
    made: AbstractConnection = kind(**settings)
    return made


# Several servers in one URL


@dataclass(frozen=True, slots=True)
class _Address:
    """What stands in a URL with several places. `settings` are redis-py's, without a place."""

    places: tuple[Place, ...]
    path: tuple[str, ...]
    tls: bool
    settings: dict[str, Any]
    for_sentinels: dict[str, str]

    @property
    def kind(self) -> Any:
        return SSLConnection if self.tls else Connection


def _read(url: str, scheme: str, kind: str) -> _Address:
    parts = urlsplit(url)
    user, _, hosts = parts.netloc.rpartition("@")
    path = tuple(unquote(one) for one in parts.path.split("/") if one)
    options = dict(parse_qsl(parts.query))
    for_sentinels = {
        name.removeprefix(_FOR_SENTINELS): value
        for name, value in options.items()
        if name.startswith(_FOR_SENTINELS)
    }
    rest = {name: value for name, value in options.items() if not name.startswith(_FOR_SENTINELS)}
    single = f"{scheme}://{user}{'@' * bool(user)}-/?{urlencode(rest)}"
    settings: dict[str, Any] = parse_url(single)  # type: ignore[no-untyped-call]
    for name in ("host", "connection_class"):
        settings.pop(name, None)
    if kind == "sentinel" and len(path) > 1:
        settings["db"] = int(path[1])
    return _Address(
        places=tuple(_place(one, _PORTS[kind]) for one in hosts.split(",")),
        path=path,
        tls=scheme == "rediss",
        settings=settings,
        for_sentinels=for_sentinels,
    )


def _place(text: str, port: int) -> Place:
    parts = urlsplit(f"//{text}")
    return parts.hostname or "", parts.port or port


class _Sentinels:
    """Makes connections to whom the Sentinels call the primary at that moment.

    They are asked for every new connection, so there is nothing to keep up to date. Who answered last is
    asked first. That a server takes a write is looked at, too: a Sentinel may be late to know.
    """

    def __init__(self, address: _Address, timeout: float) -> None:
        self._places = list(address.places)
        self._service = address.path[0]
        self._kind = address.kind
        self._settings = address.settings | _bounds(timeout)
        own = address.for_sentinels
        tls = address.tls and own.pop("ssl", "yes").lower() in _YES
        keys = {name: value for name, value in address.settings.items() if name.startswith("ssl_")}
        self._asking = {
            **(keys if tls else {}),
            **{"ssl": tls, "username": own.pop("username", None), "password": own.pop("password", None)},
            **_bounds(timeout),
            **_share(timeout, len(self._places)),
        }
        if own:
            raise ValueError("unknown options for the Sentinels")
        _made(self._kind, self._settings | {"host": "", "port": 0})
        self._watchers().close()

    def __call__(self) -> AbstractConnection:
        host, port = self._primary()
        line = _made(self._kind, self._settings | {"host": host, "port": port})
        try:
            line.send_command("SET", PROBE, "1", "PX", 1000)  # type: ignore[no-untyped-call]
            line.read_response()
        except ReadOnlyError:
            line.disconnect()  # type: ignore[no-untyped-call]
            raise
        except ResponseError:  # it is full, or refuses for a reason of its own: whoever asks will hear it
            return line
        except BaseException:
            line.disconnect()  # type: ignore[no-untyped-call]
            raise
        return line

    def _primary(self) -> Place:
        with closing(self._watchers()) as watchers:
            host, port = watchers.discover_master(self._service)  # type: ignore[no-untyped-call]
            told = watchers.sentinels[0].connection_pool.connection_kwargs
        first = (told["host"], told["port"])
        self._places = [first, *(one for one in self._places if one != first)]
        return str(host), int(port)

    def _watchers(self) -> Sentinel:
        # Anew each time: redis-py's own list of them is not made for several threads.
        return Sentinel(self._places, sentinel_kwargs=self._asking)  # type: ignore[no-untyped-call]
