"""Let the teacher label the training messages and more text of the project's own, for the student to learn from.

    python -m portico_training.teacher.label --config training/configs/teacher.toml

The other texts are severe training messages beside harmless ones, halves of long ones, and plain lines and questions
written for other purposes (`data/tagger`, `data/responder`). A message with typing errors has the labels of the one
without. No text of a measuring split is among them.
"""

import argparse
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save

from portico_training.artefacts import TrainingError, write_bytes, write_json
from portico_training.augment import misspell
from portico_training.messages import LABELS, Message, load_messages, normalise, of_split
from portico_training.scoring import MUST_NOT_ANSWER
from portico_training.teacher.cache import cache, encode_all, load_encoder
from portico_training.teacher.settings import TeacherRun, load_teacher_run
from portico_training.teacher.train import logits_of_cached, trained_teacher

NO_LABEL = -1
_SHORT = 400  # characters
_MISSPELT, _HIDDEN, _CUT = 3500, 400, 800


@dataclass(frozen=True, slots=True)
class Unlabelled:
    """A text for the student.

    `gold` is a label's number where its making tells it, else NO_LABEL. The teacher reads `read`, the student `text`.
    """

    text: str
    gold: int
    read: str


def main() -> None:
    """Label as the configuration says; write `texts.json` and `labels.safetensors` in the work folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, required=True)
    try:
        label_texts(load_teacher_run(parser.parse_args().config))
    except (TrainingError, ValueError) as error:
        raise SystemExit(str(error)) from None


def label_texts(run: TeacherRun) -> None:
    """Write the texts and the teacher's logits of them, [texts, 6]."""
    torch.set_num_threads(run.threads)
    messages = load_messages(run.messages)
    plain = [*plain_lines(run.unlabelled), *questions(run.questions)]
    texts = student_texts(messages, plain, random.Random(run.teach.seed))
    read = sorted({one.read for one in texts})
    lower = load_encoder(run.base, first=0, last=run.teach.frozen)
    cached = cache(lower, encode_all(run.base, read, run.teach.max_tokens), run.teach.batch_tokens)
    found = dict(zip(read, logits_of_cached(trained_teacher(run), cached), strict=True))
    logits = np.stack([found[one.read] for one in texts])
    write_json(run.work / "texts.json", [[t.text, t.gold] for t in texts])
    write_bytes(run.work / "labels.safetensors", save({"logits": logits.astype(np.float32)}))


def student_texts(messages: Sequence[Message], plain: Sequence[str], rng: random.Random) -> list[Unlabelled]:
    """Return the training messages, changed ones, and plain texts, without any that measures."""
    train = of_split(messages, "train")
    measured = {normalise(m.text) for m in messages if m.split != "train"}
    found = [
        *(Unlabelled(m.text, _number(m), m.text) for m in train), *_misspelt(train, rng), *_changed(train, rng),
        *(Unlabelled(text, NO_LABEL, text) for text in plain),
    ]  # fmt: skip
    return [one for one in found if normalise(one.text) not in measured]


def _misspelt(train: Sequence[Message], rng: random.Random) -> Iterator[Unlabelled]:
    for m in rng.sample(train, min(_MISSPELT, len(train))):
        yield Unlabelled(misspell(m.text, rng), _number(m), m.text)


def _changed(train: Sequence[Message], rng: random.Random) -> Iterator[Unlabelled]:
    """Give severe messages beside harmless ones, and halves of long ones."""
    short = [m for m in train if len(m.text) < _SHORT]
    severe = [m for m in short if m.label in MUST_NOT_ANSWER]
    calm = [m for m in short if m.label not in MUST_NOT_ANSWER]
    for _ in range(_HIDDEN):
        pair = [first := rng.choice(severe), rng.choice(calm)]
        rng.shuffle(pair)
        text = " ".join(m.text for m in pair)
        yield Unlabelled(text, _number(first), text)
    long = [sentences for m in train if len(sentences := _sentences(m.text)) >= 4]
    for sentences in rng.sample(long, min(_CUT, len(long))):
        at = rng.randrange(1, len(sentences))
        text = " ".join(sentences[:at] if rng.random() < 0.5 else sentences[at:])
        yield Unlabelled(text, NO_LABEL, text)


def _sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.!?\n])\s+", text) if part.strip()]


def _number(message: Message) -> int:
    return LABELS.index(message.label)


def plain_lines(folder: Path) -> list[str]:
    """Return the tagger's lines that hold no name, no place and no slot."""
    lines = [line for path in sorted(folder.glob("negative*.txt")) for line in path.read_text("utf-8").splitlines()]
    plain = [line for line in lines if line.strip() and not line.startswith("#") and not re.search(r"[{<\[]", line)]
    return [line.replace("\\n", "\n") for line in plain]


def questions(folder: Path) -> list[str]:
    """Return the questions of the responder's preference pairs."""
    rows = [json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.open(encoding="utf-8")]
    return sorted({str(row["question"]) for row in rows})


if __name__ == "__main__":
    main()
