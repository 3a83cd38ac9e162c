"""The store's user may do what the code does and nothing else: on a real Valkey, each other command is refused.

Which commands the code sends is read from its source, so that a permission that nothing needs any more is found, and a
command that somebody begins to use has to be permitted here, where it is seen.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from house.sources import ROOT, SERVICES, script
from portico_state.store_user import COMMANDS, NAME, user_line
from portico_state.valkey_server import ValkeyServer

ALLOWED = {command for group in COMMANDS.values() for command in group}
# What starts and watches a Valkey of its own does so as its administrator.
ADMINISTRATORS = {"valkey_server.py", "store_files.py"}
SPELLED = {"DELETE": "DEL", "CONFIG_GET": "CONFIG|GET", "SCRIPT_LOAD": "SCRIPT|LOAD"}
# Answered to whoever connects, whatever the rules say (Valkey: the commands flagged `no_auth`).
FOR_EVERYBODY = {"auth", "hello", "quit", "reset"}
RECEIVER = re.compile(r"\b(redis|pipeline|pipe|listening|client)(\(\))?$")
GENERATOR = script("docs/generate_store_user.py")


@pytest.fixture(scope="module")
def user(valkey: ValkeyServer) -> Iterator["redis.Redis"]:
    with redis.Redis.from_url(valkey.url, decode_responses=True, lib_name=None, lib_version=None) as client:
        yield client


def sent_by(text: str, known: set[str]) -> set[str]:
    """Return the commands that a source file sends: through the library, and inside its scripts."""
    found = set[str]()
    for name, sub in re.findall(r"redis\.p?call\('([A-Z]+)'(?:, '([A-Z]+)')?", text):
        found.add(f"{name}|{sub}" if name in {"XGROUP", "XINFO"} else name)
    if text.startswith("--"):  # A script in a file of its own.
        return found
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = SPELLED.get(node.func.attr.upper(), node.func.attr.upper())
            if name in known and RECEIVER.search(ast.unparse(node.func.value)):
                found.add(name)
    return found


def sources() -> list[Path]:
    packages = [SERVICES / name for name in ("state", "gateway", "console", "cli")]
    files = [path for package in packages for kind in ("*.py", "*.lua") for path in package.rglob(kind)]
    return [path for path in files if path.name not in ADMINISTRATORS]


@pytest.fixture(scope="module")
def known(valkey: ValkeyServer) -> set[str]:
    """Every command of this server, subcommands as `CONFIG|GET`."""
    with redis.Redis.from_url(valkey.admin_url, decode_responses=True) as admin:
        listed: list[str] = admin.execute_command("ACL", "CAT")  # type: ignore[no-untyped-call]
        names = {name for kind in listed for name in admin.execute_command("ACL", "CAT", kind)}  # type: ignore[no-untyped-call]
    return {name.upper() for name in names}


def test_what_is_permitted_is_what_the_code_sends(known: set[str]) -> None:
    used = set[str]().union(*(sent_by(path.read_text(encoding="utf-8"), known) for path in sources()))
    assert used == ALLOWED
    planted = 'async def f(self):\n    await self.store.redis.flushall()\n    client.config_get("x")'
    assert sent_by(planted, known) == {"FLUSHALL", "CONFIG|GET"}, "the control: what is planted is found"


def test_every_other_command_is_refused(valkey: ValkeyServer, known: set[str]) -> None:
    """Asked with ACL DRYRUN, so that nothing is done, of every command that this server has."""
    whole = {name for name in known if "|" in name or not any(n.startswith(f"{name}|") for n in known)}
    with redis.Redis.from_url(valkey.admin_url, decode_responses=True) as admin:
        said = {name: _dry_run(admin, name) for name in sorted(whole)}
    assert len(said) > 300
    may = {name for name, answer in said.items() if "has no permissions to run" not in answer}
    assert {name for name in may if name.lower() not in FOR_EVERYBODY} == ALLOWED


def _dry_run(admin: "redis.Redis", name: str) -> str:
    """Return what the server would say to the user, who would name too few arguments for most."""
    words = [*name.split("|"), "portico:{demo}:x", *["1"] * 6]
    for count in (8, 7, 6, 5, 4, 3, 2, 1):
        try:
            return str(admin.execute_command("ACL", "DRYRUN", NAME, *words[:count]))  # type: ignore[no-untyped-call]
        except redis.ResponseError as error:
            if "number of arguments" not in str(error):
                return str(error)
    return "it could not be asked"


@pytest.mark.parametrize(
    "words",
    [
        # What a gateway that somebody took over would reach for first.
        "FLUSHALL", "FLUSHDB", "KEYS *", "CONFIG SET appendfsync no", "CONFIG REWRITE", "DEBUG SLEEP 0",
        "SCRIPT FLUSH", "FUNCTION FLUSH", "MODULE LIST", "ACL WHOAMI", "ACL LIST", "SHUTDOWN NOSAVE", "MONITOR",
        "REPLICAOF 127.0.0.1 1", "CLIENT LIST", "CLIENT KILL TYPE normal", "BGREWRITEAOF", "SAVE", "SLOWLOG GET",
        "SUBSCRIBE news", "PUBLISH news 1", "XDEL portico:{demo}:audit 1-1", "RENAME portico:a portico:b",
        "DUMP portico:a", "MIGRATE 127.0.0.1 1 portico:a 0 1", "SELECT 1",
    ],
)  # fmt: skip
def test_a_dangerous_command_is_refused(user: "redis.Redis", words: str) -> None:
    with pytest.raises(redis.exceptions.ResponseError, match=r"no permissions to run|DEBUG command not allowed"):
        user.execute_command(*words.split())  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    "words",
    [
        ("GET", "other:x"),
        ("SET", "porticox", "1"),
        ("EVAL", "return redis.call('GET', 'other:x')", "0"),
        ("EVAL", "return redis.call('FLUSHALL')", "0"),
        ("XADD", "{portico:demo}:audit", "*", "record", "1"),
    ],
)
def test_a_key_outside_the_prefix_is_out_of_reach(user: "redis.Redis", words: tuple[str, ...]) -> None:
    with pytest.raises(redis.exceptions.ResponseError, match=r"(?i)no permission|ACL failure"):
        user.execute_command(*words)  # type: ignore[no-untyped-call]


def test_it_works_on_its_own_keys(user: "redis.Redis") -> None:
    """The control of the two above."""
    assert user.set("portico:{demo}:x", "1")
    assert user.eval("return redis.call('GET', KEYS[1])", 1, "portico:{demo}:x") == "1"


def test_a_tenants_user_reaches_its_tenant_alone(valkey: ValkeyServer) -> None:
    with redis.Redis.from_url(valkey.admin_url, decode_responses=True) as admin:
        admin.execute_command("ACL", "SETUSER", *_named("clinic"))  # type: ignore[no-untyped-call]
    url = f"redis://clinic:word@127.0.0.1:{valkey.port}/0"
    with redis.Redis.from_url(url, lib_name=None, lib_version=None) as clinic:
        assert clinic.set("portico:{clinic}:x", "1")
        with pytest.raises(redis.exceptions.NoPermissionError):
            clinic.get("portico:{demo}:x")


def _named(name: str) -> list[str]:
    return user_line("word", keys="~portico:{clinic}:*").replace(f"user {NAME} ", f"{name} ").split()


def test_no_password_is_told_by_the_configuration(user: "redis.Redis", valkey: ValkeyServer) -> None:
    told = str(user.config_get("*"))
    assert "appendfsync" in told
    for url in (valkey.url, valkey.admin_url):
        assert url.split(":")[2].partition("@")[0] not in told


def test_the_files_for_a_sites_own_store_are_fresh() -> None:
    for path, text in GENERATOR.files().items():
        assert path.read_text(encoding="utf-8") == text, f"run: .venv/bin/python {GENERATOR.__file__}"
        assert path.is_relative_to(ROOT)
