"""The settings of watching: who may read the figures, and where processes keep them together.

Part of config.py; here so that neither file grows past a screen or two.
"""

import tempfile
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from hmac import compare_digest
from ipaddress import ip_network
from typing import Any

from marshmallow import ValidationError
from marshmallow import fields as m
from marshmallow.validate import Length, Range

from widget.domain.network import Address, Network

NEAR = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
MINDER = "SUPPORT_NOW_MINDER"
GREETING = "SUPPORT_NOW_GREETING"
FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # the name is the library's


@dataclass(frozen=True, slots=True)
class Watching:
    """Who may read the figures: these networks, and whoever has the token. `port` is the mail worker's."""

    networks: tuple[Network, ...]
    token: str | None
    port: int | None

    @property
    def on(self) -> bool:
        """Tell whether anybody may."""
        return bool(self.networks or self.token)

    def lets_in(self, peer: Address | None, *, forwarded: bool, bearer: str) -> bool:
        """Tell whether who asks may read. What a proxy passes on comes from anywhere, whoever the peer is."""
        if self.token is not None and compare_digest(bearer.encode(), self.token.encode()):
            return True
        return not forwarded and peer is not None and any(peer in network for network in self.networks)


class ReadersField(m.String):
    """Off, loopback, or networks."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if text in {"off", "loopback"}:
            return NEAR if text == "loopback" else ()
        try:
            return tuple(ip_network(part) for part in text.replace(",", " ").split())
        except ValueError as error:
            raise ValidationError("must be off, loopback, or networks like 10.0.0.0/8") from error


FIELDS: dict[str, m.Field[Any]] = {
    "METRICS": ReadersField(
        load_default=NEAR,
        metadata={
            "default": "loopback",
            "unit": "off, loopback, or networks",
            "reason": "who may read /metrics; it tells the operator what signers are not told",
        },
    ),
    "METRICS_TOKEN": m.String(
        load_default=None,
        validate=Length(min=16),
        metadata={
            "default": "none",
            "unit": "at least 16 characters",
            "reason": "whoever sends it as a bearer token may read /metrics from anywhere, proxies included",
        },
    ),
    "METRICS_PORT": m.Integer(
        load_default=None,
        validate=Range(1, 65535),
        metadata={
            "default": "none",
            "reason": "where flask deliver shows its own figures, at HOST, when it runs apart",
        },
    ),
}


def gathered(known: Mapping[str, Any]) -> dict[str, Any]:
    """Replace the settings here, by their names in lower case, by one `watching`."""
    own = {name.lower() for name in FIELDS}
    watching = Watching(known["metrics"], known["metrics_token"], known["metrics_port"])
    return {name: value for name, value in known.items() if name not in own} | {"watching": watching}


def open_folder(environ: MutableMapping[str, str]) -> str:
    """Make the folder in which all processes of this start keep their figures, unless it is there.

    It is noted in `environ`, where the library looks for it and child processes inherit it.
    """
    if FOLDER not in environ:
        environ[FOLDER] = tempfile.mkdtemp(prefix="support-now-figures-")
    return environ[FOLDER]


def note_minder(environ: MutableMapping[str, str], pid: int) -> None:
    """Note who minds the worker beside the server, for the server that this process becomes."""
    environ[MINDER] = str(pid)


def noted_minder(environ: MutableMapping[str, str]) -> int | None:
    """Return who minds the worker beside this server; None when none was started."""
    return int(environ[MINDER]) if MINDER in environ else None


def note_greeting(environ: MutableMapping[str, str], said: str) -> None:
    """Note what the server that this process becomes says once it serves."""
    environ[GREETING] = said


def taken_greeting(environ: MutableMapping[str, str]) -> str | None:
    """Return what is to be said once it serves, and forget it: no later process is to see it."""
    return environ.pop(GREETING, None)
