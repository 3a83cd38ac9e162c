"""Turn the authors' block files into the committed preference pairs, one JSON lines file a kind of topic.

    python -m portico_training.responder.import_pairs BLOCKS.txt… --passages services/knowledge/index/passages.jsonl \
      --out training/data/responder

Two lines a pair. The first names the passage, the numbers of its sentences that answer, and the question; the second
the reason and the rejected draft, in pieces joined by ` + `: numbers of sentences, `@section numbers` of another
section or passage, `number^section` for a sentence under a citation that does not carry it, or a sentence as written.

    ? medicine.metformin#taking 1 2 | does metformin go with food
    - advises | 1 + You should take yours with lunch.
"""

import argparse
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from portico_core.sentences import split_sentences
from portico_training.artefacts import TrainingError, write_text
from portico_training.responder.preferences import (
    KINDS,
    MOST_PASSAGES,
    Preference,
    Reason,
    Said,
    check_preference,
    draft_json,
    preference_id,
    read_passages,
    split_of,
)

_QUESTION = re.compile(r"\? (\S+#\S+) ([\d ]+) \| (.+)")
_REJECTED = re.compile(r"- (\w+) \| (.+)")
_NUMBERS = re.compile(r"[\d ]+")
_ELSEWHERE = re.compile(r"@(\S+) ([\d ]+)")
_MISCITED = re.compile(r"(\d+)\^(\S+)")


def main() -> None:
    """Import the files named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("blocks", nargs="+", type=Path)
    parser.add_argument("--passages", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    try:
        passages = read_passages(args.passages)
        pairs = [pair for path in args.blocks for pair in parse_blocks(path, passages)]
    except TrainingError as error:
        raise SystemExit(str(error)) from None
    write_kinds(pairs, args.out)
    print(f"{len(pairs)} pairs of {len({pair.family for pair in pairs})} topics → {args.out}")


def parse_blocks(path: Path, passages: Mapping[str, str]) -> Iterator[Preference]:
    """Parse one block file; every error names its line."""
    question: re.Match[str] | None = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        if question is None:
            question = _QUESTION.fullmatch(line)
            if question is None:
                raise TrainingError(f"{path}:{number}: a pair begins with '? passage numbers | question'")
            continue
        rejected = _REJECTED.fullmatch(line)
        try:
            if rejected is None:
                raise TrainingError("after a question comes '- reason | pieces'")
            yield make_pair(question, rejected, passages)
        except (TrainingError, ValueError, IndexError, KeyError) as error:
            raise TrainingError(f"{path}:{number}: {error}") from None
        question = None


def make_pair(question: re.Match[str], rejected: re.Match[str], passages: Mapping[str, str]) -> Preference:
    """Build a pair from its two lines, and check it."""
    main, numbers, asked = question.groups()
    chosen = tuple(_sentences(main, numbers, passages))
    refused = tuple(said for piece in rejected[2].split(" + ") for said in _piece(piece, main, passages))
    family = main.partition("#")[0]
    pair = Preference(
        preference_id(asked, refused), family, asked, _given(asked, main, refused, passages), chosen, refused,
        Reason(rejected[1]), split_of(family),
    )  # fmt: skip
    check_preference(pair, passages)
    return pair


def _sentences(passage: str, numbers: str, passages: Mapping[str, str]) -> list[Said]:
    said = split_sentences(passages[passage])
    return [Said(said[int(number) - 1], (passage,)) for number in numbers.split()]


def _piece(piece: str, main: str, passages: Mapping[str, str]) -> list[Said]:
    if _NUMBERS.fullmatch(piece):
        return _sentences(main, piece, passages)
    if elsewhere := _ELSEWHERE.fullmatch(piece):
        return _sentences(_full(elsewhere[1], main), elsewhere[2], passages)
    if miscited := _MISCITED.fullmatch(piece):
        return [Said(said.text, (_full(miscited[2], main),)) for said in _sentences(main, miscited[1], passages)]
    return [Said(piece, (main,))]


def _full(name: str, main: str) -> str:
    return name if "#" in name else f"{main.partition('#')[0]}#{name}"


def _given(asked: str, main: str, rejected: Sequence[Said], passages: Mapping[str, str]) -> tuple[str, ...]:
    """Return the passages of the turn: those cited and others of the topic, in an order that says nothing."""
    topic = main.partition("#")[0]
    cited = [key for said in rejected for key in said.passage_ids if key in passages]
    others = [key for key in passages if key.startswith(f"{topic}#")]
    others.sort(key=lambda key: hashlib.sha256(f"{asked} {key}".encode()).hexdigest())
    chosen = list(dict.fromkeys([main, *cited, *others]))[:MOST_PASSAGES]
    return tuple(sorted(chosen, key=lambda key: hashlib.sha256(f"{key} {asked}".encode()).hexdigest()))


def write_kinds(pairs: Iterable[Preference], folder: Path) -> None:
    """Write one file a kind of topic, sorted by topic, so that a change shows as a small difference."""
    by_kind: dict[str, list[Preference]] = defaultdict(list)
    for pair in pairs:
        by_kind[pair.kind].append(pair)
    for kind in KINDS:
        rows = sorted(by_kind[kind], key=lambda pair: (pair.family, pair.id))
        write_text(folder / f"{kind}.jsonl", "".join(row_of(pair) for pair in rows))


def row_of(pair: Preference) -> str:
    """Return a pair as one line."""
    row = {
        "id": pair.id, "family": pair.family, "question": pair.question, "passages": list(pair.passages),
        "chosen": json.loads(draft_json(pair.chosen)), "rejected": json.loads(draft_json(pair.rejected)),
        "reason": pair.reason.value, "split": pair.split, "reviewer": pair.reviewer, "reviewed_on": pair.reviewed_on,
    }  # fmt: skip
    return json.dumps(row, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    main()
