"""An authorization server as it describes itself: read when needed, kept, and kept on while it cannot be asked."""

import time
from collections.abc import Awaitable, Callable

from portico_core.errors import IssuerUnavailable
from portico_identity.code_flow import Provider

FRESH_S = 900.0


class Discovered:
    """One server; `discover` reads its description."""

    def __init__(
        self, discover: Callable[[], Awaitable[Provider]], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._discover, self._clock = discover, clock
        self._provider: Provider | None = None
        self._read_at = float("-inf")

    async def provider(self) -> Provider:
        """Return what the server said last; raise IssuerUnavailable where it never said anything."""
        if self._clock() - self._read_at > FRESH_S:
            try:
                self._provider = await self._discover()
                self._read_at = self._clock()
            except IssuerUnavailable:
                if self._provider is None:
                    raise
        if self._provider is None:
            raise IssuerUnavailable
        return self._provider
