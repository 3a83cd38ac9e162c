"""Review what staff did with patients' conversations, and name what a reviewer should look at.

45 CFR 164.308(a)(1)(ii)(D) asks for a regular review of records of activity. What is named here is unusual, not wrong:
a night shift reads at night. Times are the store's, which stand in the stream ids: no writer's clock can move them.

A patient's own record is known without a list of staff: records of patients name the hash of whoever signed in, and
the same hash of a member of staff's sign-in name gives them away, also as the proxy of a child.
"""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from portico_core.clocks import BusinessHours
from portico_core.labels import AccessPurpose, access_purpose
from portico_state.audit_search import BY_PATIENTS, Record, is_by_staff

# A page of the inbox leaves a record for every line: it shows no words, and says nothing about how many were read.
_NO_LOOK = frozenset({AccessPurpose.LIST, AccessPurpose.WORKLOAD})
_REVEALS = frozenset({AccessPurpose.REVEAL, AccessPurpose.BREAK_GLASS_USE, AccessPurpose.AUDIT_REVEAL})
_BREAKS = {
    AccessPurpose.TAKE_OVER: "took over a ticket that somebody held",
    AccessPurpose.BREAK_GLASS: "broke the glass of a ticket that they did not hold",
}


class Unusual(StrEnum):
    """Why an access is named."""

    OUT_OF_HOURS = "out_of_hours"
    MANY_PATIENTS = "many_patients"
    OWN_RECORD = "own_record"
    BREAK_GLASS = "break_glass"
    IDENTIFIERS = "identifiers"


@dataclass(frozen=True, slots=True)
class ActivityRules:
    """What is unusual: outside `hours` (a clinic that is always open has none), or so many patients `within` a time."""

    hours: BusinessHours = field(default_factory=BusinessHours)
    many_patients: int = 20
    within: timedelta = timedelta(minutes=10)


@dataclass(slots=True)
class UnusualAccess:
    """One thing to look at: who, when it began and ended, how many accesses, and what."""

    kind: Unusual
    actor: str
    first: datetime
    last: datetime
    count: int
    detail: str


@dataclass(slots=True)
class ActorActivity:
    """What one member of staff did; `acts` counts by source."""

    accesses: int = 0
    patients: set[str] = field(default_factory=set)
    acts: Counter[str] = field(default_factory=Counter)
    _recent: deque[tuple[datetime, str]] = field(default_factory=deque)

    def patients_since(self, moment: datetime, begin: datetime, patient: str) -> int:
        """Take a patient looked at now, and return how many different ones were since `begin`."""
        self._recent.append((moment, patient))
        while self._recent[0][0] < begin:
            self._recent.popleft()
        return len({seen for _, seen in self._recent})


@dataclass(slots=True)
class ActivityReview:
    """Feed every record in stream order, then read `actors` and `unusual`.

    `hashes_of` returns the keyed hashes of a sign-in name, under every patient key.
    """

    rules: ActivityRules
    hashes_of: Callable[[str], tuple[str, ...]]
    records: int = 0
    actors: dict[str, ActorActivity] = field(default_factory=dict)
    _signed_in: dict[str, set[str]] = field(default_factory=dict)
    _own: dict[str, frozenset[str]] = field(default_factory=dict)
    _named: dict[tuple[Unusual, str, str], UnusualAccess] = field(default_factory=dict)
    _bursts: dict[str, UnusualAccess] = field(default_factory=dict)
    _events: list[UnusualAccess] = field(default_factory=list)

    def feed(self, moment: datetime, record: Record) -> None:
        """Take the next record."""
        self.records += 1
        if record["patient"] and record["actor"].startswith(BY_PATIENTS):
            self._signed_in.setdefault(record["actor"].partition(":")[2], set()).add(record["patient"])
        if not is_by_staff(record):
            return
        actor, purpose = record["actor"], access_purpose(record["source"])
        done = self.actors.setdefault(actor, ActorActivity())
        done.accesses += 1
        done.acts[record["source"] or purpose.value] += 1
        if not record["patient"] or purpose in _NO_LOOK:
            return
        done.patients.add(record["patient"])
        self._look(moment, record, purpose, done)

    @property
    def unusual(self) -> list[UnusualAccess]:
        """Return what is unusual, by when it began."""
        named = [found for key, found in self._named.items() if self._holds(*key)]
        return sorted([*self._events, *named], key=lambda found: (found.first, found.actor))

    def _look(self, moment: datetime, record: Record, purpose: AccessPurpose, done: ActorActivity) -> None:
        actor, patient = record["actor"], record["patient"]
        self._count(
            (Unusual.OWN_RECORD, actor, patient), moment, "a patient who is this person, or whom they sign in for"
        )
        local = moment.astimezone(self.rules.hours.zone).date().isoformat()
        if not self.rules.hours.is_open(moment):
            self._count((Unusual.OUT_OF_HOURS, actor, local), moment, f"outside business hours on {local}")
        if purpose in _REVEALS:
            self._count((Unusual.IDENTIFIERS, actor, local), moment, f"saw identifiers on {local}")
        if purpose in _BREAKS:
            why = str(record["source"]).partition(":")[2] or "no reason"
            detail = f"{_BREAKS[purpose]}: {why} (turn {record['turn']})"
            self._events.append(UnusualAccess(Unusual.BREAK_GLASS, actor, moment, moment, 1, detail))
        self._watch_burst(moment, actor, done.patients_since(moment, moment - self.rules.within, patient))

    def _watch_burst(self, moment: datetime, actor: str, patients: int) -> None:
        """Name a burst once, with its peak; it is over when fewer patients lie in the window."""
        burst = self._bursts.get(actor)
        if patients < self.rules.many_patients:
            self._bursts.pop(actor, None)
            return
        if burst is None:
            burst = UnusualAccess(Unusual.MANY_PATIENTS, actor, moment, moment, 0, "")
            self._bursts[actor] = burst
            self._events.append(burst)
        burst.last = moment
        if patients > burst.count:
            minutes = round(self.rules.within.total_seconds() / 60)
            burst.count, burst.detail = patients, f"{patients} different patients within {minutes} minutes"

    def _holds(self, kind: Unusual, actor: str, patient: str) -> bool:
        """Every look counts as one at one's own record until all records are read: the link may come later."""
        return kind is not Unusual.OWN_RECORD or patient in self._own_patients(actor)

    def _own_patients(self, actor: str) -> frozenset[str]:
        """Return the patients whom this person is, or signs in for."""
        if actor not in self._own:
            hashes = self.hashes_of(actor.partition(":")[2])
            linked = (self._signed_in.get(each, set()) for each in hashes)
            self._own[actor] = frozenset(hashes).union(*linked)
        return self._own[actor]

    def _count(self, key: tuple[Unusual, str, str], moment: datetime, detail: str) -> None:
        known = self._named.setdefault(key, UnusualAccess(key[0], key[1], moment, moment, 0, detail))
        known.last, known.count = moment, known.count + 1
