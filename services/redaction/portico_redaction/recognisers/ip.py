"""IP addresses, version 4 and 6. Class O of 45 CFR 164.514(b)(2)(i). Format: RFC 791, RFC 4291 (checked by `ipaddress`), RFC 4007 zones.

A masked last group ("203.0.113.x") still singles a household out and is taken beside a cue.
"""

import ipaddress

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import GLUE, Form, FormRecogniser


class IpRecogniser(FormRecogniser):
    """Find IP addresses."""

    phi_type = PhiType.IP
    forms = (
        Form("version 4", r"(?<![\w.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:/[0-9]{1,2}|:[0-9]{2,5})?(?!\w|\.[0-9])", 0.92),
        Form(
            "version 6",
            r"(?<![\w:])(?=[0-9a-f]{0,4}:[0-9a-f:]{3})[0-9a-f:]{3,39}(?:(?<=:)[0-9]{1,3}(?:\.[0-9]{1,3}){3})?(?:%[a-z0-9]{1,15})?(?:/[0-9]{1,3})?(?![\w:])",
            0.92,
        ),
        Form(
            "masked",
            r"\bip(?: address| addr)?\b"
            + GLUE
            + r"(?P<value>[0-9]{1,3}(?:\.(?:[0-9]{1,3}|x{1,3}|\*{1,3})){3})(?![\w.])",
            0.9,
        ),
        Form("defanged", r"(?<![\w.])[0-9]{1,3}(?: ?[\[(](?:\.|dot)[\])] ?[0-9]{1,3}){3}(?![\w.])", 0.9),
        Form("spoken", r"(?<![\w.])[0-9]{1,3}(?: (?:dot|punto) [0-9]{1,3}){3}(?![\w.])", 0.9),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Let the standard library decide; leave "::" of code and prose alone."""
        if form.name not in ("version 4", "version 6"):
            return True
        address = value.split("/", maxsplit=1)[0].split("%", maxsplit=1)[0]
        try:
            ipaddress.ip_address(address.split(":")[0] if form.name == "version 4" else address)
        except ValueError:
            return False
        return any(character.isalnum() for character in value)
