"""Stable placeholders: one value reads the same through one conversation; only its own patient's view restores it."""

from collections.abc import Iterable, Mapping

import regex

from portico_core.labels import PhiType

PLACEHOLDER = regex.compile(r"\[(?:" + "|".join(kind.value for kind in PhiType) + r")_[0-9]{1,4}\]")
"""What a placeholder looks like. Four digits at most, so that no identifier hides in the shape of one."""


def restore(text: str, placeholders: Mapping[str, str]) -> str:
    """Put raw values back, in one pass: a value that itself reads like a placeholder is not looked up again."""
    return PLACEHOLDER.sub(lambda match: placeholders.get(match.group(), match.group()), text)


def key_of(value: str) -> str:
    """Return what makes two spellings one value: case and white space are ignored."""
    return " ".join(value.casefold().split())


class PlaceholderBook:
    """Hand out placeholders for one text, on top of those the conversation has already."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = dict(known)
        self._by_key: dict[tuple[str, str], str] = {}
        self._last: dict[str, int] = {}
        for placeholder, raw in known.items():
            kind, _, number = placeholder.strip("[]").rpartition("_")
            self._by_key.setdefault((kind, key_of(raw)), placeholder)
            self._last[kind] = max(self._last.get(kind, 0), int(number) if number.isdigit() else 0)

    def placeholder_for(self, kind: PhiType, raw: str) -> str:
        """Return the placeholder of a value; a new one is numbered after the last of its class."""
        key = (kind.value, key_of(raw))
        if key not in self._by_key:
            self._last[kind.value] = self._last.get(kind.value, 0) + 1
            self._by_key[key] = f"[{kind.value}_{self._last[kind.value]}]"
            self._known[self._by_key[key]] = raw
        return self._by_key[key]

    def values_of(self, placeholders: Iterable[str]) -> dict[str, str]:
        """Return the raw values behind placeholders."""
        return {placeholder: self._known[placeholder] for placeholder in placeholders}
