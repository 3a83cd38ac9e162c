"""Bank, billing and portal account numbers.

Format: each institution has its own, so a cue decides. ABA routing numbers have nine digits
(https://www.aba.com/about-us/routing-number). Class J of 45 CFR 164.514(b)(2)(i).
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import GLUE, IDENTIFIER, Form, FormRecogniser

_CUE = (
    r"\b(?:(?:bank |billing |checking |savings |guarantor |portal |patient |financial )?(?:account|acct|a/c)s?"
    r"(?:[ -]?(?:number|num|no|id)\b\.?|[ -]?#)?|(?:routing|aba|sort)(?: code| number| no\.?| #)?"
    r"|(?:credit|debit|hsa|fsa|bank)(?: card)?(?: number| no\.?| #)|card(?: number| no\.?| #"
    r"|ending in)|swift(?:/bic)?|bic"
    r"|(?:n[uú]mero de )?cuenta)\b"
)


class AccountRecogniser(FormRecogniser):
    """Find account numbers beside a cue, and the last four digits of a card or account."""

    phi_type = PhiType.ACCOUNT
    forms = (
        Form("beside a cue", _CUE + GLUE + rf"(?P<value>{IDENTIFIER})", 0.9),
        Form("grouped digits", _CUE + GLUE + r"(?P<value>[0-9](?:[ -]?[0-9]){5,24})(?![0-9])", 0.9),
        Form(
            "last four",
            r"\b(?:card|account|acct|visa|mastercard|amex)[^.\n0-9]{0,20}\bending (?:in|with) (?P<value>[0-9]{4})\b",
            0.9,
        ),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Leave years and small numbers ("account since 2019") alone."""
        digits = sum(character.isdigit() for character in value)
        return form.name == "last four" or digits >= 5 or (digits >= 3 and not value.isdigit())
