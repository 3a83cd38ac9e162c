"""The outer form of a token, read strictly before any key is touched (RFC 7515, RFC 8725).

Two readers that disagree about a token are how forged ones get in. So what the standards leave open is closed here:
no key of a JSON object twice, no number beyond what every reader holds exactly, no base64url that a second spelling
would decode to, no header that names a key or asks for something we do not do.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from portico_core.errors import Unauthenticated

MAX_TOKEN_CHARACTERS = 8_192
MAX_DEPTH = 6
LARGEST_NUMBER = 2**53
_REFUSED_HEADERS = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "b64", "zip", "enc", "epk", "cty"})


@dataclass(frozen=True, slots=True)
class CompactToken:
    """A signed token whose form is right and whose signature nobody has checked yet."""

    text: str = field(repr=False)
    header: Mapping[str, Any]
    payload: bytes = field(repr=False)

    @property
    def algorithm(self) -> str:
        """Return what the header says the token is signed with."""
        return str(self.header.get("alg", ""))

    @property
    def kid(self) -> str | None:
        """Return the key id of the header, where there is one."""
        kid = self.header.get("kid")
        return kid if isinstance(kid, str) else None

    @property
    def kind(self) -> str:
        """Return the media type of the header in its short form: `jwt` where it says nothing."""
        return str(self.header.get("typ", "jwt")).lower().removeprefix("application/")


def read_compact(token: str) -> CompactToken:
    """Return the parts of a signed token; raise Unauthenticated for any other form."""
    if not 0 < len(token) <= MAX_TOKEN_CHARACTERS or not token.isascii():
        raise Unauthenticated
    parts = token.split(".")
    if len(parts) != 3 or not all(parts):
        raise Unauthenticated
    first, second, _ = (decode_base64url(part) for part in parts)
    header = read_object(first)
    said = [header.get(name, "-") for name in ("alg", "kid", "typ")]
    if header.keys() & _REFUSED_HEADERS or not all(isinstance(each, str) and 0 < len(each) <= 256 for each in said):
        raise Unauthenticated
    return CompactToken(token, header, second)


def read_object(raw: bytes) -> dict[str, Any]:
    """Return a JSON object that every reader understands alike; raise Unauthenticated for anything else."""
    try:
        value = json.loads(
            raw.decode("utf-8", errors="strict"),
            object_pairs_hook=_once,
            parse_constant=_refuse,
        )
        _check(value, MAX_DEPTH)
    except (ValueError, RecursionError):
        raise Unauthenticated from None
    if not isinstance(value, dict):
        raise Unauthenticated
    return value


def decode_base64url(text: str) -> bytes:
    """Return what base64url without padding says; raise Unauthenticated where another spelling says the same."""
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise Unauthenticated from None
    if base64.urlsafe_b64encode(decoded).rstrip(b"=") != text.encode():
        raise Unauthenticated
    return decoded


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise ValueError
    return names


def _refuse(_: str) -> NoReturn:
    raise ValueError


def _check(value: Any, depth: int) -> None:
    """Raise ValueError for what is nested too deep, too large a number, or half a character."""
    if depth < 0:
        raise ValueError
    match value:
        case dict():
            for name, each in value.items():
                _check(name, depth)
                _check(each, depth - 1)
        case list():
            for each in value:
                _check(each, depth - 1)
        case str():
            value.encode("utf-8")
        case int() | float() if abs(value) > LARGEST_NUMBER:
            raise ValueError
        case _:
            return
