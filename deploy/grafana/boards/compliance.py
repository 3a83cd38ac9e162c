"""The Compliance board: is everything on record, are identifiers kept out, who looked, and what is in force."""

from boards.board import Board, Row
from boards.panels import AMBER, GREEN, RED, Limits, Query, bars, number, rows, state, trend

_FINAL = 'sum(increase(portico_audit_records_total{phase=~"decided|refused",$S}[$__range]))'
_TURNS = "sum(increase(portico_turns_total{$S}[$__range]))"
_CHAIN = 'max(portico_audit_chain_state{state="broken",$S}) * 2 + max(portico_audit_chain_state{state="unverified",$S})'
_CHAIN_TEXTS = {"0": ("intact", GREEN), "1": ("not verified", AMBER), "2": ("BROKEN", RED), "3": ("BROKEN", RED)}

AUDIT = Row("Is everything on record?", [
    number("Turns with a final record", f"clamp_max({_FINAL} / ({_TURNS} > 0), 1)", "percentunit", "Share of turns whose end is on record; must be 100 % (a scrape may cut through a turn). Below 98 %: runbook PorticoAuditCoverageLow.", limits=Limits(0.99, 0.98, falling=True)),
    state("Audit chains", _CHAIN, "What the last `portico audit verify` said. BROKEN: do not restart anything, runbook PorticoAuditChainBroken.", texts=_CHAIN_TEXTS),
    number("Since the last verification", "time() - max(portico_audit_verified_timestamp_seconds{$S} > 0)", "s", "How long ago `portico audit verify` last walked every chain. Above a day: the check job does not run, runbook PorticoAuditChainUnverified.", limits=Limits(86400, 93600)),
    number("Findings", "max(portico_audit_findings{$S})", "short", "Findings of the last verification. Any: `portico audit verify` names the place.", limits=Limits(1, 1)),
    number("Appends that failed", "sum(increase(portico_audit_failures_total{$S}[$__range]))", "short", "Each one is a turn that was refused instead. Rising: runbook PorticoAuditAppendFailing.", limits=Limits(1, 10)),
    number("Waiting in the spool", "sum(portico_spool_waiting{$S})", "short", "Refusals and escalations on a gateway's disk, not yet in the store. Above zero for minutes: runbook PorticoSpoolNotEmpty.", limits=Limits(1, 10)),
    trend("Turns and their final records", [
        Query("sum(rate(portico_turns_total{$S}[$__rate_interval])) * 60", "turns"),
        Query('sum(rate(portico_audit_records_total{phase=~"decided|refused",$S}[$__rate_interval])) * 60', "final records"),
    ], "cpm", "The two lines lie on each other. A gap that stays: runbook PorticoAuditCoverageLow; a gap that closes later is the spool."),
    trend("Records by phase", [Query("sum by (phase) (rate(portico_audit_records_total{$S}[$__rate_interval])) * 60", "{{phase}}")], "cpm", "What is recorded. `abandoned` above zero: a gateway was killed in the middle of turns.", stacked=True),
    bars("Failed appends by sink", Query("sum by (sink) (increase(portico_audit_failures_total{$S}[$__range]))", "{{sink}}"), "short", "`redis`: the store did not take a record; `spool`: not even the disk did, and a ticket may be lost.", limits=Limits(1, 10), span=8),
    bars("Spool, replayed", Query("sum by (outcome) (increase(portico_spool_replayed_total{$S}[$__range]))", "{{outcome}}"), "short", "What became of spooled refusals. `damaged`: runbook PorticoSpoolDamaged.", span=8),
    trend("Time of a durable append", [
        Query("histogram_quantile(0.5, sum by (le) (rate(portico_audit_append_seconds_bucket{$S}[$__rate_interval])))", "half within"),
        Query("histogram_quantile(0.99, sum by (le) (rate(portico_audit_append_seconds_bucket{$S}[$__rate_interval])))", "99 of 100 within"),
    ], "s", "Every turn waits for two of these. Above 0.1 s: look at the disk under Redis or Valkey (fsync).", limits=Limits(0.1, 0.7), span=8),
])  # fmt: skip

