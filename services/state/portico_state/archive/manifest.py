"""The signed description of one archived stretch of the stream: what it holds, and where a walk may go on behind it.

Manifests are numbered and each names the SHA-256 of the one before, so that none can be taken out or shown again; the
checkpoint file in turn names every manifest (`decisions.py`), so that the archive cannot be rolled back alone.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from portico_core.errors import ConfigurationError
from portico_state.chain_walk import OpenTurn, Position
from portico_state.keyring import KeySet

NO_MANIFEST = "0" * 64
SUFFIX = ".manifest.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """One stretch: the records of a UTC day by the store's clock, and whatever came late before it.

    `heads` are the chains that may go on behind it, `open_turns` the turns that were in flight, `covered` the last
    line of each checkpoint file that signs nothing beyond it.
    """

    number: int
    tenant: str
    day: str
    prev: str
    file: str
    size: int
    sha256: str
    records: int
    first_id: str
    last_id: str
    retain_until: str
    created: str
    heads: Mapping[str, Position] = field(default_factory=dict)
    open_turns: Mapping[str, OpenTurn] = field(default_factory=dict)
    covered: Mapping[str, int] = field(default_factory=dict)
    key: str = ""
    mac: str = ""

    @property
    def name(self) -> str:
        """Return its own name on the shelf."""
        return self.file.removesuffix(".parquet") + SUFFIX

    def to_bytes(self) -> bytes:
        """Return the stored form."""
        return _canonical(asdict(self)) + b"\n"

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the stored form: what decisions and the next manifest name."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def signed(self, keys: KeySet) -> "Manifest":
        """Return it signed with the active audit key."""
        unsigned = replace(self, key=keys.active, mac="")
        return replace(unsigned, mac=_mac(unsigned, keys.active_key))


def prefix_of(tenant: str) -> str:
    """Return how the names of a tenant's archive begin."""
    return f"{tenant}/audit/"


def file_name(tenant: str, number: int, day: str) -> str:
    """Return the name of a stretch's Parquet file."""
    return f"{prefix_of(tenant)}{number:06}-{day}.parquet"


def read_manifest(data: bytes, *, keys: KeySet, tenant: str, name: str) -> Manifest:
    """Read a manifest; raise ConfigurationError that says exactly why it is none of ours."""
    manifest = _parse(data)
    if manifest is None or manifest.to_bytes() != data:
        raise ConfigurationError(f"{name} is not a manifest in its one spelling: it was changed")
    key = keys.keys.get(manifest.key)
    if key is None:
        raise ConfigurationError(f"{name} is signed with the audit key {manifest.key}, which is not in the keyring")
    if not hmac.compare_digest(_mac(replace(manifest, mac=""), key), manifest.mac):
        raise ConfigurationError(f"the signature of {name} is wrong: it was edited or is a forgery")
    if manifest.tenant != tenant:
        raise ConfigurationError(f"{name} is of the tenant {manifest.tenant}")
    return manifest


def _parse(data: bytes) -> Manifest | None:
    try:
        document: dict[str, Any] = json.loads(data)
        document["heads"] = {chain: Position(**at) for chain, at in document["heads"].items()}
        document["open_turns"] = {turn: OpenTurn(**at) for turn, at in document["open_turns"].items()}
        return Manifest(**document)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _mac(manifest: Manifest, key: bytes) -> str:
    return hmac.new(key, b"archive\0" + _canonical(asdict(manifest)), hashlib.sha256).hexdigest()


def _canonical(document: Mapping[str, object]) -> bytes:
    return json.dumps(dict(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
