"""Which topics a question names, and the question in the topics' own words.

Patients say Xanax, cat scan and sugar test; passages say alprazolam, CT scan and hemoglobin A1C. A topic is named by
its title, by what it is also called (front matter), by a brand's first word, or by the part of its title that only it
has ("magnesium" of "Magnesium blood test"). The longest name at a place counts and those inside it do not.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from portico_core.knowledge import Passage
from portico_knowledge.words import STOP_WORDS, content_stems, raw_words, stem, stems

Phrase = tuple[str, ...]
"""Stems."""

FULL, PART = 1.0, 0.7
"""How sure a whole name and a telling part of a title are."""

# Words of titles that many topics share, or that mean something else by themselves ("pet", "pregnancy").
_SHARED_TEXT = """
    test tests blood level levels scan surgery panel count serum total low dose high spray nose eye drops pill pills
    tablets inhaler placement insertion removal repair replacement release therapy study treatment culture draw general
    chest heart hip knee bone density sleep weight loss urine stool pregnancy pet exercise stress complete basic
    metabolic normal ranges flags lab results white red cell cells factor upper throat and medical records visit visits
    hospital portal video notes team care messages appointments test help words claims bills insurance copies
    supplements
"""
_SHARED = frozenset(stem(word) for word in _SHARED_TEXT.split())
_STOP_STEMS = frozenset(stem(word) for word in STOP_WORDS)
_SHORTEST_SLIP = 6


@dataclass(frozen=True, slots=True)
class Name:
    """A name of topics: its words, their stems, the telling ones of these; who is called so; how sure it is.

    `title` is what it may be replaced by.
    """

    said: Phrase
    stems: Phrase
    content: Phrase
    topics: tuple[str, ...]
    strength: float
    title: str


@dataclass(frozen=True, slots=True)
class Naming:
    """A name found in a question: words `start` up to `end`."""

    name: Name
    start: int
    end: int


class TopicNames:
    """The names of an index's topics."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        names = tuple(_names(passages))
        self._stemmed = _by_first((name.stems, name) for name in names if len(name.content) == len(name.stems))
        self._spoken = _by_first((name.said, name) for name in names if len(name.content) < len(name.stems))
        self._content = _by_first((name.content, name) for name in names if len(name.content) > 1)
        self._for_slips = _words_for_slips(passages)
        self.phrases = frozenset(name.stems for name in names)

    def find(self, words: Sequence[str]) -> tuple[Naming, ...]:
        """Return the names that stand in a question (its words), in order; none lies inside another.

        Small words are passed over: "cancel an appointment" holds "cancel appointment". A name that is hardly more than
        small words counts only as it is said: "going under", and not what goes under the tongue.
        """
        stemmed = [(at, stem(word)) for at, word in enumerate(words)]
        content = [(at, word) for at, word in stemmed if words[at] not in STOP_WORDS]
        found = [
            *_stand_in(stemmed, self._stemmed),
            *_stand_in(list(enumerate(words)), self._spoken),
            *_stand_in(content, self._content),
        ]
        kept = list[Naming]()
        for naming in sorted(found, key=lambda n: (-len(n.name.content), n.end - n.start, n.start, n.name.stems)):
            if not any(naming.start < other.end and other.start < naming.end for other in kept):
                kept.append(naming)
        return tuple(sorted(kept, key=lambda n: n.start))

    def corrected(self, word: str) -> str:
        """Return a word of a name for one that is a slip of the pen away from it, else the word."""
        if len(word) < _SHORTEST_SLIP or word in STOP_WORDS:
            return word
        return next((name for name in self._for_slips if _one_slip(word, name)), word)


def in_topics_words(words: Sequence[str], namings: Iterable[Naming]) -> str:
    """Return the words of a question with each name replaced by the title of the one topic that is called so."""
    text, at = list[str](), 0
    for naming in namings:
        said = words[naming.start : naming.end]
        text += [*words[at : naming.start], *([naming.name.title] if naming.name.title else said)]
        at = naming.end
    return " ".join([*text, *words[at:]])


