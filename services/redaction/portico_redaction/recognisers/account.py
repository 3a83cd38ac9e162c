"""Bank, billing and portal account numbers.

Format: each institution has its own, so a cue decides. ABA routing numbers have nine digits
(https://www.aba.com/about-us/routing-number), SWIFT/BIC codes 8 or 11 letters and digits (ISO 9362), card security codes three or four.
Class J of 45 CFR 164.514(b)(2)(i).
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import EXACT_CASE, GAP, GLUE, IDENTIFIER, NUMBER, START, Form, FormRecogniser
from portico_redaction.recognisers.spared import is_code

_KIND = r"(?:bank|billing|bill|checking|chequing|savings?|guarantor|portal|patient|pt|financial|hospital|payment|statement|hsa|fsa|hra|my|loan|debit|credit)"
_CUE = (
    START + rf"(?:(?:{_KIND}[ _-])?(?:accounts?|acc?ts?|a/c|acct)\.?{NUMBER}{{0,2}}"
    rf"|(?:routing|aba|rtn|sort|transit|wire|bsb)(?: transit)?(?: code)?{NUMBER}?"
    rf"|(?:guarantor|har|statement|billing|bill|payment|balance|financial|fin){NUMBER}{{1,2}}"
    rf"|(?:(?:credit|debit|hsa|fsa|bank|gift|payment|atm) ?)?(?:card|cc){NUMBER}{{1,2}}|(?:credit|debit|hsa|fsa|bank) card|(?:credit|debit|hsa|fsa|bank)(?: card)?{NUMBER}"
    r"|card ending in|visa|mastercard|master card|amex|american express|discover"
    r"|(?:n[uú]mero de )?(?:cuenta|tarjeta)(?: bancaria| de cr[eé]dito| de d[eé]bito)?)"
)
_SURE_CUE = START + r"(?:(?:accounts?|acc?t)|routing|guarantor|debit card|credit card|cuenta)"


class AccountRecogniser(FormRecogniser):
    """Find account numbers beside a cue, and the last four digits of a card or account."""

    phi_type = PhiType.ACCOUNT
    forms = (
        Form("beside a cue", _CUE + GLUE + rf"(?P<value>{IDENTIFIER})", 0.9),
        Form("grouped digits", _CUE + GLUE + r"(?P<value>[0-9](?:[ -]?[0-9]){5,24})(?![0-9])", 0.9),
        Form(
            "last four",
            r"\b(?:card|account|acc?t|visa|mastercard|amex|discover|checking|savings|cuenta|tarjeta)[^.\n0-9]{0,30}\b"
            r"(?:(?:ending|ends|finishing|terminada|termina)(?: (?:in|with|en))?|last (?:four|4)(?: digits)?(?: (?:are|is|of))?|\*{2,}|x{2,}|\.{3})[ :#-]{0,3}(?P<value>[0-9]{4})\b",
            0.9,
        ),
        Form("masked", r"(?<![\w*])(?:(?:[x*]{4}[ -]?){3}|[x*]{6,12})[0-9]{4}(?![0-9])", 0.9),
        Form(
            "SWIFT/BIC",
            r"\b(?i:swift|bic)(?i:/bic| code)?\b" + GLUE + r"(?P<value>[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?)\b",
            0.9,
            EXACT_CASE,
        ),
        Form(
            "security code", r"\b(?:cvv2?|cvc2?|csc|security code)\b" + GLUE + r"(?P<value>[0-9]{3,4})(?![\w/.-])", 0.85
        ),
        Form(
            "prefix",
            r"(?<![\w-])(?:ACCT|ACT|AC|BIL|BILL|HAR|FIN|GUAR|GAR|STMT)[-_#: ]?[0-9](?:-?[A-Z0-9]){4,15}(?![\w-])",
            0.8,
            EXACT_CASE,
        ),
        Form("some words between", _SURE_CUE + GAP + rf"(?P<value>{IDENTIFIER})", 0.5),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Leave years and small numbers ("account since 2019") alone."""
        match form.name:
            case "beside a cue" | "some words between" | "grouped digits":
                return is_code(value, digits=5)
            case _:
                return True
