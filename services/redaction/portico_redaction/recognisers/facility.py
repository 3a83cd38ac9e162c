"""Hospitals, clinics, pharmacies, schools and other places by name.

Class B of 45 CFR 164.514(b)(2)(i) as Portico reads it: a named facility locates a patient below the state.
Format: capitalised words that end in, or hold, a word for a kind of place. "the hospital" and "Children's Hospital" alone stay.
"""

import regex

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import Form, FormRecogniser
from portico_redaction.recognisers.word_lists import (
    MONTH_NAMES,
    is_dictionary_word,
    is_firm,
    is_listed_person,
    is_never_surname,
    is_ordinary_word,
    is_town,
)

_MONTHS = "|".join(MONTH_NAMES)
_CAPITAL = r"(?!(?:Dr|Mr|Mrs|Ms|Prof|Nurse|Doctor)\b)\p{Lu}[\p{L}'.-]{0,24}"
_KIND = (
    r"(?:Hosp(?:itals?|\b\.?)|General|Gen\.? Hosp\w*\.?|Med(?:ical|\.)? (?:Cntr|Ctr|Cent|Center"
    r"|Centre)\.?|Medical (?:Center|Centre|Group|Associates|Clinic|Plaza|Campus)|Med(?:ical)? Ctr"
    r"|Clinics?|Health(?:care)? (?:Center|Centre|System|Network|Clinic|Partners|Care)|Health"
    r"|Healthcare|Pharmacy|Hospice|Infirmary|Nursing (?:Home|Center)|Rehabilitation(?: Center)?|Rehab"
    r"|Surgery Center|Cancer (?:Center|Institute)|Heart Institute|Eye (?:Center|Institute)"
    r"|Urgent Care|Family (?:Medicine|Practice)|Pediatrics|Ortho?pa?edics|Imaging|Radiology|Endoscopy|Dermatology|Cardiology|Oncology|Nephrology|Urology|Dialysis|Chiropractic|Drugs?(?:store)?|Dental|Physicians|University"
    r"|College|School|Academy|Elementary|Church|Temple|Synagogue|Mosque|Assisted Living|Manor|Residence|Respiratory|Primary|Oxygen|Home ?care)"
)
_KNOWN = (
    "Mayo Clinic|Cleveland Clinic|Johns Hopkins|Massachusetts General|Mass General|Mount Sinai"
    "|Mt\\.? Sinai|Cedars?[- ]Sinai|Kaiser Permanente|MD Anderson|Sloan[- ]Kettering"
    "|UCLA|UCSF|NYU Langone|NewYork-Presbyterian|Stanford Health|Brigham (?:and|&) Women's"
    "|UPMC|UCSD|UCI Health|NYU"
    "|Emory|Northwell|Baylor|Vanderbilt|Stanford"
)
_ENDS_SENTENCE = regex.compile(r"\p{L}{4}\. ")
"""A full stop after a word that is no abbreviation ("Ohio. Clinic")."""


