"""The suites there are. Each is a package of its own beside this module; `portico evaluate` opens what it needs."""

from enum import StrEnum


class SuiteName(StrEnum):
    """A suite, as `--suite` names it."""

    PHI = "phi"
    SAFETY = "safety"
    ANSWERS = "answers"
    CHOICES = "choices"


EVERY = (SuiteName.PHI, SuiteName.SAFETY, SuiteName.ANSWERS)
"""What runs where no suite is named; the choices need a set and an endpoint of the site's."""
