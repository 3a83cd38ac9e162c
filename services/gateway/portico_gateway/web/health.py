"""Liveness says that the process runs; readiness that a golden turn passed and that its record could be written."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from portico_core.draining import Drain
from portico_core.errors import PorticoError
from portico_core.labels import Part
from portico_gateway.metrics import Metrics
from portico_gateway.ports import Classifier, Encoder, Redactor, SwitchBoard
from portico_gateway.web.rehearsal import GOLDEN_QUESTION, Rehearsal
from portico_state.client import Store

FRESH_S = 1.0
REHEARSE_EVERY_S = 15.0


@dataclass(slots=True)
class Readiness:
    """Asks every dependency with a real question and remembers the answer for a second; the whole way less often."""

    store: Store
    redactor: Redactor
    classifier: Classifier
    encoder: Encoder
    metrics: Metrics
    switches: SwitchBoard
    trust_durability: bool
    drain: Drain
    rehearsal: Rehearsal
    renew_search: Callable[[], None] | None = None
    """Where the passages stand on a server: opens the index that is active there; fails where it does not answer."""
    _states: Mapping[str, bool] | None = None
    _asked_at: float = float("-inf")
    _rehearsed_at: float = float("-inf")

    async def states(self) -> Mapping[str, bool]:
        """Return for each dependency whether it answered."""
        if self._states is None or time.monotonic() - self._asked_at > FRESH_S:
            self._states = await self._ask()
            self._asked_at = time.monotonic()
        return self._states

    async def _ask(self) -> Mapping[str, bool]:
        redis, audit, models, search = await asyncio.gather(
            _answers(self.store.verify_durability(trust_durability=self.trust_durability)),
            _answers(self.store.verify_writable()),
            self._ask_models(),
            self._ask_search(),
        )
        states = {"redis": redis, "audit": audit, **models, **search}
        states["golden_turn"] = all((*models.values(), *search.values())) and await self._rehearse()
        for name, up in states.items():
            self.metrics.dependency_up.labels(name).set(up)
        return states

    async def _rehearse(self) -> bool:
        """Return whether the golden turn passed a moment ago; one that did not is tried again at once."""
        if time.monotonic() - self._rehearsed_at > REHEARSE_EVERY_S:
            if not await self.rehearsal.passes():
                self._rehearsed_at = float("-inf")
                return False
            self._rehearsed_at = time.monotonic()
        return True

    async def _ask_search(self) -> Mapping[str, bool]:
        if self.renew_search is None:
            return {}
        return {Part.SEARCH.value: await _answers(asyncio.to_thread(self.renew_search))}

    async def _ask_models(self) -> Mapping[str, bool]:
        """Return the states of redactor and models; without a redactor no model is asked anything."""
        try:
            question = (await self.redactor.redact_turn(GOLDEN_QUESTION)).redacted
        except PorticoError:
            return {"redactor": False}  # What is not known of the models is not said of them.
        classifier, encoder = await asyncio.gather(
            _answers(self.classifier.classify([question])), _answers(self.encoder.encode(question))
        )
        return {"redactor": True, "safety_classifier": classifier, "passage_encoder": encoder}


async def _answers(work: Awaitable[object]) -> bool:
    try:
        await work
    except PorticoError:
        return False
    return True
