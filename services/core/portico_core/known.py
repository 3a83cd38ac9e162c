"""What the token and the portal session vouch for: who the patient is, and who may speak for them.

These values are found in the patient's words with certainty, so they go to the redactor beside the text and nowhere
else. They are as secret as the text: no `repr` shows one.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from portico_core.labels import PhiType


class KnownPart(StrEnum):
    """Which part of a name or of an address a value is; WHOLE for everything else."""

    WHOLE = "whole"
    GIVEN = "given"
    MIDDLE = "middle"
    FAMILY = "family"
    PREFERRED = "preferred"
    STREET = "street"
    CITY = "city"
    POSTCODE = "postcode"


@dataclass(frozen=True, slots=True)
class KnownValue:
    """One identifier of a person; `person` 0 is the patient, their proxies follow."""

    type: PhiType
    value: str = field(repr=False)
    person: int = 0
    part: KnownPart = KnownPart.WHOLE
