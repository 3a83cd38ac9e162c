"""An S3-compatible bucket as a shelf: `s3://bucket/prefix`. boto3 finds region, endpoint and credentials as ever.

A bucket with object lock gives what a folder cannot: until the day in the manifest nobody can delete a file, its
administrators included (mode COMPLIANCE), and a legal hold locks it beyond. What was locked is asked back, because a
server that ignores the wish answers as one that grants it. A bucket without lock is used as it is.

boto3 is imported when a bucket is opened, and its messages may quote addresses and headers, hence `from None`.
"""

import contextlib
import re
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from portico_core.errors import ConfigurationError, NotFound, PorticoError

SCHEME = "s3://"
# Amazon S3, bucket naming rules; a prefix as our own names are.
_ADDRESS = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([A-Za-z0-9._/-]*))?")
_MISSING = frozenset({"404", "NoSuchKey", "NotFound"})
_NO_LOCK = frozenset({"ObjectLockConfigurationNotFoundError", "NotImplemented", "MethodNotAllowed"})
_DENIED = frozenset({"AccessDenied", "403"})
_MODE = "COMPLIANCE"


class S3Shelf:
    """A bucket or a prefix of one; raise ConfigurationError when it cannot be used."""

    def __init__(self, address: str) -> None:
        found = _ADDRESS.fullmatch(address)
        if found is None:
            raise ConfigurationError("the address of a bucket reads s3://bucket or s3://bucket/prefix")
        prefix = (found[2] or "").strip("/")
        self._bucket, self._prefix = found[1], f"{prefix}/" if prefix else ""
        self._client = _client()
        self.locks_objects = self._has_object_lock()

    @property
    def place(self) -> str:
        """Return the bucket and prefix."""
        return f"{SCHEME}{self._bucket}/{self._prefix}"

    def names(self, prefix: str) -> list[str]:
        """Return the names that begin so."""
        pages = self._client.get_paginator("list_objects_v2")
        found = self._call(lambda: list(pages.paginate(Bucket=self._bucket, Prefix=self._key(prefix))), prefix)
        keys = (item["Key"] for page in found for item in page.get("Contents", ()))
        return sorted(key.removeprefix(self._prefix) for key in keys)

    def put(self, name: str, source: Path, *, retain_until: date | None = None) -> None:
        """Store a file, locked until a day where the bucket can and the day is not over."""
        until = datetime(retain_until.year, retain_until.month, retain_until.day, tzinfo=UTC) if retain_until else None
        locked = self.locks_objects and until is not None and until > datetime.now(UTC)
        lock = {"ObjectLockMode": _MODE, "ObjectLockRetainUntilDate": until} if locked else {}
        self._call(lambda: self._client.upload_file(str(source), self._bucket, self._key(name), ExtraArgs=lock), name)
        if locked:
            self._require_lock(name, until)

    def read(self, name: str) -> bytes:
        """Return a small object."""

        def read() -> bytes:
            return bytes(self._client.get_object(**self._object(name))["Body"].read())

        found: bytes = self._call(read, name)
        return found

    @contextlib.contextmanager
    def fetch(self, name: str) -> Iterator[Path]:
        """Download an object into a temporary file."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "fetched"
            self._call(lambda: self._client.download_file(self._bucket, self._key(name), str(path)), name)
            yield path

    def delete(self, name: str) -> None:
        """Delete an object, every version of it where the bucket keeps versions; raise while one is locked."""
        pages = self._client.get_paginator("list_object_versions")
        found = self._call(lambda: list(pages.paginate(Bucket=self._bucket, Prefix=self._key(name))), name)
        stored = [item for page in found for kind in ("Versions", "DeleteMarkers") for item in page.get(kind, ())]
        for version in [item["VersionId"] for item in stored if item["Key"] == self._key(name)]:
            self._delete_version(name, version)

    def hold(self, name: str, *, held: bool) -> None:
        """Set or take away the legal hold of an object where the bucket has object lock."""
        if self.locks_objects:
            status = {"Status": "ON" if held else "OFF"}
            self._call(lambda: self._client.put_object_legal_hold(**self._object(name), LegalHold=status), name)

    def _delete_version(self, name: str, version: str) -> None:
        self._call(lambda: self._client.delete_object(**self._object(name), VersionId=version), name)

    def _require_lock(self, name: str, until: datetime | None) -> None:
        found = self._call(lambda: self._client.head_object(**self._object(name)), name)
        if (found.get("ObjectLockMode"), found.get("ObjectLockRetainUntilDate")) != (_MODE, until):
            raise ConfigurationError(f"the bucket {self._bucket} took {name} and did not lock it")

    def _has_object_lock(self) -> bool:
        def ask() -> dict[str, Any]:
            return dict(self._client.get_object_lock_configuration(Bucket=self._bucket)["ObjectLockConfiguration"])

        try:
            return bool(self._call(ask, "its lock", none_of=_NO_LOCK).get("ObjectLockEnabled") == "Enabled")
        except _NoLock:
            return False

    def _key(self, name: str) -> str:
        return self._prefix + name

    def _object(self, name: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": self._key(name)}

    def _call(self, command: Callable[[], Any], name: str, *, none_of: frozenset[str] = frozenset()) -> Any:
        """Run a command; translate what the library raises."""
        from boto3.exceptions import Boto3Error  # noqa: PLC0415 - see `_client`.
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        try:
            return command()
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", "unknown"))
            raise _NoLock() if code in none_of else self._translate(code, name) from None
        except (BotoCoreError, Boto3Error, OSError):
            detail = "cannot be reached, or there are no credentials for it"
            raise ConfigurationError(f"the bucket {self._bucket} {detail}") from None

    def _translate(self, code: str, name: str) -> PorticoError:
        if code in _MISSING:
            return NotFound(f"{name} is not in the archive {self.place}")
        if code in _DENIED:
            return ConfigurationError(f"the bucket {self._bucket} refuses {name}: it is locked, or not permitted")
        known = code if code.isalnum() else "unknown"
        return ConfigurationError(f"the bucket {self._bucket} refuses {name} ({known})")


class _NoLock(Exception):
    """The bucket has no object lock."""


def _client() -> Any:
    try:
        import boto3  # noqa: PLC0415 - only the archive's commands need it.
        from botocore.config import Config  # noqa: PLC0415
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415
    except ImportError:
        raise ConfigurationError("a bucket needs boto3: pip install -r requirements/archive.txt") from None
    config = Config(connect_timeout=5, read_timeout=60, retries={"max_attempts": 3, "mode": "standard"})
    try:
        return boto3.client("s3", config=config)
    except (BotoCoreError, ValueError):
        raise ConfigurationError("the S3 client needs a region, and a valid endpoint if one is given") from None
