"""References to biometric records: templates, hashes and ids of finger prints, voices, faces, irises, palms, gaits and DNA profiles.

Class P of 45 CFR 164.514(b)(2)(i): "biometric identifiers, including finger and voice prints". Recordings themselves never come in,
because the gateway refuses uploads; what can stand in text is a template or its id. Gene and allele names are no biometric record and stay.
Format: a cue decides; ISO/IEC 19794-2 finger minutiae records also by their header ("FMR", in hexadecimal 464D5200, in base 64 Rk1S).
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import DIGIT, EXACT_CASE, GLUE, IDENTIFIER, NUMBER, START, Form, FormRecogniser
from portico_redaction.recognisers.spared import is_code

_TRAIT = (
    r"(?:finger[ -]?prints?|thumb[ -]?prints?|finger|voice[ -]?prints?|voice|face[ -]?prints?|face[ -]?id|facial(?: recognition)?|face|iris|retina(?:l)?|palm(?:[ -]?(?:prints?|veins?))?"
    r"|hand geometry|gait|ear ?print|biometrics?|dna|signature|huellas?(?: dactilar(?:es)?| digital(?:es)?)?|huella de voz)"
)
_RECORD = r"(?:templates?|scans?|hash(?:es)?|codes?|records?|profiles?|minutiae|embeddings?|vectors?|signatures?|enrol?lments?|tokens?|keys?|data|plantilla|files?)"
_CUE = (
    START
    + rf"(?:{_TRAIT}[ _-](?:recognition )?(?:{_RECORD}[ _-]?{NUMBER}{{0,2}}|{_RECORD}[ _-]{_RECORD}{NUMBER}{{0,1}})|(?:finger[ -]?print|thumb[ -]?print|voice[ -]?print|face[ -]?print|biometric|iris|retina|huella(?: dactilar)?){NUMBER}{{1,2}}|(?:finger|voice|face|thumb)[ -]?prints?(?= ?[:#=(])|huella(?: dactilar)?(?= ?[:#=(]))"
)
_OPAQUE = r"(?=[A-Z0-9+/_-]{0,40}[0-9])[A-Z0-9+/_-]{8,4000}={0,2}(?![A-Z0-9])"


class BiometricRecogniser(FormRecogniser):
    """Find references to biometric records."""

    phi_type = PhiType.BIOMETRIC
    needs = DIGIT
    forms = (
        Form("id beside a cue", _CUE + GLUE + rf"(?P<value>{IDENTIFIER})", 0.93),
        Form("template beside a cue", _CUE + GLUE + rf"(?P<value>{_OPAQUE})", 0.93),
        Form("hexadecimal pairs", _CUE + GLUE + r"(?P<value>[0-9A-F]{2}(?:[ :-][0-9A-F]{2}){5,600})(?![0-9A-F])", 0.93),
        Form("vector", _CUE + GLUE + r"(?P<value>-?[0-9]\.[0-9]{1,9}(?:, ?-?[0-9]\.[0-9]{1,9}){2,600})", 0.93),
        Form(
            "code near its trait",
            START
            + rf"(?i:{_TRAIT})(?! (?:rash|cream|pain|surgery|exam))[^.;!?\n0-9]{{0,48}}?[ \":#=](?P<value>(?:(?!ID |IDS )[A-Z]{{2,5}}[-/ ][A-Z0-9]{{2,6}}(?:[-/ ][A-Z0-9]{{1,8}}){{0,3}}|sha(?:1|256):[0-9a-f]{{8,64}}))(?![A-Za-z0-9])",
            0.75,
            EXACT_CASE,
        ),
        Form(
            "prefix",
            r"(?<![\w-])(?:FP|FPT|VP|VPT|BIO|FID|IRIS|FACE|VOICE)[-_#][A-Z]{0,3}[0-9](?:[-_]?[A-Z0-9]){2,30}(?![\w-])",
            0.85,
            EXACT_CASE,
        ),
        Form(
            "minutiae record",
            r"(?<![A-Za-z0-9+/])(?:464D5200[0-9A-Fa-f]{8,4000}|Rk1SA[A-Za-z0-9+/]{10,4000}={0,2})",
            0.97,
            EXACT_CASE,
        ),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Leave dates and counts beside the cue alone ("retina scan 2021", "face scan 3/4")."""
        if form.name == "code near its trait":
            return is_code(value, digits=4, mixed_digits=4)
        return form.name != "id beside a cue" or is_code(value, digits=4, mixed_digits=2)
