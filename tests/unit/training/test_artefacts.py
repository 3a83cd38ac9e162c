"""Files of a run: whole or not at all, checked, and configured without surprises."""

from pathlib import Path

import pytest

from portico_training.artefacts import RunLog, TrainingError, check_base_weights, write_bytes
from portico_training.settings import load_run

CONFIG = Path(__file__).parents[3] / "training" / "configs" / "classifier.toml"


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    write_bytes(path, b"old")
    with pytest.raises(TypeError):
        write_bytes(path, "no bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_other_base_weights_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    with pytest.raises(TrainingError, match="missing"):
        check_base_weights(path)
    path.write_bytes(b"other")
    with pytest.raises(TrainingError, match="SHA-256"):
        check_base_weights(path)


def test_the_log_keeps_figures_by_event(tmp_path: Path) -> None:
    log = RunLog(tmp_path / "log.jsonl")
    log.record("sft_epoch", loss=0.5)
    log.record("other")
    assert [row["loss"] for row in log.events("sft_epoch")] == [0.5]


def test_the_committed_configuration_loads() -> None:
    assert load_run(CONFIG).sft.lora_rank > 0


def test_an_unknown_or_missing_key_stops_the_run(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "c.toml"
    path.parent.mkdir(parents=True)
    path.write_text(CONFIG.read_text(encoding="utf-8").replace("beta =", "betta ="), encoding="utf-8")
    with pytest.raises(TrainingError):
        load_run(path)
    path.write_text(CONFIG.read_text(encoding="utf-8").replace("threads =", "treads ="), encoding="utf-8")
    with pytest.raises(TrainingError, match=r"key .t(h)?reads"):
        load_run(path)
