"""Changes by rule: what turns a sentence that a passage says into one that it does not say.

They multiply authored sentences, in number and negation above all; they are never counted as authored. Each change
returns None where the sentence gives it nothing to hold on to.
"""

import random
import re
from collections.abc import Callable, Sequence

Change = Callable[[str, random.Random], str | None]

_FLIPS_TEXT = """
    raise/lower raises/lowers raised/lowered raising/lowering increase/decrease increases/decreases
    increased/decreased increasing/decreasing higher/lower high/low more/less more/fewer before/after above/below
    over/under improve/worsen improves/worsens better/worse always/never often/rarely common/rare rare/common
    safe/unsafe start/stop starting/stopping begin/end earlier/later early/late gain/lose most/few first/last
    longer/shorter larger/smaller greater/smaller can/cannot left/right upper/lower inside/outside many/few
    likely/unlikely possible/impossible necessary/unnecessary with/without fast/slow quickly/slowly severe/mild
    prevent/cause prevents/causes usually/seldom children/adults men/women day/week week/month month/year
    days/weeks hours/days minutes/hours weeks/months months/years once/twice daily/weekly strong/weak
    recommended/discouraged both/neither acute/chronic benefit/harm
"""
_FLIPS = [tuple(pair.split("/")) for pair in _FLIPS_TEXT.split()]
_FLIP = {a: b for pair in _FLIPS for a, b in (pair, pair[::-1])}
_SWAPS = (
    "metformin lisinopril atorvastatin amlodipine omeprazole warfarin apixaban ibuprofen acetaminophen naproxen "
    "prednisone gabapentin sertraline levothyroxine furosemide losartan insulin aspirin amoxicillin doxycycline",
    "diabetes asthma pneumonia migraine anemia gout depression arthritis osteoporosis epilepsy eczema hepatitis stroke",
    "heart liver kidney kidneys lung lungs brain stomach bowel skin eye eyes ear thyroid bladder spine knee",
    "sodium potassium calcium magnesium iron glucose cholesterol creatinine hemoglobin",
    "fever cough rash headache nausea dizziness diarrhea constipation vomiting itching fatigue swelling cramps",
    "bacteria virus fungus parasite", "tablet injection patch cream inhaler spray",
)  # fmt: skip
_SWAP = {word: group.split() for group in _SWAPS for word in group.split()}
_VERB = re.compile(r"\b(is|are|was|were|can|may|might|should|will|could|has to|have to|does|do|did)\b(?! not\b|n't)")
_NEGATED = re.compile(r"\b(is|are|was|were|can|may|might|should|will|could|does|do|did)(?: not\b|n't\b)|\bcannot\b")
_WORD = re.compile(r"[A-Za-z]+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_PLAIN_VERB = re.compile(r"\b(helps|causes|reduces|lowers|raises|increases|treats|works|means|needs|shows|affects)\b")


def change_number(sentence: str, rng: random.Random) -> str | None:
    """Put another number in the place of one."""
    found = list(_NUMBER.finditer(sentence))
    if not found:
        return None
    place = rng.choice(found)
    value = float(place[0])
    other = rng.choice([value * 2, value * 3 + 1, value + 1, value * 10, max(1.0, value // 2), value + 5])
    if other == value:
        return None
    return _replaced(sentence, place, f"{other:g}")


def change_negation(sentence: str, rng: random.Random) -> str | None:
    """Take a negation away, or put one in after the first verb that takes it."""
    if negated := _NEGATED.search(sentence):
        return _replaced(sentence, negated, negated[1] or "can")
    if verb := _VERB.search(sentence):
        word = verb[1]
        said = "cannot" if word == "can" else "does not have to" if word == "has to" else f"{word} not"
        if word == "may":
            said = rng.choice(["may not", "does not", "cannot"])
        return _replaced(sentence, verb, said)
    if plain := _PLAIN_VERB.search(sentence):
        return _replaced(sentence, plain, f"does not {plain[1].removesuffix('s')}")
    return None


def change_direction(sentence: str, rng: random.Random) -> str | None:
    """Turn one word into its opposite."""
    return _swapped(sentence, rng, lambda word: [_FLIP[word]] if word in _FLIP else [])


def change_thing(sentence: str, rng: random.Random) -> str | None:
    """Put another medicine, illness, organ, salt or symptom in the place of one."""
    said = {word.lower() for word in _WORD.findall(sentence)}
    return _swapped(sentence, rng, lambda word: [w for w in _SWAP.get(word, ()) if w not in said])


CHANGES: Sequence[Change] = (change_number, change_negation, change_negation, change_direction, change_thing)


def change(sentence: str, rng: random.Random) -> str | None:
    """Make one change by chance; None where the one drawn does not apply."""
    return rng.choice(CHANGES)(sentence, rng)


def _swapped(sentence: str, rng: random.Random, others: Callable[[str], list[str]]) -> str | None:
    places = [(match, choices) for match in _WORD.finditer(sentence) if (choices := others(match[0].lower()))]
    if not places:
        return None
    place, choices = rng.choice(places)
    word = rng.choice(choices)
    return _replaced(sentence, place, word.capitalize() if place[0][0].isupper() else word)


def _replaced(text: str, place: re.Match[str], words: str) -> str:
    return text[: place.start()] + words + text[place.end() :]
