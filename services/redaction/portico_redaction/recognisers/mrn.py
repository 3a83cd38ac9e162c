"""Medical record numbers.

Format: each hospital has its own, so a cue or the site's own pattern decides; letters, digits and single separators.
Class H of 45 CFR 164.514(b)(2)(i). HL7 v2 carries it in PID-3 (https://hl7-definition.caristix.com/v2/HL7v2.5/Fields/PID.3),
FHIR R4 as identifier type MR (https://terminology.hl7.org/CodeSystem-v2-0203.html).
"""

import regex

from portico_core.errors import ConfigurationError
from portico_core.labels import PhiType
from portico_redaction.recognisers.base import (
    EXACT_CASE,
    GAP,
    GLUE,
    GROUPED_DIGITS,
    IDENTIFIER,
    NUMBER,
    START,
    Form,
    FormRecogniser,
)
from portico_redaction.recognisers.spared import is_code, is_measure

_OWNER = r"(?:patient|patien|pati?e?nt|pt|pat|px|client|chart|record|rec|rcrd|hosp(?:ital)?|unit|file|folder|person|wrist ?band|bracelet|clinic)'?s?"
_RECORD = r"(?:(?:my|electronic|e) ?)?(?:med(?:ical)?|hlth|health|clinical|hosp(?:ital)?|patient|pt)[ ._-]{0,2}(?:rec(?:ord)?|chart)s?"
_SPANISH = (
    r"(?:(?:n[uú]mero|n[uú]m\.?|n[º°o]\.?|nro\.?) de )?"
    r"(?:historia(?: (?:cl[ií]nica|m[eé]dica))|expediente(?: (?:cl[ií]nico|m[eé]dico))?|registro m[eé]dico|ficha m[eé]dica)"
    r"|(?:n[uú]mero|n[uú]m\.?|n[º°o]\.?|nro\.?) de (?:historia|paciente|registro|ficha)"
)
_CUE = (
    START
    + rf"(?:e?mrns?|m\.r\.n\.?s?|m\.r\. ?(?:#|no\b\.?)|mr[ -]?(?:#|no\b\.?|num\b\.?|number|nbr)|emr|ehr|epic ?id|cerner ?id"
    rf"|{_RECORD}{NUMBER}{{0,2}}|{_OWNER}{NUMBER}{{1,2}}|pid ?[:#=|]|(?:empi|uhid|hrn|nhs|chi|ihi){NUMBER}?|{_SPANISH})"
)
_SURE_CUE = START + rf"(?:e?mrns?|m\.r\.n\.?|{_RECORD}{NUMBER}{{0,2}}|{_OWNER}{NUMBER}{{1,2}}|{_SPANISH})"


class MrnRecogniser(FormRecogniser):
    """Find medical record numbers beside a cue, and anything that fits the site's pattern."""

    phi_type = PhiType.MRN
    forms = (
        Form("beside a cue", _CUE + GLUE + rf"(?P<value>{IDENTIFIER})", 0.95),
        Form("digits in groups", _CUE + GLUE + rf"(?P<value>{GROUPED_DIGITS})", 0.9),
        Form("cue and number in one word", r"\b(?P<value>E?MRN?[-_#]?[0-9](?:[-/.]?[A-Z0-9]){3,19})(?![A-Z0-9])", 0.95),
        Form(
            "prefix", r"(?<![\w-])(?:EMR|PT|PAT|PID|CHT|PATID)[-_#][0-9](?:-?[A-Z0-9]){3,19}(?![\w-])", 0.9, EXACT_CASE
        ),
        Form(
            "before its cue",
            r"(?<![\w./-])(?P<value>[A-Z]{0,4}-?[0-9]{5,12})(?=,? \(?(?:is|was|=|as) (?:my|his|her|the|their) (?:mrn|medical record|chart))",
            0.9,
        ),
        Form(
            "chart or record, then a number",
            START
            + r"(?:charts?|records?|reg(?:istration)?) #? ?(?P<value>[A-Z]{0,4}-?[0-9]{5,12}|[0-9]{3,6}-[0-9]{3,6}|[0-9]{2,3}(?:-[0-9]{2,3}){2})(?![\w/-]|\.[0-9])",
            0.85,
        ),
        Form("some words between", _SURE_CUE + GAP + rf"(?P<value>{IDENTIFIER})", 0.55),
    )

    def __init__(self, site_pattern: str | None = None) -> None:
        own = (Form("site", _checked(site_pattern), 0.97),) if site_pattern else ()
        super().__init__(self.forms + own)

    def accepts(self, value: str, form: Form) -> bool:
        """Leave readings and years of the chart alone ("my medical record shows 120/80")."""
        if form.name == "some words between":
            return is_code(value, digits=5)
        return form.name == "site" or not is_measure(value)


def _checked(site_pattern: str) -> str:
    """Return a site's pattern, or raise ConfigurationError: a process that cannot look for it must not start."""
    try:
        regex.compile(site_pattern)
    except regex.error:
        raise ConfigurationError("the MRN pattern is not a regular expression") from None
    return site_pattern
