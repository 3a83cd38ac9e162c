"""What stops an evaluation before it has a figure."""

from pathlib import Path

from portico_core.errors import PorticoError


class UnusableSet(PorticoError):
    """A set cannot be read: one line that says where and why, never what stands there."""

    code = "unusable_set"
    public_message = "A set of the evaluation cannot be read."

    def __init__(self, file: Path, why: str, *, line: int | None = None) -> None:
        super().__init__(f"{file}{'' if line is None else f':{line}'}: {why}")
