"""The Clinical board: what patients ask, what became of it, and whether a person answered in time."""

from boards.board import Board, Row
from boards.panels import Limits, Query, bars, number, trend

_TURNS = "sum(increase(portico_turns_total{$S}[$__range]))"


def _share_of(route: str) -> str:
    return f'sum(increase(portico_turns_total{{route=~"{route}",$S}}[$__range])) / ({_TURNS} > 0)'


def _reply(quantile: float) -> str:
    buckets = "sum by (urgency, le) (increase(portico_escalation_reply_seconds_bucket{$S}[$__range]))"
    return f"histogram_quantile({quantile}, {buckets}) > 0"


_OLDEST = "portico_delivery_oldest_timestamp_seconds{$S}"
_UNTOLD = f"max by (urgency) ((time() - {_OLDEST}) * ({_OLDEST} > bool 0))"
_TOLD_BUCKETS = "sum by (urgency, le) (increase(portico_delivery_seconds_bucket{$S}[$__range]))"
_TOLD = f"histogram_quantile(0.9, {_TOLD_BUCKETS}) > 0"


def _grade(quantile: float) -> str:
    buckets = "sum by (le) (rate(portico_answer_reading_grade_bucket{$S}[$__rate_interval]))"
    return f"histogram_quantile({quantile}, {buckets})"


OVERVIEW = Row("At a glance", [
    number("Turns", _TURNS, "short", "How many messages were decided in the time range. Zero in the daytime: ask the platform team whether the portal reaches Portico."),
    number("Answered", _share_of("answer"), "percentunit", "Share answered from approved passages. A sudden fall: look at abstentions below and at the Platform board's dependencies.", limits=Limits(0.3, 0.1, falling=True)),
    number("Handed to a person", _share_of("escalate|emergency|crisis"), "percentunit", "Share that opened an escalation. More than the inbox can take: see abstentions by cause, then review passages or the policy."),
    number("Unavailable", _share_of("unavailable"), "percentunit", "Share that got fixed text because a part failed. Above 1 %: call the platform team, runbook PorticoFailClosed.", limits=Limits(0.01, 0.05)),
    number("Open escalations", "sum(max by (tenant, release, urgency) (portico_escalations_open{$S}))", "short", "Tickets that are not closed. Rising through the day: add people to the inbox, runbook PorticoEscalationBacklog.", limits=Limits(100, 200)),
    number("Past their time", "sum(max by (tenant, release, urgency) (portico_escalations_overdue{$S}))", "short", "Tickets past their reply or resolution time. Anything here: open the inbox, oldest at risk stands first.", limits=Limits(1, 10)),
])  # fmt: skip

QUESTIONS = Row("What patients ask", [
    bars("Questions by topic", Query("topk(15, sum by (topic) (increase(portico_topics_total{$S}[$__range])) > 0)", "{{topic}}"), "short", "The 15 topics that questions were closest to. Topics that lead here deserve the first review when they fall due."),
    bars("Topics that were not answered", Query('topk(15, sum by (topic) (increase(portico_topics_total{route="escalate",$S}[$__range])) > 0)', "{{topic}}"), "short", "Topics found but not supported well enough to answer. The longest bars are the passages to write or extend next."),
    trend("Verdicts by label", [Query("sum by (label) (rate(portico_verdicts_total{$S}[$__rate_interval])) * 60", "{{label}}")], "cpm", "What the guard says messages are, a minute. A label that doubles without a reason in the clinic: read a sample in the console, then see drift.", stacked=True),
    trend("Guard trigger rate", [
        Query('sum(rate(portico_verdicts_total{label!="informational",$S}[$__rate_interval])) / (sum(rate(portico_verdicts_total{$S}[$__rate_interval])) > 0)', "anything but informational"),
        Query('sum(rate(portico_verdicts_total{source="rule",$S}[$__rate_interval])) / (sum(rate(portico_verdicts_total{$S}[$__rate_interval])) > 0)', "by a red-flag rule"),
    ], "percentunit", "Share of messages the guard did not let through as a plain question, and the part of it that fixed rules decided. A jump after a promotion (purple line): roll the model back, then compare."),
])  # fmt: skip

