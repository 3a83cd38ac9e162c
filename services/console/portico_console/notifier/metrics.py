"""The notifier's metrics, on a registry and a port of their own.

How long somebody has waited to be told is a gauge of the gateway (`portico_state.undelivered`): a notifier that is dead
reports nothing.
"""

from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics

from portico_console.metrics import VERSION
from portico_console.notifier.webhook import Answer
from portico_core.labels import Urgency
from portico_state.deliveries import Delivery, DeliveryState

TOLD_SECONDS = (1, 2, 5, 10, 30, 60, 120, 300, 900, 3600, 14400)


class NotifierMetrics:
    """Hold one instrument per metric name."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # prometheus_client leaves it untyped
        self.registry = CollectorRegistry()
        own = self.registry
        ProcessCollector(registry=own)
        self.build_info = Gauge("portico_build_info", "1, with the release.", ["component", "version"], registry=own)
        self.attempts = Counter(
            "portico_delivery_attempts", "Attempts by what the receiver did.", ["answer"], registry=own
        )
        self.outcomes = Counter(
            "portico_delivery_outcomes", "Attempts by what follows: done, again, given up.", ["state"], registry=own
        )
        self.told_seconds = Histogram(
            "portico_delivery_seconds",
            "From the opening of a ticket to a receiver that took its announcement.",
            ["urgency"],
            buckets=TOLD_SECONDS,
            registry=own,
        )
        self.build_info.labels("notifier", VERSION).set(1)
        for answer in Answer:
            self.attempts.labels(answer.value)
        for state in DeliveryState:
            self.outcomes.labels(state.value)
        for urgency in Urgency:
            self.told_seconds.labels(urgency.value)

    def count_attempt(self, delivery: Delivery, *, answer: Answer, state: DeliveryState) -> None:
        """Count an attempt that was settled; `state` is what the notification is in now."""
        self.attempts.labels(answer.value).inc()
        self.outcomes.labels(state.value).inc()
        if state is DeliveryState.SENT:
            waited = datetime.now(UTC) - datetime.fromisoformat(delivery.opened_at)
            self.told_seconds.labels(delivery.urgency.value).observe(max(0.0, waited.total_seconds()))
