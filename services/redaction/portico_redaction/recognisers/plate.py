"""Vehicle registration plates and parking permits.

Format: two to eight letters and digits, each state and country its own, so a cue decides. Class L of 45 CFR 164.514(b)(2)(i).
Source: https://www.nhtsa.gov/ (state plate formats are not uniform); vanity plates have letters only and need the word "plate". Plates in bones
and plates of food stay.
"""

import regex

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import EXACT_CASE, GLUE, NUMBER, START, Form, FormRecogniser
from portico_redaction.recognisers.spared import is_measure
from portico_redaction.recognisers.states import ABBREVIATIONS
from portico_redaction.recognisers.word_lists import is_ordinary_word

_CUE = (
    START
    + rf"(?:(?:(?:licen[sc]e|lic|number|car|vehicle|truck|van|disabled|handicap(?:ped)?|temporary|vanity|registration) ?(?:plates?|tags?)|plates?|tags?"
    rf"|(?:car|vehicle|auto|truck)?[ ]?registration|(?:parking|handicap(?:ped)?|disabled) (?:permit|placard)|placas?|matr[ií]cula|patente|vrm|reg plate|decal){NUMBER}{{0,2}})"
)
_CARS = (
    "ford|chevy|chevrolet|toyota|honda|nissan|subaru|hyundai|kia|mazda|jeep|dodge|gmc|tesla|bmw|audi|vw|volkswagen|lexus|acura|mercedes|volvo|camry|corolla|civic|accord"
    "|rav4|cr-v|outback|forester|altima|sentra|prius|tacoma|f-?150|silverado|explorer|minivan|suv|pickup|sedan|hatchback|wagon|truck|van|car|carro|coche|camioneta"
)
_VERTEBRAE = regex.compile(r"[CTLS][0-9]{1,2}[ -][CTLS][0-9]{1,2}")
_STATE = rf"(?:(?:{ABBREVIATIONS})[ :-]{{1,2}})?"


class PlateRecogniser(FormRecogniser):
    """Find plates beside a cue."""

    phi_type = PhiType.VEHICLE
    forms = (
        Form(
            "with digits",
            _CUE
            + GLUE
            + _STATE
            + r"(?P<value>(?=[A-Z -]{0,6}[0-9])[A-Z0-9]{1,4}[ -]?[A-Z0-9]{1,5}(?:[ -][A-Z]{0,2}[0-9]{1,4})?(?![A-Z0-9]))",
            0.9,
        ),
        Form(
            "area and groups",
            START
            + rf"(?:tag|plates?)(?i:{GLUE})(?P<value>[A-Z]{{2,3}} [0-9][A-Z0-9]{{1,3}} [0-9][A-Z0-9]{{0,3}}|[0-9][A-Z]{{2,4}} [A-Z]{{3,5}}|[A-Z]{{1,3}} [0-9]{{2,4}} [A-Z]{{1,3}})(?![A-Za-z0-9])",
            0.8,
            EXACT_CASE,
        ),
        Form(
            "form of many states, after a licence",
            START + r"(?i:licen[sc]e|tags?|plates?|reg)[ :]{1,2}(?P<value>[A-Z]{3}[ -]?[0-9]{3,4})(?![\w-])",
            0.65,
            EXACT_CASE,
        ),
        Form(
            "after the car",
            START
            + rf"(?i:(?:{_CARS}),? ?\(?,? )(?P<value>(?=[A-Z0-9 -]{{0,6}}[0-9])(?=[0-9 -]{{0,6}}[A-Z])[A-Z0-9]{{2,4}}[ -]?[A-Z0-9]{{2,4}})(?![\w-])(?<=[,(] ?[A-Z0-9 -]{{4,9}})",
            0.65,
            EXACT_CASE,
        ),
        Form(
            "fleet number",
            START
            + rf"(?:van|bus|truck|unit|ambulance|vehicle|car) (?i:{NUMBER}) ?(?P<value>[A-Z]{{2,4}}-[0-9]{{2,5}})(?![A-Za-z0-9-])",
            0.7,
            EXACT_CASE,
        ),
        Form("in one piece", _CUE + GLUE + _STATE + r"(?P<value>(?=[A-Z]{0,7}[0-9])[A-Z0-9]{4,8}(?![A-Z0-9-]))", 0.92),
        Form(
            "some words between",
            START
            + r"(?:plates?|tags?|placas?)(?: [a-z]{1,12}){1,6} (?:is|was|reads?|says?|es) "
            + _STATE
            + r"(?P<value>(?=[A-Z -]{0,6}[0-9])[A-Z0-9]{1,4}[ -]?[A-Z0-9]{2,5}(?![A-Za-z0-9]))",
            0.8,
        ),
        Form(
            "vanity",
            r"\b(?i:licen[sc]e plate|plate number|vanity plate|plates?|tag number)"
            + GLUE
            + r"(?P<value>[A-Z]{2,5}(?:[ -][A-Z0-9]{1,4})?[A-Z]{0,3})\b",
            0.8,
            0,
        ),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Leave counts and years alone ("plate 1", "tag 2020"), and doses ("plate 5 mg")."""
        letters = sum(character.isalpha() for character in value)
        digits = sum(character.isdigit() for character in value)
        if form.name == "after the car":
            return digits >= 2 and letters >= 2 and digits + letters >= 5 and not _VERTEBRAE.fullmatch(value)
        if form.name in ("fleet number", "area and groups", "form of many states, after a licence"):
            return not is_measure(value)
        if form.name == "vanity":
            return len(value) >= 4
        if letters == 0:
            return form.name == "in one piece" and digits >= 5
        words = value.replace("-", " ").split()
        plain = any(word.isalpha() and len(word) > 1 and is_ordinary_word(word) for word in words)
        return digits >= 2 and letters + digits >= 5 and not is_measure(value) and not (plain and len(words) > 1)
