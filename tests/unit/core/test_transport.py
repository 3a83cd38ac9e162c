"""TLS files: what is unfit is named at the start, what is renewed is taken up, nothing weaker is agreed to."""

import os
import shutil
import ssl
from pathlib import Path

import pytest

from authority import Authority, Pair
from portico_core.errors import ConfigurationError
from portico_core.transport import RenewedTls, TlsFiles


@pytest.fixture
def hospital(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "hospital")


def files(hospital: Authority, pair: Pair) -> TlsFiles:
    return TlsFiles("PORTICO_REDIS", hospital.file, pair.certificate, pair.key)


def test_only_the_named_authority_is_trusted_and_names_are_checked(hospital: Authority) -> None:
    context = RenewedTls(files(hospital, hospital.issue("gateway"))).context()
    assert [dict(part[0] for part in root["subject"]) for root in context.get_ca_certs()] == [
        {"commonName": "hospital"}
    ]
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


def _written(folder: Path, text: str) -> Path:
    path = folder / "written.pem"
    path.write_text(text, encoding="ascii")
    return path


@pytest.mark.parametrize(
    ("fault", "says"),
    {
        # A path with a slip of the pen.
        "no authority": "PORTICO_REDIS_CA_FILE cannot be read: No such file",
        # A secret that was mounted empty, or holds something else.
        "empty authority": "PORTICO_REDIS_CA_FILE holds no certificate",
        "no certificate": "PORTICO_REDIS_CERT_FILE cannot be read",
        "no key": "PORTICO_REDIS_KEY_FILE cannot be read",
        # Half of a pair.
        "certificate alone": "PORTICO_REDIS_CERT_FILE and PORTICO_REDIS_KEY_FILE go together",
        "key alone": "PORTICO_REDIS_CERT_FILE and PORTICO_REDIS_KEY_FILE go together",
        # The key of another certificate.
        "foreign key": "PORTICO_REDIS_CERT_FILE and PORTICO_REDIS_KEY_FILE are no pair",
    }.items(),
)
def test_an_unfit_file_is_named_and_nothing_of_it_is_told(
    hospital: Authority, tmp_path: Path, fault: str, says: str
) -> None:
    pair, other = hospital.issue("gateway"), hospital.issue("other")
    missing, empty = tmp_path / "nowhere.pem", _written(tmp_path, "")
    broken = {
        "no authority": TlsFiles("PORTICO_REDIS", missing),
        "empty authority": TlsFiles("PORTICO_REDIS", empty),
        "no certificate": TlsFiles("PORTICO_REDIS", None, missing, pair.key),
        "no key": TlsFiles("PORTICO_REDIS", None, pair.certificate, missing),
        "certificate alone": TlsFiles("PORTICO_REDIS", None, pair.certificate, None),
        "key alone": TlsFiles("PORTICO_REDIS", None, None, pair.key),
        "foreign key": TlsFiles("PORTICO_REDIS", None, pair.certificate, other.key),
    }
    with pytest.raises(ConfigurationError, match=says) as refused:
        RenewedTls(broken[fault])
    assert str(tmp_path) not in str(refused.value)


def test_a_renewed_file_is_taken_up_and_a_half_written_one_is_not(hospital: Authority) -> None:
    pair, renewed = hospital.issue("gateway"), hospital.issue("renewed")
    tls = RenewedTls(files(hospital, pair))
    first = tls.context()
    assert tls.context() is first, "the negative control: what is the same is not read again"
    pair.certificate.write_text("-----BEGIN CERT", encoding="ascii")
    assert tls.context() is first
    for new, old in ((renewed.certificate, pair.certificate), (renewed.key, pair.key)):
        shutil.copyfile(new, old)
        os.utime(old, ns=(1, 1))
    assert tls.context() is not first
