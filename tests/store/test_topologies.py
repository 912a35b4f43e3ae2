"""Redis on several servers: who may know of it, and what a failover does to the number. Nothing, it is."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.certificates import make_certificates
from tests.petitions import NOW, draft, signature
from tests.redis_topologies import (
    PASSWORD,
    SENTINELS_PASSWORD,
    SERVICE,
    Cluster,
    Node,
    Watched,
    clustered,
    until,
    watched,
)
from widget.domain.signature import Occasion
from widget.store.counter import Counter
from widget.store.ledger import Ledger
from widget.store.pace import PaceKeeper, Span, Use
from widget.store.urls import WrongAddress

pytestmark = pytest.mark.services
BOUND = 2.0  # seconds; a hang would be five and more
MINUTE = Span("p7", 60)
NETWORK = Span("n9", 60, always=True, apart=True)

Open = Callable[..., Counter]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind of ledger is enough to ask what Redis does."""
    return sqlite_url


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def petitions(ledger: Ledger) -> list[int]:
    return [ledger.add_petition(draft(slug=f"petition-{n}"), NOW).id for n in range(8)]


@pytest.fixture
def a_process(ledger: Ledger) -> Iterator[Open]:
    """Open a Counter as one more process would."""
    with ExitStack() as ended:

        def start(url: str) -> Counter:
            made = Counter(ledger.tally, redis_url=url, clock=lambda: datetime.now(UTC))
            ended.callback(made.close)
            return made

        yield start


class Signer:
    """Signs petitions and looks, over and over; each time at once, and each number right."""

    def __init__(self, ledger: Ledger, here: Counter, there: Counter) -> None:
        self._ledger, self._counters, self._signed = ledger, (here, there), 0

    def sign(self, petition_id: int) -> None:
        """Sign in one process and look in it: the signer sees the own signature at once (promise 7)."""
        self._signed += 1
        here = self._counters[self._signed % 2]
        before = self._ledger.tally(petition_id).here
        self._ledger.record(signature(petition_id, f"sam.{self._signed}@example.org"), Occasion.RECEIPT)
        began = time.monotonic()
        here.publish(petition_id, self._ledger.tally(petition_id))
        assert here.read(petition_id).here == before + 1
        assert time.monotonic() - began < BOUND

    def settle(self, petition_id: int) -> None:
        """Wait until both processes are back at Redis: then each shows the number with its next read."""
        until(lambda: not any(one.status().down or one.status().owed for one in self._counters))
        numbers = [one.read(petition_id).here for one in self._counters]
        assert numbers == [self._ledger.tally(petition_id).here] * 2


def is_used(server: Node, petition_id: int) -> bool:
    """Tell whether a server has a settled line of this petition."""
    with server.client() as client:
        return bytes(client.get(f"sn:tally:{petition_id}") or b"").endswith(b" -")


# Sentinel


def sentinel_url(stand: Watched, *, tls: Path | None = None, **changed: str) -> str:
    places = ",".join(f"127.0.0.1:{one.port}" for one in stand.sentinels)
    own = quote(changed.get("sentinels", SENTINELS_PASSWORD), safe="")
    user = quote(changed.get("password", PASSWORD), safe="")
    ca = f"&ssl_ca_certs={tls}/ca.crt" if tls else ""
    scheme = "rediss" if tls else "redis"
    return f"{scheme}+sentinel://:{user}@{places}/{SERVICE}/1?sentinel_password={own}{ca}"


@pytest.mark.parametrize("secured", [False, True], ids=["plain", "TLS"])
def test_a_failover_that_sentinels_lead_changes_no_number(
    ledger: Ledger,
    petitions: list[int],
    a_process: Open,
    certificates: Path,
    tmp_path: Path,
    secured: bool,
) -> None:
    petition_id = petitions[0]
    tls = certificates if secured else None
    with watched(tmp_path, tls) as stand:
        url = sentinel_url(stand, tls=tls)
        here, there = a_process(url), a_process(url)
        signer = Signer(ledger, here, there)
        for _ in range(3):
            signer.sign(petition_id)
        signer.settle(petition_id)
        if not secured:  # a handshake may take longer than we wait where much else is going on
            assert (here.status().failures, there.status().failures) == (0, 0)
        assert (here.ping(), there.ping()) == (True, True)

        old = stand.primary
        old.kill()
        stand.sentinels[0].kill()  # and with it one of those that know
        until(lambda: signer.sign(petition_id) or stand.primary is not old)  # type: ignore[func-returns-value]
        stand.wait_for(old)
        signer.settle(petition_id)
        assert here.ping()
        with stand.primary.client() as client:
            client.select(1)
            until(lambda: here.read(petition_id) and client.get(f"sn:tally:{petition_id}"))