ROUTES = Row("What was done", [
    trend("Turns by route", [Query("sum by (route) (rate(portico_turns_total{$S}[$__rate_interval])) * 60", "{{route}}")], "cpm", "What patients got, a minute. `unavailable` above zero: runbook PorticoFailClosed.", stacked=True),
    trend("Why answers were held back", [Query("sum by (abstention) (rate(portico_abstentions_total{$S}[$__rate_interval])) * 60", "{{abstention}}")], "cpm", "low_confidence: the classifier was unsure; nothing_found: no passage; not_supported: a check refused the draft; part_failed: see Platform. Review the passages for the middle two.", stacked=True),
    bars("Drafts refused, by check", Query("sum by (validator) (increase(portico_validation_failures_total{$S}[$__range]))", "{{validator}}"), "short", "Which check refused answers or single sentences. Many of one kind: read the passages of the topics above. `phi`: tell compliance."),
    trend("Reading grade of answers", [Query(_grade(0.5), "half of answers up to"), Query(_grade(0.9), "nine of ten up to")], "none", "US school grade of what was sent; the check refuses above 11. Above 9 for long: simplify the passages of the leading topics.", limits=Limits(9, 11)),
])  # fmt: skip

PEOPLE = Row("Hand-over to people", [
    bars("Announcements that did not go out", Query("max by (state) (portico_deliveries{$S})", "{{state}}"), "short", "Messages that tell people of an escalation, by state. `dead` above zero: nobody was called; open Announcements in the console and send them again, runbook PorticoAnnouncementGivenUp.", limits=Limits(1, 1), span=8),
    bars("Longest that nobody was told", Query(_UNTOLD, "{{urgency}}"), "s", "Age of the oldest ticket that the hospital's own system has not taken yet, by urgency. Minutes for `immediate` or `urgent`: open the inbox now, runbook PorticoAnnouncementLate.", limits=Limits(60, 120), span=8),
    bars("Nine of ten announced within", Query(_TOLD, "{{urgency}}"), "s", "From the patient's message to a pager or ticket system that has it. Above a minute: tell the platform team, see Announcements on their board.", limits=Limits(30, 120), span=8),
    trend("Escalations opened by urgency", [Query("sum by (urgency) (increase(portico_escalations_total{$S}[$__rate_interval]))", "{{urgency}}")], "short", "New tickets in each step. `immediate` is a crisis, `urgent` an emergency: staff the inbox for their busiest hour.", stacked=True),
    trend("Open and overdue", [
        Query("max by (urgency) (portico_escalations_open{$S})", "open {{urgency}}"),
        Query("max by (urgency) (portico_escalations_overdue{$S})", "overdue {{urgency}}"),
    ], "short", "The queue as it is. An overdue line of `immediate` or `urgent` above zero: runbook PorticoEmergencyReplyLate, now."),
    bars("Half of first replies within", Query(_reply(0.5), "{{urgency}}"), "s", "Median time from the patient's message to a person's first reply, by urgency. Above the promised time: change staffing, or the promise."),
    bars("Nine of ten first replies within", Query(_reply(0.9), "{{urgency}}"), "s", "The slow tail of first replies. Above the promised time for urgent ones: runbook PorticoEmergencyReplyLate.", limits=Limits(3600, 86400)),
])  # fmt: skip

QUALITY = Row("Is it still right?", [
    trend("Patients found it helpful", [Query('sum(increase(portico_feedback_total{helpful="true",$S}[$__range])) / (sum(increase(portico_feedback_total{$S}[$__range])) > 0)', "helpful")], "percentunit", "Share of thumbs up among all thumbs. Below 70 %: read the feedback of the leading topics.", limits=Limits(0.7, 0.5, falling=True), span=8),
    bars("Thumbs", Query("sum by (helpful) (increase(portico_feedback_total{$S}[$__range]))", "helpful: {{helpful}}"), "short", "How many thumbs the share rests on. Below 30 the share says little.", span=8),
    trend("Drift of questions and scores", [Query("max by (signal) (portico_drift_psi{$S})", "{{signal}}")], "none", "Population stability index of a day against the reference. Above 0.25 with more than 300 messages: runbook PorticoDrift.", limits=Limits(0.1, 0.25), span=8),
    bars("Label shares, more or less than the reference", Query("sum by (bin) (portico:drift_share:ratio1d{signal=\"label\",$S}) - sum by (bin) (max by (bin) (portico_drift_reference_share{signal=\"label\",$S}))", "{{bin}}"), "percentunit", "In points of a hundred: how much larger or smaller a label's share of a day's messages is than in the reference. The longest bar is what drift is made of."),
    bars("Confidence of the classifier", Query('sum by (bin) (increase(portico_drift_observed_total{signal="confidence",$S}[$__range]))', "from {{bin}}"), "short", "How sure the model was, in tenths. Mass that moves from 0.9 downwards means new kinds of questions, or a worse model."),
])  # fmt: skip

CLINICAL = Board(
    "clinical",
    "Portico / Clinical",
    "For clinicians: what patients ask, what became of it, and whether a person replied in time. No patient can be told apart here.",
    [OVERVIEW, QUESTIONS, ROUTES, PEOPLE, QUALITY],
)
