"""What speaks against an answer: names of things no topic is about, and questions that no passage is written for.

A question about a medicine, test, procedure or illness that has no topic is not answered from a topic that happens to
mention it ("diltiazem and grapefruit"). Prices, shops, jobs, animals and history are in nobody's section.
"""

import re
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path

from portico_knowledge.names import Phrase
from portico_knowledge.words import content_stems, stem, stems

# Written for this table; the words of portal topics (a bill's cost) are theirs, so a topic that says them is not meant.
_OUTSIDE = re.compile(
    r"\b(?:cost\w*|pric(?:e|es|ed|ing)|cheap\w*|expensive|coupons?|how much (?:is|are|for|does .* cost)|medicaid"
    r"|covered by|(?:do|does|is|will) \w+ cover|where (?:can|do) (?:i|you|we) (?:buy|get)|buy|sells?|(?:in|out of) "
    r"stock|stock (?:price|market)|amazon|walmart|costco|walgreens|cvs|patents?|recall(?:s|ed)?|lawsuits?|lawyer"
    r"|who (?:makes|made|invented|discovered)|made (?:in|from|by)|manufactur\w*|brands?|invent\w*|histor(?:y|ic\w*)"
    r"|ever done|first (?:person|ever)|famous|celebrit\w*|salary|a job|jobs|hir(?:e|ing)|career|become an?|make a year"
    r"|(?:much|well) paid|(?:for|my|the|can|in) (?:dogs?|cats?|horses?|puppy|kitten|pets?|rabbits?)|vet|veterinar\w*"
    r"|kosher|halal|vegan|vegetarian|parking|opening hours|(?:is|are|does|do) .* open\b|open on|closest|nearest"
    r"|near me|phone number|address|what floor|best (?:hospital|surgeon|doctor|clinic|place|reviews?)|reviews"
    r"|choose a|music|spell(?:ed|ing)?|what colou?r|essay|homework"
    r"|street|snort|news|how many .* (?:a|per) year|how many people)\b"
)
_NAMES_FILE = "clinical_names.txt"


class OtherNames:
    """Names of medicines, tests, procedures and illnesses, less those that the index's topics have."""

    def __init__(self, own: Collection[Phrase]) -> None:
        words = {word for phrase in own for word in phrase}
        self._by_first: dict[str, list[Phrase]] = {}
        for phrase in _clinical_names():
            if phrase not in own and not (len(phrase) == 1 and phrase[0] in words):
                self._by_first.setdefault(phrase[0], []).append(phrase)

    def found_in(self, stemmed: Sequence[str], *, apart_from: Collection[int]) -> frozenset[Phrase]:
        """Return such names in a text (stems), at none of these places."""
        return frozenset(
            phrase
            for at, word in enumerate(stemmed)
            for phrase in self._by_first.get(word, ())
            if tuple(stemmed[at : at + len(phrase)]) == phrase
            and not any(place in apart_from for place in range(at, at + len(phrase)))
        )


def outside_words(question: str) -> tuple[str, ...] | None:
    """Return the content stems of what no section answers in a question (lower-case words); None without any."""
    match = _OUTSIDE.search(question)
    return None if match is None else tuple(content_stems(match[0])) or (stem(match[0].split()[0]),)


@cache
def _clinical_names() -> frozenset[Phrase]:
    """Read the list: one name a line, of the words that the tagger of names was trained to leave alone."""
    lines = Path(__file__).with_name(_NAMES_FILE).read_text(encoding="utf-8").splitlines()
    return frozenset(phrase for line in lines if (phrase := tuple(stems(line))))
