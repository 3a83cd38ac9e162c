"""Legal holds: signed documents on the shelf, each named by a line of the checkpoint file while it is in force.

A hold that the checkpoint file names and the shelf has lost still stops every deletion: whoever removes the document
cannot free the records.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date

from portico_core.errors import ConfigurationError
from portico_state.archive.shelf import ArchiveShelf
from portico_state.keyring import KeySet

HOLD_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold on whole days, both ends included; an empty end is open."""

    name: str
    tenant: str
    reason: str
    first_day: str
    last_day: str
    placed_at: str
    placed_by: str
    key: str = ""
    mac: str = ""

    def covers(self, day: str) -> bool:
        """Say whether a day may not be deleted."""
        return self.first_day <= day and (not self.last_day or day <= self.last_day)

    def to_bytes(self) -> bytes:
        """Return the stored form."""
        return _canonical(asdict(self)) + b"\n"

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the stored form."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def signed(self, keys: KeySet) -> "Hold":
        """Return it signed with the active audit key."""
        unsigned = replace(self, key=keys.active, mac="")
        return replace(unsigned, mac=_mac(unsigned, keys.active_key))


def hold_file(tenant: str, name: str) -> str:
    """Return the name of a hold's document on the shelf."""
    return f"{tenant}/holds/{name}.json"


def check_hold(name: str, first_day: str, last_day: str) -> None:
    """Raise ConfigurationError for a name or day that has not its form."""
    if not HOLD_NAME.fullmatch(name):
        raise ConfigurationError("the name of a hold is 1 to 63 of a-z 0-9 - and starts with a letter or digit")
    for day in filter(None, (first_day, last_day)):
        try:
            date.fromisoformat(day)
        except ValueError:
            raise ConfigurationError("a day reads YYYY-MM-DD") from None


def read_holds(shelf: ArchiveShelf, *, keys: KeySet, tenant: str) -> list[Hold]:
    """Return every hold on the shelf; raise ConfigurationError for one that was changed."""
    return [_read(shelf.read(name), name, keys, tenant) for name in shelf.names(f"{tenant}/holds/")]


def _read(data: bytes, name: str, keys: KeySet, tenant: str) -> Hold:
    try:
        hold = Hold(**json.loads(data))
    except (ValueError, TypeError):
        raise ConfigurationError(f"the hold {name} cannot be read: it was changed") from None
    key = keys.keys.get(hold.key)
    if key is None:
        raise ConfigurationError(f"the hold {name} is signed with the audit key {hold.key}, not in the keyring")
    genuine = hmac.compare_digest(_mac(replace(hold, mac=""), key), hold.mac) and hold.to_bytes() == data
    if not genuine or hold.tenant != tenant or hold_file(tenant, hold.name) != name:
        raise ConfigurationError(f"the signature of the hold {name} is wrong: it was edited or is a forgery")
    return hold


def _mac(hold: Hold, key: bytes) -> str:
    return hmac.new(key, b"hold\0" + _canonical(asdict(hold)), hashlib.sha256).hexdigest()


def _canonical(document: Mapping[str, object]) -> bytes:
    return json.dumps(dict(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
