"""E-mail addresses, written or spoken.

Format: a local part, @ and a dotted host (RFC 5322 addr-spec, without quoted strings), or "name at host dot com".
Presidio's own recogniser fetches the public suffix list on first use; this one fetches nothing.
Class F of 45 CFR 164.514(b)(2)(i).
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import Form, FormRecogniser

_AT = r"(?: ?[(\[{<] ?(?:at|@|arroba) ?[)\]}>] ?| ?@ ?)"
_DOT = r"(?: ?[(\[{<] ?(?:dot|\.|punto) ?[)\]}>] ?| (?:dot|punto) |\.)"
_HOSTS = "gmail|yahoo|hotmail|outlook|icloud|aol|protonmail|proton|live|msn|comcast|verizon|att|mail|me"


class EmailRecogniser(FormRecogniser):
    """Find e-mail addresses."""

    phi_type = PhiType.EMAIL
    forms = (
        Form("address", r"(?<![\w@])[\w.!#$%&'*+/=?^{|}-]{1,64}@(?:[\w-]{1,63}\.){1,5}[\w-]{2,24}(?<![-.])", 0.97),
        Form("bracketed", rf"(?<![\w@])[\w.+-]{{1,64}}{_AT}[\w-]{{1,63}}(?:{_DOT}[\w-]{{2,63}}){{1,4}}", 0.95),
        Form(
            "spoken",
            r"(?<![\w@])[\w.+-]{1,64}(?: (?:dot|underscore|dash|punto) [\w+-]{1,30}){0,3} (?:at"
            r"|arroba) [\w-]{1,63}(?:(?: dot | punto |\.)[a-z]{2,24}){1,3}\b",
            0.9,
        ),
        Form("known host without a dot", rf"(?<![\w@])[\w.+-]{{1,64}}@(?:{_HOSTS})\b", 0.85),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Leave "seen at mychart.com" alone: a spoken address needs a spoken dot, a digit, a dot or a known mail host."""
        if form.name != "spoken":
            return True
        local, _, host = value.lower().partition(" at " if " at " in value.lower() else " arroba ")
        return (
            " dot " in value.lower()
            or " punto " in value.lower()
            or not local.isalpha()
            or host.split(".")[0] in _HOSTS.split("|")
        )
