"""How well somebody has proved who they are: whether an identity token speaks of more than one factor.

`acr` names a class that the site agreed on with its identity server; `amr` lists methods by RFC 8176. Staff read
patients' words, so that one of the two is demanded of them (45 CFR 164.312(d)); a password alone says `pwd`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SECOND_FACTORS = frozenset({"mfa", "otp", "hwk", "swk", "sc", "fpt", "face", "iris", "pop"})


@dataclass(frozen=True, slots=True)
class Assurance:
    """What counts as strong: any of these classes or, where none is set, any of these methods."""

    classes: frozenset[str] = frozenset()
    methods: frozenset[str] = SECOND_FACTORS

    def is_met(self, claims: Mapping[str, Any]) -> bool:
        """Say whether claims speak of a sign-in that is strong enough."""
        if self.classes:
            named = claims.get("acr")
            return isinstance(named, str) and named in self.classes
        said = claims.get("amr")
        return isinstance(said, list) and any(isinstance(each, str) and each in self.methods for each in said)
