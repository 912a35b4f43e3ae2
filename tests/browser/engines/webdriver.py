"""WebDriver, as every engine speaks it: over HTTP, or over Marionette, which is what Firefox itself answers.

https://www.w3.org/TR/webdriver2/ names the commands; Marionette takes them by the same names and with the
same parameters, so that one table and two ways of sending are all it needs.
"""

import json
import socket
from http.client import HTTPConnection
from typing import Any, Protocol

PATIENCE = 60.0  # s; a browser that answers nothing for so long is broken
ELEMENT = (
    "element-6066-11e4-a52e-4f735466cecf"  # the key by which the standard tells elements from other values
)
COMMANDS = {
    "Navigate": ("POST", "url"),
    "Back": ("POST", "back"),
    "Refresh": ("POST", "refresh"),
    "ExecuteScript": ("POST", "execute/sync"),
    "ExecuteAsyncScript": ("POST", "execute/async"),
    "ElementClick": ("POST", "element/{id}/click"),
    "ElementSendKeys": ("POST", "element/{id}/value"),
    "SwitchToFrame": ("POST", "frame"),
    "SwitchToWindow": ("POST", "window"),
    "NewWindow": ("POST", "window/new"),
    "CloseWindow": ("DELETE", "window"),
    "GetWindowHandle": ("GET", "window"),
    "SetWindowRect": ("POST", "window/rect"),
    "TakeScreenshot": ("GET", "screenshot"),
    "PerformActions": ("POST", "actions"),
    "DeleteCookies": ("DELETE", "cookie"),
}
Capabilities = dict[str, Any]


class WebDriverError(Exception):
    """The browser could not do what it was told."""


class Driver(Protocol):
    """One session with one browser."""

    def send(self, command: str, **parameters: Any) -> Any:
        """Have a command of `COMMANDS` carried out and return its value. Raises WebDriverError."""

    def close(self) -> None:
        """End the session and the browser with it."""


class HttpDriver:
    """A session with a driver program: chromedriver, WebKitWebDriver."""

    def __init__(self, port: int, capabilities: Capabilities) -> None:
        self._port, self._session = port, ""
        self._call("GET", "/status", {})  # raises OSError until the program listens
        opened = self._call("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}}, PATIENCE / 3)
        self._session = opened["sessionId"]

    def send(self, command: str, **parameters: Any) -> Any:
        method, path = COMMANDS[command]
        if "{id}" in path:
            path = path.format(id=parameters.pop("id"))
        return self.call(method, path, parameters)

    def call(self, method: str, path: str, parameters: dict[str, Any]) -> Any:
        """Carry out what only this driver knows."""
        return self._call(method, f"/session/{self._session}/{path}", parameters)

    def close(self) -> None:
        self._call("DELETE", f"/session/{self._session}", {})

    def _call(self, method: str, path: str, parameters: dict[str, Any], patience: float = PATIENCE) -> Any:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=patience)
        try:
            body = json.dumps(parameters) if method == "POST" else None
            connection.request(method, path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            value = json.load(answer)["value"]
        finally:
            connection.close()
        if answer.status >= 400:
            raise WebDriverError(f"{method} {path}: {value['error']}: {value['message']}")
        return value


class MarionetteDriver:
    """A session with Firefox over its own socket: `LENGTH:[0, number, command, parameters]`, answered alike.

    https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html
    """

    def __init__(self, port: int, capabilities: Capabilities) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._answers = self._socket.makefile("rb")
        self._number = 0
        self._read()  # it says hello first
        self.send("NewSession", capabilities={"alwaysMatch": capabilities})

    def send(self, command: str, **parameters: Any) -> Any:
        return self.call(f"WebDriver:{command}", **parameters)

    def call(self, command: str, **parameters: Any) -> Any:
        """Carry out any command, also Marionette's own."""
        self._number += 1
        message = json.dumps([0, self._number, command, parameters]).encode()
        self._socket.sendall(b"%d:%b" % (len(message), message))
        _, _, error, value = self._read()
        if error:
            raise WebDriverError(f"{command}: {error['error']}: {error['message']}")
        return value["value"] if isinstance(value, dict) and set(value) == {"value"} else value

    def close(self) -> None:
        try:
            self.call("Marionette:Quit", flags=["eForceQuit"])
        finally:
            self._answers.close()
            self._socket.close()

    def _read(self) -> Any:
        length = b""
        while (byte := self._answers.read(1)) != b":":
            if not byte:
                raise WebDriverError("Firefox hung up")
            length += byte
        return json.loads(self._answers.read(int(length)))
