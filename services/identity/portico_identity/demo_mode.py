"""Demo mode opens a door without a key: a token for whoever asks. It stays on the machine where it was started.

An installation listens beyond loopback, or its identity provider does: there it cannot be switched on, whatever the
environment says.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from portico_core.errors import ConfigurationError

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def refuse_demo_beyond_loopback(addresses: Iterable[str]) -> None:
    """Raise ConfigurationError unless every host name or URL is of this machine; an empty one is no address."""
    for address in filter(None, addresses):
        host = urlsplit(address).hostname if "://" in address else address
        if host not in _LOOPBACK:
            raise ConfigurationError("demo mode is for one machine: it cannot be on where an address is not loopback")
