"""What a patient wrote or is called stays in no cache of patterns, and the forms leave that cache room."""

import regex
from regex import _main

from portico_core.labels import PhiType
from portico_redaction.engine import Redactor
from portico_redaction.private_patterns import compile_private
from portico_redaction.recognisers import all_recognisers

NAME, NUMBER = "Quixwortina", "77310928"
BETWEEN = r"[\s./()_,-]{0,3}"
KNOWN = ((PhiType.NAME, f"{NAME} Lopez"), (PhiType.MRN, NUMBER), (PhiType.DATE, "1961-08-09"))


def kept() -> list[str]:
    """Return the cached patterns that hold the name or the number."""
    caches = (vars(_main)[name] for name in ("_cache", "_named_args", "_locale_sensitive"))
    patterns = [str(key).replace(repr(BETWEEN)[1:-1], "") for cache in caches for key in cache]
    return [one for one in patterns if NAME.lower() in one.lower() or NUMBER in one]


def test_no_cache_keeps_a_patients_words() -> None:
    redactor = Redactor(recognisers=all_recognisers())
    try:
        done = redactor.redact(f"I am {NAME} Lopez, chart {NUMBER}. Is {NAME} well?", known_values=KNOWN)
    finally:
        redactor.close()
    assert NAME not in done.redacted.text
    assert NUMBER not in done.redacted.text
    assert kept() == []


def test_the_cache_would_keep_them() -> None:
    """Negative control: the same pattern compiled in the usual way is found."""
    compile_private(NAME)
    assert kept() == []
    regex.compile(NAME)
    assert len(kept()) == 3  # One in each cache.
    regex.purge()


def test_the_forms_leave_the_cache_its_room() -> None:
    """Above its bound the cache drops what every message needs, and compiles it again for every message."""
    regex.purge()
    all_recognisers()
    assert len(vars(_main)["_cache"]) < vars(_main)["_MAXCACHE"] / 4
