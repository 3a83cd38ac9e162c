"""Replies that a site has written beforehand. They are put into the draft, where a person reads and changes them."""

import json
from dataclasses import dataclass
from pathlib import Path

from portico_core.errors import ConfigurationError
from portico_core.site import UNITED_STATES, SiteFile

MOST_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class CannedReply:
    """A reply with the title it is chosen by."""

    title: str
    text: str


def load_canned(path: Path) -> tuple[CannedReply, ...]:
    """Read a JSON list of {"title", "text"}; raise ConfigurationError in one line for anything else."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        replies = tuple(CannedReply(str(row["title"]), str(row["text"])) for row in rows)
    except (OSError, ValueError, KeyError, TypeError):
        raise ConfigurationError('the canned replies are not a JSON list of {"title", "text"}') from None
    if any(not reply.title or not 0 < len(reply.text) <= MOST_CHARACTERS for reply in replies):
        raise ConfigurationError(f"a canned reply lacks its title, or its text of up to {MOST_CHARACTERS} characters")
    return replies


def built_in(site: SiteFile) -> tuple[CannedReply, ...]:
    """Return the built-in replies with the site's numbers; they await clinician review like every fixed text."""
    numbers = {"emergency": site.emergency, "crisis": site.crisis.call}
    return tuple(CannedReply(title, text.format_map(numbers)) for title, text in _BUILT_IN.items())


# General wording in our own words.
_BUILT_IN = {
    "We are looking into it": (
        "Thank you for writing. I have read your message and am looking into it with your care team. I will write to "
        "you here again. If anything gets worse before then, please call us; in an emergency call {emergency}."
    ),
    "Please call us": (
        "Thank you for writing. This is better talked about on the phone. Please call the clinic and ask for the nurse "
        "line. If it cannot wait, call {emergency} for an emergency, or {crisis} in a crisis."
    ),
    "A visit is needed": (
        "Thank you for writing. To answer this well we need to see you. Please book a visit in the portal or call us, "
        "and bring a list of your medicines."
    ),
    "Ask your pharmacist": (
        "Thank you for writing. Your pharmacist can check this against all of your medicines. I have passed your "
        "question on, and somebody will reply here."
    ),
}
BUILT_IN = built_in(UNITED_STATES)
