"""Web addresses.

Format: RFC 3986 with a scheme, or a host name under a well-known top-level domain. Class N of 45 CFR 164.514(b)(2)(i).
Source: https://www.iana.org/domains/root/db (the common part of it; nothing is fetched).
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import Form, FormRecogniser

_TOP = (
    "com|org|net|edu|gov|mil|info|biz|health|care|clinic|app|dev|io|co|me|tv|us|uk|ca|de|fr|es|it|nl"
    "|be|ch|at|se|no|dk|fi|pl|pt|ie|eu|au|nz"
    "|mx|br|ar|cl|in|jp|cn|kr|ru|za|il|gr|cz|hu|ro|ly|gl|page|site|online|link|blog|store|tech|xyz"
)
_TAIL = r"(?::[0-9]{2,5})?(?:[/?#][^\s<>\"']{0,2000})?"


class UrlRecogniser(FormRecogniser):
    """Find web addresses, with a scheme or without."""

    phi_type = PhiType.URL
    forms = (
        Form("scheme", r"\b(?:https?|hxxps?|ftp|sftp|s3|file)://[^\s<>\"']{1,2000}(?<![.,;:!?)\]])", 0.97),
        Form("www", r"\bwww\.[\w-]{1,63}(?:\.[\w-]{2,63}){1,4}" + _TAIL + r"(?<![.,;:!?)\]])", 0.95),
        Form(
            "host",
            rf"(?<![\w@.-])(?:[a-z0-9][a-z0-9-]{{0,62}}\.){{1,4}}(?:{_TOP})(?![\w@-]|\.\w)"
            + _TAIL
            + r"(?<![.,;:!?)\]])",
            0.8,
        ),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Leave numbers and sentence joins ("2.5.in", "pain.no") alone: a bare host needs a name of three letters."""
        if form.name != "host":
            return True
        labels = value.split("/", maxsplit=1)[0].split(":", maxsplit=1)[0].lower().split(".")
        risky = labels[-1] in {
            "in",
            "it",
            "me",
            "no",
            "at",
            "be",
            "is",
            "so",
            "us",
            "care",
            "health",
            "link",
            "page",
            "de",
            "es",
        }
        return (
            len(labels[-2]) >= 2
            and any(c.isalpha() for c in labels[-2])
            and not (risky and len(labels) == 2 and "/" not in value)
        )
