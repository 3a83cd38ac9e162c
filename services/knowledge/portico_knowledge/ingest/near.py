"""Whether a passage says the same as one that is there already: words in any order, and exactly or nearly."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from portico_knowledge.check import NEAR_DUPLICATE, likeness
from portico_knowledge.words import content_stems


@dataclass(slots=True)
class KnownTexts:
    """The texts so far, found by the stems of which a near duplicate must hold at least one.

    Two sets that share a share t of their union share one of the first |x| - t|x| + 1 of their members in any fixed
    order; so those alone are indexed, and no pair is missed. Source: S. Chaudhuri, V. Ganti and R. Kaushik, A primitive
    operator for similarity joins in data cleaning, ICDE 2006.
    """

    _by_stem: dict[str, list[int]] = field(default_factory=dict)
    _known: list[tuple[str, frozenset[str]]] = field(default_factory=list)

    def add(self, name: str, text: str) -> None:
        """Remember a text under the name that messages give it."""
        stems = frozenset(content_stems(text))
        for stem in _first(stems):
            self._by_stem.setdefault(stem, []).append(len(self._known))
        self._known.append((name, stems))

    def twin_of(self, text: str) -> str | None:
        """Return the name of the first text that says the same, or None."""
        stems = frozenset(content_stems(text))
        candidates = sorted({number for stem in _first(stems) for number in self._by_stem.get(stem, ())})
        known = (self._known[number] for number in candidates)
        return next((name for name, theirs in known if likeness(stems, theirs) >= NEAR_DUPLICATE), None)


def _first(stems: frozenset[str]) -> Iterator[str]:
    count = len(stems) - int(NEAR_DUPLICATE * len(stems)) + 1
    yield from sorted(stems)[:count]
