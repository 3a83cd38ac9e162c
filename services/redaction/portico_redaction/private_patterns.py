"""Patterns made of a patient's own words: compiled past the caches of the `regex` module.

Those caches belong to the process and keep up to 500 patterns as they were written: a name or birth date would outlive
its turn in them, and would push out the patterns that every message needs.
"""

from typing import Any

import regex
from regex import _main

_LOCALES: dict[tuple[type, str], Any] = vars(_main)["_locale_sensitive"]
"""Whether a pattern depends on the locale; `regex` writes it down whatever `cache_pattern` says."""


def compile_private(pattern: str, flags: int = 0) -> regex.Pattern[str]:
    """Compile a pattern that nothing keeps but its caller."""
    compiled = regex.compile(pattern, flags, cache_pattern=False)
    _LOCALES.pop((str, pattern), None)
    return compiled
