"""What redaction should reach (issue 3, figures). A set has the targets that were named for it, and no others."""

from collections.abc import Mapping

from portico_core.labels import PhiType
from portico_evaluation.figures import Target

_EACH = Target(0.98)

CLASS_RECALL: Mapping[PhiType, Target] = {
    PhiType.NAME: Target(0.965),
    PhiType.GEOGRAPHIC: Target(0.97),
    PhiType.DATE: Target(0.98),
    PhiType.SSN: _EACH,
    PhiType.EMAIL: _EACH,
    PhiType.PHONE: _EACH,
    PhiType.URL: _EACH,
    PhiType.IP: _EACH,
    PhiType.MRN: _EACH,
    PhiType.ACCOUNT: _EACH,
}
"""Of text by other hands, and of the structured set."""

PORTAL: Mapping[str, Target] = {"recall": Target(0.95), "clean": Target(0.97)}

OUTSIDE: Mapping[str, Target] = {
    "recall": Target(0.975),
    "clean": Target(0.97),
    "false_characters": Target(0.008, at_least=False),
    "f2_at_0.5": Target(0.95),
    "f2_at_0.9": Target(0.91),
}

UTILITY = Target(0.99)
LATENCY_MS: Mapping[int, Target] = {50: Target(15.0, at_least=False), 99: Target(40.0, at_least=False)}
"""By percentile, for a message of 200 characters on one core."""
