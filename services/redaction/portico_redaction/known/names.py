"""Find the names of one session in folded text, in whatever form they are written.

Read word by word: a run of letters is looked up among the forms, exactly and within one slip; neighbours that belong
to one person are joined with the initials and particles between them. What is also an everyday word counts only where
a capital, a title, an introduction or another part of the name says that a person is meant ("I will take it in May").
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import regex

from portico_core.labels import PhiType
from portico_core.text import PhiSpan
from portico_redaction.known.context import Context
from portico_redaction.known.handles import grow_handle
from portico_redaction.known.lists import PARTICLES, SUFFIXES, TITLES, is_other_word
from portico_redaction.known.name_forms import RUN, NameForms, Part
from portico_redaction.recognisers.word_lists import fold_name, is_family_name, is_given_name

_CLOSE = regex.compile(r"[ \t\n]{1,3}|[-_.'/+]| ?- ?")
_COMMA = regex.compile(r" ?, ?\n?")
_AFTER_INITIAL = regex.compile(r"\.? {0,2}|\.?[-_]")
_LONGEST_INITIALS = 3
_VOWEL_WORDS = frozenset("aeiouy")
_SUBSTRING = 8


@dataclass(frozen=True, slots=True)
class Token:
    """A run of letters of the text and what it is folded to."""

    start: int
    end: int
    key: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A token that is a part of a known name. `slip`: within one edit; `doubtful`: the slip is a word of its own."""

    first: int
    last: int
    part: Part
    slip: bool = False
    doubtful: bool = False
    joined: bool = False


@dataclass(frozen=True, slots=True)
class Owners:
    """Whose name a piece of text may be: nobody's we know, one person's, or several people's.

    `by_family` means that only a family name says so, which a relative or a doctor may bear as well.
    """

    names: frozenset[str] = field(repr=False)
    by_family: bool = False


