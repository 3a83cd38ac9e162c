"""`portico check`: choose the installation, run every probe, print the report.

Which installation: the one that the PORTICO_… variables describe where any is set (the Kubernetes job runs with those
of the gateway); else the demo that runs in --state; else a private Triton and Valkey, which proves the build.
"""

import contextlib
import json
import logging
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydantic import SecretStr, ValidationError
from rich.console import Console
from rich.progress import Progress

from portico_cli.opening import open_batch_gateway, open_triton
from portico_cli.places import KNOWLEDGE_INDEX, MODEL_REPOSITORY, TAGGER
from portico_cli.selfcheck import configuration, faults, guards, service
from portico_cli.selfcheck.findings import Finding, Grade, Probe, as_json, as_table, grade_of, run_probe
from portico_cli.serve import open_search
from portico_core.errors import ConfigurationError
from portico_gateway.bootstrap import Gateway, open_gateway
from portico_gateway.logs import configure_logging
from portico_gateway.settings import GatewaySettings
from portico_state.valkey_server import read_url


@dataclass(frozen=True, slots=True)
class Installation:
    """What is checked: an opened gateway's parts, and the address of the running one where there is one."""

    gateway: Gateway
    url: str | None = None
    is_private: bool = False


async def check(state: Path, *, url: str | None, in_json: bool) -> int:
    """Check an installation and print the report; 0 unless a probe failed."""
    async with _open(state, url) as installation:
        configure_logging(logging.CRITICAL)  # The probes break parts on purpose.
        findings = await _run(installation)
        versions = {**installation.gateway.parts.models, "policy": installation.gateway.parts.policy.version}
    sys.stdout.write((as_json(findings, versions) if in_json else as_table(findings)) + "\n")
    return 1 if grade_of(findings) is Grade.FAIL else 0


async def _run(installation: Installation) -> list[Finding]:
    console = Console(stderr=True)
    findings = [] if installation.is_private else configuration.review(installation.gateway.settings)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        for group, name, probe in progress.track(_probes(installation), description="trying the guards"):
            findings.append(await run_probe(group, name, probe))
    return findings


def _probes(installation: Installation) -> list[tuple[str, str, Probe]]:
    gateway = installation.gateway
    probes: list[tuple[str, str, Probe]] = [
        ("red flags", "emergencies, crises, calm questions", guards.try_red_flags),
        ("redaction", "canaries of every class", partial(guards.try_redaction, gateway.parts)),
        ("classifier", "golden messages", partial(guards.try_classifier, gateway.parts)),
        ("validation", "grounded and ungrounded sentences", partial(guards.try_validator, gateway.parts.validator)),
        (faults.GROUP, "a part broken", partial(faults.try_faults, gateway.parts)),
        ("store", "durability", partial(service.try_durability, gateway)),
        ("store", "spool", partial(service.try_spool, gateway)),
        ("audit", "append and verify", partial(service.try_audit, gateway)),
    ]
    if not installation.is_private:
        probes.append(("access", "forged tokens", partial(service.try_tokens, gateway.settings)))
    if installation.url is not None:
        probes.append(("access", "the running gateway", partial(service.try_door, installation.url)))
    return probes


@contextlib.asynccontextmanager
async def _open(state: Path, url: str | None) -> AsyncIterator[Installation]:
    settings = _installed()
    if settings is None and (state / "demo.json").is_file():
        settings, url = _demo(state), url or str(_demo_addresses(state)["gateway"])
    if settings is None:
        with open_triton(None) as triton, tempfile.TemporaryDirectory() as folder:
            async with open_batch_gateway(triton, None, Path(folder), with_redis=True) as gateway:
                yield Installation(gateway, url, is_private=True)
        return
    gateway = await open_gateway(settings, open_search(settings))
    try:
        yield Installation(gateway, url)
    finally:
        await gateway.close()


def _installed() -> GatewaySettings | None:
    """Return the settings of the environment, None where it sets nothing."""
    try:
        settings = GatewaySettings()
    except ValidationError:
        raise ConfigurationError("unusable settings in the environment: `portico serve gateway` names them") from None
    return settings if settings.model_fields_set else None


def _demo_addresses(state: Path) -> dict[str, str]:
    try:
        return dict(json.loads((state / "demo.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        raise ConfigurationError(f"the demo's state in {state} is unreadable") from None


def _demo(state: Path) -> GatewaySettings:
    addresses = _demo_addresses(state)
    return GatewaySettings(
        demo=True,
        tenant="demo",
        state=state,
        redis_url=SecretStr(read_url(state / "valkey") or ""),
        triton_url=addresses["triton"],
        model_repository=MODEL_REPOSITORY,
        tagger=TAGGER,
        knowledge_index=KNOWLEDGE_INDEX,
        issuer=addresses["issuer"],
        jwks_url=f"{addresses['issuer']}/.well-known/jwks.json",
    )
