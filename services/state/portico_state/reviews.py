"""Was the guard right? What reviewers say, de-identified, to be trained on.

A review holds the redacted messages with their placeholders' numbers taken off, what the guard said and what it should
have said. Patient, conversation and turn are not in it; the case and the reviewer stand in it as keyed hashes, so that
two reviews of one case can be compared and nobody can look up whose they are. Both are of a key that no rotation
changes, or a case whose reviews lie around a rotation would be two. The time is cut to the month.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from itertools import permutations
from typing import Any

from portico_core.labels import Label, Route
from portico_core.text import RedactedText
from portico_state.client import Store
from portico_state.effects import Operation
from portico_state.identifiers import now_utc
from portico_state.keyring import Keyring

_PLACEHOLDER = re.compile(r"\[([A-Z_]+)_\d+\]")
_AT_ONCE = 500


class DraftFit(StrEnum):
    """Where a suggested draft stands against what the reviewer would have written."""

    AS_IT_STANDS = "as_it_stands"
    AFTER_CHANGES = "after_changes"
    NOT_FIT = "not_fit"


@dataclass(frozen=True, slots=True)
class DraftReview:
    """A suggested draft, its rank, and, after changes, the words that a reviewer prefers to it."""

    draft: str
    fit: DraftFit
    edited: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """One reviewer on one case; `messages` oldest first, the last one is the one that was judged."""

    case: str
    reviewer: str
    month: str
    messages: tuple[str, ...]
    guard_label: Label | None
    guard_route: Route
    label: Label
    route: Route
    model: str
    draft: DraftReview | None = None

    @property
    def guard_was_right(self) -> bool:
        """Say whether label and route stand as the guard gave them."""
        return (self.guard_label, self.guard_route) == (self.label, self.route)


def make_review(
    messages: Sequence[RedactedText], *, turn: str, actor: str, guard: tuple[Label | None, Route, str],
    right: tuple[Label, Route], keyring: Keyring, tenant: str, draft: DraftReview | None = None,
) -> Review:  # fmt: skip
    """Return a review without anything that leads back to the patient; `guard` is label, route and model.

    The edited words of a `draft` are redacted already. The reviewer's hash holds the random turn: it is another one at
    each case, so that whoever holds the key cannot guess a name by trying all of them once.
    """
    guard_label, guard_route, model = guard
    return Review(
        case=keyring.lasting_patient_hash(f"review\0{turn}", tenant=tenant),
        reviewer=keyring.lasting_patient_hash(f"reviewer\0{turn}\0{actor}", tenant=tenant)[:12],
        month=now_utc()[:7],
        messages=tuple(_unnumbered(message.text) for message in messages),
        guard_label=guard_label,
        guard_route=guard_route,
        label=right[0],
        route=right[1],
        model=model,
        draft=draft and replace(draft, draft=_unnumbered(draft.draft), edited=_unnumbered(draft.edited)),
    )


def _unnumbered(text: str) -> str:
    return _PLACEHOLDER.sub(r"[\1]", text)


def store_review(review: Review, store: Store) -> Operation:
    """Return the command that stores a review; a reviewer's later word on the same case takes the place of theirs."""
    field = f"{review.case}.{review.reviewer}"
    return {"act": "set", "key": store.keys.reviews, "field": field, "value": json.dumps(asdict(review))}


async def read_reviews(store: Store) -> tuple[Review, ...]:
    """Return every review, by case and reviewer."""
    found: dict[str, str] = {}
    cursor = 0
    while True:
        cursor, page = await store.call(store.redis.hscan(store.keys.reviews, cursor, count=_AT_ONCE))
        found |= page
        if not cursor:
            return tuple(_review(json.loads(found[field])) for field in sorted(found))


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far reviewers agree on the label of cases that more than one of them saw; None where there are none.

    `share` counts pairs of reviewers who gave the same label; `alpha` takes off what chance alone would give
    (Krippendorff 2011, nominal data): 1 is full agreement, 0 what chance gives.
    """

    cases: int
    share: float | None
    alpha: float | None


def agreement(reviews: Iterable[Review]) -> Agreement:
    """Compare the labels that reviewers gave to the same cases."""
    by_case: dict[str, list[Label]] = {}
    for review in reviews:
        by_case.setdefault(review.case, []).append(review.label)
    shared = [labels for labels in by_case.values() if len(labels) > 1]
    if not shared:
        return Agreement(0, None, None)
    pairs = [(a, b, 1 / (len(labels) - 1)) for labels in shared for a, b in permutations(labels, 2)]
    weight = sum(each for _, _, each in pairs)
    differ = sum(each for a, b, each in pairs if a is not b) / weight
    totals = Counter(label for labels in shared for label in labels)
    count = totals.total()
    by_chance = 1 - sum(n * (n - 1) for n in totals.values()) / (count * (count - 1))
    alpha = 1.0 if by_chance == 0 else 1 - differ / by_chance
    return Agreement(len(shared), round(1 - differ, 4), round(alpha, 4))


@dataclass(frozen=True, slots=True)
class ReviewSummary:
    """How often reviewers found the guard right, and how far they agree with each other."""

    reviews: int
    guard_right: int
    agreement: Agreement


def summarise(reviews: Sequence[Review]) -> ReviewSummary:
    """Count what reviewers say."""
    return ReviewSummary(len(reviews), sum(review.guard_was_right for review in reviews), agreement(reviews))


def _review(stored: dict[str, Any]) -> Review:
    guard, draft = stored["guard_label"], stored.get("draft")
    typed: dict[str, Any] = {
        "messages": tuple(stored["messages"]),
        "guard_label": Label(guard) if guard else None,
        "guard_route": Route(stored["guard_route"]),
        "label": Label(stored["label"]),
        "route": Route(stored["route"]),
        "draft": DraftReview(**{**draft, "fit": DraftFit(draft["fit"])}) if draft else None,
    }
    return Review(**{**stored, **typed})
