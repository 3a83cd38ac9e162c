"""An S3-compatible bucket as a shelf. boto3 finds region, endpoint and credentials in its usual places.

A bucket with object lock gives what a folder cannot: until the day in the manifest nobody can delete a file, its
administrators included (COMPLIANCE mode), and a legal hold locks it beyond. A bucket without it is used as it is, and
`locks_objects` says so. Library messages may quote keys and headers, hence `from None`.
"""

import contextlib
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portico_core.errors import ConfigurationError, NotFound, PorticoError

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEME = "s3://"
_MISSING = frozenset({"404", "NoSuchKey", "NotFound"})
_NO_LOCK = frozenset({"ObjectLockConfigurationNotFoundError", "NotImplemented", "MethodNotAllowed", "InvalidRequest"})
_LOCKED = frozenset({"AccessDenied", "403"})


class S3Shelf:
    """A bucket, or a prefix of one: `s3://bucket/prefix`. Raise ConfigurationError when it cannot be used."""

    def __init__(self, url: str) -> None:
        bucket, _, prefix = url.removeprefix(SCHEME).partition("/")
        if not url.startswith(SCHEME) or not bucket:
            raise ConfigurationError("a bucket reads s3://bucket or s3://bucket/prefix")
        self._bucket, self._prefix = bucket, f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._client = _client()
        self.locks_objects = self._has_object_lock()

    @property
    def place(self) -> str:
        """Return the bucket and prefix."""
        return f"{SCHEME}{self._bucket}/{self._prefix}"

    def names(self, prefix: str) -> list[str]:
        """Return the names that begin so."""
        pages = self._client.get_paginator("list_objects_v2")
        found = self._call(lambda: list(pages.paginate(Bucket=self._bucket, Prefix=self._prefix + prefix)), prefix)
        keys = (item["Key"] for page in found for item in page.get("Contents", ()))
        return sorted(key.removeprefix(self._prefix) for key in keys)

    def put(self, name: str, source: Path, *, retain_until: date | None = None) -> None:
        """Store a file, locked until a day where the bucket can."""
        lock: dict[str, Any] = {}
        if self.locks_objects and retain_until is not None:
            until = datetime(retain_until.year, retain_until.month, retain_until.day, tzinfo=UTC)
            lock = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": until}
        self._call(lambda: self._client.upload_file(str(source), self._bucket, self._key(name), ExtraArgs=lock), name)

    def read(self, name: str) -> bytes:
        """Return a small object."""
        answer = self._call(lambda: self._client.get_object(Bucket=self._bucket, Key=self._key(name)), name)
        return bytes(self._call(answer["Body"].read, name))

    @contextlib.contextmanager
    def fetch(self, name: str) -> Iterator[Path]:
        """Download an object into a temporary file."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "fetched"
            self._call(lambda: self._client.download_file(self._bucket, self._key(name), str(path)), name)
            yield path

    def delete(self, name: str) -> None:
        """Delete an object, every version of it where the bucket keeps versions; a locked one is an error."""
        answer = self._call(
            lambda: self._client.list_object_versions(Bucket=self._bucket, Prefix=self._key(name)), name
        )
        stored = [item for kind in ("Versions", "DeleteMarkers") for item in answer.get(kind, ())]
        for item in stored:
            if item["Key"] == self._key(name):
                self._delete_version(name, item["VersionId"])

    def hold(self, name: str, *, held: bool) -> None:
        """Set or take away the legal hold of an object where the bucket has object lock."""
        if self.locks_objects:
            status = {"Status": "ON" if held else "OFF"}
            key = self._key(name)
            self._call(lambda: self._client.put_object_legal_hold(Bucket=self._bucket, Key=key, LegalHold=status), name)

    def _delete_version(self, name: str, version: str) -> None:
        def delete() -> Any:
            return self._client.delete_object(Bucket=self._bucket, Key=self._key(name), VersionId=version)

        self._call(delete, name)

    def _has_object_lock(self) -> bool:
        from botocore.exceptions import ClientError  # noqa: PLC0415 - see `_client`.

        def ask() -> bool:
            try:
                answer = self._client.get_object_lock_configuration(Bucket=self._bucket)
            except ClientError as error:
                if _code(error) in _NO_LOCK:
                    return False
                raise
            return bool(answer["ObjectLockConfiguration"].get("ObjectLockEnabled") == "Enabled")

        return bool(self._call(ask, self._bucket))

    def _key(self, name: str) -> str:
        return self._prefix + name

    def _call(self, command: "Callable[[], Any]", name: str) -> Any:
        """Run a command; translate what the library raises."""
        from boto3.exceptions import Boto3Error  # noqa: PLC0415 - see `_client`.
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        try:
            return command()
        except ClientError as error:
            raise self._translate(_code(error), name) from None
        except (BotoCoreError, Boto3Error, OSError):
            raise ConfigurationError(f"the bucket {self._bucket} cannot be reached or used") from None

    def _translate(self, code: str, name: str) -> PorticoError:
        if code in _MISSING:
            return NotFound(f"{name} is not in the archive {self.place}")
        if code in _LOCKED:
            return ConfigurationError(f"the bucket {self._bucket} refuses {name}: locked, or not permitted ({code})")
        return ConfigurationError(f"the bucket {self._bucket} refuses {name} ({code})")


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", "unknown"))


def _client() -> Any:
    """Make a client; the import takes a third of a second that only this adapter needs."""
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415

    config = Config(connect_timeout=5, read_timeout=60, retries={"max_attempts": 3, "mode": "standard"})
    try:
        return boto3.client("s3", config=config)
    except (BotoCoreError, ValueError):
        raise ConfigurationError("the S3 client needs a region, and a valid endpoint if one is given") from None
