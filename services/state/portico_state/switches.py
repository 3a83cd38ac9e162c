"""The kill switches of a site at run time: one hash, read for every turn, so that turning one off works at once.

A change is one script run with its audit record: who, which, and why. A field that no release knows counts as
everything off, because nobody can say what it was meant to stop.
"""

import json
from dataclasses import dataclass

from portico_core.audit import AuditEntry
from portico_core.labels import AuditPhase
from portico_core.switches import EVERYTHING_OFF, Switch
from portico_state.client import Store
from portico_state.effects import Operation
from portico_state.identifiers import now_utc
from portico_state.redis_audit import RedisAudit


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """What is off, since when, by whom and why."""

    switch: str
    actor: str
    reason: str
    at: str


@dataclass(frozen=True, slots=True)
class Switches:
    """The switches of one tenant."""

    store: Store

    async def off(self) -> frozenset[Switch]:
        """Return what is off; raise StateUnavailable where that cannot be read."""
        names = await self.store.call(self.store.redis.hkeys(self.store.keys.switches))
        try:
            return frozenset(Switch(name) for name in names)
        except ValueError:
            return EVERYTHING_OFF

    async def details(self) -> tuple[SwitchedOff, ...]:
        """Return what is off with who turned it off and why."""
        stored = await self.store.call(self.store.redis.hgetall(self.store.keys.switches))
        return tuple(SwitchedOff(name, **json.loads(value)) for name, value in sorted(stored.items()))

    async def turn(self, switch: Switch, *, off: bool, actor: str, reason: str, audit: RedisAudit) -> None:
        """Turn a switch off or on, with an `access` record that says who and why. `reason` holds nobody's name.

        The record's `source` is `switch.off` or `switch.on`, its `policy` names the switch and the reason.
        """
        value = json.dumps({"actor": actor, "reason": reason, "at": now_utc()}) if off else ""
        operation: Operation = {
            "act": "set", "key": self.store.keys.switches, "field": switch.value, "value": value,
        }  # fmt: skip
        entry = AuditEntry(
            phase=AuditPhase.ACCESS, tenant=self.store.keys.tenant, patient="", conversation="", turn="", actor=actor,
            source=f"switch.{'off' if off else 'on'}", policy=f"{switch.value}: {reason}",
        )  # fmt: skip
        await audit.append_operations(entry, [operation])
