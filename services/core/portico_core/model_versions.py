"""Which version of each model is in force: one small file of the model repository, replaced as a whole.

A model's versions are numbered folders, and Triton serves all that are there. The gateway asks for the one in force by
its number, so that thresholds, audit record and verdict are of the same version, also while versions change. Where
nothing was promoted yet there is no such file, and version 1 is in force.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

FILE_NAME = "in_force.json"
FIRST_VERSION = 1


@dataclass(frozen=True, slots=True)
class InForce:
    """Model → number of the version in force, and of the one before it, to which a rollback returns."""

    versions: Mapping[str, int] = field(default_factory=dict)
    previous: Mapping[str, int] = field(default_factory=dict)

    def number_of(self, model: str) -> int:
        """Return the number of a model's version in force."""
        return self.versions.get(model, FIRST_VERSION)

    def to_text(self) -> str:
        """Return the stored form."""
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"


def parse_in_force(text: str) -> InForce:
    """Read the stored form; raise ValueError for anything else."""
    document = json.loads(text)
    if not isinstance(document, dict) or document.keys() != {"versions", "previous"}:
        raise ValueError("not the versions in force")
    for numbers in document.values():
        if not isinstance(numbers, dict) or not all(type(n) is int and n >= FIRST_VERSION for n in numbers.values()):
            raise ValueError("not the versions in force")
    return InForce(document["versions"], document["previous"])
