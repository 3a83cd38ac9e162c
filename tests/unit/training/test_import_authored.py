"""The authors' block files become rows; a fault is named with its line."""

from pathlib import Path

import pytest

from portico_training.import_authored import import_blocks, known_messages, language_of, parse_blocks, write_labels
from portico_training.messages import MessagesError, parse_row

BLOCK = """\
## family=crisis.hopeless.teen label=crisis tempting=clinician style=main reason=wants not to live
i dont see the point of tomorrow
it would be easier for all if i was gone

## family=out_of_scope.python.plain label=out_of_scope tempting=attack style=unseen reason=computer word
how do i kill a python process
"""


def test_blocks_become_rows() -> None:
    rows = parse_blocks(BLOCK, where="a.txt")
    assert [(m.label, m.tempting, m.style) for m in rows] == [
        ("crisis", "clinician", "main"), ("crisis", "clinician", "main"), ("out_of_scope", "attack", "unseen"),
    ]  # fmt: skip
    assert rows[2].split == "threshold"
    assert rows[0].reason == "wants not to live"


def test_ids_do_not_depend_on_order() -> None:
    reversed_file = "\n".join([BLOCK.splitlines()[0], *reversed(BLOCK.splitlines()[1:3])])
    ids = {m.id for m in parse_blocks(BLOCK, where="a.txt")[:2]}
    assert {m.id for m in parse_blocks(reversed_file, where="b.txt")} == ids


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a message first", "b.txt:1: a message before the first header"),
        ("## family=x label=crisis", "b.txt:1: a header reads"),  # keys are missing
        ("## family=x label=panic tempting=crisis style=main reason=r\nhelp", "b.txt:2: label 'panic'"),
    ],
)
def test_a_fault_is_named_with_its_line(text: str, says: str) -> None:
    with pytest.raises(MessagesError) as caught:
        parse_blocks(text, where="b.txt")
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("¿para qué sirve la metformina?", "es"),
        ("me duele mucho el pecho y no puedo respirar", "es"),
        ("is la croix water ok before surgery", "en"),  # one Spanish word is no Spanish text
    ],
)
def test_languages(text: str, lang: str) -> None:
    assert language_of(text) == lang


def test_rows_written_can_be_read(tmp_path: Path) -> None:
    write_labels(parse_blocks(BLOCK, where="a.txt"), tmp_path)
    lines = (tmp_path / "crisis.jsonl").read_text(encoding="utf-8").splitlines()
    assert {parse_row(line, where="x").text for line in lines} == set(BLOCK.splitlines()[1:3])


def test_blocks_join_what_is_there_and_change_none_of_it(tmp_path: Path) -> None:
    folder = Path(__file__).parents[3] / "training" / "data" / "messages"
    known = known_messages(folder)
    (tmp_path / "a.txt").write_text(BLOCK + known[0].text + "\n", encoding="utf-8")
    with pytest.raises(MessagesError, match="two labels"):  # Control: a known text is seen as known.
        import_blocks([tmp_path / "a.txt"], known=known)
    (tmp_path / "a.txt").write_text(BLOCK, encoding="utf-8")
    joined = import_blocks([tmp_path / "a.txt"], known=known)
    assert joined[: len(known)] == known
    assert len(joined) > len(known)
    assert known_messages(tmp_path) == []
