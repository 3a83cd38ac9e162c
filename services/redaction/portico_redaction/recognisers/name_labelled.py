"""Names in the field of a form: "Patient: Lopez, Maria", "Name: ana ruiz", "PCP: Chen", "Emergency contact - Bo Li".

Class A of 45 CFR 164.514(b)(2)(i). Format: label, colon or dash, then name words over a comma; HL7 v2 PID-5 ("LOPEZ^MARIA").
"""

from collections.abc import Iterator

import regex

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import PATTERN_TIMEOUT_S, Found, ReadingRecogniser
from portico_redaction.recognisers.name_words import is_capitalised_name, is_name_in_any_case, read_name

_LABEL = regex.compile(
    r"\b(?:(?:patient|pt|client|member|subscriber|guarantor|contact|emergency contact|next of kin"
    r"|provider|physician|doctor|attending|surgeon|pcp|nurse|caregiver"
    r"|parent|guardian|spouse|insured|ordering(?: provider| physician)?|referring(?: provider| physician)?|taken by|sent by|from|to|cc|attn|attention|re|signed|signature|author|employee"
    r"|customer|user|applicant|cardholder|account holder"
    r"|paciente|nombre|apellidos?)(?:'s)?(?: (?:full )?name)?|(?:full |first |last |middle |maiden "
    r"|legal |user|display )?name|surname)(?: ?:|[ ]-)[ \t]{0,4}",
    regex.IGNORECASE,
)
_QUOTED = regex.compile(
    r"\b(?:provider|doctor|physician|clinician|attending|nurse|surgeon|therapist|somebody|someone|person|employee)"
    r"(?: named| called| by the name of)?:? [\"“](?=\p{Lu})",
    regex.IGNORECASE,
)
_HL7 = regex.compile(r"\b[A-Z][A-Z'-]{1,30}\^[A-Z][A-Z'-]{1,30}(?:\^[A-Z][A-Z'-]{0,30}){0,2}")


class LabelledNameRecogniser(ReadingRecogniser):
    """Find names after the label of a form field."""

    phi_type = PhiType.NAME

    def find(self, text: str) -> Iterator[Found]:
        """Yield what a label announces."""
        for match in _LABEL.finditer(text, timeout=PATTERN_TIMEOUT_S):
            end = read_name(text, match.end(), reads=is_name_in_any_case, comma=True)
            if end is not None:
                yield Found(match.end(), end, 0.85)
        for match in _QUOTED.finditer(text, timeout=PATTERN_TIMEOUT_S):
            end = read_name(text, match.end(), reads=is_capitalised_name)
            if end is not None:
                yield Found(match.end(), end, 0.8)
        for match in _HL7.finditer(text, timeout=PATTERN_TIMEOUT_S):
            yield Found(*match.span(), 0.9)
