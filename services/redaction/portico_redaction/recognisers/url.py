"""Web addresses, written or spoken, and links to profiles.

Format: RFC 3986 with a scheme, or a host name under a well-known top-level domain, or "site dot com slash name".
Class N of 45 CFR 164.514(b)(2)(i). A bare host of a public reference site ("is cdc.gov right?") says nothing about a person and stays; with
a path it goes. Source: https://www.iana.org/domains/root/db (the common part of it; nothing is fetched).
"""

import regex

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import Form, FormRecogniser

_TOP = (
    "com|org|net|edu|gov|mil|info|biz|health|care|clinic|doctor|dental|hospital|app|dev|io|ai|co|me|tv|us|uk|ca|de|fr|es|it|nl"
    "|be|ch|at|se|no|dk|fi|pl|pt|ie|eu|au|nz"
    "|mx|br|ar|cl|pe|ve|ec|in|jp|cn|kr|ru|za|ng|ke|ph|pk|il|tr|ua|gr|cz|hu|ro|ly|gl|gg|cc|page|site|online|website|link|blog|store|shop|tech|xyz|club|live|life|family|name|pro|cloud|space|world|test|example|local"
)
_TAIL = r"(?::[0-9]{2,5})?(?:[/?#][^\s<>\"']{0,2000})?"
_SITES = "facebook|fb|instagram|insta|twitter|x|tiktok|linkedin|youtube|snapchat|pinterest|reddit|threads|bsky|mastodon|venmo|paypal|linktr|github|gofundme|caringbridge|patreon|telegram|t|wa|whatsapp|discord"
_REFERENCE = frozenset(
    [
        "cdc.gov",
        "nih.gov",
        "fda.gov",
        "cms.gov",
        "medicare.gov",
        "healthcare.gov",
        "medlineplus.gov",
        "hhs.gov",
        "who.int",
        "mayoclinic.org",
        "webmd.com",
        "drugs.com",
        "healthline.com",
        "clevelandclinic.org",
        "uptodate.com",
        "clinicaltrials.gov",
        "pubmed.gov",
        "pubmed.com",
        "cancer.org",
        "heart.org",
        "diabetes.org",
        "goodrx.com",
        "google.com",
        "wikipedia.org",
        "youtube.com",
        "ncbi.nlm.nih.gov",
        "pubmed.ncbi.nlm.nih.gov",
        "nhs.uk",
        "poison.org",
        "vaers.hhs.gov",
    ]
)
_RISKY_TOPS = frozenset(
    [
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
        "co",
        "ai",
        "pro",
        "name",
        "life",
        "live",
        "family",
        "test",
        "world",
        "space",
        "club",
        "ch",
        "il",
        "ng",
    ]
)


class UrlRecogniser(FormRecogniser):
    """Find web addresses, with a scheme or without."""

    phi_type = PhiType.URL
    needs = regex.compile(r"[A-Za-z0-9\])][.]\S|://|\w/\w|h(?:tt|xx)p|dot|punto|[\[(][.]|www", regex.IGNORECASE)
    forms = (
        Form(
            "scheme",
            r"\b(?:https?|hxxps?|ftp|sftp|ftps|s3|file|smb|ssh|git|wss?|tel|sms|facetime|zoommtg|myapp|intent)(?:://|%3A%2F%2F)[^\s<>\"']{1,2000}(?<![.,;:!?)\]])",
            0.97,
        ),
        Form("broken scheme", r"\bh(?:tt|xx)ps?(?: ?: ?/ ?/ ?|:/|//)[^\s<>\"']{3,2000}(?<![.,;:!?)\]])", 0.93),
        Form("www", r"\bwww ?\. ?[\w-]{1,63}(?: ?\. ?[\w-]{2,63}){1,4}" + _TAIL + r"(?<![.,;:!?)\]])", 0.95),
        Form(
            "host",
            rf"(?<![\w@.-])(?:[a-z0-9][a-z0-9-]{{0,62}}\.){{1,4}}(?:{_TOP})(?![\w@-]|\.\w)"
            + _TAIL
            + r"(?<![.,;:!?)\]])",
            0.8,
        ),
        Form(
            "host with brackets",
            rf"(?<![\w@.-])[a-z0-9-]{{2,63}}(?: ?[\[(]\.[\])] ?[a-z0-9-]{{1,63}}){{0,3}} ?[\[(](?:\.|dot)[\])] ?(?:{_TOP})(?![\w-])"
            + _TAIL
            + r"(?<![.,;:!?)\]])",
            0.85,
        ),
        Form(
            "spoken",
            r"\b(?:(?:https? colon (?:slash slash|double slash) )?www dot |(?:at|on|site|website|page|link|url|visit|is|go to|en|p[aá]gina) (?=[\w-]{2,63} (?:dot|punto) (?:com|org|net|info|me|co|es|mx)\b))"
            r"(?P<value>[\w-]{2,63}(?: (?:dot|punto) [\w-]{2,24}){1,3}(?: (?:slash|barra|forward slash) [\w.-]{1,60}){0,4})",
            0.8,
        ),
        Form(
            "spoken path",
            rf"\b(?:{_SITES}) (?:dot|punto) (?:com|me|ee|net|app|social)(?: (?:slash|barra) [\w.-]{{1,60}}){{1,4}}",
            0.85,
        ),
        Form("site and path", rf"(?<![\w@./-])(?:{_SITES})/(?:in/|u/|r/|@)?[\w.-]{{3,60}}\w", 0.75),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Leave numbers and sentence joins ("2.5.in", "pain.no") alone: a bare host needs a name of two letters."""
        if form.name == "site and path":
            return any(character in "0123456789._@" for character in value.partition("/")[2]) or value.startswith(
                ("linkedin", "facebook", "instagram")
            )
        if form.name not in ("host", "www"):
            return True
        host = value.split("/", maxsplit=1)[0].split(":", maxsplit=1)[0].split("?", maxsplit=1)[0].lower()
        if value.lower().strip("/") in _REFERENCE or value.lower().removeprefix("www.").strip("/") in _REFERENCE:
            return False
        labels = host.split(".")
        risky = labels[-1] in _RISKY_TOPS and len(labels) == 2 and "/" not in value
        return form.name == "www" or (len(labels[-2]) >= 2 and any(c.isalpha() for c in labels[-2]) and not risky)
