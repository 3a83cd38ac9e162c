"""Who is this, and which patient may they speak for: the role and the patient context of a verified token."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from portico_core.errors import Forbidden, Unauthenticated
from portico_core.known import KnownValue
from portico_core.labels import Role, Speaker
from portico_gateway.web.widget_tokens import WidgetTokens
from portico_identity.patient_claims import read_known_values
from portico_identity.tokens import IssuerTokens, is_identifier
from portico_state.sign_outs import SignIn

MAX_PATIENT_CHARACTERS = 128
SPEAKERS = (Role.PATIENT, Role.PROXY)


@dataclass(frozen=True, slots=True)
class Identity:
    """The holder of a verified token. `known_values` are identifiers the portal vouches for.

    A token of our own names its `sign_in`, which may have ended since: ask `SignOuts` at every use.
    """

    subject: str
    role: Role
    patient: str | None
    known_values: tuple[KnownValue, ...] = field(default=(), repr=False)
    speaker: Speaker = Speaker.SELF
    sign_in: SignIn | None = None

    def patient_id(self) -> str:
        """Return the patient this holder may speak for; raise Forbidden where there is none."""
        if self.role not in SPEAKERS or self.patient is None:
            raise Forbidden
        return self.patient

    def owner_id(self) -> str:
        """Return whose conversations these are: a proxy and the patient do not read each other's."""
        return f"{self.patient_id()}\0{self.subject}" if self.role is Role.PROXY else self.patient_id()


class TokenVerifier:
    """Reads the Authorization header."""

    def __init__(
        self,
        tokens: IssuerTokens,
        *,
        widget: WidgetTokens | None = None,
        adult_age: int = 18,
        today: Callable[[], date] = lambda: datetime.now(UTC).date(),
    ) -> None:
        self._tokens, self._widget = tokens, widget
        self._adult_age, self._today = adult_age, today

    async def verify(self, authorization: str) -> Identity:
        """Return who holds the bearer token of the header; raise Unauthenticated for any defect."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated
        if self._widget is not None and self._widget.is_ours(token):
            claims = self._widget.open(token)
            return replace(self._identity_of(claims), sign_in=SignIn.from_claims(claims))
        return self._identity_of(await self._tokens.verify(token))

    def _identity_of(self, claims: Mapping[str, Any]) -> Identity:
        identity = _identity_of(claims)
        born = str(claims.get("birthdate") or "")
        if identity.role is Role.PATIENT and born and is_under_age(born, self._today(), adult_age=self._adult_age):
            return replace(identity, speaker=Speaker.MINOR)
        return identity


def is_under_age(birth_date: str, today: date, *, adult_age: int) -> bool:
    """Say whether somebody born then is under age; where only a year is known, whether they may still be."""
    year, _, day = birth_date.partition("-")
    return (int(year) + adult_age, day or "12-31") > (today.year, f"{today:%m-%d}")


def _identity_of(claims: Mapping[str, Any]) -> Identity:
    try:
        role = Role(claims.get("role", ""))
    except ValueError:
        raise Unauthenticated from None
    patient = claims.get("patient")
    if role not in SPEAKERS:
        return Identity(str(claims["sub"]), role, None)
    if not isinstance(patient, str) or not is_identifier(patient, most=MAX_PATIENT_CHARACTERS):
        raise Unauthenticated
    speaker = Speaker.PROXY if role is Role.PROXY else Speaker.SELF
    return Identity(str(claims["sub"]), role, patient, read_known_values(claims), speaker)
