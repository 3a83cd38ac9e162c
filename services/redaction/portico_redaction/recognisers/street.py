"""Street addresses, post-office boxes and rooms.

Class B of 45 CFR 164.514(b)(2)(i). Format: number, name, street word, then unit, town, state and postal code as far as
they follow; lower case only with an unmistakable street word. Source: USPS Publication 28, appendix C1 (street suffixes).
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import EXACT_CASE, GLUE, Form, FormRecogniser
from portico_redaction.recognisers.states import ABBREVIATIONS, NAMES

_SUFFIX = (
    r"(?:Street|Str?|Avenue|Ave?|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Circle|Cir"
    r"|Terrace|Ter|Way|Parkway|Pkwy|Highway|Hwy|Square|Sq|Trail|Trl"
    r"|Loop|Crescent|Cres|Alley|Plaza|Row|Run|Pike|Turnpike|Route|Rte|Walk|Gardens?|Close|Grove|Hill"
    r"|Ridge|Heights|Commons?|Crossing|Bend|Path|Point|View|Mews|Green"
    r"|Esplanade|Parade|Quay|Wharf|Gate|Rise|Vale|Mall)"
)
_CAPITAL = r"\p{Lu}[\p{L}'-]{0,24}\.?"
_STATE = rf"(?:{ABBREVIATIONS}|{NAMES})"
_UNIT = (
    r"(?:[,.]? {0,2}(?:[Aa]pt|APT|[Aa]partment|[Ss]uite|SUITE|STE|[Ss]te|[Uu]nit|UNIT|[Rr]oom|[Rr]m"
    r"|[Ff]loor|[Ff]l|[Bb]ldg|[Bb]uilding|[Ll]ot|PMB|#)\.? ?#?[\w-]{1,8}\b)?"
)
_TOWN = rf"(?:[,.]?[ \n]{{1,3}}{_CAPITAL}(?: {_CAPITAL}){{0,3}}(?=,|\n| {_STATE}\b| [0-9]{{5}}))?"
_REST = (
    rf"{_UNIT}{_TOWN}(?:,?[ \n]{{1,2}}{_STATE}\b(?:[,.]? {{1,2}}[0-9]{{5}}(?:-[0-9]{{4}})?)?"
    rf"|,?[ \n][0-9]{{5}}(?:-[0-9]{{4}})?)?(?:,? (?:USA|U\.S\.A\.|United States)\b)?"
)
_NUMBER = r"(?<![\w.$/-])[0-9]{1,6}[A-Za-z]?(?:-[0-9]{1,5})?(?: 1/2)?,?"
_DIRECTION = r"(?: (?:[NSEW]|[NS][EW]|North|South|East|West|Northeast|Northwest|Southeast|Southwest)\b\.?)?"
_NTH_STREET = r"(?:[NSEW]\. )?[0-9]{1,3}(?:st|nd|rd|th)"
_CROSSING = rf"(?:(?:[NSEW]\. )?{_CAPITAL}|{_NTH_STREET})"
_PLAIN_WORD = (
    r"(?!(?:mg|ml|days?|weeks?|months?|years?|hours?|minutes?|miles?|times?|blocks?|of|the|to|a|and|in"
    r"|on|at|for|from|down|up|across|pills?|tablets?|feet|people|is|was|or"
    r"|more)\b)[a-z0-9][a-z0-9'-]{1,20}"
)


class StreetRecogniser(FormRecogniser):
    """Find street addresses with what follows of town, state and postal code."""

    phi_type = PhiType.GEOGRAPHIC
    forms = (
        Form(
            "number and street",
            rf"{_NUMBER}{_DIRECTION}(?: (?:{_CAPITAL}|[0-9]{{1,3}}(?:st|nd|rd"
            rf"|th))){{1,4}}? {_SUFFIX}\b\.?{_DIRECTION}{_REST}",
            0.9,
            EXACT_CASE,
        ),
        Form(
            "lower case",
            rf"(?<![\w.$/-])[0-9]{{1,6}}(?: [nsew]\.?)?(?: {_PLAIN_WORD}){{1,3}} (?:street|avenue|ave|road|rd"
            rf"|boulevard|blvd|lane|drive|parkway|highway|court|terrace|circle)\b(?:,? (?:apt|apartment|unit"
            rf"|suite|#)\.? ?[\w-]{{1,6}})?",
            0.8,
        ),
        Form(
            "ALL CAPITALS",
            rf"{_NUMBER}(?: [A-Z0-9][A-Z0-9'-]{{0,20}}){{1,4}}? (?:STREET|ST|AVENUE|AVE|ROAD|RD|BOULEVARD|BLVD"
            rf"|LANE|LN|DRIVE|DR|COURT|CT|PLACE|PL|WAY|CIRCLE|TERRACE|HIGHWAY|HWY)\b\.?{_REST}",
            0.85,
            EXACT_CASE,
        ),
        Form(
            "street of a place",
            rf"\b(?:[Aa]t|[Oo]n|[Nn]ear|[Oo]ff|[Ff]rom|[Bb]y|[Ii]n) (?:the |our |my )?(?P<value>{_CAPITAL}(?: {_CAPITAL})? (?:Street|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Parkway|Pkwy|Drive|Turnpike)\b\.?)(?! (?:[Dd]isease|[Tt]est))",
            0.7,
            EXACT_CASE,
        ),
        Form(
            "corner",
            rf"\b(?:(?:[Aa]t|[Oo]n|[Nn]ear|[Oo]ff) (?:the )?|[Cc]orner of )(?P<value>{_NTH_STREET} (?:&|and) {_CROSSING}|{_CROSSING} (?:&|and) {_NTH_STREET})(?![\w-])",
            0.7,
            EXACT_CASE,
        ),
        Form(
            "named corner", rf"\b(?i:corner of) (?P<value>{_CROSSING} (?:&|and) {_CROSSING})(?![\w-])", 0.7, EXACT_CASE
        ),
        Form(
            "number in words",
            rf"\b(?:One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten) {_CAPITAL}(?: {_CAPITAL})? (?:Plaza|Place|Square|Center|Tower|Park|Way|Drive|Street|Avenue)\b(?:,? [0-9]{{1,3}}(?:st|nd|rd|th) [Ff]loor)?",
            0.8,
            EXACT_CASE,
        ),
        Form(
            "box",
            rf"\b(?:(?:[0-9]{{1,6}} )?[Pp]\.? ?[Oo]\.? ?[Bb][Oo][Xx]|[Pp]ost [Oo]ffice [Bb]ox"
            rf"|[Aa]partado)[ #:]{{1,3}}[0-9A-Z-]{{1,10}}{_REST}",
            0.9,
            EXACT_CASE,
        ),
        Form(
            "numbered road",
            r"\b(?:[Hh]ighway|[Hh]wy|[Rr]oute|[Rr]te|[Cc]ounty [Rr]oad|[Cc]ounty [Rr]d|RR"
            r"|FM) [0-9]{1,5},? ?[Bb]ox [0-9]{1,6}",
            0.85,
            EXACT_CASE,
        ),
        Form(
            "Romance street",
            r"\b(?:[Cc]alle|[Aa]venida|[Aa]v\.|[Cc]arrera|[Rr]ua|[Rr]ue|[Vv]ia|[Vv]iale|[Pp]iazza|[Pp]laza"
            r"|[Cc]alzada|[Pp]aseo|[Cc]amino) (?:(?:de|del|la|las|los|di|da|du|des"
            r"|le) ){0,2}\p{Lu}[\p{L}'-]{1,24}(?: (?:de |del "
            r"|la )?\p{Lu}[\p{L}'-]{1,24}){0,3},? ?(?:n[.ºo°]{0,2} ?)?#?[0-9]{1,5}[A-Za-z]?\b",
            0.85,
            EXACT_CASE,
        ),
        Form(
            "Spanish street without a number",
            r"\b(?:[Ee]n|[Dd]e) la (?P<value>(?:[Cc]alle|[Aa]venida|[Aa]v\.|[Cc]alzada|[Cc]arrera) (?:(?:de|del|la|las|los) ){0,2}\p{Lu}[\p{L}'-]{1,24}(?: \p{Lu}[\p{L}'-]{1,24}){0,2})",
            0.75,
            EXACT_CASE,
        ),
        Form(
            "Germanic street",
            r"(?<![\w-])\p{Lu}[\p{L}-]{2,30}(?:straße|strasse|str\.|weg|gasse|platz|allee|gatan|vägen|gata|vej"
            r"|veien|straat|laan|weg|katu|tie) [0-9]{1,4} ?[a-zA-Z]?\b",
            0.85,
            EXACT_CASE,
        ),
        Form(
            "room",
            r"\b(?:room|rm\.?|bed|ward|unit)(?!,)"
            + GLUE
            + r"(?P<value>#?[0-9]{2,4}[A-Z]?(?:-[0-9A-Z]{1,2})?)(?![\w%/.-])(?! ?(?:mg|ml|units?))",
            0.6,
            loose=True,
        ),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Leave "unit 100 mg"-like values and small words alone: a room needs two digits."""
        return form.name != "room" or sum(character.isdigit() for character in value) >= 2
