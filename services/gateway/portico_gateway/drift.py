"""The reference that drift is measured against: how often each label and each confidence is expected.

Beside the classifier it belongs to lies `drift_reference.json`, made by `portico drift-reference` from verdicts; a
site replaces it with one of its own traffic (docs/how-to/drift.md). Prometheus computes the index (ADR 12).
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from portico_core.errors import ConfigurationError
from portico_gateway.metrics import DRIFT_BINS, Metrics

REFERENCE = "drift_reference.json"
_FORMAT = 1


def show_reference(path: Path, metrics: Metrics) -> bool:
    """Set the shares of the reference and say True; False where there is none. Raise ConfigurationError for a bad one.

    Without a reference the boards show no index, and `PorticoDriftUnmeasured` says so.
    """
    if not path.exists():
        return False
    for signal, shares in _read_shares(path).items():
        for name, share in shares.items():
            metrics.drift_reference_share.labels(signal, name).set(share)
    return True


def make_reference(verdicts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the reference of verdicts `{"label", "confidence", "source"?}`; raise ValueError where none is a model's.

    Rows of rules are left out: they do not say how the model behaves.
    """
    counts: dict[str, Counter[str]] = {signal: Counter() for signal in DRIFT_BINS}
    rows = [row for row in verdicts if row.get("source", "model") == "model"]
    for row in rows:
        counts["label"][str(row["label"])] += 1
        counts["confidence"][DRIFT_BINS["confidence"][min(9, int(float(row["confidence"]) * 10))]] += 1
    if not rows:
        raise ValueError("no verdict of the model")
    shares = {
        signal: {name: round(counts[signal][name] / len(rows), 6) for name in bins}
        for signal, bins in DRIFT_BINS.items()
    }
    return {"format": _FORMAT, "verdicts": len(rows), "shares": shares}


def _read_shares(path: Path) -> Mapping[str, Mapping[str, float]]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        shares = {
            signal: {name: float(document["shares"][signal][name]) for name in bins}
            for signal, bins in DRIFT_BINS.items()
        }
    except (OSError, ValueError, KeyError, TypeError):
        raise ConfigurationError(f"{path.name} is no drift reference: make it with `portico drift-reference`") from None
    if any(abs(sum(each.values()) - 1) > 0.001 or min(each.values()) < 0 for each in shares.values()):
        raise ConfigurationError(f"the shares of {path.name} do not sum to one")
    return shares
