"""E-mail addresses, written or spoken.

Format: a local part, @ and a dotted host (RFC 5322 addr-spec, without quoted strings), "name at host dot com" and its brackets, and the slips
that phones make ("name@gmail,com", "name @ gmail com"). Presidio's own recogniser fetches the public suffix list on first use; this one
fetches nothing. Class F of 45 CFR 164.514(b)(2)(i).
"""

import regex

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import Form, FormRecogniser

_AT = r"(?: ?[(\[{<*] ?(?:at|@|arroba) ?[)\]}>*] ?| ?@ ?)"
_DOT = r"(?: ?[(\[{<*] ?(?:dot|\.|punto|d0t) ?[)\]}>*] ?| (?:dot|punto|point) |\.(?=[a-z])|\. (?=(?:com|org|net|edu|gov)\b))"
_HOSTS = "gmail|googlemail|yahoo|ymail|hotmail|outlook|icloud|aol|protonmail|proton|live|msn|comcast|verizon|att|mail|me|mac|gmx|zoho|fastmail|sbcglobal|cox|charter|earthlink"
_TOPS = "com|org|net|edu|gov|co|es|mx|uk|de|fr|it|ca|us|me|info|health"
_SPOKEN_NAME = (
    r"[\w.+-]{1,64}+(?: (?:dot|underscore|dash|hyphen|minus|plus|punto|gui[oó]n(?: bajo)?|period) [\w+-]{1,30}){0,3}"
)


class EmailRecogniser(FormRecogniser):
    """Find e-mail addresses."""

    phi_type = PhiType.EMAIL
    needs = regex.compile(r"@|(?<![a-z])(?:at|arroba)(?![a-z])|_at_", regex.IGNORECASE)
    forms = (
        Form("address", r"(?<![\w@])[\w.!#$%&'*+/=?^{|}-]{1,64}+@(?:[\w-]{1,63}\.){1,5}[\w-]{2,24}(?<![-.])", 0.97),
        Form("address with a literal host", r"(?<![\w@])[\w.+-]{1,64}+@\[?[0-9]{1,3}(?:\.[0-9]{1,3}){3}\]?", 0.95),
        Form("bracketed", rf"(?<![\w@])[\w.+-]{{1,64}}+{_AT}[\w-]{{1,63}}(?:{_DOT}[\w-]{{2,63}}){{1,4}}", 0.95),
        Form(
            "spoken",
            rf"(?<![\w@]){_SPOKEN_NAME} (?:at|arroba) [\w-]{{1,63}}(?:(?: dot | punto | period | point |\.)[a-z]{{2,24}}){{1,3}}\b",
            0.9,
        ),
        Form(
            "known host without a dot",
            rf"(?<![\w@])[\w.+-]{{1,64}}+ ?@ ?(?:{_HOSTS})\b(?:[ ,;]{{0,2}}(?:{_TOPS})\b)?",
            0.85,
        ),
        Form("comma for a dot", rf"(?<![\w@])[\w.+-]{{1,64}}+@[\w-]{{2,63}},(?:{_TOPS})\b", 0.85),
        Form("spoken, known host", rf"(?<![\w@]){_SPOKEN_NAME} (?:at|arroba) (?:{_HOSTS})(?: (?:{_TOPS}))?\b", 0.8),
        Form(
            "hyphenated", r"(?<![\w@-])[\w.+]{1,64}+-(?:at|@|arroba)-[\w.]{1,63}(?:-(?:dot|punto)-[\w]{2,63}){0,3}", 0.9
        ),
        Form(
            "underscored",
            r"(?<![\w@])[a-z0-9+-]{1,40}(?:[_.][a-z0-9]{1,30}){0,3}_at_[a-z0-9-]{2,40}(?:_dot_[a-z]{2,24}){1,3}\b",
            0.9,
        ),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Leave "seen at mychart.com" alone: a spoken address needs a spoken dot, a digit, a dot or a known mail host."""
        lowered = value.lower()
        local, _, host = lowered.partition(" at " if " at " in lowered else " arroba ")
        if form.name == "spoken, known host":
            return host.split()[0] not in (
                "me",
                "mail",
                "live",
                "verizon",
                "att",
                "cox",
                "charter",
                "outlook",
                "mac",
                "proton",
            ) or any(c in local for c in "0123456789._")
        if form.name != "spoken":
            return True
        spoken_dot = any(f" {word} " in lowered for word in ("dot", "punto"))
        return spoken_dot or not local.isalpha() or host.split(".")[0] in _HOSTS.split("|")
