"""A small HTTP server on loopback that speaks the chat completions of the OpenAI API, well or badly."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

DRAFT = '{"sentences": [{"text": "Metformin lowers blood sugar.", "passage_ids": ["medicine.metformin#uses"]}]}'


def completion(content: object = DRAFT, *, finish: str = "stop", **message: object) -> dict[str, Any]:
    """Return a reply as the API documents it."""
    said = {"role": "assistant", "content": content, **message}
    usage = {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18}
    return {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "tiny",
        "choices": [{"index": 0, "message": said, "finish_reason": finish}], "usage": usage,
    }  # fmt: skip


@dataclass(slots=True)
class ChatEndpoint:
    """What it answers, and what it was asked: request lines with headers, and bodies."""

    status: int = 200
    body: bytes = field(default_factory=lambda: json.dumps(completion()).encode())
    headers: tuple[str, ...] = ()
    wait_s: float = 0.0
    drip_s: float = 0.0
    cut: int | None = None
    heads: list[str] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = next(int(x.split(":")[1]) for x in head.splitlines() if x.lower().startswith("content-length"))
            self.heads.append(head)
            self.asked.append(json.loads(await reader.readexactly(length)))
            await asyncio.sleep(self.wait_s)
            lines = [f"HTTP/1.1 {self.status} X", f"content-length: {len(self.body)}", "connection: close"]
            writer.write("\r\n".join([*lines, "content-type: application/json", *self.headers, "", ""]).encode())
            for byte in self.body if self.drip_s else ():
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(self.drip_s)
            writer.write(b"" if self.drip_s else self.body[: self.cut])
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def own_certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate that nobody but its holder vouches for, and its key; return both files."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(alternative, critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for file, content in (("ca.crt", signed.public_bytes(Encoding.PEM)), ("tls.key", private)):
        (folder / file).write_bytes(content)
    return folder / "ca.crt", folder / "tls.key"


@asynccontextmanager
async def chat_endpoint(certificate: tuple[Path, Path] | None = None) -> AsyncIterator[ChatEndpoint]:
    """Serve on a free port of loopback, over TLS with a certificate and its key."""
    endpoint = ChatEndpoint()
    secure = None
    if certificate:
        secure = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        secure.load_cert_chain(*certificate)
    server = await asyncio.start_server(endpoint.serve, "127.0.0.1", 0, ssl=secure)
    endpoint.port = server.sockets[0].getsockname()[1]
    yield endpoint
    server.close()
