"""User names, portal logins, passwords, handles on social networks.

Class R of 45 CFR 164.514(b)(2)(i): "any other unique identifying number, characteristic, or code". Format: a cue decides; handles also by @.
An everyday word after the cue ("my login is broken") is no name of a user.
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import START, Form, FormRecogniser
from portico_redaction.recognisers.word_lists import is_ordinary_word

_NETWORK = r"(?:instagram|insta|ig|twitter|x|tik ?tok|snap(?:chat)?|sc|facebook|fb|threads|telegram|discord|skype|linkedin|reddit|venmo|cash ?app|zelle|pinterest|youtube|twitch|wechat|kik|whatsapp|mastodon|bluesky)"
_USER = r"(?:user[ _-]?(?:name|id)?s?|log[ -]?[io]n(?:[ _-]?(?:name|id))?|screen[ _-]?name|handle|portal[ _-]?(?:id|user(?:name)?|login|name)|my ?chart[ _-]?(?:id|user(?:name)?|login)|account name|id(?= (?:for|on|in) (?:the|my|your|this) (?:portal|app|site|account|website))|net ?id|sign[ -]?in(?: name| id)?|usuario|nombre de usuario)"
_LINK = r"(?:(?: (?:is|was|as|es|to|called|name|would be|should be)|:| -|=|,)){0,2}[ :]{0,2}[\"'(<]?"
_OF_WHAT = r"(?: (?:for|on|in|to) (?:my|the|this|your|his|her|our) \w{2,12})?"
_NAME = r"(?P<value>@?[\w.#+-]{2,40}\w)"
_HIDDEN = r"(?:password|passcode|passphrase|pass ?word|pwd|access code|verification code|security (?:answer|word)|one[- ]time code|otp|contrase[nñ]a|clave)"


_PIN = r"(?:pin(?: code| number)?|passcode|access code|c[oó]digo de acceso|nip)"


class UsernameRecogniser(FormRecogniser):
    """Find user names, handles and passwords."""

    phi_type = PhiType.OTHER_ID
    forms = (
        Form(
            "coded user name",
            START
            + _USER
            + _OF_WHAT
            + _LINK
            + r"(?P<value>@?(?=[\w.@#+-]{0,30}[0-9_@.#-])[\w.@#+-]{3,40}+(?<=\w)(?!/))",
            0.85,
        ),
        Form(
            "user name",
            START
            + r"(?:user ?(?:name|id)|screen ?name|log[ -]?in(?: name| id)?|usuario|handle|portal (?:login|user(?:name)?|id)|net ?id)(?: is| es| was|:| -|=|,)[ :]{0,2}[\"'(<]?"
            + _NAME,
            0.8,
        ),
        Form(
            "account by its name",
            START
            + r"(?:delete|merge|unlock|reset|remove|close|deactivate|disable|keep|locked out of|logged in as|log in as|sign(?:ed)? (?:up|in) (?:as|with)|registered (?:as|under)|under|typ(?:e|ed|ing)|enter(?:ed|ing)?|put(?: in)?|us(?:e|ed|ing)|tr(?:y|ied))(?: (?:the |my )?(?:user|account|name|login|profile))?[ :]{1,2}[\"'(]?(?P<value>(?-i:[a-z])(?=[\w.]{0,30}[0-9_])[\w.]{3,40}\w)(?=[\"').,;!?]?(?:\s|$))(?=.{0,60}\b(?:account|login|log ?in|sign|user|profile|portal|password)|(?<=\b(?:account|login|log ?in|sign|user|profile|portal|password).{0,60}))",
            0.7,
        ),
        Form("user in quotes", START + _USER + r" [\"'](?P<value>[^\s\"']{3,40})[\"']", 0.8),
        Form("handle", r"(?<![\w@./-])@[A-Za-z_][\w.]{1,30}\w", 0.6),
        Form(
            "network, then a handle",
            START
            + _NETWORK
            + r"(?: (?:handle|name|user(?:name)?|account|id|page|profile|me|tag))?(?: (?:is|as|at|under|es)|:| -|=){1,2}[ :]{0,2}[\"'(]?"
            + _NAME,
            0.75,
        ),
        Form(
            "handle on a network",
            r"(?<![\w@.])(?P<value>(?=[\w.]{0,30}[0-9_.])[\w.]{3,40}\w) on " + _NETWORK + r"\b",
            0.7,
        ),
        Form("cash tag", r"(?<![\w$])\$[A-Za-z][A-Za-z0-9_-]{3,20}\b", 0.6),
        Form("number after a nick", r"(?<![\w@])[A-Za-z][\w.]{1,30}#[0-9]{4}(?![\w-])", 0.7),
        Form("PIN", START + _PIN + r"(?: (?:is|was|to|of|es)|:|=| -){1,2}[ :]{0,2}(?P<value>[0-9]{4,8})(?![\w.])", 0.8),
        Form(
            "password",
            START
            + _HIDDEN
            + r"(?: (?:is|was|to|of)|:|=| -){1,2}[ :]{0,2}[\"'(]?(?P<value>[^\s\"']{3,60}(?<![.,;!?)]))",
            0.8,
        ),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Leave everyday words alone, in any case, and counts of money."""
        bare = value.strip("@.,'\"-")
        return not (bare.isalpha() and is_ordinary_word(bare)) and len(bare) >= 3
