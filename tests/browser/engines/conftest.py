"""Petra's pages, the service behind a relay, and a tab of each engine."""

from collections.abc import Iterator

import pytest

from tests.browser.conftest import INSECURE, PartnerSite, Publisher
from tests.browser.engines.engines import Engine, running
from tests.browser.engines.relay import Relay
from tests.browser.engines.tab import WITNESS, Tab
from tests.live_service import LiveService


class Desk(Publisher):
    """Petra writes pages that remember what happened on them."""

    def publish(self, body: str, *, head: str = "", lang: str = "en", **headers: str) -> str:
        """Put a page on her site; the witness is a file, so that the strictest page may have it."""
        witness = self.site.put_file("/witness.js", "text/javascript", WITNESS)
        return super().publish(body, head=f'<script src="{witness}"></script>{head}', lang=lang, **headers)

    def policy(self, *directives: str) -> str:
        """Write a Content-Security-Policy that lets this site's and the service's scripts run, no more."""
        own = f"default-src 'none'; script-src {self.url} {self.site.origin}; connect-src {self.url}"
        return "; ".join((own, "base-uri 'none'; form-action 'none'", *directives))

    def insecure(self, address: str) -> str:
        """Return the same page's address where browsers withhold what only secure pages get."""
        return address.replace(self.site.origin, INSECURE)


@pytest.fixture(scope="session")
def between(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    """The relay, and behind it the service with the sample petition and without limits."""
    relay = Relay()
    service = LiveService(tmp_path_factory.mktemp("engines"), RATE_LIMITS="off", PUBLIC_URL=relay.url)
    relay.behind = service.port
    service.flask("ledger", "migrate")
    service.flask("petition", "load-sample")
    try:
        service.start()
        yield relay
    finally:
        relay.close()
        service.stop()


@pytest.fixture
def relay(between: Relay) -> Iterator[Relay]:
    """The relay, straight again after each test."""
    between.straighten()
    yield between
    between.straighten()


@pytest.fixture
def desk(petras_site: PartnerSite, relay: Relay) -> Desk:
    """Petra, for one test."""
    return Desk(petras_site, relay.url)


@pytest.fixture(scope="module")
def engine(request: pytest.FixtureRequest, petras_site: PartnerSite) -> Iterator[Engine]:
    """One engine after the other: parametrise it by name."""
    with running(request.param, petras_site.origin.removeprefix("http://")) as engine:
        yield engine


@pytest.fixture
def tab(engine: Engine) -> Iterator[Tab]:
    """An empty tab; afterwards nothing runs in it."""
    tab = Tab(engine)
    tab.leave_frame()
    yield tab
    tab.leave_frame()
    tab.goto("about:blank")