def test_a_primary_that_is_replaced_in_good_order_is_left(
    ledger: Ledger, petitions: list[int], a_process: Open, tmp_path: Path
) -> None:
    with watched(tmp_path) as stand:
        here, there = a_process(sentinel_url(stand)), a_process(sentinel_url(stand))
        signer = Signer(ledger, here, there)
        signer.sign(petitions[0])
        old = stand.primary
        stand.sentinels[0].tell("SENTINEL", "FAILOVER", SERVICE)
        until(lambda: signer.sign(petitions[0]) or stand.primary is not old)  # type: ignore[func-returns-value]
        stand.wait_for(old)
        until(lambda: old.tell("ROLE")[0] == b"slave")
        signer.sign(petitions[0])
        signer.settle(petitions[0])


def test_a_primary_that_wakes_up_after_it_was_replaced_is_not_believed(
    ledger: Ledger, petitions: list[int], a_process: Open, tmp_path: Path
) -> None:
    """For a while it still calls itself the primary, with numbers of before."""
    with watched(tmp_path) as stand:
        here, there = a_process(sentinel_url(stand)), a_process(sentinel_url(stand))
        signer = Signer(ledger, here, there)
        for _ in range(4):  # each has a connection to it
            signer.sign(petitions[0])
        old = stand.primary
        old.pause()
        until(lambda: signer.sign(petitions[0]) or stand.primary is not old)  # type: ignore[func-returns-value]
        stand.wait_for(old)
        signer.settle(petitions[0])
        old.resume()
        for _ in range(20):
            signer.sign(petitions[0])
            signer.settle(petitions[0])


@pytest.mark.parametrize("wrong", ["sentinels", "password"])
def test_wrong_passwords_are_as_good_as_no_redis(
    ledger: Ledger, petitions: list[int], a_process: Open, tmp_path: Path, wrong: str
) -> None:
    with watched(tmp_path) as stand:
        counter = a_process(sentinel_url(stand, **{wrong: "not the right one"}))
        signer = Signer(ledger, counter, counter)
        signer.sign(petitions[0])
        signer.sign(petitions[0])
        assert counter.ping() is False


def test_sentinels_that_all_stand_still_are_waited_for_once(
    ledger: Ledger, petitions: list[int], a_process: Open, tmp_path: Path
) -> None:
    with watched(tmp_path) as stand:
        for one in (*stand.sentinels, *stand.servers):
            one.pause()
        counter = a_process(sentinel_url(stand))
        signer = Signer(ledger, counter, counter)
        for _ in range(20):
            signer.sign(petitions[0])
        assert counter.status().failures == 1
        for one in (*stand.sentinels, *stand.servers):
            one.resume()


# Cluster


def cluster_url(stand: Cluster, *, tls: Path | None = None) -> str:
    places = ",".join(f"127.0.0.1:{one.port}" for one in stand.primaries)
    return f"{'rediss' if tls else 'redis'}+cluster://{places}" + (
        f"?ssl_ca_certs={tls}/ca.crt" if tls else ""
    )


@pytest.mark.parametrize("secured", [False, True], ids=["plain", "TLS"])
def test_a_cluster_holds_each_petition_where_it_belongs(
    ledger: Ledger,
    petitions: list[int],
    a_process: Open,
    certificates: Path,
    tmp_path: Path,
    secured: bool,
) -> None:
    tls = certificates if secured else None
    with clustered(tmp_path, tls=tls) as stand:
        url = cluster_url(stand, tls=tls)
        here, there = a_process(url), a_process(url)
        signer = Signer(ledger, here, there)
        for petition_id in petitions * 2:
            signer.sign(petition_id)
            signer.settle(petition_id)
        owners = {stand.owner(f"sn:tally:{one}").port for one in petitions}
        assert len(owners) > 1
        assert all(is_used(stand.owner(f"sn:tally:{one}"), one) for one in petitions)
        if not secured:  # a handshake may take longer than we wait where much else is going on
            assert (here.status().failures, there.status().failures) == (0, 0)
        assert here.ping()


def test_processes_count_together_in_a_cluster(a_process: Open, tmp_path: Path) -> None:
    with clustered(tmp_path) as stand:
        counters = [a_process(cluster_url(stand)) for _ in range(2)]
        keepers = [PaceKeeper(one) for one in counters]
        spans = [NETWORK, MINUTE, Span("family", 60, most=2), Span("s7", 60)]
        counted = [keepers[n % 2].count(spans, NOW, about="p7").counts for n in range(4)]
        # The same four as on one server: tests/store/test_pace.py.
        assert counted == [(1, 1, 1, 1), (2, 2, 2, 2), (3, 3, 3, 2), (4, 4, 4, 2)]
        assert keepers[0].count([NETWORK], NOW, about="p8").counts == (5,)  # whatever the petition
        paid = [keepers[n].count(spans[:2], NOW, Use("riddle", 600), about="p7") for n in range(2)]
        assert [(one.counts, one.paid) for one in paid] == [((6, 4), True), ((7, 5), False)]
        assert [one.status().failures for one in counters] == [0, 0]


