"""Postal codes.

Class B of 45 CFR 164.514(b)(2)(i). Format: ZIP+4 anywhere; five digits beside a cue, a state or a word of living somewhere; British, Canadian and
other codes that mix letters and digits by format. Whole codes go; the first three digits by themselves follow the rule of zip3.py.
Source: https://pe.usps.com/text/pub28/welcome.htm, UPU S42 (https://www.upu.int/en/postal-solutions/programmes-services/addressing-solutions).
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import DIGIT, GLUE, START, Form, FormRecogniser
from portico_redaction.recognisers.states import ABBREVIATIONS, NAMES
from portico_redaction.recognisers.zip3 import is_identifying_prefix

_CUE = START + r"(?:zips?(?:[ _-]?codes?)?(?:\+4)?|postal ?codes?|post ?codes?|c[oó]digo postal|c\.?p\.?)(?![A-Za-z])"
_BRITISH_AREAS = (
    "A[BL]|B[ABDHLNRST]?|C[ABFHMORTVW]|D[ADEGHLNTY]|E[CHNX]?|F[KY]|G[LUY]?|H[ADGPRSUX]|I[GMPV]|JE|K[ATWY]|L[ADELNSU]?|M[EKL]?|N[EGNPRW]?"
    "|O[LX]|P[AEHLOR]|R[GHM]|S[AEGKLMNOPRSTWY]?|T[ADFNQRSW]|UB|W[ACDFNRSV]?|YO|ZE"
)
"""Postcode areas in use, so that a gene ("IL36RN") is none (https://ideal-postcodes.co.uk/guides/postcode-areas)."""

_STARTS = r"(?:starts?|begins?|beginning|starting|empieza)"


class PostcodeRecogniser(FormRecogniser):
    """Find postal codes."""

    phi_type = PhiType.GEOGRAPHIC
    needs = DIGIT
    forms = (
        Form("ZIP+4", r"(?<![\w.-])[0-9]{5} ?- ?[0-9]{4}(?![\w-])", 0.85, loose=True),
        Form(
            "beside a cue",
            _CUE
            + GLUE
            + r"(?P<value>[0-9]{4,6}(?:[ -][0-9]{4})?|[0-9]{4}-[0-9]{3}|[0-9](?:[ -][0-9]){4}|(?=[A-Z]{0,2}[0-9])[A-Z0-9]{2,4}[ -]?[A-Z0-9]{3,4})(?![\w-])",
            0.9,
        ),
        Form(
            "some words after the cue",
            _CUE + r"[^.;!?\n0-9]{1,30}?(?<![\w-])(?P<value>[0-9]{5}(?:-[0-9]{4})?)(?![\w-]|[.,][0-9])",
            0.85,
        ),
        Form(
            "before its cue",
            r"(?<![\w.,$/-])(?P<value>[0-9]{5})(?=,? (?:is (?:my|our|the|his|her) )?(?:zip|postal ?code|area code)\b)",
            0.85,
        ),
        Form(
            "after a state",
            rf"\b(?:{ABBREVIATIONS}|{NAMES})[,.]?\s(?P<value>[0-9]{{5}}(?:-[0-9]{{4}})?)(?![\w-])",
            0.9,
            0,
        ),
        Form(
            "after a state in lower case",
            rf"(?<=[a-z],? )(?:{ABBREVIATIONS})[,.]? (?P<value>[0-9]{{5}}(?:-[0-9]{{4}})?)(?![\w-]|[.,][0-9])(?! ?(?:units?|steps|mg|ml|iu|cal|times|people|dollars))",
            0.75,
        ),
        Form(
            "where somebody lives",
            r"\b(?:live[sd]?|living|reside[sd]?|located|home|moved?|mov(?:ed|ing)|from|near|around|area|neighbou?rhood|vivo|vive)(?: \w{1,10}){0,2} (?:in|to|at|is|code|near|en|around) (?:the )?(?P<value>[0-9]{5}(?:-[0-9]{4})?)(?![\w-]|[.,][0-9])(?! ?(?:units?|steps|mg|ml|iu|cal|times|people|dollars|square|sq))",
            0.7,
        ),
        Form(
            "partial",
            rf"{START}zip(?: ?code)?[^.\n0-9]{{0,20}}?{_STARTS} (?:with|in|con) (?P<value>[0-9]{{3,5}})\b"
            + r"|(?:first|last) (?:three|3|two|2|four|4)(?: digits| numbers)?[^.\n0-9]{0,12}zip(?: ?code)?[^.\n0-9]{0,12}(?P<value>[0-9]{3,4})\b",
            0.85,
        ),
        Form(
            "British",
            rf"(?<![\w-])(?:GIR ?0AA|(?:{_BRITISH_AREAS})[0-9][0-9A-HJKMNPR-Y]? ?[0-9][ABD-HJLNP-UW-Z]{{2}})(?![\w-])",
            0.8,
            0,
        ),
        Form(
            "Canadian",
            r"(?<![\w-])(?!T[0-4][A-C]?N[0-3]M[01])[ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z][ -]?[0-9][ABCEGHJ-NPRSTV-Z][0-9](?![\w-])",
            0.8,
        ),
        Form("Portuguese", r"(?<![\w.-])[0-9]{4}-[0-9]{3}(?![\w-])", 0.58, loose=True),
        Form(
            "code, then a town",
            r"(?<![\w.,-])(?P<value>(?!(?:19|20)[0-9]{2} )[A-Z]{0,2}-?[0-9]{4,5} \p{Lu}\p{Ll}{2,}(?:[ -]\p{Lu}\p{Ll}{2,})?)(?=\s*(?:,|\n|$))",
            0.6,
            0,
        ),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Three digits by themselves stay where many people live (zip3.py)."""
        return form.name != "partial" or is_identifying_prefix(value)
