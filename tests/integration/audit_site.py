"""A state folder with keys and checkpoints beside a real Valkey, and the commands run on it as an operator does."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import Result
from typer.testing import CliRunner

from integration.archived_days import QUIET
from portico_cli.main import app
from portico_state.client import open_store
from unit.state.rig import TENANT, StateRig, open_rig

Work = Callable[[StateRig], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Site:
    """A state folder with keys and checkpoints, and the address of the store."""

    state: Path
    url: str

    def run(self, *words: str, status: int = 0, given: str = "") -> Result:
        """Run a command as an operator does, with `given` on standard input."""
        options = ["--state", str(self.state)]
        if "restore-drill" not in words and words[:3] != ("audit", "hold", "list"):
            options += ["--redis", self.url]
        if "--tenant" not in words:
            options += ["--tenant", TENANT]
        result = CliRunner().invoke(app, [*words, *options], input=given)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == status, result.output
        return result

    def json(self, *words: str, status: int = 0) -> Any:
        """Run a command with --json and return what it printed."""
        return json.loads(self.run(*words, "--json", status=status).stdout)

    def records(self) -> list[dict[str, Any]]:
        """Return what is in the stream."""
        return asyncio.run(self._records())

    async def _records(self) -> list[dict[str, Any]]:
        store = open_store(self.url, tenant=TENANT)
        found = await store.redis.xrange(store.keys.audit)
        await store.close()
        return [json.loads(fields["record"]) for _, fields in found]


def prepare(url: str, folder: Path, work: Work) -> Site:
    """Make a site and let `work` fill it."""

    async def fill() -> None:
        async with open_rig(url, folder, audit_limits=QUIET) as rig:
            rig.keyring.save(folder / "keys.json")
            await work(rig)

    asyncio.run(fill())
    return Site(folder, url)


def sources(site: Site) -> list[tuple[str, str]]:
    """Return actor and source of every access record in the stream."""
    return [(record["actor"], record["source"]) for record in site.records() if record["phase"] == "access"]
