"""Long bare numbers and coded strings without a cue: whatever they are, they single somebody out.

Class R of 45 CFR 164.514(b)(2)(i), and a fallback for the other classes: 9 digits read like an SSN, 10 or 11 like a telephone
number, more like an account; the class is a guess, that it goes is not. Counts with a unit ("1500000 copies/mL"), public codes
("LOINC 4548-4", "NCT01234567") and names of genes and alleles stay.
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import DIGIT, EXACT_CASE, Form, FormRecogniser

_UNITS = r"(?! ?(?:copies|cells|units?|iu|ml|mg|mcg|g|kg|l|u/|/|%|platelets|cfu|steps|people|dollars|usd|million|bpm|years|patients|cases|deaths|americans|adults|women|men|children|kcal|calories))"
_ALLELES = r"(?!(?:HLA|CYP|COVID|SARS|ICD|CPT|ISO|H[0-9]{1,2}N[0-9])[-0-9])"


class LongNumberRecogniser(FormRecogniser):
    """Find long numbers and codes that nothing else explains."""

    phi_type = PhiType.OTHER_ID
    forms = (
        Form("digits", rf"(?<![\w.,$/-])[0-9]{{7,40}}(?![\w]|[.,][0-9]|-[0-9]){_UNITS}", 0.4, loose=True),
        Form(
            "code",
            rf"(?<![\w./-]){_ALLELES}(?:[A-Z]{{1,6}}[-_]?[0-9]{{5,20}}|[A-Z]{{2,6}}[0-9]{{5,20}}[A-Z]{{1,2}}|[A-Z]{{2,4}}[0-9]{{2,6}}[A-Z]{{1,3}}[0-9]{{3,10}})(?:[-_][A-Z0-9]{{1,8}}){{0,3}}(?![\w-])",
            0.4,
            EXACT_CASE,
            loose=True,
        ),
        Form("code in lower case", r"(?<![\w./-])[a-z]{2,5}-[0-9]{5,20}(?![\w-])", 0.4, EXACT_CASE, loose=True),
        Form(
            "digits and letters",
            r"(?<![\w./-])(?=[0-9A-Z]{0,14}[A-Z])[0-9]{3,12}[A-Z]{1,4}[0-9]{2,10}[A-Z]?(?![\w-])",
            0.4,
            EXACT_CASE,
            loose=True,
        ),
        Form(
            "code in groups",
            rf"(?<![\w./-]){_ALLELES}(?=(?:[A-Z0-9_-]{{0,8}}?[0-9]){{5}})(?=[0-9_-]{{0,30}}[A-Z])[A-Z0-9]{{1,10}}(?:[-_][A-Z0-9]{{1,12}}){{1,5}}(?![\w-])",
            0.4,
            EXACT_CASE,
            loose=True,
        ),
        Form("UUID", r"(?<![0-9A-F-])[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}(?![0-9A-F-])", 0.6),
        Form("hexadecimal", r"(?<![\w-])(?=[0-9a-f]{0,40}[0-9])(?=[0-9]{0,40}[a-f])[0-9a-f]{16,128}(?![\w-])", 0.4),
        Form("token", r"(?<![\w-])eyJ[\w-]{10,2000}(?:\.[\w-]{4,4000}){1,4}", 0.6, EXACT_CASE),
        Form("number sign", r"(?<![\w#])#(?P<value>[A-Z]{0,6}-?[0-9](?:[-/._]?[A-Z0-9]){4,24})(?![A-Z0-9])", 0.6),
    )


class BareSsnRecogniser(FormRecogniser):
    """Nine digits: as an SSN."""

    phi_type = PhiType.SSN
    needs = DIGIT
    forms = (Form("nine digits", rf"(?<![\w.,$/+-])[0-9]{{9}}(?![\w]|[.,][0-9]|-[0-9]){_UNITS}", 0.42, loose=True),)


class BarePhoneRecogniser(FormRecogniser):
    """Ten digits, or eleven after a 1: as a telephone number."""

    phi_type = PhiType.PHONE
    needs = DIGIT
    forms = (
        Form(
            "ten digits",
            rf"(?<![\w.,$/+-])(?:1?[2-9][0-9]{{9}}|0[0-9]{{9,10}})(?![\w]|[.,][0-9]|-[0-9]){_UNITS}",
            0.45,
            loose=True,
        ),
    )


class BareAccountRecogniser(FormRecogniser):
    """Twelve digits or more: as an account."""

    phi_type = PhiType.ACCOUNT
    needs = DIGIT
    forms = (
        Form("twelve digits", rf"(?<![\w.,$/+-])[0-9]{{12,40}}(?![\w]|[.,][0-9]|-[0-9]){_UNITS}", 0.45, loose=True),
    )
