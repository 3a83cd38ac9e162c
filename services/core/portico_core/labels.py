"""Closed sets: what a message is, what is done with it, how urgent a person is needed.

The same strings stand in training data, tensors, metrics, audit records and the API.
"""

from enum import StrEnum


class Label(StrEnum):
    """What a message is. The order is the order of `model_repository/safety_classifier/labels.txt`."""

    INFORMATIONAL = "informational"
    CLINICIAN = "clinician"
    EMERGENCY = "emergency"
    CRISIS = "crisis"
    ATTACK = "attack"
    OUT_OF_SCOPE = "out_of_scope"


SEVERITY: dict[Label, int] = {
    Label.INFORMATIONAL: 0,
    Label.OUT_OF_SCOPE: 1,
    Label.CLINICIAN: 2,
    Label.ATTACK: 3,
    Label.CRISIS: 4,
    Label.EMERGENCY: 5,
}
"""Of two verdicts on one turn the one with the higher number stands: missing an emergency costs most."""


class Route(StrEnum):
    """What is done with a turn."""

    ANSWER = "answer"
    ESCALATE = "escalate"
    EMERGENCY = "emergency"
    CRISIS = "crisis"
    DECLINE = "decline"
    UNAVAILABLE = "unavailable"


class Urgency(StrEnum):
    """How fast a person must see an escalation."""

    IMMEDIATE = "immediate"
    URGENT = "urgent"
    ROUTINE = "routine"


class VerdictSource(StrEnum):
    """Who judged: the classifier, or a deterministic red-flag rule."""

    MODEL = "model"
    RULE = "rule"


class LimitScope(StrEnum):
    """Whose requests are counted against a limit."""

    PATIENT = "patient"
    TENANT = "tenant"
    ADDRESS = "address"


class Stage(StrEnum):
    """The steps of a turn, as shown in status events, metrics and the audit record's latencies."""

    ACCEPT = "accept"
    REDACT = "redact"
    CLASSIFY = "classify"
    RETRIEVE = "retrieve"
    RESPOND = "respond"
    VALIDATE = "validate"
    RECORD = "record"


class PhiType(StrEnum):
    """The identifier classes of 45 CFR 164.514(b)(2)(i) as Portico names them."""

    NAME = "NAME"
    GEOGRAPHIC = "GEOGRAPHIC"
    DATE = "DATE"
    AGE_OVER_89 = "AGE_OVER_89"
    PHONE = "PHONE"
    FAX = "FAX"
    EMAIL = "EMAIL"
    SSN = "SSN"
    MRN = "MRN"
    HEALTH_PLAN = "HEALTH_PLAN"
    ACCOUNT = "ACCOUNT"
    LICENSE = "LICENSE"
    VEHICLE = "VEHICLE"
    DEVICE = "DEVICE"
    URL = "URL"
    IP = "IP"
    BIOMETRIC = "BIOMETRIC"
    PHOTO = "PHOTO"
    OTHER_ID = "OTHER_ID"


class AuditPhase(StrEnum):
    """The point in a turn's life that an audit record fixes."""

    ACCEPTED = "accepted"
    DECIDED = "decided"
    REFUSED = "refused"
    ABANDONED = "abandoned"
    DELIVERED = "delivered"
    ACCESS = "access"


class Abstention(StrEnum):
    """Why a turn that was not plainly for a person went to one all the same."""

    LOW_CONFIDENCE = "low_confidence"
    NOTHING_FOUND = "nothing_found"
    NOT_SUPPORTED = "not_supported"
    PART_FAILED = "part_failed"


class Part(StrEnum):
    """What a turn needs and what can fail it; `deadline` is the time of verdict and answer together."""

    CLASSIFIER = "safety_classifier"
    ENCODER = "passage_encoder"
    RESPONDER = "responder"
    SEARCH = "passage_search"
    REDIS = "redis"
    REDACTOR = "redactor"
    ISSUER = "identity_provider"
    DEADLINE = "deadline"
    UNKNOWN = "unknown"


class AccessPurpose(StrEnum):
    """What an `access` record was written for; the part of its `source` before a colon."""

    PATIENT = "patient"
    LIST = "inbox.list"
    VIEW = "escalation.view"
    REVEAL = "escalation.reveal"
    CLAIM = "escalation.claim"
    TAKE_OVER = "escalation.take_over"
    HAND_OVER = "escalation.hand_over"
    NOTE = "escalation.note"
    REPLY = "escalation.reply"
    RELEASE = "escalation.release"
    CLOSE = "escalation.close"
    BREAK_GLASS = "break_glass.grant"
    BREAK_GLASS_USE = "break_glass.use"
    REVIEW = "escalation.review"
    OPEN = "escalation.open"
    MINT = "token.mint"
    REVOKE = "token.revoke"
    REVIEWS_EXPORT = "reviews.export"
    WORKLOAD = "workload.view"
    SESSION_OPEN = "session.open"
    SESSION_END = "session.end"
    SESSION_REFUSED = "session.refused"
    AUDIT_LOG = "audit.log"
    AUDIT_SEARCH = "audit.search"
    AUDIT_TRAIL = "audit.trail"
    AUDIT_EXPORT = "audit.export"
    AUDIT_REVEAL = "audit.reveal"
    AUDIT_REPORT = "audit.report"
    OTHER = "other"


def access_purpose(source: str | None) -> AccessPurpose:
    """Return the purpose of an access record's `source`; a patient's own visit has none."""
    name = (source or AccessPurpose.PATIENT.value).split(":", 1)[0]
    return AccessPurpose(name) if name in set(AccessPurpose) else AccessPurpose.OTHER


class SessionEvent(StrEnum):
    """What happens to the session of a member of staff: it is opened or refused, or ends, and why."""

    OPENED = "opened"
    REFUSED = "refused"
    SIGNED_OUT = "signed_out"
    IDLE = "idle"
    LONGEST = "longest"


class ChainState(StrEnum):
    """What the last verification said of the audit chains."""

    INTACT = "intact"
    BROKEN = "broken"
    UNVERIFIED = "unverified"


class Author(StrEnum):
    """Who wrote a message of a transcript."""

    PATIENT = "patient"
    ASSISTANT = "assistant"
    CLINICIAN = "clinician"


class Role(StrEnum):
    """What the holder of a token is."""

    PATIENT = "patient"
    PROXY = "proxy"
    CLINICIAN = "clinician"
    SUPERVISOR = "supervisor"
    COMPLIANCE = "compliance"


class Speaker(StrEnum):
    """Who writes: the patient, somebody who acts for them, or a patient under age."""

    SELF = "self"
    PROXY = "proxy"
    MINOR = "minor"


class TicketState(StrEnum):
    """The life of an escalation; maps one to one to the status of a FHIR Task."""

    OPEN = "requested"
    CLAIMED = "in-progress"
    CLOSED = "completed"
