"""An archive file with one bit changed, at every place: read, or named unreadable, and never another error."""

from pathlib import Path

from portico_state.archive.day_file import DayFileWriter, UnreadableArchive, read_rows, sha256_of
from unit.state.rig import say

ROWS = [(f"1763856000000-{number}", f'{{"n":{number}}}') for number in range(6)]


def _write(path: Path) -> bytes:
    with DayFileWriter(path) as writer:
        for row in ROWS:
            writer.add(row)
    return path.read_bytes()


def test_rows_come_back_and_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    first = _write(tmp_path / "a")
    assert list(read_rows(tmp_path / "a")) == ROWS
    assert _write(tmp_path / "b") == first


def test_every_changed_bit_changes_the_digest_and_at_most_makes_it_unreadable(tmp_path: Path) -> None:
    path, unreadable = tmp_path / "day.parquet", 0
    genuine = _write(path)
    digest = sha256_of(path)
    for place in range(len(genuine)):
        path.write_bytes(genuine[:place] + bytes([genuine[place] ^ (1 << place % 8)]) + genuine[place + 1 :])
        assert sha256_of(path) != digest
        try:
            list(read_rows(path))
        except UnreadableArchive:
            unreadable += 1
    say(f"{len(genuine)} changed bits: {unreadable} made the file unreadable, the others only its digest")
    assert 0 < unreadable < len(genuine)
