"""Who is this: role and patient of a verified token. What a token must be is tested in tests/unit/identity."""

from collections.abc import Iterator

import pytest

from portico_core.errors import Forbidden, Unauthenticated
from portico_core.labels import PhiType, Role
from portico_gateway.web.identity import TokenVerifier
from portico_identity.issuer_keys import IssuerKeys
from portico_identity.tokens import Expected, IssuerTokens
from unit.gateway.issuer import (
    AUDIENCE,
    ISSUER,
    JwksServer,
    make_key,
    serve_jwks,
    sign,
    sound_claims,
)

KEY = make_key()


@pytest.fixture
def jwks() -> Iterator[JwksServer]:
    with serve_jwks(KEY) as server:
        yield server


def verifier(jwks: JwksServer) -> TokenVerifier:
    return TokenVerifier(IssuerTokens(Expected(ISSUER, AUDIENCE), IssuerKeys(jwks.url)))


@pytest.mark.parametrize("scheme", ["", "Basic ", "Bearer", "bearer\t", "Token ", "Bearer: "])
async def test_another_scheme_is_refused(jwks: JwksServer, scheme: str) -> None:
    with pytest.raises(Unauthenticated):
        await verifier(jwks).verify(scheme + sign(KEY))


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER "])
async def test_the_scheme_is_read_in_any_case(jwks: JwksServer, scheme: str) -> None:
    assert await verifier(jwks).verify(scheme + sign(KEY))


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.SUPERVISOR, Role.COMPLIANCE])
async def test_staff_speak_for_no_patient(jwks: JwksServer, role: Role) -> None:
    identity = await verifier(jwks).verify(f"Bearer {sign(KEY, sound_claims(role=role.value))}")
    assert identity.patient is None
    with pytest.raises(Forbidden):
        identity.patient_id()


async def test_known_values_come_from_the_token_and_are_not_shown(jwks: JwksServer) -> None:
    claims = sound_claims(mrn="MRN00482913", birthdate="1984-03-09", email=None, phone_number=...)
    identity = await verifier(jwks).verify(f"Bearer {sign(KEY, claims)}")
    assert {(value.type, value.value) for value in identity.known_values} == {
        (PhiType.NAME, "Zebulon Quartermain"), (PhiType.MRN, "MRN00482913"), (PhiType.DATE, "1984-03-09"),
    }  # fmt: skip
    assert "Zebulon" not in repr(identity) + repr(identity.known_values)


async def test_a_patient_claim_of_another_shape_refuses_the_token(jwks: JwksServer) -> None:
    with pytest.raises(Unauthenticated):
        await verifier(jwks).verify(f"Bearer {sign(KEY, sound_claims(email=7))}")


async def test_what_is_no_patients_is_not_read_as_one(jwks: JwksServer) -> None:
    claims = sound_claims(role=Role.CLINICIAN.value, email=7)
    identity = await verifier(jwks).verify(f"Bearer {sign(KEY, claims)}")
    assert identity.known_values == ()
