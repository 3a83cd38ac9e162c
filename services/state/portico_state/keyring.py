"""Keys by id: the audit chain's HMAC, the vault's wrapping keys, the patient hash.

Each purpose has its own keys, so that whoever may look up patients cannot forge records. Old keys stay readable
after a rotation: records, vaults and hashes name or try the id they were made with. The file is JSON
`{"v": 1, "audit": {"active": "a1", "keys": {"a1": "<base64>"}}, "vault": {…}, "patient": {…}}`, so that a secret
store can hold it as one value.
"""

import base64
import binascii
import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from portico_core.audit import keyed_hash
from portico_core.errors import ConfigurationError, Conflict

KEY_BYTES = 32
_FORBIDDEN_MODE = 0o027  # Group may read (Kubernetes mounts secrets so); nobody else may, and only the owner writes.
KEY_ID = re.compile(r"[a-z0-9]{1,16}")

Purpose = Literal["audit", "vault", "patient"]
PURPOSES: tuple[Purpose, ...] = ("audit", "vault", "patient")


@dataclass(frozen=True, slots=True)
class KeySet:
    """The keys of one purpose; new work uses the active one."""

    active: str
    keys: Mapping[str, bytes] = field(repr=False)

    @property
    def active_key(self) -> bytes:
        """Return the key that new work uses."""
        return self.keys[self.active]

    def rotate(self, prefix: str) -> "KeySet":
        """Return the set with a new active key."""
        return self.stage(prefix).activate()

    def stage(self, prefix: str) -> "KeySet":
        """Return the set with a new key that can be read with, but is not active yet."""
        name = f"{prefix}{self._newest() + 1}"
        return KeySet(self.active, {**self.keys, name: secrets.token_bytes(KEY_BYTES)})

    def activate(self) -> "KeySet":
        """Return the set with its newest key active."""
        return KeySet(next(name for name in self.keys if _number(name) == self._newest()), self.keys)

    def retire(self, name: str) -> "KeySet":
        """Return the set without a key; what is still sealed with it can be read no more."""
        if name == self.active or name not in self.keys:
            raise ConfigurationError("only a key of the keyring that is not the active one can be retired")
        return KeySet(self.active, {kept: key for kept, key in self.keys.items() if kept != name})

    def _newest(self) -> int:
        return max(_number(name) for name in self.keys)


