"""The console's metrics, on a registry of their own and a port of their own: the page that staff reach shows none.

What the gateway counts as well has the same name and labels here; docs/how-to/add-a-metric.md says what belongs to a
new one. Label values come from closed sets only.
"""

from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics

from portico_core.audit import AuditEntry
from portico_core.http_outcome import HttpOutcome
from portico_core.labels import AccessPurpose, AuditPhase, PhiType, SessionEvent, Urgency, access_purpose
from portico_core.text import Redaction
from portico_state.tickets import Ticket

REPLY_SECONDS = (60, 300, 900, 1800, 3600, 14400, 43200, 86400, 172800)
PAGE_SECONDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
VERSION = "0.1.0"


class ConsoleMetrics:
    """Hold one instrument per metric name."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # prometheus_client leaves it untyped
        self.registry = CollectorRegistry()
        own = self.registry
        ProcessCollector(registry=own)
        self.build_info = Gauge("portico_build_info", "1, with the release.", ["component", "version"], registry=own)
        self.redactions = Counter("portico_redactions", "Identifiers redacted.", ["type", "direction"], registry=own)
        self.escalation_reply_seconds = Histogram(
            "portico_escalation_reply_seconds",
            "Time to a first reply.",
            ["urgency"],
            buckets=REPLY_SECONDS,
            registry=own,
        )
        self.audit_records = Counter("portico_audit_records", "Records made durable.", ["phase"], registry=own)
        self.access = Counter("portico_access", "Access records by purpose.", ["purpose"], registry=own)
        self.sessions = Counter("portico_sessions", "What happens to sessions of staff.", ["event"], registry=own)
        self.http_requests = Counter(
            "portico_http_requests", "Requests by route template.", ["component", "path", "status"], registry=own
        )
        self.http_seconds = Histogram(
            "portico_http_seconds", "Time to the first byte.", ["component", "path"], buckets=PAGE_SECONDS, registry=own
        )
        self._fill_closed_sets()

    def _fill_closed_sets(self) -> None:
        self.build_info.labels("console", VERSION).set(1)
        for kind in PhiType:
            self.redactions.labels(kind.value, "out")
        for urgency in Urgency:
            self.escalation_reply_seconds.labels(urgency.value)
        for purpose in AccessPurpose:
            self.access.labels(purpose.value)
        for event in SessionEvent:
            self.sessions.labels(event.value)
        self.audit_records.labels(AuditPhase.ACCESS.value)

    def count_record(self, entry: AuditEntry) -> None:
        """Count a record that is durable."""
        self.audit_records.labels(entry.phase.value).inc()
        self.access.labels(access_purpose(entry.source).value).inc()

    def count_reply(self, ticket: Ticket) -> None:
        """Observe how long a ticket, as it was before its reply, had waited for a first one."""
        if ticket.replied_at is None:
            waited = datetime.now(UTC) - datetime.fromisoformat(ticket.opened_at)
            self.escalation_reply_seconds.labels(ticket.urgency.value).observe(max(0.0, waited.total_seconds()))

    def count_redaction(self, redaction: Redaction) -> None:
        """Count what was redacted in words of the staff."""
        for kind, count in redaction.counts().items():
            self.redactions.labels(kind, "out").inc(count)

    def count_request(self, outcome: HttpOutcome) -> None:
        """Count a request of the console."""
        status = f"{outcome.status // 100}xx"
        self.http_requests.labels("console", outcome.route, status).inc()
        self.http_seconds.labels("console", outcome.route).observe(outcome.seconds)
