"""The kill switches as the pipeline asks for them: those of the settings, and those turned at run time.

Fails closed by name: while the store cannot say what is off, everything is.
"""

from dataclasses import dataclass

from portico_core.errors import PorticoError
from portico_core.switches import EVERYTHING_OFF, Switch
from portico_gateway.logs import log
from portico_state.switches import Switches


@dataclass(frozen=True, slots=True)
class SiteSwitches:
    """What is off at this site."""

    configured: frozenset[Switch]
    switches: Switches

    async def off(self) -> frozenset[Switch]:
        """Return what is off; everything, where that cannot be read."""
        try:
            return self.configured | await self.switches.off()
        except PorticoError as error:
            log("switches_unreadable", level=40, error=type(error).__name__)
            return EVERYTHING_OFF
