"""Places by coordinates: latitude and longitude, plus codes, three words.

Class B of 45 CFR 164.514(b)(2)(i): "all geographic subdivisions smaller than a State … and their equivalent geocodes". Format: ISO 6709
decimal degrees (four decimals or more are about ten metres), degrees, minutes and seconds; Open Location Codes (https://plus.codes).
"""

import regex

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import Form, FormRecogniser

_DEGREES = r"[+-]?(?:1[0-7][0-9]|180|[0-9]{1,2})"
_WHOLE = regex.compile(r"([0-9]+)\.")
_DMS = r"[0-9]{1,3} ?(?:°|º|deg(?:rees)?|d) ?[0-9]{1,2}(?:\.[0-9]{1,6})? ?(?:'|min|m)? ?(?:[0-9]{1,2}(?:\.[0-9]{1,6})? ?(?:\"|''|sec|s)? ?)?[NSEWO]"


class CoordinatesRecogniser(FormRecogniser):
    """Find coordinates."""

    phi_type = PhiType.GEOGRAPHIC
    forms = (
        Form(
            "decimal pair",
            rf"(?<![\w.,])[(\[]?{_DEGREES}\.[0-9]{{4,15}} ?°? ?[NS]?\s?[,;/ ]\s?{_DEGREES}\.[0-9]{{4,15}} ?°? ?[EWO]?(?![\w%]|\.[0-9])[)\]]?",
            0.8,
        ),
        Form(
            "with letters",
            rf"(?<![\w.]){_DEGREES}\.[0-9]{{2,15}} ?[°º]? ?[NS],? {{0,2}}{_DEGREES}\.[0-9]{{2,15}} ?[°º]? ?[EWO](?!\w)",
            0.85,
        ),
        Form(
            "beside a cue",
            rf"(?<![A-Za-z0-9])(?:lat(?:itude|itud)?|lon(?:gitude|gitud)?|lng|long|gps|coord(?:inate)?s?|geo)[\s:=(\[\"']{{1,4}}(?:is |are )?(?P<value>{_DEGREES}\.[0-9]{{2,15}}(?:[,; ]{{1,3}}{_DEGREES}\.[0-9]{{2,15}})?)(?![\w%]|\.[0-9])",
            0.85,
        ),
        Form("degrees, minutes", rf"(?<![\w.]){_DMS}(?:[,; ]{{1,3}}{_DMS})?(?!\w)", 0.85),
        Form("plus code", r"(?<![\w+])[23456789CFGHJMPQRVWX]{4,8}\+[23456789CFGHJMPQRVWX]{2,3}(?!\w)", 0.8, 0),
        Form("three words", r"(?<![/\w])///[a-z]{3,20}\.[a-z]{3,20}\.[a-z]{3,20}(?!\w)", 0.85),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Leave two small fractions alone ("p = 0.0012, 0.0304")."""
        return form.name != "decimal pair" or any(len(whole) > 1 for whole in _WHOLE.findall(value))