IDENTIFIERS = Row("Are identifiers kept out?", [
    bars("Redacted from patients' messages", Query('topk(20, sum by (type) (increase(portico_redactions_total{direction="in",$S}[$__range])) > 0)', "{{type}}"), "short", "Identifiers replaced before any model saw the text, by Safe Harbor class. A class that stops appearing: run `portico evaluate --suite phi`."),
    bars("Redacted from words of the staff", Query('topk(20, sum by (type) (increase(portico_redactions_total{direction="out",$S}[$__range])) > 0)', "{{type}}"), "short", "Identifiers in replies and notes, replaced before they were stored. Nothing to do; many of one class: remind the staff."),
    trend("Redactions by direction", [Query("sum by (direction) (rate(portico_redactions_total{$S}[$__rate_interval])) * 60", "{{direction}}")], "cpm", "`in` follows the number of turns. It falls while turns do not: treat as a redaction failure, stop the gateway's ingress and investigate."),
    trend("Answers stopped for an identifier", [Query('sum(increase(portico_validation_failures_total{validator="phi",$S}[$__rate_interval]))', "refused by the PHI check")], "short", "Nothing of it was delivered. Any: runbook PorticoPhiOnOutput.", limits=Limits(1, 1)),
    bars("Drafts refused, by check", Query("sum by (validator) (increase(portico_validation_failures_total{$S}[$__range]))", "{{validator}}"), "short", "All blocks by the answer checks. `markup` or `schema` above zero: the responder misbehaves, tell the ML team."),
    trend("Declined as an attack", [Query('sum by (source) (rate(portico_verdicts_total{label="attack",$S}[$__rate_interval])) * 60', "{{source}}")], "cpm", "Attempts to make the assistant do harm or leave its task. A burst: find the accounts in the audit records (docs/runbooks/README.md)."),
])  # fmt: skip

ACCESS = Row("Who looked?", [
    trend("Access records by purpose", [Query("sum by (purpose) (rate(portico_access_total{$S}[$__rate_interval])) * 60 > 0", "{{purpose}}")], "cpm", "Every time a person opened, claimed, answered or handed on a ticket, or a patient read a transcript. Views without replies at night: look at the audit records.", stacked=True),
    bars("Access in the time range", Query("sum by (purpose) (increase(portico_access_total{$S}[$__range])) > 0", "{{purpose}}"), "short", "The same as totals. `other` above zero: a purpose that this board does not know, docs/how-to/add-a-metric.md."),
    number("Tickets taken over", 'sum(increase(portico_access_total{purpose="escalation.take_over",$S}[$__range]))', "short", "A person took a ticket that another one held: an exception that needs a reason. Review each in the audit records.", limits=Limits(1, 20), span=4),
    number("Break-glass grants", 'sum(increase(portico_access_total{purpose="break_glass.grant",$S}[$__range]))', "short", "A person saw, or might see, the identifiers of a ticket that they do not hold. Each is listed on the console's compliance page: runbook PorticoBreakGlass.", limits=Limits(1, 5), span=4),
    number("Refused sign-ins", 'sum(increase(portico_sessions_total{event="refused",$S}[$__range]))', "short", "Sign-ins to the console without a proof that holds, a second factor or a role. A burst: the access log says who, or the identity provider's.", limits=Limits(5, 50), span=4),
    trend("Sessions of staff", [Query("sum by (event) (increase(portico_sessions_total{$S}[$__rate_interval])) > 0", "{{event}}")], "short", "Sessions opened and refused, and how they ended: by their person, idle, or too old. `idle` far above `signed_out`: remind the staff to sign out."),
])  # fmt: skip

RETENTION = Row("What is kept, and what is in force?", [
    number("Records in the store", "max(portico_audit_stored_records{$S})", "short", "Audit records that were not archived yet. It only falls when the archive job has run.", span=4),
    number("Age of the oldest record", "time() - min(portico_audit_oldest_record_timestamp_seconds{$S} > 0)", "s", "Of those in the store; what is older lies in the archive. Beyond the archive interval: the archive job does not run.", span=4),
    rows("Models in force", Query("count by (tenant, release, model, version) (portico_model_info{$S})"), "Versions that the gateways use, as in every audit record. Two versions of a model: a rollout, or runbook PorticoModelVersionSkew."),
    rows("Policy and release in force", Query("count by (tenant, release, version) (portico_policy_info{$S}) or count by (tenant, release, component, version) (portico_build_info{$S})"), "The route policy (without a component) and the releases. They must match what the change record says."),
])  # fmt: skip

COMPLIANCE = Board(
    "compliance",
    "Portico / Compliance",
    "For compliance officers: audit coverage and integrity, identifiers kept out, access, retention, versions in force.",
    [AUDIT, IDENTIFIERS, ACCESS, RETENTION],
)
