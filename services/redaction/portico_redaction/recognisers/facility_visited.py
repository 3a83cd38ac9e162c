"""Facilities named only by what was done there: "seen at Baylor", "admitted to St. Luke's", "treated @ Stanford".

Class B of 45 CFR 164.514(b)(2)(i) as Portico reads it. Format: a word of care, "at", "to", "from" or "in", then
capitalised words of which none is a department or a clinical word ("admitted to ICU" stays).
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import Form, FormRecogniser
from portico_redaction.recognisers.states import NAMES
from portico_redaction.recognisers.word_lists import country_names, is_drug_name, is_eponym, is_never_name

_CARE = (
    r"(?:seen|treated|admit(?:ted)?|hospitali[sz]ed|evaluated|visit(?:ed)?|consult(?:ed|ation)?"
    r"|registered|transferred|referred|discharged"
    r"|present(?:ed|ing)|diagnosed|followed|operated|surgery|appointment|appt|born|delivered|work(?:s"
    r"|ed)?|stud(?:ies|ied)|atendid[oa])"
)
_CAPITAL = r"(?:(?:St|Mt|Ft)\. )?(?!(?:Dr|Mr|Mrs|Ms|Prof)\b)\p{Lu}(?:[\p{L}&'-]|\.(?=\p{Lu}))*"
_STAYS = frozenset(NAMES.split("|")) | country_names()


class VisitedFacilityRecogniser(FormRecogniser):
    """Find facilities by what was done there."""

    phi_type = PhiType.GEOGRAPHIC
    forms = (
        Form(
            "where care was given",
            rf"\b(?i:{_CARE}) (?:at|to|from|in|@|by|en)(?: (?:the|our|el|la))? (?P<value>{_CAPITAL}(?: (?:of "
            rf"|and |& )?{_CAPITAL}){{0,4}})",
            0.62,
            0,
        ),
        Form("saint's", r"(?<![\w.])(?:St|Saint)\.? \p{Lu}\p{L}{2,20}'s?(?! (?:disease|dance|fire|wort))", 0.62, 0),
        Form(
            "general",
            r"(?i:\bat )(?P<value>(?:General|Community|County|Downtown|City|Children's|Memorial|Regional) Hosp\w*)",
            0.62,
            0,
        ),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Leave departments, drugs, diseases, states and countries alone."""
        if form.name != "where care was given":
            return True
        words = value.split()
        return value not in _STAYS and not any(
            is_never_name(words[0]) or is_drug_name(w) or is_eponym(w) for w in words
        )