@dataclass(frozen=True, slots=True)
class Keyring:
    """All keys of one deployment."""

    audit: KeySet
    vault: KeySet
    patient: KeySet

    @classmethod
    def generate(cls) -> "Keyring":
        """Make new random keys, in memory only."""
        return cls(*(KeySet(f"{name[0]}1", {f"{name[0]}1": secrets.token_bytes(KEY_BYTES)}) for name in PURPOSES))

    @classmethod
    def create(cls, path: Path) -> "Keyring":
        """Make new keys in a new file that only its owner may read; raise Conflict when the file exists."""
        keyring = cls.generate()
        _write_new(path, keyring.to_json())
        return keyring

    @classmethod
    def load(cls, path: Path) -> "Keyring":
        """Read a key file; raise ConfigurationError when it is missing, damaged or open to others."""
        try:
            mode, text = path.stat().st_mode, path.read_text(encoding="utf-8")
        except (OSError, UnicodeError):
            raise ConfigurationError(f"the key file {path} cannot be read") from None
        if mode & _FORBIDDEN_MODE:
            raise ConfigurationError(f"the key file {path} is open to others: chmod 600 {path}")
        return cls.parse(text)

    @classmethod
    def parse(cls, text: str) -> "Keyring":
        """Read the JSON of a key file; raise ConfigurationError that names the purpose and never a key."""
        try:
            document = json.loads(text)
        except ValueError:
            raise ConfigurationError("the keyring is not JSON") from None
        if not isinstance(document, dict) or document.get("v") != 1:
            raise ConfigurationError("the keyring is not of version 1")
        return cls(*(parse_key_set(document.get(name), name) for name in PURPOSES))

    def save(self, path: Path) -> None:
        """Replace a key file atomically."""
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        _write_new(fresh, self.to_json())
        fresh.replace(path)

    def to_json(self) -> str:
        """Return the text of the key file. It holds the keys: never log it."""
        sets = {name: getattr(self, name) for name in PURPOSES}
        return json.dumps({"v": 1} | {name: _dump_set(keys) for name, keys in sets.items()}, indent=1)

    def rotate(self, purpose: Purpose) -> "Keyring":
        """Return the keyring with a new active key for a purpose; the old ones stay readable."""
        changed: KeySet = getattr(self, purpose).rotate(purpose[0])
        return replace(self, **{purpose: changed})

    def stage(self, purpose: Purpose) -> "Keyring":
        """Return the keyring with a new key to read with. Give it to every process before one makes it active:
        a process that has not got it could not read what another one writes."""
        staged: KeySet = getattr(self, purpose).stage(purpose[0])
        return replace(self, **{purpose: staged})

    def activate(self, purpose: Purpose) -> "Keyring":
        """Return the keyring with the newest key of a purpose active."""
        changed: KeySet = getattr(self, purpose).activate()
        return replace(self, **{purpose: changed})

    def retire(self, purpose: Purpose, name: str) -> "Keyring":
        """Return the keyring without an old key; wrap everything anew before. ConfigurationError for the active one."""
        changed: KeySet = getattr(self, purpose).retire(name)
        return replace(self, **{purpose: changed})

    def patient_hash(self, patient_id: str, *, tenant: str) -> str:
        """Return the keyed hash that stands for a patient in new records."""
        return keyed_hash(patient_id, key=self.patient.active_key, purpose=f"patient:{tenant}")

    def patient_hashes(self, patient_id: str, *, tenant: str) -> tuple[str, ...]:
        """Return the hash under every key, the active one first, to find what older keys wrote."""
        others = [key for name, key in self.patient.keys.items() if name != self.patient.active]
        return tuple(
            keyed_hash(patient_id, key=key, purpose=f"patient:{tenant}") for key in (self.patient.active_key, *others)
        )

    def lasting_patient_hash(self, text: str, *, tenant: str) -> str:
        """Return the hash under the oldest key, which no rotation changes and which is never retired.

        For names that must be the same before and after a rotation, and that nobody who holds that key can guess: what
        is hashed must hold something random.
        """
        oldest = min(self.patient.keys, key=_number)
        return keyed_hash(text, key=self.patient.keys[oldest], purpose=f"patient:{tenant}")


def _number(name: str) -> int:
    return int(re.sub(r"\D", "", name) or 0)


def parse_key_set(section: object, purpose: str) -> KeySet:
    """Read the keys of one purpose, `{"active": …, "keys": {…}}`; raise ConfigurationError that never shows a key."""
    if not isinstance(section, dict) or not isinstance(section.get("keys"), dict):
        raise ConfigurationError(f"the keyring has no {purpose} keys")
    keys = {str(name): _parse_key(value, purpose, name) for name, value in section["keys"].items()}
    active = section.get("active")
    if not isinstance(active, str) or active not in keys:
        raise ConfigurationError(f"the active {purpose} key of the keyring is not among its keys")
    return KeySet(active, keys)


def _parse_key(value: Any, purpose: str, name: str) -> bytes:
    if not KEY_ID.fullmatch(name):
        raise ConfigurationError(f"a {purpose} key id of the keyring is not 1 to 16 of a-z 0-9")
    try:
        key = base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise ConfigurationError(f"the {purpose} key {name} of the keyring is not base64") from None
    if len(key) != KEY_BYTES:
        raise ConfigurationError(f"the {purpose} key {name} of the keyring is not {KEY_BYTES} bytes long")
    return key


def _dump_set(keys: KeySet) -> dict[str, Any]:
    return {"active": keys.active, "keys": {name: base64.b64encode(key).decode() for name, key in keys.keys.items()}}


def _write_new(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise Conflict(f"the key file {path} exists already") from None
    except OSError as error:
        raise ConfigurationError(f"the key file {path} cannot be written: {error.strerror}") from None
