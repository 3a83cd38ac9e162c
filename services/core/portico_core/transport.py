"""TLS by configuration: what one end of a connection trusts and shows, in files that the settings name.

Used towards the store and Triton (with a client certificate where the site wants mutual TLS), and towards browsers
where no ingress ends TLS. Names are always checked, TLS 1.2 is the least (NIST SP 800-52r2, 3.1), and where the site
names an authority no other is trusted. Secrets are files, never values: a file can be renewed without a restart.
"""

import contextlib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, Field

from portico_core.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files of one end: `ca` is whom it trusts, `certificate` (with its chain) and `key` are what it shows.

    `setting` is how the names of their settings begin, such as PORTICO_REDIS; messages name the setting, not the path.
    """

    setting: str
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    @property
    def given(self) -> bool:
        """Say whether any file is named."""
        return any((self.ca, self.certificate, self.key))


class RenewedTls:
    """The TLS context of some files, made again when one of them is another than before; files are read here only.

    A renewal that cannot be read leaves the last context in use: it may be half written. Raises ConfigurationError,
    naming the setting, where the first reading fails.
    """

    def __init__(self, files: TlsFiles, *, server: bool = False) -> None:
        self.files = files
        self._server = server
        self._stamps = _stamps(files)
        self._context = _context_of(files, server=server)

    def context(self) -> ssl.SSLContext:
        """Return the context of the files as they are now."""
        stamps = _stamps(self.files)
        if stamps != self._stamps:
            with contextlib.suppress(ConfigurationError):
                self._context = _context_of(self.files, server=self._server)
                self._stamps = stamps
        return self._context


class StoreTls(BaseModel):
    """The settings of TLS to the store, which every process shares that opens it."""

    redis_ca_file: Path | None = Field(
        default=None,
        description="PEM of the only authorities that the store's certificate may come from (`rediss://`).",
    )
    redis_cert_file: Path | None = Field(default=None, description="PEM of our client certificate for the store.")
    redis_key_file: Path | None = Field(default=None, description="PEM of its private key, without a passphrase.")

    def redis_tls(self) -> TlsFiles:
        """Return the files for the store's connections."""
        return TlsFiles("PORTICO_REDIS", self.redis_ca_file, self.redis_cert_file, self.redis_key_file)


class OwnTls(BaseModel):
    """The settings of TLS to browsers, where nothing in front of the service ends it."""

    tls_cert_file: Path | None = Field(
        default=None, description="PEM of the certificate to serve HTTPS with; without it something in front ends TLS."
    )
    tls_key_file: Path | None = Field(default=None, description="PEM of its private key, without a passphrase.")

    def own_tls(self) -> TlsFiles:
        """Return the files to serve with."""
        return TlsFiles("PORTICO_TLS", None, self.tls_cert_file, self.tls_key_file)


def _context_of(files: TlsFiles, *, server: bool) -> ssl.SSLContext:
    purpose = ssl.Purpose.CLIENT_AUTH if server else ssl.Purpose.SERVER_AUTH
    with _named(f"{files.setting}_CA_FILE", "holds no certificate"):
        context = ssl.create_default_context(purpose, cafile=files.ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if (files.certificate is None) is not (files.key is None):
        raise ConfigurationError(f"{files.setting}_CERT_FILE and {files.setting}_KEY_FILE go together")
    if files.certificate is not None and files.key is not None:
        for path, name in ((files.certificate, "CERT"), (files.key, "KEY")):
            with _named(f"{files.setting}_{name}_FILE", ""):
                path.open("rb").close()
        with _named(f"{files.setting}_CERT_FILE and {files.setting}_KEY_FILE", "are no pair of certificate and key"):
            context.load_cert_chain(files.certificate, files.key, password="")
    return context


@contextlib.contextmanager
def _named(setting: str, unfit: str) -> Iterator[None]:
    """Say which setting a failure belongs to."""
    try:
        yield
    except ssl.SSLError:
        raise ConfigurationError(f"{setting} {unfit}") from None
    except OSError as error:
        raise ConfigurationError(f"{setting} cannot be read: {error.strerror}") from None


def _stamps(files: TlsFiles) -> tuple[tuple[int, int] | None, ...]:
    """Return what tells a file from the one that takes its place."""
    return tuple(_stamp(path) for path in (files.ca, files.certificate, files.key))


def _stamp(path: Path | None) -> tuple[int, int] | None:
    try:
        found = path.stat() if path else None
    except OSError:
        return None
    return (found.st_ino, found.st_mtime_ns) if found else None
