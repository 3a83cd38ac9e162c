"""Add the authors' block files to the committed JSON lines, one file a label.

    python -m portico_training.import_authored training/data/blocks/*.txt --out training/data/messages

A block is one header line, `## family=… label=… tempting=… style=… reason=…`, then one message a line.
"""

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from portico_training.artefacts import write_text
from portico_training.messages import (
    LABELS,
    Message,
    MessagesError,
    check_families,
    check_splits,
    drop_duplicates,
    load_messages,
    message_id,
    normalise,
    parse_row,
    split_of,
)

_HEADER = re.compile(r"## family=(\S+) label=(\S+) tempting=(\S+) style=(\S+) reason=(.+)")
# Words that mark Spanish and are no English words; two of them decide.
# fmt: off
_SPANISH = frozenset({
    "el", "la", "los", "las", "un", "una", "que", "de", "del", "por", "para", "con", "mi", "me", "se", "es",
    "está", "estoy", "tengo", "puedo", "qué", "cómo", "cuál", "cuánto", "dónde", "sirve", "esposo", "mamá",
    "papá", "hijo", "hija", "doctor", "pastilla", "medicina", "dolor", "muy", "pero", "como", "quiero", "y",
    "si", "su", "lo", "al", "les", "hacer", "ayuda", "cuando", "desde", "siento", "mucho",
})
# fmt: on


def main() -> None:
    """Import the files named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("blocks", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    try:
        messages = import_blocks(args.blocks, known=known_messages(args.out))
    except MessagesError as error:
        raise SystemExit(str(error)) from None
    write_labels(messages, args.out)
    print(f"{len(messages)} messages of {len({m.family for m in messages})} families → {args.out}")


def known_messages(folder: Path) -> list[Message]:
    """Return the messages of a folder that holds some already."""
    return load_messages(folder) if any(folder.glob("*.jsonl")) else []


def import_blocks(paths: Iterable[Path], *, known: Iterable[Message] = ()) -> list[Message]:
    """Read block files, drop what is known or said twice, and check families and splits."""
    rows = [m for path in paths for m in parse_blocks(path.read_text(encoding="utf-8"), where=str(path))]
    messages = drop_duplicates([*known, *rows])
    check_families(messages)
    check_splits(messages)
    return messages


def parse_blocks(text: str, *, where: str) -> list[Message]:
    """Parse one block file; every error names its line."""
    header: re.Match[str] | None = None
    messages: list[Message] = []
    for number, line in enumerate(text.splitlines(), 1):
        here = f"{where}:{number}"
        if line.startswith("#"):
            header = _HEADER.fullmatch(line.strip())
            if header is None:
                raise MessagesError(f"{here}: a header reads '## family= label= tempting= style= reason='")
        elif line.strip():
            if header is None:
                raise MessagesError(f"{here}: a message before the first header")
            messages.append(_message(header, line.strip(), where=here))
    return messages


def _message(header: re.Match[str], text: str, *, where: str) -> Message:
    name, label, tempting, style, reason = header.groups()
    family = f"{name}.{style}"  # One theme written in both styles is two families.
    row = {
        "id": message_id(label, text), "text": text, "label": label, "tempting": tempting, "family": family,
        "style": style, "lang": language_of(text), "reason": reason, "split": split_of(family, style),
    }  # fmt: skip
    return parse_row(json.dumps(row), where=where)


def language_of(text: str) -> str:
    """Tell Spanish from English by its small words."""
    words = normalise(text).split()
    spanish = sum(word in _SPANISH for word in words)
    return "es" if spanish >= 2 and spanish / len(words) > 0.2 else "en"


def write_labels(messages: Iterable[Message], folder: Path) -> None:
    """Write one file a label, sorted by family, so that a change shows as a small difference."""
    by_label: dict[str, list[Message]] = defaultdict(list)
    for message in messages:
        by_label[message.label].append(message)
    folder.mkdir(parents=True, exist_ok=True)
    for label in LABELS:
        rows = sorted(by_label[label], key=lambda m: (m.family, m.id))
        lines = (json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in rows)
        write_text(folder / f"{label}.jsonl", "".join(lines))


if __name__ == "__main__":
    main()
