"""The metrics of contracts.md, on a registry of their own. Label values come from closed sets only."""

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

from portico_core.labels import Stage

FAST_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0, 2.0, 5.0)
REPLY_SECONDS = (60, 300, 900, 1800, 3600, 14400, 43200, 86400, 172800)


class Metrics:
    """Hold one instrument per metric name."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # prometheus_client leaves it untyped
        self.registry = CollectorRegistry()
        own = self.registry
        self.turns = Counter("portico_turns", "Turns by route.", ["route"], registry=own)
        self.turn_seconds = Histogram("portico_turn_seconds", "Whole turn.", buckets=FAST_SECONDS, registry=own)
        self.stage_seconds = Histogram(
            "portico_stage_seconds", "One stage of a turn.", ["stage"], buckets=FAST_SECONDS, registry=own
        )
        self.verdicts = Counter("portico_verdicts", "Verdicts.", ["label", "source"], registry=own)
        self.redactions = Counter("portico_redactions", "Identifiers redacted.", ["type", "direction"], registry=own)
        self.escalations = Counter("portico_escalations", "Escalations opened.", ["urgency"], registry=own)
        self.escalations_open = Gauge("portico_escalations_open", "Escalations open now.", ["urgency"], registry=own)
        self.escalation_reply_seconds = Histogram(
            "portico_escalation_reply_seconds", "Time to a reply.", ["urgency"], buckets=REPLY_SECONDS, registry=own
        )
        self.validation_failures = Counter(
            "portico_validation_failures", "Answers or sentences a validator refused.", ["validator"], registry=own
        )
        self.audit_append_seconds = Histogram(
            "portico_audit_append_seconds", "One durable audit append.", buckets=FAST_SECONDS, registry=own
        )
        self.audit_failures = Counter("portico_audit_failures", "Audit appends that failed.", ["sink"], registry=own)
        self.dependency_up = Gauge("portico_dependency_up", "1 while it answers.", ["dependency"], registry=own)
        self.inflight = Gauge("portico_inflight", "Work in flight.", ["stage"], registry=own)
        self.shed = Counter("portico_shed", "Requests shed.", ["reason"], registry=own)
        self.deliveries = Gauge(
            "portico_deliveries", "Announcements of escalations that wait, or were given up.", ["state"], registry=own
        )
        self.switched_off = Gauge("portico_switched_off", "1 while it is switched off.", ["switch"], registry=own)
        self.feedback = Counter("portico_feedback", "Patients' thumbs.", ["helpful"], registry=own)


class StageTimer:
    """Measure one stage for the metrics and for the audit record."""

    def __init__(self, stage: Stage, metrics: Metrics, latency_ms: dict[str, float]) -> None:
        self._stage, self._metrics, self._latency_ms = stage, metrics, latency_ms

    def __enter__(self) -> None:
        self._started = time.perf_counter()
        self._metrics.inflight.labels(self._stage.value).inc()

    def __exit__(self, *_: object) -> None:
        seconds = time.perf_counter() - self._started
        self._metrics.inflight.labels(self._stage.value).dec()
        self._metrics.stage_seconds.labels(self._stage.value).observe(seconds)
        self._latency_ms[self._stage.value] = round(seconds * 1000, 3)
