"""The address of a search engine and its files: what is unfit is refused by the setting's name, never guessed."""

from pathlib import Path

import pytest

from portico_core.errors import ConfigurationError
from portico_core.transport import TlsFiles
from portico_knowledge.pgvector_connection import Place, parse_place


def parsed(url: str, *, password_file: Path | None = None, tls: TlsFiles | None = None) -> Place:
    return parse_place(url, password_file=password_file, tls=tls or TlsFiles("PORTICO_SEARCH"), deadline_s=1)


def test_an_address_is_read_and_means_tls() -> None:
    place = parsed("postgresql://reader@db.example.org/knowledge")
    assert (place.host, place.port, place.user, place.database) == ("db.example.org", 5432, "reader", "knowledge")
    assert place.tls is not None and place.tls.context().check_hostname
    assert parsed("postgresql://reader@db:6432/k?sslmode=verify-full").tls is not None
    assert parsed("postgresql://reader@db/k?sslmode=disable").tls is None


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("db.example.org", "must read"),
        ("mysql://reader@db/k", "must read"),
        ("postgresql://db/k", "must read"),
        ("postgresql://reader@db", "must read"),
        ("postgresql://reader@db:port/k", "must read"),
        ("postgresql://reader:word@db/k", "may hold no password"),
        ("postgresql://reader@db/k?sslmode=require", "sslmode"),  # It would not look at the server's name.
        ("postgresql://reader@db/k?sslmode=prefer", "sslmode"),
        ("postgresql://reader@db/k?sslmode=disable&sslmode=verify-full", "sslmode"),
        ("postgresql://reader@db/k?host=elsewhere", "sslmode"),
        ("postgresql://reader@db/k?sslmode", "must read"),
    ],
)
def test_an_unfit_address_is_refused_and_not_repeated(url: str, why: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^PORTICO_SEARCH_URL .*{why}") as refused:
        parsed(url)
    assert "word" not in str(refused.value).replace("password", "").replace("PASSWORD", "")


def test_files_that_cannot_be_used_are_refused_by_name(tmp_path: Path) -> None:
    empty, missing = tmp_path / "empty", tmp_path / "missing"
    empty.write_text("\n", encoding="utf-8")
    url = "postgresql://reader@db/k"
    with pytest.raises(ConfigurationError, match="PORTICO_SEARCH_PASSWORD_FILE is empty"):
        parsed(url, password_file=empty)
    with pytest.raises(ConfigurationError, match="PORTICO_SEARCH_PASSWORD_FILE cannot be read"):
        parsed(url, password_file=missing)
    with pytest.raises(ConfigurationError, match="PORTICO_SEARCH_CA_FILE cannot be read"):
        parsed(url, tls=TlsFiles("PORTICO_SEARCH", ca=missing))
    with pytest.raises(ConfigurationError, match="go together"):
        parsed(url, tls=TlsFiles("PORTICO_SEARCH", certificate=empty))
    with pytest.raises(ConfigurationError, match="says sslmode=disable, and there are files"):
        parsed(f"{url}?sslmode=disable", tls=TlsFiles("PORTICO_SEARCH", ca=missing))


def test_a_password_is_read_each_time(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("one\n", encoding="utf-8")
    place = parsed("postgresql://reader@db/k", password_file=file)
    assert place.password() == "one"
    file.write_text("two\n", encoding="utf-8")
    assert place.password() == "two"
    assert "two" not in repr(place)
