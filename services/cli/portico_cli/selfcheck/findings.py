"""What a self-check finds: one graded line a probe, as a table for people and as JSON for a job."""

import json
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from portico_core.errors import describe_error


class Grade(StrEnum):
    """How a probe went: `warn` is safe and worth a look, `fail` means that the installation must not serve."""

    PASS = "pass"  # noqa: S105  a grade
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. `right` of `tried` cases came out as they must; `detail` never holds tried text."""

    group: str
    name: str
    grade: Grade
    detail: str
    right: int = 0
    tried: int = 0
    seconds: float = 0.0


Probe = Callable[[], Awaitable[Finding]]


def grade_of(findings: Iterable[Finding]) -> Grade:
    """Return the worst grade; an empty list fails, because nothing was proved."""
    grades = {finding.grade for finding in findings}
    if not grades or Grade.FAIL in grades:
        return Grade.FAIL
    return Grade.WARN if Grade.WARN in grades else Grade.PASS


def tally(group: str, name: str, outcomes: Sequence[bool], *, what: str) -> Finding:
    """Return a finding that passes only if every case came out right; no case at all fails."""
    right = sum(outcomes)
    grade = Grade.PASS if outcomes and right == len(outcomes) else Grade.FAIL
    return Finding(group, name, grade, f"{right} of {len(outcomes)} {what}", right, len(outcomes))


async def run_probe(group: str, name: str, probe: Probe) -> Finding:
    """Run one probe and time it; a probe that raises has failed, by the kind of its error and never by its words."""
    begun = time.perf_counter()
    try:
        finding = await probe()
    except Exception as error:
        finding = Finding(group, name, Grade.FAIL, f"could not be tried: {describe_error(error)}")
    return replace(finding, seconds=round(time.perf_counter() - begun, 3))


def as_json(findings: Sequence[Finding], versions: dict[str, str]) -> str:
    """Return the report as JSON: the grade, the versions in force, one object a finding."""
    rows = [asdict(finding) for finding in findings]
    return json.dumps({"grade": grade_of(findings), "versions": versions, "checks": rows}, indent=2)


def as_table(findings: Sequence[Finding]) -> str:
    """Return the report for a person: one line a finding, and the grade."""
    width = max((len(finding.group) for finding in findings), default=0)
    lines = [f"{f.grade:<4}  {f.group:<{width}}  {f.name}: {f.detail} ({f.seconds:.2f} s)" for f in findings]
    return "\n".join([*lines, f"overall: {grade_of(findings)}"])
