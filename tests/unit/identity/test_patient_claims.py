"""What a token says about the patient: every claim in its shape, and no other shape gets through."""

from typing import Any

import pytest

from portico_core.errors import Unauthenticated
from portico_core.known import KnownPart, KnownValue
from portico_core.labels import PhiType
from portico_identity.patient_claims import MAX_CHARACTERS, MAX_PROXIES, MAX_VALUES, read_known_values

FULL: dict[str, Any] = {
    "name": "Ana Lucia Quispe", "given_name": "Ana", "middle_name": "Lucia", "family_name": "Quispe",
    "nickname": "Anita",
    "birthdate": "1984-03-09", "email": "ana@example.org", "phone_number": ["+15035550142", "+15035550143"],
    "address": {
        "street_address": "4 Alder Street", "locality": "Fairhaven", "region": "OR", "postal_code": "97205",
        "country": "US",
    },
    "mrn": "MRN1", "member_id": "XQ1", "proxies": [{"name": "Bo Quispe", "phone_number": "+15035550144"}],
}  # fmt: skip


def test_every_claim_is_read() -> None:
    assert set(read_known_values(FULL)) == {
        KnownValue(PhiType.NAME, "Ana Lucia Quispe"),
        KnownValue(PhiType.NAME, "Ana", part=KnownPart.GIVEN),
        KnownValue(PhiType.NAME, "Lucia", part=KnownPart.MIDDLE),
        KnownValue(PhiType.NAME, "Quispe", part=KnownPart.FAMILY),
        KnownValue(PhiType.NAME, "Anita", part=KnownPart.PREFERRED),
        KnownValue(PhiType.DATE, "1984-03-09"),
        KnownValue(PhiType.EMAIL, "ana@example.org"),
        KnownValue(PhiType.PHONE, "+15035550142"),
        KnownValue(PhiType.PHONE, "+15035550143"),
        KnownValue(PhiType.GEOGRAPHIC, "4 Alder Street", part=KnownPart.STREET),
        KnownValue(PhiType.GEOGRAPHIC, "Fairhaven", part=KnownPart.CITY),
        KnownValue(PhiType.GEOGRAPHIC, "97205", part=KnownPart.POSTCODE),
        KnownValue(PhiType.MRN, "MRN1"),
        KnownValue(PhiType.HEALTH_PLAN, "XQ1"),
        KnownValue(PhiType.NAME, "Bo Quispe", person=1),
        KnownValue(PhiType.PHONE, "+15035550144", person=1),
    }


@pytest.mark.parametrize(
    "formatted",
    [
        "4 Alder Street\nFairhaven, OR 97205",  # as on a letter
        "4 Alder Street\r\nFairhaven, OR 97205-1234\r\nUS",  # with the country below
        "4 Alder Street, Fairhaven, OR 97205",  # in one line
        "4 Alder Street\nFairhaven Oregon 97205",  # the state written out
    ],
)
def test_a_mailing_label_is_cut_into_its_parts(formatted: str) -> None:
    read = {value.part: value.value for value in read_known_values({"address": {"formatted": formatted}})}
    assert read[KnownPart.STREET] == "4 Alder Street"
    assert read[KnownPart.CITY] in ("Fairhaven", "Fairhaven Oregon")
    assert read[KnownPart.POSTCODE].startswith("97205")


@pytest.mark.parametrize(
    "claims",
    [
        {},  # nothing is said
        dict.fromkeys(FULL),  # null
        {name: "" for name in FULL if name not in ("address", "proxies")},  # empty
        {"address": {}, "proxies": [], "phone_number": []},  # empty shapes
    ],
)
def test_what_is_not_said_is_no_defect(claims: dict[str, Any]) -> None:
    assert read_known_values(claims) == ()


@pytest.mark.parametrize(
    "claims",
    [
        {"name": 7},  # a number
        {"name": ["Ana", "Quispe"]},  # a list where one text belongs
        {"name": {"given": "Ana"}},  # an object
        {"given_name": True},  # a truth value
        {"name": "A" * (MAX_CHARACTERS + 1)},  # too long
        {"email": ["a@example.org", 7]},  # a number among texts
        {"email": [["a@example.org"]]},  # a list of lists
        {"phone_number": ["+1"] * (MAX_VALUES + 1)},  # too many
        {"mrn": 482913},  # a record number as a number has lost its zeros
        {"birthdate": "3/9/1984"},  # not ISO 8601
        {"birthdate": "1984-13-40"},  # no day
        {"birthdate": 19840309},  # a number
        {"address": "4 Alder Street"},  # not the object of OpenID Connect
        {"address": {"street_address": 4}},  # a number in it
        {"proxies": {"name": "Bo"}},  # not a list
        {"proxies": ["Bo Quispe"]},  # not objects
        {"proxies": [{"name": 7}]},  # a bad claim of a proxy
        {"proxies": [{"name": "Bo"}] * (MAX_PROXIES + 1)},  # too many
    ],
)
def test_another_shape_refuses_the_token(claims: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated) as caught:
        read_known_values({**FULL, **claims})
    assert str(caught.value) == Unauthenticated.public_message


def test_a_value_is_never_shown() -> None:
    assert "Quispe" not in repr(read_known_values(FULL))
