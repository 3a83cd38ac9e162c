"""Social Security and individual taxpayer numbers.

Format: nine digits, AAA-GG-SSSS, with any separator; without one only beside a cue, because nine bare digits are also
routing and member numbers. Impossible areas (000, 666, 900 up) are taken too: a mistyped number is still somebody's, and ITINs start with 9
(https://www.irs.gov/individuals/individual-taxpayer-identification-number). Their first three or five and last four digits count where
the text calls them so. Class G of 45 CFR 164.514(b)(2)(i).
Source: https://www.ssa.gov/employer/randomization.html
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import DIGIT, GLUE, NUMBER, START, Form, FormRecogniser
from portico_redaction.recognisers.spared import is_measure

_SOCIAL = (
    r"(?:ssns?|s\.s\.n\.?|ssa ?#|ss ?(?:#|no\b\.?|num\b|number)|socials?|social[ _-]?security|soc(?:ial)?[ .]{1,2}sec(?:urity)?|sosh|seguro social|nss|itins?|tins?"
    rf"|tax(?:payer)?[ _-]?{NUMBER}|taxpayer(?: identification)? (?:number|id)|sin ?#|social insurance)"
)
_CUE = START + rf"{_SOCIAL}(?![A-Za-z])(?: card)?{NUMBER}{{0,2}}"
_LAST = r"(?:last|final|[uú]ltimos)[ -]?(?:four|4|cuatro)(?: d[ií]g(?:it|ito)s?| numbers?| d[ií]gitos)?"
_FIRST = r"(?:(?:first|primeros)[ -]?(?:five|three|5|3|cinco|tres)(?: d[ií]g(?:it|ito)s?| numbers?)?|(?:area|group) numbers?|starts? with|begins? with|starting with|beginning with|empieza con)"
_TO_VALUE = r"(?:[ :#=*(-]{1,4}+(?:(?:of|de|del|on|in|my|mi|his|her|the|their|our|for|are|is|was|son|es|digits?|ends?|ending|with|number|n[uú]mero)\b)?+){1,8}?"


class SsnRecogniser(FormRecogniser):
    """Find SSNs and ITINs: written, beside a cue, masked, or their first five or last four digits."""

    phi_type = PhiType.SSN
    needs = DIGIT
    forms = (
        Form(
            "separated",
            r"(?<![\w-])[0-9]{3}(?P<gap> ?[-./_] ?| )[0-9]{2}(?P=gap)[0-9]{4}(?:-[A-Z](?![\w-]))?(?![\w]|-[0-9])",
            0.9,
        ),
        Form(
            "separated anyhow",
            r"(?<![\w./-])[0-9]{3} ?- ?[0-9]{2} [0-9]{4}(?![\w]|-[0-9])|(?<![\w./-])[0-9]{3} [0-9]{2} ?- ?[0-9]{4}(?![\w]|-[0-9])",
            0.85,
        ),
        Form("beside a cue", _CUE + GLUE + r"(?P<value>[0-9](?:[\s./_-]{0,3}[0-9]){7,9})(?![0-9])", 0.95),
        Form("some words between", _CUE + r"[^.;!?\n0-9]{1,40}?(?P<value>[0-9](?:[ .-]{0,2}[0-9]){8})(?![0-9])", 0.9),
        Form(
            "before its cue",
            r"(?<![\w-])(?P<value>[0-9]{3}[ -]?[0-9]{2}[ -]?[0-9]{4})(?=,? \(?(?:(?:is|was|as|for|=) )?(?:(?:my|his|her|the|their|mi) )?(?:ssn|social|itin|seguro)\b)",
            0.95,
        ),
        Form("masked", r"(?<![\w*#.-])[x*#•]{3}[- ]?[x*#•]{2}[- ]?[0-9]{4}(?![0-9])", 0.92),
        Form("masked, beside a cue", _CUE + GLUE + r"(?:[x*#•]{1,9}|\.{2,3})[- ]?(?P<value>[0-9]{4})(?![0-9])", 0.9),
        Form(
            "first part", _CUE + _TO_VALUE + _FIRST + _TO_VALUE + r"(?P<value>[0-9]{3}(?:[- ]?[0-9]{2})?)(?![\w-])", 0.9
        ),
        Form(
            "first part before the cue",
            START + _FIRST + _TO_VALUE + _SOCIAL + _TO_VALUE + r"(?P<value>[0-9]{3}(?:[- ]?[0-9]{2})?)(?![\w-])",
            0.9,
        ),
        Form(
            "first part, then the cue",
            r"(?<![\w.-])(?P<value>[0-9]{3}-?[0-9]{2})(?= (?:is|are) the first (?:five|5))",
            0.85,
        ),
        Form("last four after the cue", _CUE + r"[^.\n]{0,30}?(?<![\w.,/-])(?P<value>[0-9]{4})(?![\w/-])", 0.85),
        Form(
            "last four before the cue",
            START + _LAST + _TO_VALUE + rf"(?:{_SOCIAL}{_TO_VALUE})?" + r"(?P<value>[0-9]{4})(?![\w/-]|,[0-9])",
            0.8,
        ),
        Form(
            "four, then the cue",
            r"(?<![\w.-])(?P<value>[0-9]{4})(?=,? (?:is|are|being|were) (?:the |my )?last (?:four|4)|,? \(?last (?:four|4) of)",
            0.85,
        ),
        Form(
            "ending in, beside another",
            START
            + r"(?:mine|hers|his|theirs|the other|yours|ours) (?:is )?(?:ending|ends) (?:in|with)[ :]{1,2}(?P<value>[0-9]{4})(?![\w/-])",
            0.7,
        ),
        Form(
            "corrected",
            r"[0-9]{3}-[0-9]{2}-(?P<last>[0-9]{4}),? not (?P<value>[0-9]{4})(?![\w/-])",
            0.8,
        ),
        Form(
            "last four, then a word or two",
            START
            + _LAST
            + r"[ :,]{1,3}(?:(?:it'?s|its|it is|are|is|son|they are|they're|de mi|del?|seguro|social)[ :,]{1,2}){0,3}(?P<value>[0-9]{4})(?![\w/-]|,[0-9])",
            0.75,
        ),
        Form(
            "last four of somewhere",
            START
            + rf"{_LAST}(?: (?:there|here|with you|on file|of (?:it|mine|his|hers)))?,? (?:is|are|was)[ :]{{1,2}}(?P<value>[0-9]{{4}})(?![\w/-]|,[0-9])",
            0.75,
        ),
        Form(
            "last four, said in the next sentence",
            START
            + rf"(?:{_LAST} (?:of )?(?:(?:my|the|his|her) )?{_SOCIAL}|{_SOCIAL} {_LAST})(?![A-Za-z])[^\n0-9]{{1,60}}?(?:it'?s|it is|mine is|is|should be|says) (?P<value>[0-9]{{4}})(?![\w/-]|,[0-9])",
            0.8,
        ),
        Form(
            "the last ones", r"\b(?:solo |s[oó]lo )?(?:los|mis) [uú]ltimos[ :,]{1,3}(?P<value>[0-9]{4})(?![\w/-])", 0.75
        ),
        Form(
            "SSN and four",
            START
            + r"(?:ssn|ss|soc(?:ial)?)[ #:-]{0,2}(?:last ?4|l4|x{1,5}|ending(?: in)?|ends)[ :#-]{0,2}(?P<value>[0-9]{4})(?![\w/-])",
            0.85,
        ),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """A year after "social" is none of its digits ("Social Security since 1998")."""
        return form.name != "last four after the cue" or not is_measure(value)
