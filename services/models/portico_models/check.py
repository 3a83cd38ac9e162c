"""Is what lies in the repository fit to be served? Checksums, parity with the float model, the safety gate.

The float model's outputs on the golden messages are kept beside each artefact (`reference.npy`, in the manifest),
so a check needs neither base weights nor adapters and can run where the models are served. It is run by
`portico models check`, and by every build before anything is published.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portico_models.artefacts import MODEL, REFERENCE, TOKENIZER, read_manifest
from portico_models.errors import ModelCheckError
from portico_models.scoring import Floats, GoldenMessage, golden_sha256, load_golden, run_golden, softmax
from portico_models.versions import folder_in_force, list_versions

CLASSIFIER, ENCODER, RESPONDER = "safety_classifier", "passage_encoder", "responder"
MODELS = (CLASSIFIER, ENCODER, RESPONDER)
GATED_LABELS = ("clinician", "emergency", "crisis", "attack")

# int8 against float over the golden messages.
LEAST_LABEL_AGREEMENT = 0.97
MOST_SCORE_DIFFERENCE = 0.25
LEAST_COSINE = 0.97
# The safety gate: no label that a person must see may be recognised worse than this much below float.
MOST_RECALL_LOSS = 0.01


@dataclass(frozen=True, slots=True)
class Recall:
    """How many golden messages of a label are recognised, by the float and by the int8 model."""

    label: str
    total: int
    by_float: int
    by_int8: int

    @property
    def is_lost(self) -> bool:
        """Say whether int8 recognises too few."""
        return self.by_int8 / self.total < self.by_float / self.total - MOST_RECALL_LOSS


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What was measured, and every reason not to serve. `problems` empty means fit."""

    versions: dict[str, str]
    messages: int = 0
    label_agreement: float = 0.0
    score_difference: float = 1.0
    least_cosine: float = 0.0
    recalls: tuple[Recall, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Say whether the models may be served."""
        return not self.problems


def check_models(repository: Path) -> CheckReport:
    """Check every model in force; what is missing or damaged, kept versions too, is a problem of the report."""
    try:
        list_versions(repository, MODELS)
        folders = {name: folder_in_force(repository, name) for name in MODELS}
        return check_artefacts(folders, {name: read_manifest(folder) for name, folder in folders.items()})
    except ModelCheckError as error:
        return CheckReport(versions={}, problems=(str(error),))


def check_artefacts(folders: dict[str, Path], manifests: dict[str, dict[str, Any]]) -> CheckReport:
    """Measure artefacts whose checksums have been verified.

    Raises:
        ModelCheckError: an artefact cannot be run at all.
    """
    if any(manifest.get("golden_sha256") != golden_sha256() for manifest in manifests.values()):
        raise ModelCheckError("the models were measured on other golden messages; run `portico models build`")
    golden = load_golden()
    classifier = manifests[CLASSIFIER]
    quantised, exact = (
        softmax(rows, float(classifier["temperature"])) for rows in _outputs(folders[CLASSIFIER], golden)
    )
    vectors, exact_vectors = _outputs(folders[ENCODER], golden)
    labels = list(classifier["labels"])
    report = CheckReport(
        versions={name: str(manifest["version"]) for name, manifest in manifests.items()},
        messages=len(golden),
        label_agreement=float((quantised.argmax(axis=1) == exact.argmax(axis=1)).mean()),
        score_difference=float(np.abs(quantised - exact).max()),
        least_cosine=float((vectors * exact_vectors).sum(axis=1).min()),
        recalls=_recalls(golden, labels, quantised, exact),
    )
    same = manifests[RESPONDER]["files"][MODEL] == manifests[ENCODER]["files"][MODEL]
    return _judged(report, responder_matches=same)


def losses_against(current: Path, candidate: Path, labels: Sequence[str]) -> list[str]:
    """Return the labels a person must see that a candidate recognises worse than the version in force, as problems."""
    golden = load_golden()
    said, said_now = (
        run_golden((folder / MODEL).read_bytes(), (folder / TOKENIZER).read_bytes(), golden).astype(np.float64)
        for folder in (candidate, current)
    )
    return [
        f"safety gate: the candidate recognises {r.by_int8} of {r.total} {r.label}, the version in force {r.by_float}"
        for r in _recalls(golden, labels, said, said_now)
        if r.is_lost
    ]


def _outputs(folder: Path, golden: Sequence[GoldenMessage]) -> tuple[Floats, Floats]:
    """Return the artefact's output and the float reference, both [messages, width]."""
    try:
        reference = np.load(folder / REFERENCE, allow_pickle=False)
    except (OSError, ValueError):
        raise ModelCheckError(f"{folder / REFERENCE} is unreadable; run `portico models build`") from None
    found = run_golden((folder / MODEL).read_bytes(), (folder / TOKENIZER).read_bytes(), golden)
    if found.shape != reference.shape:
        raise ModelCheckError(f"{folder / REFERENCE} is of other golden messages; run `portico models build`")
    if not (np.isfinite(found).all() and np.isfinite(reference).all()):
        raise ModelCheckError(f"{folder / MODEL} gives values that are no numbers")
    return found, reference


def _recalls(
    golden: Sequence[GoldenMessage], labels: Sequence[str], quantised: NDArray[np.float64], exact: NDArray[np.float64]
) -> tuple[Recall, ...]:
    gold = np.array([message.label for message in golden])
    said, meant = (np.array(labels)[scores.argmax(axis=1)] for scores in (quantised, exact))
    return tuple(
        Recall(
            label, int((gold == label).sum()),
            by_float=int(((gold == label) & (meant == label)).sum()),
            by_int8=int(((gold == label) & (said == label)).sum()),
        )
        for label in GATED_LABELS
    )  # fmt: skip


def _judged(report: CheckReport, *, responder_matches: bool) -> CheckReport:
    """Return the report with its problems; a comparison that is not a number is a problem."""
    problems = [
        f"safety gate: int8 recognises {r.by_int8} of {r.total} {r.label}, float {r.by_float}"
        for r in report.recalls
        if r.is_lost
    ]
    if not report.label_agreement >= LEAST_LABEL_AGREEMENT:
        problems.append(f"parity: labels agree in {report.label_agreement:.3f}, wanted {LEAST_LABEL_AGREEMENT}")
    if not report.score_difference <= MOST_SCORE_DIFFERENCE:
        problems.append(f"parity: a score differs by {report.score_difference:.3f}, allowed {MOST_SCORE_DIFFERENCE}")
    if not report.least_cosine >= LEAST_COSINE:
        problems.append(f"parity: a vector has cosine {report.least_cosine:.4f}, wanted {LEAST_COSINE}")
    if not responder_matches:
        problems.append("responder and passage_encoder hold different encoders; run `portico models build`")
    return CheckReport(
        report.versions, report.messages, report.label_agreement, report.score_difference, report.least_cosine,
        report.recalls, tuple(problems),
    )  # fmt: skip
