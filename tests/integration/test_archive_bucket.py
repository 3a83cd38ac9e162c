"""The archive in a bucket: a server that speaks S3 over HTTP (moto), with object lock and without, and the commands."""

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import httpx2
import pytest
from botocore.exceptions import ClientError
from moto.server import ThreadedMotoServer

from integration.archived_days import write_three_days
from integration.audit_site import Site, prepare
from portico_core.errors import ConfigurationError, NotFound
from portico_state.archive.opening import open_shelf
from portico_state.archive.s3_shelf import S3Shelf

SECRET = "hunter2-of-the-bucket"
LOCKED, PLAIN = "audit-locked", "audit-plain"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def client(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Fresh buckets, and the environment in which boto3 finds them."""
    for name, value in {
        "AWS_ENDPOINT_URL_S3": endpoint, "AWS_ACCESS_KEY_ID": "portico", "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    made = boto3.client("s3")
    made.create_bucket(Bucket=LOCKED, ObjectLockEnabledForBucket=True)
    made.create_bucket(Bucket=PLAIN)
    yield made
    httpx2.post(f"{endpoint}/moto-api/reset")


@pytest.fixture
def site(url: str, tmp_path: Path, client: Any) -> Site:
    return prepare(url, tmp_path, write_three_days)


def versions(client: Any, bucket: str, ending: str) -> list[dict[str, Any]]:
    found = client.list_object_versions(Bucket=bucket).get("Versions", [])
    return [each for each in found if each["Key"].endswith(ending)]


@pytest.mark.parametrize("bucket", [LOCKED, PLAIN])
def test_a_bucket_holds_the_archive_as_a_folder_does(bucket: str, site: Site) -> None:
    archive = f"s3://{bucket}/portico/"
    done = site.json("audit", "archive", "--live-days", "1", "--archive", archive)
    assert (done["archived_records"], done["trimmed_records"]) == (40, 20)
    whole = site.json("audit", "verify", "--archive", archive)
    assert (whole["findings"], whole["archived"], whole["records"]) == ([], 2, 63)
    assert site.json("audit", "restore-drill", "--archive", archive)["records"] == 40
    assert len(site.json("audit", "search", "--turn", site.records()[0]["turn"], "--archive", archive)["records"]) == 2
    assert not (site.state / "archive").exists()


def test_locked_objects_outlive_whoever_wants_them_gone(site: Site, client: Any) -> None:
    archive = f"s3://{LOCKED}/portico"
    day = site.json("audit", "archive", "--live-days", "1", "--archive", archive)["archived"][0]
    stored = versions(client, LOCKED, f"{day}.parquet")[0]
    named = {"Bucket": LOCKED, "Key": stored["Key"], "VersionId": stored["VersionId"]}
    head = client.head_object(**named)
    assert head["ObjectLockMode"] == "COMPLIANCE"
    assert head["ObjectLockRetainUntilDate"].date() == date.fromisoformat(day) + timedelta(days=2_192)
    for bypass in ({}, {"BypassGovernanceRetention": True}):
        with pytest.raises(ClientError, match="AccessDenied"):
            client.delete_object(**named, **bypass)
    with pytest.raises(ConfigurationError, match="it is locked, or not permitted"):
        S3Shelf(archive).delete(stored["Key"].removeprefix("portico/"))
    client.delete_object(Bucket=LOCKED, Key=stored["Key"])  # A delete marker hides the object; its bytes stay.
    assert "is missing" in site.run("audit", "verify", "--archive", archive, status=1).stdout
    marker = client.list_object_versions(Bucket=LOCKED)["DeleteMarkers"][0]
    client.delete_object(Bucket=LOCKED, Key=marker["Key"], VersionId=marker["VersionId"])
    assert site.json("audit", "verify", "--archive", archive)["ok"]


def test_a_legal_hold_locks_the_objects_of_its_days(site: Site, client: Any) -> None:
    archive = f"s3://{LOCKED}"
    first, second = site.json("audit", "archive", "--live-days", "1", "--retention-days", "1", "--archive", archive)[
        "archived"
    ]

    def status(day: str) -> str:
        stored = versions(client, LOCKED, f"{day}.parquet")[0]
        head = client.head_object(Bucket=LOCKED, Key=stored["Key"])
        return str(head.get("ObjectLockLegalHoldStatus", "OFF"))

    site.run("audit", "hold", "add", "case-1", "--reason", "litigation", "--to", first, "--archive", archive)
    assert (status(first), status(second)) == ("ON", "OFF")
    assert site.json("audit", "delete-expired", "--archive", archive)["held"] == "case-1"
    site.run("audit", "hold", "release", "case-1", "--archive", archive)
    assert status(first) == "OFF"
    assert site.json("audit", "delete-expired", "--archive", archive)["deleted"] == [first]
    assert versions(client, LOCKED, f"{first}.parquet") == []
    assert site.json("audit", "verify", "--archive", archive)["findings"] == []


def test_a_changed_object_is_told(site: Site, client: Any) -> None:
    archive = f"s3://{PLAIN}"
    day = site.json("audit", "archive", "--archive", archive)["archived"][0]
    stored = versions(client, PLAIN, f"{day}.parquet")[0]
    data = bytearray(client.get_object(Bucket=PLAIN, Key=stored["Key"])["Body"].read())
    data[len(data) // 2] ^= 1
    client.put_object(Bucket=PLAIN, Key=stored["Key"], Body=bytes(data))
    said = site.run("audit", "verify", "--archive", archive, status=1).stdout
    assert stored["Key"] in said and "bytes were changed" in said


class ForgetfulClient:
    """A server that takes the wish for a lock and forgets it."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def upload_file(self, path: str, bucket: str, key: str, ExtraArgs: dict[str, Any]) -> None:
        self._client.upload_file(path, bucket, key)


def test_a_lock_that_was_not_granted_is_told(client: Any, tmp_path: Path) -> None:
    shelf, source = S3Shelf(f"s3://{LOCKED}"), tmp_path / "x"
    source.write_bytes(b"x")
    until = datetime.now(UTC).date() + timedelta(days=3)
    shelf.put("demo/x", source, retain_until=until)
    shelf._client = ForgetfulClient(shelf._client)
    with pytest.raises(ConfigurationError, match="took demo/y and did not lock it"):
        shelf.put("demo/y", source, retain_until=until)


def test_what_a_bucket_cannot_do_is_one_line_without_secrets(
    client: Any, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NotFound, match="demo/none is not in the archive s3://audit-plain/"):
        S3Shelf(f"s3://{PLAIN}").read("demo/none")
    with pytest.raises(ConfigurationError, match="NoSuchBucket"):
        open_shelf("s3://audit-none")
    for address in ("s3://", "s3://UPPER", "s3://a/b?c"):
        with pytest.raises(ConfigurationError, match="reads s3://bucket"):
            open_shelf(address)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(ConfigurationError, match="cannot be reached") as told:
        open_shelf(f"s3://{PLAIN}")
    assert SECRET not in str(told.value) and told.value.__cause__ is None
