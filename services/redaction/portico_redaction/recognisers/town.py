"""Towns: before a state, and after words that say where somebody lives. Towns without a cue are the tagger's.

Class B of 45 CFR 164.514(b)(2)(i): geographic subdivisions smaller than a state. A state stays where it stands alone;
beside its town it is a part of the address and goes with it.
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import Form, FormRecogniser
from portico_redaction.recognisers.states import ABBREVIATIONS, NAMES
from portico_redaction.recognisers.word_lists import country_names, is_never_name, is_ordinary_word, is_town

_CAPITAL = r"\p{Lu}[\p{L}'-]{1,24}"
_TOWN = (
    rf"(?:(?:St|Ft|Mt|Fort|Saint|San|Santa|New|El|Los|Las|La)\.? )?{_CAPITAL}(?:[ -](?:de |del |of "
    rf"|upon )?{_CAPITAL}){{0,2}}"
)
_STAYS = (
    rf"(?:{NAMES}|{ABBREVIATIONS}|America|USA|US|United States|Mexico|Canada|England|India|China|Medicare|Medicaid)"
)
_WORDS_TOO = frozenset(("OK", "IN", "OR", "ME", "HI", "OH", "MA", "PA", "ID", "CO", "DE", "MS", "MD", "CT", "MI", "PR"))
"""States whose letters are also a word, a title or a test: without a comma only a listed town stands before them."""


class TownRecogniser(FormRecogniser):
    """Find towns."""

    phi_type = PhiType.GEOGRAPHIC
    forms = (
        Form("before a state", rf"(?<![\w-]){_TOWN},? (?:{ABBREVIATIONS})\b(?!')", 0.8, 0),
        Form("before a state's name", rf"(?<![\w-]){_TOWN}, (?:{NAMES})\b", 0.8, 0),
        Form(
            "lower case before a state",
            rf"\b(?:in|from|near|to|at) (?P<value>[a-z][a-z'-]{{2,20}}(?: [a-z][a-z'-]{{2,20}})?, ?"
            rf"(?:{ABBREVIATIONS}|{NAMES}))\b",
            0.7,
            0,
        ),
        Form(
            "where somebody lives",
            rf"\b(?:[Ll]iv(?:e|es|ed|ing) (?:here )?(?:in|at|near)|[Rr]esid(?:e|es|ed|ing) (?:in|at)|[Bb]orn in"
            rf"|[Gg]r[eo]w up in|[Mm]oved? (?:here |back )?(?:to|from)|[Vv]isiting|[Cc]ity of|[Tt]own of"
            rf"|[Vv]illage of|[Cc]ounty of|[Vv]ivo en|[Ss]oy de|[Tt]ravel(?:l?ed"
            rf"|l?ing)? to) (?P<value>(?!(?:{_STAYS})\b){_TOWN})(?! (?:Hospital|Clinic|Medical))",
            0.75,
            0,
        ),
        Form("county", rf"(?<![\w-]){_CAPITAL}(?: {_CAPITAL})? (?:County|Parish|Borough|Township)\b", 0.75, 0),
        Form("city label", rf"\b(?i:city|town|hometown|ciudad)(?: is)?: ?(?P<value>{_TOWN})", 0.8, 0),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Leave capitalised words that are no place alone ("Vitamin D, OR"), and countries."""
        words = value.replace(",", " ").split()
        if (
            form.name == "before a state"
            and "," not in value
            and words[-1] in _WORDS_TOO
            and not is_town(" ".join(words[:-1]))
        ):
            return False
        if len(words) == 2 and len(words[1]) == 2 and "," not in value and _is_label(words[0]):
            return False
        return value not in country_names() and not any(map(is_never_name, words if len(words) < 2 else words[:-1]))


def _is_label(word: str) -> bool:
    """Say whether a word before letters of a state is the name of a number ("Device ID", "DL TX") and no town."""
    short = len(word) < 3 or (word.isupper() and len(word) < 5)
    return (short or is_ordinary_word(word)) and not is_town(word)
