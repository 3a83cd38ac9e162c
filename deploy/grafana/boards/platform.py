"""The Platform board: rate, errors and duration of every part, Triton, saturation, dependencies."""

from boards.board import Board, Row
from boards.panels import GREEN, RED, Limits, Query, states, trend

_UP = {"1": ("up", GREEN), "0": ("DOWN", RED)}


def _quantile(quantile: float, metric: str, *labels: str) -> str:
    by = ", ".join([*labels, "le"])
    return f"histogram_quantile({quantile}, sum by ({by}) (rate({metric}_bucket{{$S}}[$__rate_interval])))"


def _per_request(metric: str) -> str:
    """Return milliseconds that one request of a Triton model spends on something."""
    requests = "(sum by (model) (rate(nv_inference_request_success{$S}[$__rate_interval])) > 0)"
    return f"sum by (model) (rate({metric}{{$S}}[$__rate_interval])) / {requests} / 1000"


REQUESTS = Row("Requests and turns", [
    trend("Requests", [Query("sum by (component, status) (rate(portico_http_requests_total{$S}[$__rate_interval]))", "{{component}} {{status}}")], "reqps", "All HTTP requests. No request at all while the portal is open: check ingress and network policies.", stacked=True),
    trend("Server errors", [Query('1 - sum by (component) (rate(portico_http_requests_total{status!="5xx",$S}[$__rate_interval])) / (sum by (component) (rate(portico_http_requests_total{$S}[$__rate_interval])) > 0)', "{{component}}")], "percentunit", "Share of requests that end in 5xx (503 under overload is one). Above 2 %: runbook PorticoServerErrors.", limits=Limits(0.01, 0.02)),
    trend("Whole turn", [Query(_quantile(q, "portico_turn_seconds"), name) for q, name in ((0.5, "half within"), (0.95, "95 of 100 within"), (0.99, "99 of 100 within"))], "s", "What a patient waits. The objective is 99 of 100 within 2 s; beyond it see the stages below.", limits=Limits(1, 2)),
    trend("Budget burn of the latency objective", [
        Query("max(portico:turns_slow:ratio_rate5m{$S}) / 0.01", "5 minutes"),
        Query("max(portico:turns_slow:ratio_rate30m{$S}) / 0.01", "30 minutes"),
        Query("max(portico:turns_slow:ratio_rate1h{$S}) / 0.01", "1 hour"),
        Query("max(portico:turns_slow:ratio_rate6h{$S}) / 0.01", "6 hours"),
    ], "none", "1 uses the month's budget up in a month. Short and long window above 14.4: runbook PorticoTurnLatencyBurnFast; above 6: PorticoTurnLatencyBurnSlow.", limits=Limits(6, 14.4)),
    trend("Slowest routes", [Query(f"topk(6, {_quantile(0.95, 'portico_http_seconds', 'component', 'path')})", "{{component}} {{path}}")], "s", "95 of 100 first bytes within, by route. Only one route is slow: its own part; all are: the event loop or the CPU limit.", span=24),
])  # fmt: skip

STAGES = Row("Stages of a turn", [
    trend("Stages, rate", [Query("sum by (stage) (rate(portico_stage_seconds_count{$S}[$__rate_interval]))", "{{stage}}")], "ops", "How often each stage runs. `respond` far below `classify` is normal: only answers get there.", span=8),
    trend("Stages, 95 of 100 within", [Query(_quantile(0.95, "portico_stage_seconds", "stage"), "{{stage}}")], "s", "The stage that grew is where to look: accept and record are the store, classify, retrieve and respond are Triton, redact and validate are the gateway's CPU.", span=8),
    trend("Work in flight", [Query("sum by (stage) (portico_inflight{$S})", "{{stage}}")], "short", "How much stands in each stage now. `respond` is what the responder is scaled on.", span=8),
    trend("Degraded turns", [Query("sum by (route) (rate(portico_degraded_total{$S}[$__rate_interval])) * 60", "{{route}}")], "cpm", "Turns that a failed part changed, by what became of them. Above zero: see dependencies.", stacked=True),
    trend("Turns that end as unavailable", [Query("max by (tenant, release) (portico:turns_unavailable:ratio_rate5m{$S})", "{{tenant}} / {{release}}")], "percentunit", "Share of 5 minutes that got fixed text only. Above 5 %: runbook PorticoFailClosed.", limits=Limits(0.01, 0.05)),
])  # fmt: skip

TRITON = Row("Triton", [
    trend("Requests by model", [Query("sum by (model) (rate(nv_inference_request_success{$S}[$__rate_interval]))", "{{model}}")], "reqps", "Requests that Triton answered. The classifier stands still while turns come in: gateways cannot reach Triton.", span=8),
    trend("Failures by model", [Query("sum by (model, reason) (increase(nv_inference_request_failure{$S}[$__rate_interval]))", "{{model}} {{reason}}")], "short", "Requests that Triton refused or failed. REJECTED: the queue is full; BACKEND: read Triton's log.", limits=Limits(1, 10), span=8),
    trend("Batch size", [Query("sum by (model) (rate(nv_inference_count{$S}[$__rate_interval])) / (sum by (model) (rate(nv_inference_exec_count{$S}[$__rate_interval])) > 0)", "{{model}}")], "none", "Requests that shared one execution. It stays 1 under load: the queue delay in config.pbtxt is too short.", span=8),
    trend("Time in the queue", [Query(_per_request("nv_inference_queue_duration_us"), "{{model}}")], "ms", "How long a request waits for its batch. Above 100 ms: runbook PorticoTritonQueue.", limits=Limits(50, 100), span=8),
    trend("Time in the model", [Query(_per_request("nv_inference_compute_infer_duration_us"), "{{model}}")], "ms", "How long the model itself takes. Growth with steady load: CPU throttling, or longer messages.", span=8),
    trend("Pending requests", [Query("max by (model) (nv_inference_pending_request_count{$S})", "{{model}}")], "short", "What waits in Triton now; the classifier is scaled on it.", limits=Limits(16, 64), span=8),
])  # fmt: skip

