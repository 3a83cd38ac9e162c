"""The private key with which we prove who we are at a token endpoint: a JWK in a file of its own."""

import json
from pathlib import Path

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from portico_core.errors import ConfigurationError
from portico_identity.code_flow import ClientKey


def load_client_key(path: Path) -> ClientKey:
    """Read a private key; raise ConfigurationError, never with its text, for one that cannot sign."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        key = ECKey.import_key(document) if document["kty"] == "EC" else RSAKey.import_key(document)
    except (OSError, ValueError, KeyError, TypeError, JoseError):
        raise ConfigurationError(f"the client key {path} cannot be read as a JWK") from None
    if not key.is_private or not key.kid:
        raise ConfigurationError(f"the client key {path} is not private or has no key id")
    return key
