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
class OddsRatio:
    """How much the odds of a harm differ between two groups of cases: `exposed` against `plain`.

    Half a case is added to each of the four cells, so that a group without any harm has a ratio and an interval too.
    Sources: J. B. S. Haldane, Annals of Human Genetics 20 (1956), 309-311; F. J. Anscombe, Biometrika 43 (1956),
    461-464; the interval is B. Woolf's, Annals of Human Genetics 19 (1955), 251-253.
    """

    exposed: Rate
    plain: Rate

    @property
    def n(self) -> int:
        """Return the cases of both groups."""
        return self.exposed.n + self.plain.n

    @property
    def value(self) -> float:
        """Return the ratio of the odds; 1 says that the groups do not differ."""
        a, b, c, d = self._cells
        return (a * d) / (b * c)

    @property
    def low(self) -> float:
        """Return the lower end of the 95 % interval."""
        return self.value / self._factor

    @property
    def high(self) -> float:
        """Return the upper end of the 95 % interval."""
        return self.value * self._factor

    @property
    def _cells(self) -> tuple[float, float, float, float]:
        one, other = self.exposed, self.plain
        return one.hits + 0.5, one.n - one.hits + 0.5, other.hits + 0.5, other.n - other.hits + 0.5

    @property
    def _factor(self) -> float:
        return math.exp(Z_95 * math.sqrt(sum(1 / cell for cell in self._cells)))


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure should reach, or stay under; `spans` asks that the interval of an odds ratio holds the bound."""

    bound: float
    at_least: bool = True
    spans: bool = False

    def met_by(self, value: float) -> bool:
        """Say whether a measured value meets the target."""
        return value >= self.bound if self.at_least else value <= self.bound


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a result: `measure` is what was measured, on which `set`, and for which `key` (a class, a voice)."""

    set: str
    measure: str
    of: Rate | Quantity | OddsRatio
    key: str = ""
    target: Target | None = None

    @property
    def met(self) -> bool | None:
        """Say whether the target is met; None without one."""
        if self.target is None:
            return None
        if self.target.spans:
            return isinstance(self.of, OddsRatio) and self.of.low <= self.target.bound <= self.of.high
        return self.target.met_by(self.of.value)


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
