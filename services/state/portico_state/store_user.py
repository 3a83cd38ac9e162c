"""The user that Portico is to its store: the commands that its code sends, on its own keys, and nothing else.

A gateway that somebody took over could otherwise empty the store (FLUSHALL), read every site's keys, load modules or
rewrite the server's configuration. What is listed is compared with what the code sends (tests/integration/
test_store_user.py). `CONFIG GET` stays because a store that forgets records must be refused (docs/adr/0037); it tells
no password, because users have hashes and there is no `requirepass`.
"""

import hashlib
from collections.abc import Mapping

NAME = "portico"
KEYS = "~portico:*"

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "connection": ("PING", "TIME", "CONFIG|GET"),
    "keys": ("DEL", "EXISTS", "EXPIRE", "SCAN"),
    "strings": ("GET", "GETDEL", "SET", "INCR"),
    "hashes": ("HGET", "HSET", "HDEL", "HEXISTS", "HMGET", "HGETALL", "HINCRBY", "HKEYS", "HLEN", "HSCAN"),
    "lists": ("LRANGE", "LTRIM", "RPUSH"),
    "sets": ("SADD", "SMISMEMBER"),
    "sorted sets": ("ZADD", "ZCARD", "ZCOUNT", "ZRANGE", "ZRANGEBYSCORE", "ZREM", "ZREVRANGE", "ZSCORE"),
    "streams": ("XADD", "XLEN", "XRANGE", "XREVRANGE", "XREAD", "XTRIM"),
    "consumer groups": ("XACK", "XAUTOCLAIM", "XGROUP|CREATE", "XINFO|GROUPS", "XPENDING", "XREADGROUP"),
    "scripts": ("EVAL", "EVALSHA", "SCRIPT|LOAD"),
}


def user_line(password: str, *, keys: str = KEYS) -> str:
    """Return the line of an ACL file or of valkey.conf; the password stands in it as SHA-256.

    A site narrows `keys` to its tenant: `~portico:{clinic}:*`.
    """
    return f"user {NAME} on #{hashed(password)} {rules(keys)}"


def rules(keys: str = KEYS) -> str:
    """Return what the user may do."""
    allowed = " ".join(f"+{command.lower()}" for group in COMMANDS.values() for command in group)
    return f"resetkeys {keys} resetchannels -@all {allowed}"


def hashed(password: str) -> str:
    """Return a password as an ACL rule holds it; it must be long and random, because there is no salt."""
    return hashlib.sha256(password.encode()).hexdigest()
