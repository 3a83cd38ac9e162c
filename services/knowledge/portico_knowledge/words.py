"""From text to the stems that the lexical half of the search and the duplicate check compare."""

import re
from functools import lru_cache

import snowballstemmer

_WORD = re.compile(r"[a-z0-9]+")
_APOSTROPHE = re.compile(r"['’]")

# Function words and the small talk of patients' messages; none of them says what a question is about.
_STOP_WORDS_TEXT = """
    a about actually after again ago ah all alot already also always am an and another any anybody anyone
    anything are arent as ask asked asking at away back bc be because been before being best better bit both but
    by came can cant come comes could couldnt curious day days did didnt do does doesnt doing done dont dr each
    either else even ever every everyone everything exactly explain few figure find first for from gave
    generally get gets getting give given gives go goes going gonna good got gotta guess had hadnt happen
    happening happens has hasnt have havent having he hello help hear heard her here hey hi him his how hows i
    id if ill im in into is isnt it its ive just keep kind kinda know later let like little long look lot lots
    made make makes making many may maybe me mean means might mine more most much must my myself need needed
    needs never new next nice no nor not now of off ok okay on once one ones only onto or other our out over own
    people person please possible probably put question quick quite rather read really regarding right said same
    saw say says see seem seems she should shouldnt since so some somebody someone something sometimes somewhat
    soon sorry start started still stuff such supposed sure take taken takes taking tell telling than thank
    thanks that thats the their them then there theres these they theyre thing things think this those though
    thought through to today told too took tried try trying u uh um until up upon ur us use used uses using
    usually very want wanted wants was wasnt way we week weeks well went were werent what whats when where
    wheres whether which while who whos why will with without wonder wondering wont worried worry would wouldnt
    yeah yes yet you your youre yours
"""
STOP_WORDS = frozenset(_STOP_WORDS_TEXT.split())

_STEMMER = snowballstemmer.stemmer("english")


def raw_words(text: str) -> list[str]:
    """Return the lower-case words of a text, apostrophes dropped."""
    return _WORD.findall(_APOSTROPHE.sub("", text.lower()))


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """Return the stem of one lower-case word."""
    return str(_STEMMER.stemWord(word))


def stems(text: str) -> list[str]:
    """Return the stems of all words, in order."""
    return [stem(word) for word in raw_words(text)]


def content_stems(text: str) -> list[str]:
    """Return the stems of the words that say what a text is about, in order."""
    return [stem(word) for word in raw_words(text) if word not in STOP_WORDS]
