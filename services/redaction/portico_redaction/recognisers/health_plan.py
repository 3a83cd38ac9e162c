"""Health plan member, subscriber, group, policy and Medicaid numbers.

Format: each payer has its own, so a cue decides. Class I of 45 CFR 164.514(b)(2)(i).
Source: X12 271 member identifiers are free alphanumeric strings of 2 to 80 characters
(https://x12.org/codes); WEDI health identification card guide names the fields that patients copy from.
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import GLUE, IDENTIFIER, Form, FormRecogniser

_NUMBER = r"(?:[ -]?(?:id|number|num|no|card|identification|policy|plan|code)\b\.?|[ -]?#){1,3}"
_CUE = (
    r"\b(?:(?:member(?:ship)?|subscriber|beneficiary|policy|group|grp|insurance|health ?(?:plan"
    r"|insurance|card)|plan|payer|medicaid"
    rf"|medicare|hicn?|bcbs|blue cross|aetna|cigna|humana|kaiser|tricare|united ?healthcare|uhc"
    rf"|rx ?(?:bin|pcn|grp)){_NUMBER}"
    r"|hpi?n?(?:id| id|#)|hicn|rx ?(?:bin|pcn|grp|group)|medicaid|medicare|p[oó]liza)"
)


class HealthPlanRecogniser(FormRecogniser):
    """Find health plan numbers beside a cue."""

    phi_type = PhiType.HEALTH_PLAN
    forms = (
        Form("beside a cue", _CUE + GLUE + rf"(?P<value>{IDENTIFIER})", 0.93),
        Form("digits in groups", _CUE + GLUE + r"(?P<value>[0-9A-Z]{2,5}(?:[ -][0-9]{2,5}){1,4})(?![0-9])", 0.88),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Leave years and short counts ("Medicare 2024", "group of 12") alone."""
        return sum(character.isdigit() for character in value) >= 3 and not (
            len(value) == 4 and value[:2] in ("19", "20") and value.isdigit()
        )
