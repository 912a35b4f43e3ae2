"""A Redis Cluster as one line: each key has its server, and which one may change at any moment.

redis-py knows the map (which server has which slot) and how to learn it. Questions go out here, on a wire
for each server, so that a visitor waits for one timeout and not for as many as there are servers.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from redis.cluster import ClusterNode, NodesManager
from redis.connection import AbstractConnection
from redis.crc import key_slot
from redis.exceptions import AskError, ClusterDownError, MovedError, RedisClusterException
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import TimeoutError as Silent

from widget.store.wire import FAILURES, PROBE, Wire, Word

PROBES_AT_MOST = 200_000  # names tried until each server has a key of its own to be probed with

Place = tuple[str, int]
T = TypeVar("T")


class ClusterWire:
    """Wires to the servers of a cluster, safe to use from any thread.

    `places` are servers to learn the map from, `dial` connects to one, `settings` are redis-py's for
    learning. After a failure the map is learnt anew before the next question; one thread at a time
    does so, and others hear at once that Redis cannot be asked. `interrupted`: as for Wire, and when a
    key turns out to be elsewhere, since its new server may lack what the old one was last told.
    """

    spread = True

    def __init__(
        self,
        places: Sequence[Place],
        dial: Callable[[Place], AbstractConnection],
        settings: dict[str, Any],
        *,
        interrupted: Callable[[], None],
    ) -> None:
        self._places = list(places)
        self._dial = dial
        self._settings = {name: value for name, value in settings.items() if name not in _NOT_FOR_MAPS}
        self._interrupted = interrupted
        self.after_fork()

    def ask(self, verb: str, key: Word, *words: Word) -> Any:
        """Send a command about one key and return its answer; raises one of FAILURES."""
        return self._routed(key, lambda wire, asking: wire.send(verb, key, *words, asking=asking))

    def run(self, script: str, keys: Sequence[Word], *words: Word) -> Any:
        """Run a Lua script on its keys, which share a slot; raises one of FAILURES."""
        return self._routed(keys[0], lambda wire, asking: wire.run(script, keys, *words, asking=asking))

    def probe(self) -> None:
        """Write on every server: with one of them away the cluster is not back."""
        for place, key in self._probes():
            self._wire(place).send("SET", key, "1", "PX", 1000)

    def answers(self) -> bool:
        """Tell whether every server answers."""
        return all(self._wire(place).answers() for place, _ in self._probes())

    def hang_up(self) -> None:
        """Close every connection that is not in use."""
        for wire in list(self._wires.values()):
            wire.hang_up()
        if self._map is not None:
            self._map.close()

    def after_fork(self) -> None:
        """Forget the parent's connections, its map and whoever was learning it."""
        self._map: NodesManager | None = None
        self._outdated = False
        self._learning = threading.Lock()
        self._wires: dict[Place, Wire] = {}

    def _routed(self, key: Word, put: Callable[[Wire, bool], T]) -> T:
        place = self._owner(key)
        try:
            try:
                return put(self._wire(place), False)
            except MovedError as moved:
                self._interrupted()
                self._learn_unless_busy()
                return put(self._wire((moved.host or place[0], moved.port)), False)
            except AskError as ask:
                return put(self._wire((ask.host or place[0], ask.port)), True)
        except (ConnectionLost, Silent, ClusterDownError, OSError):
            self._outdated = True
            raise

    def _owner(self, key: Word) -> Place:
        node = _owner_in(self._present_map(), key)
        return str(node.host), int(node.port)

    def _wire(self, place: Place) -> Wire:
        wire = self._wires.get(place)
        if wire is None:
            made = Wire(lambda: self._dial(place), interrupted=self._interrupted)
            wire = self._wires.setdefault(place, made)
        return wire

    def _present_map(self) -> NodesManager:
        known = self._map
        if known is not None and not self._outdated:
            return known
        if not self._learning.acquire(blocking=False):
            raise ConnectionLost("another thread learns where the keys are")
        try:
            return self._learnt()
        except RedisClusterException as error:
            raise ConnectionLost("the cluster tells nobody where the keys are") from error
        finally:
            self._learning.release()

    def _learn_unless_busy(self) -> None:
        """Learn the map anew after a server said that it is out of date; others go on with what there is."""
        if not self._learning.acquire(blocking=False):
            return
        try:
            self._learnt()
        except _UNLEARNT:  # whoever asks next learns it, or hears so
            self._outdated = True
        finally:
            self._learning.release()

    def _learnt(self) -> NodesManager:
        known = self._map
        if known is None:
            nodes = [ClusterNode(*place) for place in self._places]  # type: ignore[no-untyped-call]
            known = NodesManager(nodes, require_full_coverage=True, **self._settings)
        else:
            known.initialize(additional_startup_nodes_info=self._places)
        self._map, self._outdated = known, False
        there = {(node.host, node.port) for node in known.nodes_cache.values()}
        for place in set(self._wires) - there:
            self._wires.pop(place).hang_up()
        return known

    def _probes(self) -> Iterator[tuple[Place, str]]:
        """Yield each server that has slots, with a key that lies there."""
        known = self._present_map()
        slots = known.slots_cache
        wanted = {(nodes[0].host, nodes[0].port) for nodes in slots.values() if nodes}
        for number in range(PROBES_AT_MOST):
            if not wanted:
                return
            node = _owner_in(known, key := f"{PROBE}:{number}")
            place = (node.host, node.port)
            if place in wanted:
                wanted.remove(place)
                yield place, key


_UNLEARNT: tuple[type[Exception], ...] = (RedisClusterException, *FAILURES)
# What a connection takes and a map does not: it sets its own.
_NOT_FOR_MAPS = frozenset({"retry", "db"})


def _owner_in(known: NodesManager, key: Word) -> ClusterNode:
    raw = key if isinstance(key, bytes) else str(key).encode()
    try:
        return known.get_node_from_slot(key_slot(raw))
    except RedisClusterException as error:
        raise ConnectionLost("no server has this key") from error
