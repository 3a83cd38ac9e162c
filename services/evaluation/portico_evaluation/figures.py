"""What an evaluation says: figures, each a share with its interval or a quantity with its unit, beside its target.

A share without its N says little and "0 of N" only bounds the true share, so no figure goes without either. The
interval is Wilson's: at shares near 1 the usual one reaches beyond it.
Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927), 209-212.
"""

import math
from dataclasses import dataclass

Z_95 = 1.96
"""Two-sided 95 % quantile of the normal distribution."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`hits` of `n`, n at least 1."""

    hits: int
    n: int

    def __post_init__(self) -> None:
        if not 0 <= self.hits <= self.n or self.n < 1:
            raise ValueError("a rate needs 0 <= hits <= n and n >= 1")

    @property
    def value(self) -> float:
        """Return the share."""
        return self.hits / self.n

    @property
    def low(self) -> float:
        """Return the lower end of the 95 % interval."""
        return max(0.0, self._middle - self._half)

    @property
    def high(self) -> float:
        """Return the upper end of the 95 % interval."""
        return min(1.0, self._middle + self._half)

    @property
    def _middle(self) -> float:
        return (self.value + Z_95**2 / (2 * self.n)) / (1 + Z_95**2 / self.n)

    @property
    def _half(self) -> float:
        spread = self.value * (1 - self.value) / self.n + Z_95**2 / (4 * self.n**2)
        return Z_95 * math.sqrt(spread) / (1 + Z_95**2 / self.n)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A measured number that is no share of a count; `unit` is empty for a pure number."""

    value: float
    n: int
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure should reach, or stay under."""

    bound: float
    at_least: bool = True

    def met_by(self, value: float) -> bool:
        """Say whether a measured value meets the target."""
        return value >= self.bound if self.at_least else value <= self.bound


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a result: `measure` is what was measured, on which `set`, and for which `key` (a class, a voice)."""

    set: str
    measure: str
    of: Rate | Quantity
    key: str = ""
    target: Target | None = None

    @property
    def met(self) -> bool | None:
        """Say whether the target is met; None without one."""
        return None if self.target is None else self.target.met_by(self.of.value)


@dataclass(slots=True)
class Tally:
    """Counts on the way to a rate."""

    hits: int = 0
    n: int = 0

    def add(self, hit: bool) -> None:
        """Count one case."""
        self.hits += hit
        self.n += 1

    def rate(self) -> Rate | None:
        """Return the rate, or None where there was no case: 0 of 0 is no figure."""
        return Rate(self.hits, self.n) if self.n else None