class NameFinder:
    """Find the names of one session."""

    def __init__(self, forms: NameForms) -> None:
        self._forms = forms
        self._long_joined = [word for word, part in forms.joined.items() if len(word) >= _SUBSTRING and not part.weak]

    def find(self, text: str) -> list[PhiSpan]:
        """Return the spans of known names, user names and e-mail names built from them."""
        tokens = [Token(m.start(), m.end(), fold_name(m.group())) for m in RUN.finditer(text)]
        hits = self._hits(tokens, text)
        if not hits:
            return []
        context = Context(text)
        groups = [self._group(tokens, hits, text, at) for at in self._openings(tokens, hits, text)]
        accepted = (group for group in groups if self._stands(group, tokens, context))
        return [self._span(group, tokens, text) for group in accepted]

    def owners_of(self, text: str) -> Owners:
        """Return the people of the session whose name this is, and nobody where it holds anything else."""
        tokens = [Token(m.start(), m.end(), fold_name(m.group())) for m in RUN.finditer(text)]
        tokens = [t for t in tokens if t.key not in TITLES | SUFFIXES]
        named = [hit for hit in self._hits(tokens, text).values() if not self._is_somebody_else(hit, tokens)]
        persons = frozenset[int].intersection(*(hit.part.persons for hit in named)) if named else frozenset()
        covered = {at for hit in named for at in range(hit.first, hit.last + 1)}
        rest = [t.key for at, t in enumerate(tokens) if at not in covered]
        owners = [person for person in persons if all(self._belongs(key, person) for key in rest)]
        by_family = not any(hit.part.given for hit in named)
        return Owners(frozenset(self._forms.whole[person] for person in owners), by_family)

    def _belongs(self, key: str, person: int) -> bool:
        return key in self._forms.particles or self._are_initials(key, frozenset({person}))

    @staticmethod
    def _is_somebody_else(hit: Hit, tokens: Sequence[Token]) -> bool:
        """A slip that is a listed name of its own (Mario for Maria) is redacted, but it names nobody we know."""
        key = tokens[hit.first].key
        return hit.slip and (is_given_name(key) or is_family_name(key))

    def _hits(self, tokens: Sequence[Token], text: str) -> dict[int, Hit]:
        """Return the hits by their first token."""
        found: dict[int, Hit] = {}
        taken = -1
        for at in range(len(tokens)):
            if at <= taken:
                continue
            hit = self._look_up(at, tokens, text)
            if hit is not None:
                found[at] = hit
                taken = hit.last
        return found

    def _look_up(self, at: int, tokens: Sequence[Token], text: str) -> Hit | None:
        key = tokens[at].key
        part = self._forms.parts.get(key) or self._plural_of(key)
        if part is not None:
            return Hit(at, at, part)
        if key in self._forms.joined:
            return Hit(at, at, self._forms.joined[key], joined=True)
        return self._two_in_one(at, tokens, text) or self._slip(at, key) or self._inside(at, key)

    def _plural_of(self, key: str) -> Part | None:
        """Read "Marias chart" and "the Lopezes": only for names that are no words."""
        for ending in ("s", "es"):
            part = self._forms.parts.get(key.removesuffix(ending)) if key.endswith(ending) else None
            if part is not None and not part.weak and len(key) - len(ending) >= 5:
                return part
        return None

    def _two_in_one(self, at: int, tokens: Sequence[Token], text: str) -> Hit | None:
        """Read one word written as two: "Mc Donald", "O Brien", "Maria Elena" for Mariaelena."""
        if at + 1 == len(tokens) or text[tokens[at].end : tokens[at + 1].start] not in (" ", "-", "'", "' ", " '"):
            return None
        key, other = tokens[at].key + tokens[at + 1].key, self._forms.parts.get(tokens[at + 1].key)
        part = self._forms.parts.get(key)
        return Hit(at, at + 1, part) if part is not None and other is None and len(key) >= 5 else None

    def _slip(self, at: int, key: str) -> Hit | None:
        near = [self._forms.parts.get(word) or self._forms.joined[word] for word in self._forms.neighbours.find(key)]
        if not near:
            return None
        part = near[0]
        for other in near[1:]:
            part = part.with_(other)
        return Hit(at, at, part, slip=True, doubtful=is_other_word(key))

    def _inside(self, at: int, key: str) -> Hit | None:
        """Read user names that hold the whole name and more: "drmarialopez"."""
        if len(key) > _SUBSTRING:
            for word in self._long_joined:
                if word in key:
                    return Hit(at, at, self._forms.joined[word], joined=True)
        return None

    def _openings(self, tokens: Sequence[Token], hits: dict[int, Hit], text: str) -> list[int]:
        """Return the hits that begin a group: those which no hit before them reaches."""
        openings: list[int] = []
        reached = -1
        for at in sorted(hits):
            if at > reached:
                openings.append(at)
                reached = self._reach(tokens, hits, text, at)[-1].last
        return openings

    def _reach(self, tokens: Sequence[Token], hits: dict[int, Hit], text: str, at: int) -> list[Hit]:
        """Return the hits that follow one another as one person's name, from the one at `at` on."""
        members = [hits[at]]
        persons = hits[at].part.persons
        while (following := self._next(tokens, hits, text, members[-1], persons)) is not None:
            members.append(following)
            persons = persons & following.part.persons
        return members

    def _next(
        self, tokens: Sequence[Token], hits: dict[int, Hit], text: str, last: Hit, persons: frozenset[int]
    ) -> Hit | None:
        """Return the hit that goes on from `last`, over initials and particles of the same person."""
        at, after_initial = last.last + 1, False
        before = tokens[last.last]
        while at < len(tokens) and at - last.last <= 4:
            token, gap = tokens[at], text[before.end : tokens[at].start]
            hit = hits.get(at)
            if not self._bridges(gap, last, hit, after_initial=after_initial):
                return None
            if hit is not None:
                return hit if hit.part.persons & persons else None
            middle = len(token.key) == 1 and text[token.start].isupper() and text[token.start] != "I"
            if not (middle or self._are_initials(token.key, persons) or token.key in PARTICLES):
                return None
            before, at, after_initial = token, at + 1, len(token.key) == 1
        return None

    @staticmethod
    def _bridges(gap: str, last: Hit, hit: Hit | None, *, after_initial: bool) -> bool:
        if _CLOSE.fullmatch(gap) or (after_initial and _AFTER_INITIAL.fullmatch(gap)):
            return True
        turned = last.part.family and (hit is None or hit.part.given)
        return turned and _COMMA.fullmatch(gap) is not None

    def _are_initials(self, key: str, persons: Iterable[int]) -> bool:
        return len(key) <= _LONGEST_INITIALS and any(set(key) <= self._forms.initials[person] for person in persons)

    def _group(self, tokens: Sequence[Token], hits: dict[int, Hit], text: str, at: int) -> "Group":
        members = tuple(self._reach(tokens, hits, text, at))
        persons = frozenset.intersection(*(member.part.persons for member in members)) or members[0].part.persons
        first, led = self._initials_before(tokens, text, members[0], persons)
        last, end = self._initials_after(tokens, text, members[-1], persons)
        return Group(members, first, last, end, with_initial=led or text[end - 1] == ".")

    def _initials_before(
        self, tokens: Sequence[Token], text: str, hit: Hit, persons: frozenset[int]
    ) -> tuple[int, bool]:
        """Take in what stands before a name and belongs to it: its own particles, and initials ("M. G. Lopez")."""
        first, led = hit.first, False
        while first > 0:
            token, gap = tokens[first - 1], text[tokens[first - 1].end : tokens[first].start]
            if self._forms.particles.get(token.key, frozenset()) & persons and _CLOSE.fullmatch(gap):
                first -= 1
                continue
            if not self._is_initial_before(token, text, gap, persons):
                break
            first, led = first - 1, True
        return first, led

    def _is_initial_before(self, token: Token, text: str, gap: str, persons: frozenset[int]) -> bool:
        if not self._are_initials(token.key, persons) or not _AFTER_INITIAL.fullmatch(gap):
            return False
        if not gap or text[token.start - 1 : token.start] == "'":
            return False
        written = text[token.start : token.end]
        if len(written) > 1:
            return written.isupper()
        if written.isupper():
            return "." in gap or written != "I"
        return "." in gap or (token.key not in _VOWEL_WORDS and gap in (" ", "_", "-"))

    def _initials_after(self, tokens: Sequence[Token], text: str, hit: Hit, persons: frozenset[int]) -> tuple[int, int]:
        """Take in an initial or a suffix that follows ("Maria L.", "Lopez, M.", "Lopez Jr.")."""
        at = hit.last + 1
        end = tokens[hit.last].end
        if at == len(tokens):
            return hit.last, end
        token, gap = tokens[at], text[end : tokens[at].start]
        written, dot = text[token.start : token.end], text[token.end : token.end + 1] == "."
        if token.key in SUFFIXES and regex.fullmatch(r",? {1,2}", gap) and (dot or written[0].isupper()):
            return at, token.end
        close = regex.fullmatch(r" {1,2}|, ?" if hit.part.family else r" {1,2}|[._-]", gap)
        single = len(token.key) == 1 and written.isupper() and (dot or token.key not in _VOWEL_WORDS)
        if close and single and self._are_initials(token.key, persons):
            return at, token.end + dot
        return hit.last, end

    def _stands(self, group: "Group", tokens: Sequence[Token], context: Context) -> bool:
        """Say whether a group is a name: one sure part, two parts of one person, or a weak part in its place."""
        if any(self._is_sure(hit, tokens, context) for hit in group.members):
            return True
        exact = [hit for hit in group.members if not hit.slip]
        if len(exact) > 1:
            in_order = exact[0].part.given and exact[-1].part.family
            capital = any(context.is_titled(tokens[hit.first].start, tokens[hit.last].end) for hit in exact)
            if in_order or capital:
                return True
        hit = group.members[0]
        start, end = tokens[hit.first].start, tokens[hit.last].end
        if group.with_initial and context.is_titled(start, end):
            return True
        if hit.joined:
            return context.is_in_handle(start, end)
        return context.names_person(start, end, tokens[hit.first].key, opens=tokens[group.first].start, slip=hit.slip)

    def _is_sure(self, hit: Hit, tokens: Sequence[Token], context: Context) -> bool:
        if hit.doubtful or (hit.part.weak and not hit.slip):
            return False
        where = (tokens[hit.first].start, tokens[hit.last].end, tokens[hit.first].key)
        somebody = not context.is_abbreviation(*where) and not context.is_eponym(*where)
        return somebody and not context.is_place(where[0], where[2])

    @staticmethod
    def _span(group: "Group", tokens: Sequence[Token], text: str) -> PhiSpan:
        start, end = tokens[group.first].start, group.end
        grown = grow_handle(text, start, end)
        return grown or PhiSpan(start, end, PhiType.NAME, 1.0)


@dataclass(frozen=True, slots=True)
class Group:
    """Hits that are one name, from token `first` to `last`; `with_initial`: initials stand beside it."""

    members: tuple[Hit, ...]
    first: int
    last: int
    end: int
    with_initial: bool
