"""The gateway's metrics, on a registry of their own; docs/how-to/add-a-metric.md says what belongs to a new one.

Label values come from closed sets only (`CLOSED`, and what the site itself configures: versions, topics), so neither
words nor identifiers of a patient can become one. Every series of a closed set exists from the start: a counter that
is born with its first failure has no increase for the alert to see.
"""

import itertools
import time
from collections.abc import Iterable, Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

from portico_core.audit import AuditEntry
from portico_core.http_outcome import HttpOutcome
from portico_core.labels import (
    Abstention,
    AccessPurpose,
    AuditPhase,
    ChainState,
    Label,
    LimitScope,
    Part,
    PhiType,
    Route,
    Stage,
    Urgency,
    VerdictSource,
    access_purpose,
)
from portico_core.turn import Turn
from portico_core.verdict import Verdict
from portico_gateway.guards.checks import Check
from portico_state.spool import ReplayReport

FAST_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0, 2.0, 5.0)
GRADES = (4, 5, 6, 7, 8, 9, 10, 11, 12)
DRIFT_BINS: Mapping[str, tuple[str, ...]] = {
    "label": tuple(label.value for label in Label),
    "confidence": tuple(f"0.{tenth}" for tenth in range(10)),
}
CLOSED: Mapping[str, Iterable[str]] = {
    "route": [route.value for route in Route],
    "stage": [stage.value for stage in Stage],
    "label": [label.value for label in Label],
    "source": [source.value for source in VerdictSource],
    "type": [kind.value for kind in PhiType],
    "direction": ["in"],
    "urgency": [urgency.value for urgency in Urgency],
    "validator": [check.value for check in Check],
    "sink": ["redis", "spool"],
    "reason": ["concurrency", "draining", "limits_unavailable", *LimitScope],
    "helpful": ["true", "false"],
    "abstention": [abstention.value for abstention in Abstention],
    "phase": [phase.value for phase in AuditPhase],
    "purpose": [purpose.value for purpose in AccessPurpose],
    "state": [state.value for state in ChainState],
    "outcome": ["replayed", "duplicate", "damaged"],
    "part": [part.value for part in Part],
}


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
        self.abstentions = Counter(
            "portico_abstentions", "Turns handed to a person for want of certainty.", ["abstention"], registry=own
        )
        self.topics = Counter(
            "portico_topics", "Turns by the topic of the best passage found.", ["topic", "route"], registry=own
        )
        self.answer_reading_grade = Histogram(
            "portico_answer_reading_grade", "US school grade of answers.", buckets=GRADES, registry=own
        )
        self.degraded = Counter("portico_degraded", "Turns that a failed part degraded.", ["route"], registry=own)
        self.redactions = Counter("portico_redactions", "Identifiers redacted.", ["type", "direction"], registry=own)
        self.escalations = Counter("portico_escalations", "Escalations opened.", ["urgency"], registry=own)
        self.escalations_open = Gauge("portico_escalations_open", "Escalations open now.", ["urgency"], registry=own)
        self.escalations_overdue = Gauge(
            "portico_escalations_overdue", "Escalations past a clock of theirs.", ["urgency"], registry=own
        )
        self.validation_failures = Counter(
            "portico_validation_failures", "Answers or sentences a validator refused.", ["validator"], registry=own
        )
        self.faults = Counter("portico_faults", "Turns that a failing part cut short.", ["part"], registry=own)
        self.dependency_up = Gauge("portico_dependency_up", "1 while it answers.", ["dependency"], registry=own)
        self.inflight = Gauge("portico_inflight", "Work in flight.", ["stage"], registry=own)
        self.turns_inflight = Gauge("portico_turns_inflight", "Turns in flight.", registry=own)
        self.turns_limit = Gauge("portico_turns_limit", "Turns in flight before new ones are shed.", registry=own)
        self.shed = Counter("portico_shed", "Requests shed.", ["reason"], registry=own)
        self.deliveries = Gauge(
            "portico_deliveries", "Announcements of escalations that wait, or were given up.", ["state"], registry=own
        )
        self.delivery_oldest_timestamp = Gauge(
            "portico_delivery_oldest_timestamp_seconds",
            "When the oldest ticket was opened that nobody was told of; 0: everybody was.",
            ["urgency"],
            registry=own,
        )
        self.switched_off = Gauge("portico_switched_off", "1 while it is switched off.", ["switch"], registry=own)
        self.feedback = Counter("portico_feedback", "Patients' thumbs.", ["helpful"], registry=own)
        self.http_requests = Counter(
            "portico_http_requests", "Requests by route template.", ["component", "path", "status"], registry=own
        )
        self.http_seconds = Histogram(
            "portico_http_seconds", "Time to the first byte.", ["component", "path"], buckets=FAST_SECONDS, registry=own
        )
        self._add_audit(own)
        self._add_versions(own)
        self._fill_closed_sets()
        ProcessCollector(registry=own)

    def _add_audit(self, own: CollectorRegistry) -> None:
        self.audit_append_seconds = Histogram(
            "portico_audit_append_seconds", "One durable audit append.", buckets=FAST_SECONDS, registry=own
        )
        self.audit_failures = Counter("portico_audit_failures", "Audit appends that failed.", ["sink"], registry=own)
        self.audit_records = Counter("portico_audit_records", "Records made durable.", ["phase"], registry=own)
        self.access = Counter("portico_access", "Access records by purpose.", ["purpose"], registry=own)
        self.audit_chain_state = Gauge(
            "portico_audit_chain_state", "1 for what the last verification said.", ["state"], registry=own
        )
        self.audit_findings = Gauge("portico_audit_findings", "Findings of the last verification.", registry=own)
        self.audit_verified_timestamp = Gauge(
            "portico_audit_verified_timestamp_seconds", "When the chains were last verified; 0: never.", registry=own
        )
        self.audit_stored_records = Gauge("portico_audit_stored_records", "Records in the store.", registry=own)
        self.audit_oldest_timestamp = Gauge(
            "portico_audit_oldest_record_timestamp_seconds", "Time of the oldest record in the store.", registry=own
        )
        self.spool_waiting = Gauge("portico_spool_waiting", "Refusals that wait for the store.", registry=own)
        self.spool_replayed = Counter(
            "portico_spool_replayed", "Spooled refusals by outcome.", ["outcome"], registry=own
        )

    def _add_versions(self, own: CollectorRegistry) -> None:
        self.build_info = Gauge("portico_build_info", "1, with the release.", ["component", "version"], registry=own)
        self.model_info = Gauge("portico_model_info", "1, with a model's version.", ["model", "version"], registry=own)
        self.policy_info = Gauge(
            "portico_policy_info", "1, with the route policy's version.", ["version"], registry=own
        )
        self.drift_observed = Counter(
            "portico_drift_observed", "Verdicts of the model by bin of a signal.", ["signal", "bin"], registry=own
        )
        self.drift_reference_share = Gauge(
            "portico_drift_reference_share", "Share of a bin in the reference.", ["signal", "bin"], registry=own
        )

    def _fill_closed_sets(self) -> None:
        for instrument in [value for value in vars(self).values() if isinstance(value, Counter | Histogram)]:
            names = instrument._labelnames
            if names and set(names) <= set(CLOSED):
                for values in itertools.product(*(CLOSED[name] for name in names)):
                    instrument.labels(*values)
        for signal, bins in DRIFT_BINS.items():
            for name in bins:
                self.drift_observed.labels(signal, name)

    def fill_topics(self, topics: Iterable[str]) -> None:
        """Let the series of every topic exist before its first question."""
        for topic in topics:
            for route in (Route.ANSWER, Route.ESCALATE):
                self.topics.labels(topic, route.value)

    def count_turn(self, turn: Turn) -> None:
        """Count what was decided."""
        self.turns.labels(turn.route.value).inc()
        if turn.escalation is not None:
            self.escalations.labels(turn.escalation.urgency.value).inc()
        if turn.answer is not None:
            self.answer_reading_grade.observe(turn.answer.reading_grade)
        if turn.degraded:
            self.degraded.labels(turn.route.value).inc()

    def count_verdict(self, verdict: Verdict) -> None:
        """Count a verdict; what the model said also stands in the bins that drift is computed from (ADR 12)."""
        self.verdicts.labels(verdict.label.value, verdict.source.value).inc()
        if verdict.source is VerdictSource.MODEL:
            confidence = DRIFT_BINS["confidence"][min(9, int(verdict.confidence * 10))]
            self.drift_observed.labels("label", verdict.label.value).inc()
            self.drift_observed.labels("confidence", confidence).inc()

    def count_record(self, entry: AuditEntry) -> None:
        """Count a record that is durable."""
        self.audit_records.labels(entry.phase.value).inc()
        if entry.phase is AuditPhase.ACCESS:
            self.access.labels(access_purpose(entry.source).value).inc()

    def count_replay(self, report: ReplayReport) -> None:
        """Count what became of spooled refusals."""
        self.spool_replayed.labels("replayed").inc(report.replayed)
        self.spool_replayed.labels("duplicate").inc(report.duplicates)
        self.spool_replayed.labels("damaged").inc(report.damaged)

    def count_request(self, outcome: HttpOutcome) -> None:
        """Count a request of the patient API."""
        status = f"{outcome.status // 100}xx"
        self.http_requests.labels("gateway", outcome.route, status).inc()
        self.http_seconds.labels("gateway", outcome.route).observe(outcome.seconds)


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
        earlier = self._latency_ms.get(self._stage.value, 0.0)  # A stage may come twice: a responder asked again.
        self._latency_ms[self._stage.value] = round(earlier + seconds * 1000, 3)
