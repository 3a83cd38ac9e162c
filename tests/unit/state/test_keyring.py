"""Keys: made once, private, by id, rotatable; a bad file stops the start in one line without a key in it."""

import base64
import json
from pathlib import Path

import pytest

from portico_core.errors import ConfigurationError, Conflict
from portico_state.keyring import PURPOSES, Keyring


def test_a_created_file_is_private_and_reads_back(tmp_path: Path) -> None:
    made = Keyring.create(tmp_path / "keys.json")
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600
    assert Keyring.load(tmp_path / "keys.json") == made
    with pytest.raises(Conflict):
        Keyring.create(tmp_path / "keys.json")


def test_a_file_open_to_others_is_refused(tmp_path: Path) -> None:
    Keyring.create(tmp_path / "keys.json")
    (tmp_path / "keys.json").chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        Keyring.load(tmp_path / "keys.json")


def test_keys_do_not_show(tmp_path: Path) -> None:
    made = Keyring.generate()
    assert base64.b64encode(made.audit.active_key).decode() not in repr(made)
    assert repr(made.audit.active_key) not in repr(made)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_rotation_adds_an_active_key_and_keeps_the_old(purpose: str, tmp_path: Path) -> None:
    made = Keyring.generate()
    rotated = made.rotate(purpose)  # type: ignore[arg-type]
    old, new = getattr(made, purpose), getattr(rotated, purpose)
    assert (len(new.keys), new.keys[old.active]) == (2, old.active_key)
    assert new.active != old.active
    rotated.save(tmp_path / "keys.json")
    assert Keyring.load(tmp_path / "keys.json") == rotated


def test_a_patient_is_found_under_old_and_new_keys_and_differs_by_tenant() -> None:
    made = Keyring.generate()
    rotated = made.rotate("patient")
    before = made.patient_hash("P1", tenant="demo")
    assert before in rotated.patient_hashes("P1", tenant="demo")
    assert rotated.patient_hash("P1", tenant="demo") == rotated.patient_hashes("P1", tenant="demo")[0] != before
    assert made.patient_hash("P1", tenant="other") != before


def _document() -> dict[str, dict[str, object]]:
    return dict(json.loads(Keyring.generate().to_json()))


def _broken(purpose: str, **changes: object) -> str:
    document = _document()
    document[purpose] = {**document[purpose], **changes}
    return json.dumps(document)


@pytest.mark.parametrize(
    "text",
    [
        "",  # empty
        "[]",  # no object
        '{"v": 2}',  # a version to come
        '{"v": 1}',  # no keys
        _broken("audit", active="a9"),  # the active key is missing
        _broken("audit", active=None),  # no active key
        _broken("vault", keys={"v1": "no base64!"}),
        _broken("vault", keys={"v1": "c2hvcnQ="}),  # too short
        _broken("vault", keys={"v1": 5}),  # no text
        _broken("patient", keys={"P.1": "x"}),  # an id that would not fit a chain's name
        _broken("patient", keys=[]),
    ],
)
def test_a_damaged_keyring_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError):
        Keyring.parse(text)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        Keyring.load(tmp_path / "none.json")
