"""The connection to Triton: plain (`host:port`) or over TLS (`grpcs://host:port`), with files that may be renewed.

gRPC has no default deadline and its reconnect back-off can reach two minutes, so the back-off is set here. Over TLS the
server's name is checked, and gRPC itself refuses anything below TLS 1.2.
"""

import asyncio

import grpc  # type: ignore[import-untyped]
import tritonclient.grpc.aio as triton

from portico_core.errors import ConfigurationError
from portico_core.transport import RenewedTls, TlsFiles

NO_FILES = TlsFiles("PORTICO_TRITON")
OVER_TLS = "grpcs://"
_RETIRED_S = 60.0
_OPTIONS = [
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.lb_policy_name", "round_robin"),  # Over every address of the name: a cluster's Triton has many pods.
    ("grpc.enable_retries", 0),  # A repeated call is a second load on a server that is failing already.
]


def credentials_for(url: str, files: TlsFiles) -> tuple[RenewedTls, grpc.ChannelCredentials] | None:
    """Return what an address over TLS needs, None for a plain one; raise ConfigurationError for unfit files."""
    if url.startswith(OVER_TLS):
        return RenewedTls(files), _credentials(files)
    if files.given:
        raise ConfigurationError(f"{files.setting}_*_FILE is set, but Triton's address is not {OVER_TLS}")
    return None


class TritonChannel:
    """The client of one address; where a TLS file is renewed, calls go over a new connection from then on."""

    def __init__(self, url: str, files: TlsFiles = NO_FILES) -> None:
        secured = credentials_for(url, files)
        self._target = url.removeprefix(OVER_TLS)
        self._tls = secured[0] if secured else None
        self._made_with = self._tls.context() if self._tls else None
        self._client = self._open(secured[1] if secured else None)
        self._retiring: set[asyncio.Task[None]] = set()

    def client(self) -> triton.InferenceServerClient:
        """Return the client to call with now; raise OSError where a renewed file has gone."""
        if self._tls is not None and (context := self._tls.context()) is not self._made_with:
            retired, self._client = self._client, self._open(_credentials(self._tls.files))
            self._made_with = context
            task = asyncio.create_task(_close_later(retired))
            self._retiring.add(task)
            task.add_done_callback(self._retiring.discard)
        return self._client

    async def close(self) -> None:
        """Close every connection."""
        for task in self._retiring:
            task.cancel()
        await self._client.close()

    def _open(self, credentials: grpc.ChannelCredentials | None) -> triton.InferenceServerClient:
        return triton.InferenceServerClient(url=self._target, creds=credentials, channel_args=_OPTIONS)


async def _close_later(retired: triton.InferenceServerClient) -> None:
    """Close a connection once the calls that run over it have ended."""
    try:
        await asyncio.sleep(_RETIRED_S)
    finally:
        await retired.close()


def _credentials(files: TlsFiles) -> grpc.ChannelCredentials:
    ca, key, certificate = (path.read_bytes() if path else None for path in (files.ca, files.key, files.certificate))
    return grpc.ssl_channel_credentials(root_certificates=ca, private_key=key, certificate_chain=certificate)
