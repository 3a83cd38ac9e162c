"""Addresses of cryptocurrency wallets: account numbers without a bank.

Format: Bitcoin in base 58 (26 to 35 characters, starts with 1 or 3) or bech32 (starts with bc1); Ethereum 0x and 40 hexadecimal digits.
Class J of 45 CFR 164.514(b)(2)(i). Source: https://en.bitcoin.it/wiki/Invoice_address, EIP-55, BIP-173.
"""

from portico_core.labels import PhiType
from portico_redaction.recognisers.base import DIGIT, EXACT_CASE, Form, FormRecogniser


class WalletRecogniser(FormRecogniser):
    """Find wallet addresses by their format."""

    phi_type = PhiType.ACCOUNT
    needs = DIGIT
    forms = (
        Form("base 58", r"(?<![A-Za-z0-9])[13][a-km-zA-HJ-NP-Z1-9]{25,34}(?![A-Za-z0-9])", 0.8, EXACT_CASE),
        Form("bech32", r"(?<![A-Z0-9])bc1[ac-hj-np-z02-9]{11,71}(?![A-Z0-9])", 0.9),
        Form("Ethereum", r"(?<![A-Z0-9])0x[0-9a-f]{40}(?![A-Z0-9])", 0.9),
    )

    def accepts(self, value: str, form: Form) -> bool:
        """Base 58 without any letter is a long number, which others take."""
        return form.name != "base 58" or (any(c.islower() for c in value) and any(c.isupper() for c in value))
