"""Authenticated encryption with a key id in the header: AES-256-GCM, a random nonce, bound to where it belongs.

Form: `p1.<key id>.<base64 of nonce and ciphertext>`. The associated data (tenant, conversation, purpose) is not
stored: a value that was moved to another conversation does not open. NIST SP 800-38D, 8.2.2: random 96-bit nonces
are safe for 2^32 messages a key; a data key lives for one conversation, a wrapping key is rotated.
"""

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portico_core.errors import ConfigurationError, StateUnavailable
from portico_state.keyring import KEY_ID, KeySet

FORM = "p1"
NONCE_BYTES = 12


def seal(plain: bytes, *, keys: KeySet, place: tuple[str, ...]) -> str:
    """Encrypt with the active key, bound to a place such as (tenant, conversation, purpose)."""
    nonce = os.urandom(NONCE_BYTES)
    cipher = nonce + AESGCM(keys.active_key).encrypt(nonce, plain, _associated(place))
    return f"{FORM}.{keys.active}.{base64.urlsafe_b64encode(cipher).decode()}"


def unseal(sealed: str, *, keys: KeySet, place: tuple[str, ...]) -> bytes:
    """Decrypt; raise StateUnavailable for a changed or moved value, ConfigurationError for an unknown key id."""
    form, _, rest = sealed.partition(".")
    key_id, _, body = rest.partition(".")
    if form != FORM:
        raise StateUnavailable
    if key_id not in keys.keys:
        named = f" {key_id}" if KEY_ID.fullmatch(key_id) else ""
        raise ConfigurationError(f"a sealed value names the vault key{named}, which is not in the keyring")
    try:
        cipher = base64.b64decode(body, altchars=b"-_", validate=True)
        return AESGCM(keys.keys[key_id]).decrypt(cipher[:NONCE_BYTES], cipher[NONCE_BYTES:], _associated(place))
    except (InvalidTag, ValueError, binascii.Error):
        raise StateUnavailable from None


def key_id_of(sealed: str) -> str:
    """Return the id of the key that a value is sealed with."""
    return sealed.split(".", 2)[1] if sealed.count(".") > 1 else ""


def _associated(place: tuple[str, ...]) -> bytes:
    """Join the parts with their lengths, so that no two places give the same bytes."""
    return b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in place)
