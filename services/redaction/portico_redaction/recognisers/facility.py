"""Hospitals, clinics, pharmacies, schools and other places by name.

Class B of 45 CFR 164.514(b)(2)(i) as Portico reads it: a named facility locates a patient below the state.
Format: capitalised words that end in, or hold, a word for a kind of place. "the hospital" and "Children's Hospital" alone stay.
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import Form, FormRecogniser
from portico_redaction.recognisers.word_lists import MONTH_NAMES, is_never_surname, is_ordinary_word

_MONTHS = "|".join(MONTH_NAMES)
_CAPITAL = r"(?!(?:Dr|Mr|Mrs|Ms|Prof|Nurse|Doctor)\b)\p{Lu}[\p{L}'.-]{0,24}"
_KIND = (
    r"(?:Hosp(?:itals?|\b\.?)|General|Gen\.? Hosp\w*\.?|Med(?:ical|\.)? (?:Cntr|Ctr|Cent|Center"
    r"|Centre)\.?|Medical (?:Center|Centre|Group|Associates|Clinic|Plaza|Campus)|Med(?:ical)? Ctr"
    r"|Clinics?|Health(?:care)? (?:Center|Centre|System|Network|Clinic|Partners|Care)|Health"
    r"|Healthcare|Pharmacy|Hospice|Infirmary|Nursing (?:Home|Center)|Rehabilitation(?: Center)?|Rehab"
    r"|Surgery Center|Cancer (?:Center|Institute)|Heart Institute|Eye (?:Center|Institute)"
    r"|Urgent Care|Family (?:Medicine|Practice)|Pediatrics|Orthopedics|Dental|Physicians|University"
    r"|College|School|Academy|Elementary|Church|Temple|Synagogue|Mosque|Assisted Living|Manor|Residence|Respiratory|Primary|Oxygen|Home ?care)"
)
_KNOWN = (
    "Mayo Clinic|Cleveland Clinic|Johns Hopkins|Massachusetts General|Mass General|Mount Sinai"
    "|Mt\\.? Sinai|Cedars?[- ]Sinai|Kaiser Permanente|MD Anderson|Sloan[- ]Kettering"
    "|UCLA|UCSF|NYU Langone|NewYork-Presbyterian|Stanford Health|Brigham (?:and|&) Women's"
    "|UPMC|UCSD|UCI Health|NYU"
    "|Emory|Northwell|Baylor|Vanderbilt|Stanford"
)


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
            "Spanish",
            r"\b(?P<value>(?:[Pp]rimaria|[Ss]ecundaria|[Ee]scuela|[Pp]reparatoria|[Cc]olegio|[Gg]uarder[ií]a|[Cc]l[ií]nica|[Hh]ospital|[Ff]armacia|[Pp]rocesadora|[Ff][aá]brica|[Ii]glesia|[Aa]partamentos|[Rr]esidencial) (?:(?:de|del|la|las|los|El) )?\p{Lu}[\p{L}'-]{1,24}(?: (?:de |del )?\p{Lu}[\p{L}'-]{1,24}){0,3}(?:, edificio [A-Z0-9]{1,4})?)",
            0.68,
            0,
        ),
        Form("well known", rf"(?<![\w-])(?:{_KNOWN})(?![\w-])", 0.65, 0),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Leave what only has generic words: at least one word must be a name."""
        if form.name == "well known":
            return True
        words = [word.lower() for word in value.split() if word[0].isupper()]
        if words[-1] == "health" and (len(words) > 3 or any(map(is_ordinary_word, words[:-1]))):
            return False
        return any(word not in _GENERIC and not is_never_surname(word) and word not in _GENERIC_KINDS for word in words)


_GENERIC_WORDS = (
    "children's women's men's general community regional memorial county national state local public global world home"
    " high middle mental sleep behavioral primary walk-in express emergency outpatient inpatient sexual student"
)
_GENERIC = frozenset(_GENERIC_WORDS.split())
_GENERIC_KINDS = frozenset(
    _KIND.lower().replace("(?:", " ").replace(")", " ").replace("?", " ").replace("|", " ").replace("(", " ").split()
) | {"hospital", "clinic"}
