"""Debian's Chromium, Firefox and WebKit, each in a folder of its own that goes when it goes."""

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from tests.browser.conftest import QUIET
from tests.browser.engines.webdriver import HttpDriver, MarionetteDriver

T = TypeVar("T")
PATIENCE = 60.0  # s until a browser must have started
NAMES = ("chromium", "firefox", "webkit")
# No page is fetched from the browser's maker, nothing is asked of its first user, nothing is updated.
FIREFOX = """
user_pref("marionette.port", 0);
user_pref("app.normandy.enabled", false);
user_pref("app.update.disabledForTesting", true);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.page", 0);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("extensions.update.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("services.settings.server", "data:,#remote-settings-dummy/v1");
user_pref("toolkit.telemetry.reportingpolicy.firstRun", false);
user_pref("ui.prefersReducedMotion", 1);
"""


@dataclass(frozen=True, slots=True)
class Engine:
    """A running browser, and what each has a switch of its own for."""

    name: str
    driver: HttpDriver | MarionetteDriver
    go_offline: Callable[[bool], None]
    force_colours: Callable[[bool], None]


@contextmanager
def running(name: str, proxy: str) -> Iterator[Engine]:
    """Start an engine; whatever it asks that is not on this machine goes to `proxy`, "host:port"."""
    capabilities = {
        "pageLoadStrategy": "eager",
        "proxy": {"proxyType": "manual", "httpProxy": proxy, "noProxy": ["127.0.0.1", "localhost"]},
    }
    start = {"chromium": _chromium, "firefox": _firefox, "webkit": _webkit}[name]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        yield start(stack, folder, capabilities)


def _chromium(stack: ExitStack, folder: Path, capabilities: dict[str, Any]) -> Engine:
    port = _free_port()
    _start(stack, ["chromedriver", f"--port={port}"], folder)
    arguments = [
        "--headless=new",
        "--force-prefers-reduced-motion",
        *QUIET,
        f"--user-data-dir={folder}/profile",
        # Pages of the internet may not ask this machine; the service stands for one that is elsewhere.
        "--disable-features=LocalNetworkAccessChecks,NetworkTimeServiceQuerying",
    ]
    options = {"binary": "/usr/bin/chromium", "args": arguments}
    driver = _wait(lambda: HttpDriver(port, {**capabilities, "goog:chromeOptions": options}))
    stack.callback(driver.close)

    def develop(command: str, **parameters: Any) -> None:
        driver.call("POST", "goog/cdp/execute", {"cmd": command, "params": parameters})

    def go_offline(offline: bool) -> None:
        develop("Network.enable")
        throughput = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        develop("Network.emulateNetworkConditions", offline=offline, **throughput)

    def force_colours(forced: bool) -> None:
        features = [{"name": "forced-colors", "value": "active" if forced else ""}]
        develop("Emulation.setEmulatedMedia", features=features)

    return Engine("chromium", driver, go_offline, force_colours)


def _firefox(stack: ExitStack, folder: Path, capabilities: dict[str, Any]) -> Engine:
    profile = folder / "profile"
    profile.mkdir()
    host, _, number = capabilities["proxy"]["httpProxy"].partition(":")
    proxy = {"type": 1, "http": host, "http_port": int(number), "no_proxies_on": "127.0.0.1,localhost"}
    lines = [f'user_pref("network.proxy.{name}", {json.dumps(value)});' for name, value in proxy.items()]
    (profile / "user.js").write_text("\n".join([FIREFOX, *lines]))
    arguments = ["--headless", "--marionette", "--remote-allow-system-access", "--no-remote", "--profile"]
    _start(stack, ["firefox-esr", *arguments, str(profile), "about:blank"], folder)
    port = _wait(lambda: int((profile / "MarionetteActivePort").read_text()))
    driver = MarionetteDriver(port, {"pageLoadStrategy": "eager"})
    stack.callback(driver.close)

    def inside(script: str) -> None:
        driver.call("Marionette:SetContext", value="chrome")
        driver.send("ExecuteScript", script=script, args=[])
        driver.call("Marionette:SetContext", value="content")

    def go_offline(offline: bool) -> None:
        inside(f"Services.io.offline = {str(offline).lower()}")

    def force_colours(forced: bool) -> None:
        inside(f"Services.prefs.setIntPref('browser.display.document_color_use', {2 if forced else 0})")

    return Engine("firefox", driver, go_offline, force_colours)


def _webkit(stack: ExitStack, folder: Path, capabilities: dict[str, Any]) -> Engine:
    read, write = os.pipe()
    screen = ["-displayfd", str(write), "-screen", "0", "1600x1200x24", "-nolisten", "tcp"]
    _start(stack, ["Xvfb", *screen], folder, pass_fds=[write])
    os.close(write)
    with os.fdopen(read) as told:
        display = f":{told.readline().strip()}"
    # Told "eager", this driver may lose the next script with the process that it leaves behind.
    capabilities = {**capabilities, "pageLoadStrategy": "normal"}

    def begin() -> HttpDriver:
        port = _free_port()
        _start(stack, ["WebKitWebDriver", f"--port={port}"], folder, DISPLAY=display, GDK_BACKEND="x11")
        return _wait(lambda: HttpDriver(port, capabilities))

    try:
        driver = begin()
    except TimeoutError:  # on a busy machine it may have missed its browser's hello
        driver = begin()
    stack.callback(driver.close)

    def go_offline(offline: bool) -> None:
        """Say so: this engine has no switch. The test takes the service away as well."""
        driver.send(
            "ExecuteScript",
            script="Object.defineProperty(navigator, 'onLine', {value: !arguments[0], configurable: true});"
            "dispatchEvent(new Event(arguments[0] ? 'offline' : 'online'))",
            args=[offline],
        )

    def force_colours(forced: bool) -> None:
        raise NotImplementedError("WebKit has no forced colours")

    return Engine("webkit", driver, go_offline, force_colours)


def _start(
    stack: ExitStack, command: list[str], folder: Path, pass_fds: list[int] | None = None, **environ: str
) -> None:
    """Start a program in a process group of its own, which ends with the stack."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    homes = dict.fromkeys(
        ("HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "TMPDIR"), str(folder)
    )
    log = stack.enter_context((folder / f"{Path(command[0]).name}.log").open("wb"))
    process = subprocess.Popen(
        command,
        env={**kept, **homes, **environ},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        pass_fds=pass_fds or [],
        start_new_session=True,
    )
    stack.callback(_end, process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, how)
            process.wait(5)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    process.wait(5)


def _wait(attempt: Callable[[], T]) -> T:
    """Try until it goes well: a program that was just started is not there yet."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return attempt()
        except (OSError, ValueError) as error:
            if isinstance(error, TimeoutError) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