def _names(passages: Sequence[Passage]) -> Iterator[Name]:
    strengths: dict[Phrase, dict[str, float]] = {}
    titles: dict[str, str] = {}
    said: dict[Phrase, Phrase] = {}
    for passage in passages:
        topic = passage.id.partition("#")[0]
        if topic in titles:
            continue
        titles[topic] = passage.title
        for name in (passage.title, *passage.synonyms):
            said.setdefault(tuple(stems(name)), tuple(raw_words(name)))
        for phrase, strength in _phrases(passage):
            known = strengths.setdefault(phrase, {})
            known[topic] = max(strength, known.get(topic, 0.0))
    for phrase, topics in strengths.items():
        best = max(topics.values())
        called = tuple(sorted(topic for topic, strength in topics.items() if strength == best))
        content = tuple(word for word in phrase if word not in _STOP_STEMS)
        yield Name(said.get(phrase, phrase), phrase, content, called, best, _replacement(phrase, called, titles))


def _phrases(passage: Passage) -> Iterator[tuple[Phrase, float]]:
    """Yield the stem phrases that name the passage's topic, with their strength."""
    plain_title = passage.title.partition("(")[0]
    for name in (passage.title, plain_title, *passage.synonyms):
        if content_stems(name):
            yield tuple(stems(name)), FULL
    for brand in _brands(passage):
        yield (brand,), FULL
    for part in plain_title.split(" and "):
        telling = [word for word in stems(part) if word not in _SHARED]
        if telling and content_stems(" ".join(telling)):
            yield tuple(telling), PART


def _brands(passage: Passage) -> list[str]:
    """Return the stems of names of several words that are known by their first: Ventolin HFA, Toprol-XL."""
    first = [raw_words(name)[0] for name in passage.synonyms if name[:1].isupper() and len(raw_words(name)) > 1]
    return [stem(word) for word in first if len(word) >= 5 and stem(word) not in content_stems(passage.title)]


def _replacement(phrase: Phrase, topics: Sequence[str], titles: Mapping[str, str]) -> str:
    """Return the title for a name of one topic that does not stand in it; else nothing."""
    if len(topics) != 1:
        return ""
    title = titles[topics[0]].replace("(", "").replace(")", "").lower()
    return "" if set(phrase) <= set(stems(title)) else title


def _by_first(names: Iterable[tuple[Phrase, Name]]) -> Mapping[str, tuple[tuple[Phrase, Name], ...]]:
    """Index phrases by their first stem."""
    first: dict[str, list[tuple[Phrase, Name]]] = {}
    for phrase, name in names:
        first.setdefault(phrase[0], []).append((phrase, name))
    return {word: tuple(rows) for word, rows in first.items()}


def _stand_in(
    places: Sequence[tuple[int, str]], names: Mapping[str, tuple[tuple[Phrase, Name], ...]]
) -> Iterator[Naming]:
    """Yield every name whose phrase stands among these places (position and stem of a word)."""
    for at, (start, word) in enumerate(places):
        for phrase, name in names.get(word, ()):
            window = places[at : at + len(phrase)]
            if tuple(stemmed for _, stemmed in window) == phrase:
                yield Naming(name, start, window[-1][0] + 1)


def _words_for_slips(passages: Sequence[Passage]) -> tuple[str, ...]:
    names = {name for passage in passages for name in (passage.title, *passage.synonyms)}
    words = {word for name in names for word in raw_words(name)}
    return tuple(sorted(word for word in words if len(word) >= _SHORTEST_SLIP and word not in STOP_WORDS))


def _one_slip(word: str, name: str) -> bool:
    """Say whether one letter added, left out, changed or swapped with its neighbour makes one word of the other."""
    if abs(len(word) - len(name)) > 1 or word[0] != name[0]:
        return False
    start = next((i for i, (a, b) in enumerate(zip(word, name, strict=False)) if a != b), min(len(word), len(name)))
    rest, other = word[start:], name[start:]
    swapped = rest[:2] == other[:2][::-1] and rest[2:] == other[2:]
    return rest[1:] == other[1:] or rest[1:] == other or rest == other[1:] or swapped
