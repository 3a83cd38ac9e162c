"""How many examples Hypothesis makes: few in a plain test run, `EXAMPLES_TIMES` as many where the machine has time."""

import os

from hypothesis import HealthCheck, Phase, settings

TIMES = int(os.environ.get("EXAMPLES_TIMES", "1"))


def examples(count: int, *, steps: int = 50, shrink: bool = True) -> settings:
    """Return settings for so many examples, without a clock: a busy machine is slow and not wrong."""
    phases = [Phase.explicit, Phase.generate, *([Phase.shrink] if shrink else [])]
    return settings(
        max_examples=count * TIMES,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )
