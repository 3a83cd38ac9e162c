"""IP addresses, version 4 and 6. Class O of 45 CFR 164.514(b)(2)(i). Format: RFC 791, RFC 4291 (checked by `ipaddress`)."""

import ipaddress

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import Form, FormRecogniser


class IpRecogniser(FormRecogniser):
    """Find IP addresses."""

    phi_type = PhiType.IP
    forms = (
        Form("version 4", r"(?<![\w.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?!\w|\.[0-9])", 0.92),
        Form(
            "version 6",
            r"(?<![\w:])(?=[0-9a-f]{0,4}:[0-9a-f:]{3})[0-9a-f:]{3,39}(?:(?<=:)[0-9]{1,3}(?:\.[0-9]{1,3}){3})?(?![\w:])",
            0.92,
        ),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Let the standard library decide; leave "::" of code and prose alone."""
        try:
            ipaddress.ip_address(value)
        except ValueError:
            return False
        return any(character.isalnum() for character in value)
