"""What a self-check finds: one graded line a probe, as a table for people and as JSON for a job."""

import json
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from rich.console import Console
from rich.table import Table

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

_STYLES = {Grade.PASS: "green", Grade.WARN: "yellow", Grade.FAIL: "bold red"}


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


def print_table(findings: Sequence[Finding], console: Console) -> None:
    """Print the report for a person."""
    table = Table("guard", "probe", "grade", "what was seen", "s", title="Portico self-check", title_justify="left")
    for finding in findings:
        grade = f"[{_STYLES[finding.grade]}]{finding.grade}[/]"
        table.add_row(finding.group, finding.name, grade, finding.detail, f"{finding.seconds:.2f}")
    console.print(table)
    worst = grade_of(findings)
    console.print(f"overall: [{_STYLES[worst]}]{worst}[/]")
