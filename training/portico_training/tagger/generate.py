"""Synthetic texts with tagged names and places, from authored templates and invented fillings.

    python -m portico_training.tagger.generate --config training/configs/tagger.toml --show 20

Seeded: the same configuration gives the same texts. Half of the texts are one template, the others join several, so
that a name is also seen beside sentences that hold none.
"""

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from portico_core.tagging import Tag, cut_units, join_tags
from portico_training.artefacts import TrainingError
from portico_training.tagger.noise import make_untidy
from portico_training.tagger.pieces import Piece, Sample, to_sample
from portico_training.tagger.settings import TaggerSettings, load_tagger_run
from portico_training.tagger.slots import SLOT, Slots
from portico_training.tagger.templates import Template, read_templates

_SEPARATORS = (" ", " ", " ", "\n", "\n\n", "  ", ". ", " - ", " ... ")
_GREETINGS = (
    "hi, ", "Hello, ", "Good morning. ", "Hi team, ", "quick question: ", "Hola, ", "To whom it may concern: ",
    "URGENT ", "FYI ", "Re: ", "Question: ", "pls help ", "Dr, ",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TemplateSet:
    """The templates of one split."""

    positive: Sequence[Template]
    negative: Sequence[Template]


class Generator:
    """Make samples of one split; one instance is one seeded source."""

    def __init__(self, settings: TaggerSettings, *, seed: int, validation: bool) -> None:
        self._rng = random.Random(seed)
        self._slots = Slots(self._rng, data=settings.data, towns=settings.towns)
        self._positive_share = settings.positive_share
        self._templates = read_split(settings.data, self._slots.names, validation=validation)

    def reseed(self, seed: int) -> None:
        """Begin another reproducible run of samples."""
        self._rng.seed(seed)

    def samples(self, count: int) -> Iterator[Sample]:
        """Yield texts with their tags."""
        for _ in range(count):
            yield to_sample(make_untidy(self._compose(), self._rng))

    def _compose(self) -> list[Piece]:
        rng = self._rng
        parts = rng.choices((1, 2, 3, 4), (52, 30, 12, 6))[0]
        pieces = [Piece(rng.choice(_GREETINGS))] if rng.random() < 0.06 else []
        for number in range(parts):
            if number:
                pieces.append(Piece(rng.choice(_SEPARATORS)))
            pieces.extend(self._filled(self._pick()))
        return pieces

    def _pick(self) -> Template:
        chosen = self._templates.positive if self._rng.random() < self._positive_share else self._templates.negative
        return self._rng.choice(chosen)

    def _filled(self, template: Template) -> Iterator[Piece]:
        """Fill a template; now and then a name comes back where it was said before."""
        at, said = 0, ""
        for match in SLOT.finditer(template.text):
            if match.start() > at:
                yield Piece(template.text[at : match.start()])
            if match[1] == "first" and said and self._rng.random() < 0.15:
                yield Piece(said, Tag.NAME)
            else:
                piece = self._slots.fill(match[1])
                said = piece.text.split()[0] if piece.tag is Tag.NAME and "," not in piece.text else said
                yield piece
            at = match.end()
        if at < len(template.text):
            yield Piece(template.text[at:])


def read_split(data: Path, slots: frozenset[str], *, validation: bool) -> TemplateSet:
    """Read the templates of one split; both kinds must be there."""
    kinds = [
        [
            template
            for path in sorted(data.glob(f"{kind}*.txt"))
            for template in read_templates(path, slots)
            if template.is_validation is validation
        ]
        for kind in ("positive", "negative")
    ]
    if not all(kinds):
        raise TrainingError(f"{data}: a split without templates")
    return TemplateSet(*kinds)


def marked(sample: Sample) -> str:
    """Return a text with its names and places in brackets, to look at."""
    units = cut_units(sample.text)
    text = sample.text
    for span in reversed(join_tags(text, units, sample.tags)):
        start, end = units[span.first].start, units[span.last - 1].end
        text = f"{text[:start]}⟦{span.tag.name}:{text[start:end]}⟧{text[end:]}"
    return text


def main() -> None:
    """Show samples."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--show", type=int, default=20)
    parser.add_argument("--validation", action="store_true")
    args = parser.parse_args()
    try:
        generator = Generator(load_tagger_run(args.config), seed=1, validation=args.validation)
        for sample in generator.samples(args.show):
            print(marked(sample), end="\n---\n")
    except TrainingError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
