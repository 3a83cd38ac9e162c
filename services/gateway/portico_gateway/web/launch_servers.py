"""The FHIR servers that may launch the assistant, and whom their word lets in (SMART App Launch 2.2).

The list is closed: an `iss` that is not in it, character by character, is never asked for anything. A patient's id is
one server's own, so a second server has a name that stands before the ids of its patients: two patients never share
conversations because two systems gave out one number.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from portico_core.errors import ConfigurationError, Unauthenticated
from portico_core.labels import Role
from portico_gateway.web.launch_faults import LaunchFault, LaunchRefused
from portico_identity.code_flow import SignedIn
from portico_identity.patient_claims import read_known_values

_FHIR_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
"""FHIR R4, data type `id`. It has no slash, so that no id of one server stands for a named patient of another."""
_NAME = re.compile(r"[a-z0-9-]{1,32}")
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_USERS = {"Patient": Role.PATIENT, "RelatedPerson": Role.PROXY}
_OF_A_PERSON = (
    "name", "given_name", "middle_name", "family_name", "nickname", "preferred_name", "birthdate", "phone_number",
    "email", "address",
)  # fmt: skip


class LaunchKind(StrEnum):
    """From inside an EHR or portal, or by a link of its own; the value is the scope that asks for the patient."""

    EHR = "launch"
    STANDALONE = "launch/patient"

    @property
    def scope(self) -> str:
        """Return what is asked of the server: who it is, and which patient."""
        return f"{self.value} openid fhirUser"


@dataclass(frozen=True, slots=True)
class LaunchServer:
    """One FHIR server by its base address."""

    base: str
    name: str = ""

    def patient_id(self, patient: str) -> str:
        """Return a patient of this server as everything else names them."""
        return f"{self.name}/{patient}" if self.name else patient


def parse_servers(setting: str) -> dict[str, LaunchServer]:
    """Read `https://ehr…/fhir,name=https://…` by base address; raise ConfigurationError for what cannot be trusted."""
    found = [_server(part.strip()) for part in setting.split(",") if part.strip()]
    if len({each.name for each in found}) != len(found) or len({each.base for each in found}) != len(found):
        raise ConfigurationError("launch servers need different addresses and names: a=https://…, b=https://…")
    return {server.base: server for server in found}


def _server(text: str) -> LaunchServer:
    name, _, base = text.partition("=") if not text.startswith("http") else ("", "", text)
    parts = urlsplit(base)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    plain = not (parts.query or parts.fragment or parts.username) and base.isascii() and not base.endswith("/")
    if not (safe and plain and parts.hostname and (not name or _NAME.fullmatch(name))):
        raise ConfigurationError("a launch server is an https address without query or last slash, or name=address")
    return LaunchServer(base, name)


def session_claims(signed_in: SignedIn, server: LaunchServer, kind: LaunchKind) -> dict[str, Any]:
    """Return what the patient's tokens will say; raise LaunchRefused for anybody who may not come in."""
    if not {"openid", kind.value} <= signed_in.scopes:
        raise LaunchRefused(LaunchFault.NOT_ALLOWED)
    patient = signed_in.patient
    if patient is None or not _FHIR_ID.fullmatch(patient):
        raise LaunchRefused(LaunchFault.NO_PATIENT)
    role = _role(signed_in.claims.get("fhirUser"), server, patient=patient)
    said = {name: signed_in.claims[name] for name in _OF_A_PERSON if name in signed_in.claims}
    known = said if role is Role.PATIENT else {"proxies": [said]}  # A proxy's name is not the patient's.
    try:
        read_known_values(known)
    except Unauthenticated:
        raise LaunchRefused(LaunchFault.REFUSED) from None
    sub = f"{server.base}#{signed_in.claims['sub']}"
    return {**known, "sub": sub, "patient": server.patient_id(patient), "role": role.value}


def _role(user: object, server: LaunchServer, *, patient: str) -> Role:
    """Return as whom somebody comes: `fhirUser` names a resource of this very server."""
    text = user.removeprefix(f"{server.base}/") if isinstance(user, str) else ""
    kind, _, name = text.partition("/")
    role = _USERS.get(kind)
    if role is None or not _FHIR_ID.fullmatch(name):
        raise LaunchRefused(LaunchFault.NOT_A_PATIENT)
    return Role.PROXY if role is Role.PATIENT and name != patient else role


def one_of_each(items: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Return a query as a map; raise LaunchRefused where a name stands twice, for two readers may differ on it."""
    pairs = list(items)
    if len(dict(pairs)) != len(pairs):
        raise LaunchRefused(LaunchFault.REFUSED)
    return dict(pairs)
