"""What batch commands open: a private Triton where none is given, and a gateway's parts without its web server."""

import asyncio
import contextlib
import logging
import re
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from portico_cli.places import MODEL_REPOSITORY, TAGGER

if TYPE_CHECKING:
    from portico_gateway.bootstrap import Gateway, SearchSetting


_NOBODY = "redis://127.0.0.1:1/0"
_ON_LOOPBACK = re.compile(r"(redis://([^@]*@)?)?127\.0\.0\.1:")


@contextlib.contextmanager
def open_triton(given: str | None) -> Iterator[str]:
    """Yield the gRPC address given, or that of a private Triton, which is stopped afterwards."""
    if given is not None:
        yield given
        return
    from portico_models.triton_server import start_triton

    with tempfile.TemporaryDirectory() as state, start_triton(MODEL_REPOSITORY, Path(state), ready_s=60) as server:
        yield server.grpc_url


@contextlib.asynccontextmanager
async def open_batch_gateway(
    triton: str, redis: str | None, state: Path, *, with_redis: bool, search: "SearchSetting | None" = None
) -> AsyncIterator["Gateway"]:
    """Open a gateway's parts against the given or private servers; they search the built-in passages, or `search`."""
    from pydantic import SecretStr

    from portico_cli.serve import built_in_search
    from portico_gateway.bootstrap import open_gateway
    from portico_gateway.logs import configure_logging
    from portico_gateway.settings import GatewaySettings
    from portico_state.keyring import Keyring
    from portico_state.valkey_server import start_valkey

    configure_logging(logging.WARNING)
    Keyring.create(state / "keys.json")
    with contextlib.ExitStack() as stack:
        if redis is None and with_redis:
            redis = stack.enter_context(start_valkey(state / "valkey")).url
        settings = GatewaySettings(
            tenant="batch",
            state=state,
            redis_url=SecretStr(redis or _NOBODY),
            triton_url=triton,
            model_repository=MODEL_REPOSITORY,
            tagger=TAGGER,
            classify_deadline_s=10,
            encode_deadline_s=10,
            respond_deadline_s=30,
            answer_within_s=60,
            redact_deadline_s=10,
            audit_deadline_s=10,
        ).model_copy(update=_without_files(triton, redis))
        gateway = await open_gateway(settings, search or built_in_search())
        try:
            yield gateway
        finally:
            await gateway.close()


def _without_files(triton: str, redis: str | None) -> dict[str, None]:
    """Return the settings of TLS files that a private server on loopback is not given, whatever is set."""
    plain = [name for name, address in (("triton", triton), ("redis", redis or _NOBODY)) if _ON_LOOPBACK.match(address)]
    return {f"{name}_{part}_file": None for name in plain for part in ("ca", "cert", "key")}


@contextlib.contextmanager
def batch_gateway(triton: str | None, *, with_redis: bool) -> Iterator[tuple["Gateway", asyncio.Runner]]:
    """Yield a gateway's parts, and what runs them, for callers that are not async; servers not given are private."""
    with (
        open_triton(triton) as url,
        tempfile.TemporaryDirectory() as state,
        asyncio.Runner() as runner,
        contextlib.ExitStack() as closing,
    ):
        opened = open_batch_gateway(url, None, Path(state), with_redis=with_redis)
        gateway = runner.run(opened.__aenter__())
        closing.callback(lambda: runner.run(opened.__aexit__(None, None, None)))
        yield gateway, runner
