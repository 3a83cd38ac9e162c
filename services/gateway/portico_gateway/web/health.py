"""Liveness says that the process runs; readiness that a message can be judged and its record written."""

import asyncio
import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass

from portico_core.draining import Drain
from portico_core.errors import PorticoError
from portico_gateway.metrics import Metrics
from portico_gateway.ports import Classifier, Encoder, Redactor, SwitchBoard
from portico_state.client import Store

GOLDEN_QUESTION = "What is metformin used for?"
FRESH_S = 1.0


@dataclass(slots=True)
class Readiness:
    """Asks every dependency with a real question and remembers the answer for a second."""

    store: Store
    redactor: Redactor
    classifier: Classifier
    encoder: Encoder
    metrics: Metrics
    switches: SwitchBoard
    trust_durability: bool
    drain: Drain
    _states: Mapping[str, bool] | None = None
    _asked_at: float = float("-inf")

    async def states(self) -> Mapping[str, bool]:
        """Return for each dependency whether it answered."""
        if self._states is None or time.monotonic() - self._asked_at > FRESH_S:
            self._states = await self._ask()
            self._asked_at = time.monotonic()
        return self._states

    async def _ask(self) -> Mapping[str, bool]:
        redis, models = await asyncio.gather(
            _answers(self.store.verify_durability(trust_durability=self.trust_durability)), self._ask_models()
        )
        states = {"redis": redis, **models}
        for name, up in states.items():
            self.metrics.dependency_up.labels(name).set(up)
        return states

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