class FacilityRecogniser(FormRecogniser):
    """Find named facilities."""

    phi_type = PhiType.GEOGRAPHIC
    forms = (
        Form(
            "ends in its kind",
            rf"(?<![\w'-])(?P<value>{_CAPITAL}(?: (?:of |for |and |the |de |del "
            rf"|& ){{0,2}}{_CAPITAL}){{0,4}}? {_KIND}(?:,? (?:of|at"
            rf"|in) (?!(?i:{_MONTHS})\b){_CAPITAL}(?: {_CAPITAL}){{0,2}})?)(?![\w-])",
            0.7,
            0,
        ),
        Form(
            "kind of place",
            rf"\b(?:University|Hospital|Medical College|Clinic|College|School|Church) (?:of"
            rf"|at) {_CAPITAL}(?: {_CAPITAL}){{0,3}}",
            0.65,
            0,
        ),
        Form(
            "saint",
            r"\b(?:St|Saint)\.? \p{Lu}\p{L}{2,20}(?:'s)?(?= (?:hospital|ER|clinic|for|on|in|last|yesterday"
            r"|today)|[.,?!])",
            0.6,
            0,
        ),
        Form(
            "the kind in lower case",
            rf"(?<![\w-]){_CAPITAL}(?: {_CAPITAL}){{0,2}} (?:hospital|clinic|medical center|med center|hospice"
            rf"|pharmacy|campus)\b",
            0.55,
            0,
        ),
        Form(
            "other kinds in lower case",
            rf"(?<![\w-]){_CAPITAL}(?: {_CAPITAL}){{0,2}} (?:shelter|daycare|day care|preschool|nursing home|group home|dialysis(?: center)?|rehab"
            rf"|urgent care|senior center|community center|rec center|elementary|middle school|high school|library|barracks)\b",
            0.55,
            0,
        ),
        Form(
            "a hospital's usual name",
            r"\b(?:at|from|to|in|says|called|went|by|of|near|en|del?) (?:the )?(?P<value>(?:mercy|sacred heart|good sam(?:aritan)?|providence|holy (?:cross|family|name|spirit)"
            r"|trinity|bon secours|our lady of [a-z]{3,12}|(?:saint|st\.?) [a-z]{3,14}(?:'?s)?|mount [a-z]{3,12}|mt\.? [a-z]{3,12}|santa [a-z]{3,12}|baptist|methodist|presbyterian|lutheran|adventist)"
            r" (?:general|hospital|med(?:ical)?(?: (?:center|ctr))?|health|clinic|regional|memorial|er))\b",
            0.62,
        ),
        Form(
            "Spanish",
            r"\b(?P<value>(?:[Pp]rimaria|[Ss]ecundaria|[Ee]scuela|[Pp]reparatoria|[Cc]olegio|[Gg]uarder[ií]a|[Cc]l[ií]nica|[Hh]ospital|[Ff]armacia|[Pp]rocesadora|[Ff][aá]brica|[Ii]glesia|[Aa]partamentos|[Rr]esidencial) (?:(?:de|del|la|las|los|El) )?\p{Lu}[\p{L}'-]{1,24}(?: (?:de |del )?\p{Lu}[\p{L}'-]{1,24}){0,3}(?:, edificio [A-Z0-9]{1,4})?)",
            0.68,
            0,
        ),
        Form(
            "works",
            rf"\b(?:[Tt]he|[Oo]ur|[Mm]y|[Hh]is|[Hh]er) (?P<value>{_CAPITAL}(?: {_CAPITAL}){{0,2}})(?= (?:[a-z]{{3,10}} )?(?:mill|factory|warehouse|depot|refinery|quarry|foundry|cannery|shipyard|sawmill)\b)"
            r"|\b[Ww]ork(?:s|ed|ing)?(?: (?:nights|days|evenings|weekends|shifts|part time|full time|second shift|third shift))? (?:at|for|in) (?:the )?(?P<value>(?:[a-z]{4,14} ){1,2}(?:mill|factory|refinery|quarry|foundry|cannery|shipyard|sawmill|cement plant))\b"
            rf"|\b(?:at|near|outside|for|in) the (?P<value>{_CAPITAL}(?: {_CAPITAL}){{0,2}})(?= (?:[a-z]{{3,10}} )?plant\b)",
            0.62,
            0,
        ),
        Form("well known", rf"(?<![\w-])(?:{_KNOWN})(?![\w-])", 0.65, 0),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Leave what only has generic words: at least one word must be a name."""
        words = [word.lower() for word in value.split() if word[0].isupper()]
        match form.name:
            case "well known" | "a hospital's usual name":
                return True
            case "works":
                named = words or [word for word in value.split() if word not in _WORKS]
                return not all(is_ordinary_word(word) or is_firm(word) for word in named)
            case "other kinds in lower case" if len(words) == 1 and is_ordinary_word(words[0]):
                return False
            case "the kind in lower case" if len(words) == 1 and _is_plain(words[0]):
                return False
            case "ends in its kind" if _ENDS_SENTENCE.search(value):
                return False
            case _:
                return _holds_a_name(words)


def _is_plain(word: str) -> bool:
    """Say whether a word says what kind of place it is ("Specialty pharmacy") and nobody and no town is called so."""
    return (is_ordinary_word(word) or is_dictionary_word(word)) and not is_listed_person(word) and not is_town(word)


def _holds_a_name(words: list[str]) -> bool:
    """Say whether any word names a facility: a chain of shops ("Costco Pharmacy") and a kind alone do not."""
    if all(is_firm(word) or word in _LINKS or word in _GENERIC_KINDS for word in words):
        return False
    if words[-1] == "health" and (len(words) > 3 or any(map(is_ordinary_word, words[:-1]))):
        return False
    return any(word not in _GENERIC and not is_never_surname(word) and word not in _GENERIC_KINDS for word in words)


_GENERIC_WORDS = (
    "children's women's men's general community regional memorial county national state local public global world home"
    " high middle mental sleep behavioral primary walk-in express emergency outpatient inpatient sexual student"
)
_GENERIC = frozenset(_GENERIC_WORDS.split())
_WORKS_WORDS = "paper steel lumber textile cotton feed flour mill factory refinery quarry foundry cannery shipyard sawmill cement plant"
_WORKS = frozenset(_WORKS_WORDS.split())
_LINKS = frozenset(("and", "of", "the", "or", "&"))
_GENERIC_KINDS = frozenset(
    _KIND.lower().replace("(?:", " ").replace(")", " ").replace("?", " ").replace("|", " ").replace("(", " ").split()
) | {"hospital", "clinic"}