def test_a_server_of_a_cluster_that_dies_changes_no_number(
    ledger: Ledger, petitions: list[int], a_process: Open, tmp_path: Path
) -> None:
    with clustered(tmp_path, replicas=True) as stand:
        here, there = a_process(cluster_url(stand)), a_process(cluster_url(stand))
        signer = Signer(ledger, here, there)
        for petition_id in petitions:
            signer.sign(petition_id)
        old = stand.owner(f"sn:tally:{petitions[0]}")
        old.kill()
        until(lambda: [signer.sign(one) for one in petitions[:2]] and stand.is_whole())
        until(lambda: stand.owner(f"sn:tally:{petitions[0]}") is not old)
        for petition_id in petitions:
            signer.sign(petition_id)
            signer.settle(petition_id)
        until(
            lambda: here.read(petitions[0]) and is_used(stand.owner(f"sn:tally:{petitions[0]}"), petitions[0])
        )


def test_a_server_of_a_cluster_that_stands_still_is_waited_for_once(
    ledger: Ledger, petitions: list[int], a_process: Open, tmp_path: Path
) -> None:
    with clustered(tmp_path) as stand:
        counter = a_process(cluster_url(stand))
        signer = Signer(ledger, counter, counter)
        signer.sign(petitions[0])
        frozen = stand.owner(f"sn:tally:{petitions[0]}")
        frozen.pause()
        for _ in range(3):
            for petition_id in petitions:
                signer.sign(petition_id)
        assert counter.status().failures == 1
        frozen.resume()
        signer.settle(petitions[0])


def test_keys_on_their_way_to_another_server_are_found(
    ledger: Ledger, petitions: list[int], a_process: Open, tmp_path: Path
) -> None:
    petition_id = petitions[0]
    with clustered(tmp_path) as stand:
        here, there = a_process(cluster_url(stand)), a_process(cluster_url(stand))
        signer = Signer(ledger, here, there)
        signer.sign(petition_id)
        key = f"sn:tally:{petition_id}"
        old = stand.owner(key)
        new = next(one for one in stand.primaries if one is not old)
        slot = old.tell("CLUSTER", "KEYSLOT", key)
        ids = {one: one.tell("CLUSTER", "MYID").decode() for one in (old, new)}
        new.tell("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[old])
        old.tell("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[new])
        old.tell("MIGRATE", "127.0.0.1", new.port, key, 0, 1000)
        for _ in range(2):  # the old one says: ask there
            signer.sign(petition_id)
            signer.settle(petition_id)
        for one in stand.primaries:
            one.tell("CLUSTER", "SETSLOT", slot, "NODE", ids[new])
        for _ in range(2):  # the old one says: it has moved
            signer.sign(petition_id)
            signer.settle(petition_id)
        assert is_used(new, petition_id)
        assert (here.status().failures, there.status().failures) == (0, 0)


# Few rights

RIGHTS = [
    "~sn:*",
    "+get",
    "+set",
    "+del",
    "+incr",
    "+decr",
    "+pexpire",
    "+time",
    "+ping",
    "+eval",
    "+evalsha",
]
IN_A_CLUSTER = ["+cluster|slots", "+asking"]


@pytest.mark.parametrize("many", [False, True], ids=["one", "cluster"])
def test_a_user_with_few_rights_is_enough(
    ledger: Ledger, petitions: list[int], a_process: Open, tmp_path: Path, many: bool
) -> None:
    """The rights are those that docs/hosting.md names."""
    named = (Path(__file__).parents[2] / "docs/hosting.md").read_text()
    assert f"`{' '.join(RIGHTS)}`" in named
    assert f"`{' '.join(IN_A_CLUSTER)}`" in named
    with ExitStack() as ended:
        if many:
            nodes = list(ended.enter_context(clustered(tmp_path)).primaries)
        else:
            nodes = [Node(tmp_path).start()]
            ended.callback(nodes[0].kill)
        for node in nodes:
            node.tell("ACL", "SETUSER", "sam", "on", ">word", *RIGHTS, *(IN_A_CLUSTER if many else []))
        places = ",".join(f"127.0.0.1:{node.port}" for node in nodes)
        counter = a_process(f"redis{'+cluster' if many else ''}://sam:word@{places}")
        signer = Signer(ledger, counter, counter)
        signer.sign(petitions[0])
        spared = Span("s7", 60, most=1, spared=True)
        counted = [PaceKeeper(counter).count([NETWORK, MINUTE, spared], NOW).counts[2] for _ in range(3)]
        assert counted == [1, 2, 2]
        counter._outage.begin()
        until(lambda: not counter.status().down)  # it takes a probe
        signer.settle(petitions[0])
        assert counter.ping()
        assert counter.status().failures == 0


# What cannot work is said at the start


@pytest.mark.parametrize(
    "url",
    [
        "redis://127.0.0.1/0?no_such_option=1",
        "redis+sentinel://127.0.0.1/signs?no_such_option=1",
        "redis+sentinel://127.0.0.1/signs?sentinel_no_such_option=1",
        "redis+cluster://:secret-word@127.0.0.1?socket_timeout=long",
    ],
)
def test_an_option_that_nobody_knows_is_named_as_such(ledger: Ledger, url: str) -> None:
    with pytest.raises(WrongAddress) as caught:
        Counter(ledger.tally, redis_url=url, clock=lambda: NOW)
    assert "secret-word" not in str(caught.value)
