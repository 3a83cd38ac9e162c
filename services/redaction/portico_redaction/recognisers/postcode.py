"""Postal codes.

Class B of 45 CFR 164.514(b)(2)(i). Format: ZIP+4 anywhere; five digits beside a cue or a state; British, Canadian and
other codes that mix letters and digits by format. Whole codes go; the three-digit rule needs the census list (issue 3).
Source: https://pe.usps.com/text/pub28/welcome.htm, UPU S42 (https://www.upu.int/en/postal-solutions/programmes-services/addressing-solutions).
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import GLUE, Form, FormRecogniser
from portico_redaction.recognisers.states import ABBREVIATIONS, NAMES


class PostcodeRecogniser(FormRecogniser):
    """Find postal codes."""

    phi_type = PhiType.GEOGRAPHIC
    forms = (
        Form("ZIP+4", r"(?<![\w.-])[0-9]{5}-[0-9]{4}(?![\w-])", 0.85),
        Form(
            "beside a cue",
            r"\b(?:zip(?: ?code)?|postal code|post ?code|c[oó]digo postal|c\.?p\.?)\b"
            + GLUE
            + r"(?P<value>[0-9]{4,6}(?:-[0-9]{4})?|[0-9]{4}-[0-9]{3}|(?=[A-Z]{0,2}[0-9])[A-Z0-9]{2,4}[ -]?[A-Z0-9]{3,4})(?![\w-])",
            0.9,
        ),
        Form(
            "after a state", rf"\b(?:{ABBREVIATIONS}|{NAMES}),? (?P<value>[0-9]{{5}}(?:-[0-9]{{4}})?)(?![\w-])", 0.9, 0
        ),
        Form(
            "partial",
            r"\bzip(?: ?code)?[^.\n0-9]{0,20}?(?:starts?|begins?|beginning|starting) with (?P<value>[0-9]{3,5})\b",
            0.85,
        ),
        Form(
            "British",
            r"(?<![\w-])(?:GIR ?0AA|[A-PR-UWYZ][A-HK-Y]?[0-9][0-9A-HJKMNPR-Y]? ?[0-9][ABD-HJLNP-UW-Z]{2})(?![\w-])",
            0.8,
            0,
        ),
        Form(
            "Canadian",
            r"(?<![\w-])[ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z][ -]?[0-9][ABCEGHJ-NPRSTV-Z][0-9](?![\w-])",
            0.8,
        ),
        Form("Portuguese", r"(?<![\w.-])[0-9]{4}-[0-9]{3}(?![\w-])", 0.58),
        Form(
            "code, then a town",
            r"(?<![\w.,-])(?P<value>[A-Z]{0,2}-?[0-9]{4,5} \p{Lu}\p{Ll}{2,}(?:[ -]\p{Lu}\p{Ll}{2,})?)(?=\s*(?:,|\n|$))",
            0.6,
            0,
        ),
    )
