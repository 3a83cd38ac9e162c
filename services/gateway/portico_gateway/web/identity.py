"""Who is this, and which patient may they speak for: the role and the patient context of a verified token."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portico_core.errors import Forbidden, Unauthenticated
from portico_core.known import KnownValue
from portico_core.labels import Role
from portico_identity.patient_claims import read_known_values
from portico_identity.tokens import IssuerTokens, is_identifier

MAX_PATIENT_CHARACTERS = 128


@dataclass(frozen=True, slots=True)
class Identity:
    """The holder of a verified token. `known_values` are identifiers the portal vouches for."""

    subject: str
    role: Role
    patient: str | None
    known_values: tuple[KnownValue, ...] = field(default=(), repr=False)

    def patient_id(self) -> str:
        """Return the patient this holder may speak for; raise Forbidden where there is none."""
        if self.role is not Role.PATIENT or self.patient is None:
            raise Forbidden
        return self.patient


class TokenVerifier:
    """Reads the Authorization header."""

    def __init__(self, tokens: IssuerTokens) -> None:
        self._tokens = tokens

    async def verify(self, authorization: str) -> Identity:
        """Return who holds the bearer token of the header; raise Unauthenticated for any defect."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated
        return _identity_of(await self._tokens.verify(token))


def _identity_of(claims: Mapping[str, Any]) -> Identity:
    try:
        role = Role(claims.get("role", ""))
    except ValueError:
        raise Unauthenticated from None
    patient = claims.get("patient")
    if role is not Role.PATIENT:
        return Identity(str(claims["sub"]), role, None)
    if not isinstance(patient, str) or not is_identifier(patient, most=MAX_PATIENT_CHARACTERS):
        raise Unauthenticated
    return Identity(str(claims["sub"]), role, patient, read_known_values(claims))