SATURATION = Row("Saturation", [
    trend("Turns in flight, of the most allowed", [Query("sum(portico_turns_inflight{$S}) / sum(portico_turns_limit{$S})", "used")], "percentunit", "The limit follows the latency of turns. At 100 % new turns are shed with 503, but for emergencies. Above 80 % for long: add gateways.", limits=Limits(0.8, 1), span=8),
    trend("Shed load", [Query("sum by (reason) (rate(portico_shed_total{$S}[$__rate_interval])) * 60", "{{reason}}")], "cpm", "Requests refused: `concurrency` for want of capacity (runbook PorticoShedding), `patient`, `tenant`, `address` by a limit, `draining` by a gateway that ends; `limits_unavailable` got fixed text because the store was down.", span=8),
    trend("CPU", [
        Query("sum by (job, instance) (rate(process_cpu_seconds_total{$S}[$__rate_interval]))", "{{job}} {{instance}}"),
        Query("max by (instance) (nv_cpu_utilization{$S})", "Triton's node {{instance}}"),
    ], "percentunit", "100 % is one core for a gateway, a console or a notifier (they use little more), and all cores for Triton's node. A gateway near 100 %: add gateways.", limits=Limits(0.8, 0.95), span=8),
    trend("Memory", [
        Query("sum by (job, instance) (process_resident_memory_bytes{$S})", "{{job}} {{instance}}"),
        Query("max by (instance) (nv_cpu_memory_used_bytes{$S})", "Triton's node {{instance}}"),
    ], "bytes", "A line that climbs for days is a leak: restart in turn, then report it.", span=12),
    trend("Open files", [Query("sum by (job, instance) (process_open_fds{$S}) / sum by (job, instance) (process_max_fds{$S})", "{{job}} {{instance}}")], "percentunit", "Connections and files of the most allowed. Above 80 %: many open event streams, or a leak.", limits=Limits(0.8, 0.95), span=12),
])  # fmt: skip

DEPENDENCIES = Row("Dependencies", [
    states("Switched off by an operator", Query("max by (switch) (portico_switched_off{$S})", "{{switch}}"), "What somebody turned off on purpose; those turns go to people. OFF and nobody knows why: ask, then turn it on again.", texts={"0": ("on", GREEN), "1": ("OFF", RED)}),
    states("What a turn needs", Query("min by (dependency) (portico_dependency_up{$S})", "{{dependency}}"), "Each gateway asks every part a real question every other second. DOWN: runbook PorticoDependencyDown.", texts=_UP),
    states("Targets that Prometheus scrapes", Query("min by (job) (up{$S})", "{{job}}"), "DOWN: the process does not run, or a network policy is in the way; runbook PorticoTargetDown.", texts=_UP),
    trend("Turns cut short, by the part that failed", [Query("sum by (part) (rate(portico_faults_total{$S}[$__rate_interval])) * 60", "{{part}}")], "cpm", "Each such turn went to a person or got fixed text, and its audit record names the part. `deadline`: the models together took too long. One part alone: runbook PorticoDependencyDown.", stacked=True),
    trend("Announcements, by what the receiver did", [Query("sum by (answer) (rate(portico_delivery_attempts_total{$S}[$__rate_interval])) * 60", "{{answer}}")], "cpm", "Attempts of the notifier to tell the hospital's own system of escalations. Anything but `taken` for long: runbook PorticoAnnouncementsFailing.", stacked=True),
    trend("Announcements, by what follows", [Query("sum by (state) (rate(portico_delivery_outcomes_total{$S}[$__rate_interval])) * 60", "{{state}}")], "cpm", "`sent` is done, `waiting` is tried again later, `dead` was given up: somebody must send it again (runbook PorticoAnnouncementGivenUp).", stacked=True),
    trend("Audit appends that failed", [Query("sum by (sink) (increase(portico_audit_failures_total{$S}[$__rate_interval]))", "{{sink}}")], "short", "Each is a turn that was refused. Look at the store first: disk, failover, network.", limits=Limits(1, 10)),
    trend("Versions at once, by model", [Query("count by (model) (count by (model, version) (portico_model_info{$S}))", "{{model}}")], "short", "2 during a rollout, else 1. Longer than half an hour: runbook PorticoModelVersionSkew.", limits=Limits(2, 3)),
])  # fmt: skip

PLATFORM = Board(
    "platform",
    "Portico / Platform",
    "For platform engineers: rate, errors and duration of every stage, Triton, saturation, dependencies.",
    [REQUESTS, STAGES, TRITON, SATURATION, DEPENDENCIES],
)
