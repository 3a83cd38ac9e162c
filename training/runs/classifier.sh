#!/usr/bin/env bash
# The story of the safety classifier, from authored messages to the committed adapter: about half an hour on two
# cores. Every step is resumable: run the script again and it goes on where it stopped.
#
#     training/runs/classifier.sh [CONFIG]
set -euo pipefail
cd "$(dirname "$0")/../.."

config="${1:-training/configs/classifier.toml}"
python="${PYTHON:-.venv-train/bin/python}"
source training/runs/environment.sh

step "1. the model, the adapter arithmetic and DPO on a tiny model"
"$python" -m pytest training/tests/test_model.py

step "2. supervised fine-tuning: LoRA on every linear layer, and the head"
"$python" -m portico_training.sft --config "$config"

step "3. DPO: the right label is preferred to the tempting one, harmful confusions first"
"$python" -m portico_training.dpo --config "$config"

step "4. temperature on validation, thresholds on the unseen style"
"$python" -m portico_training.calibrate --config "$config" --stage sft
"$python" -m portico_training.calibrate --config "$config" --stage dpo

step "5. the figures before and after DPO, on every split"
"$python" -m portico_training.evaluate --config "$config"

step "6. the files that serving needs"
"$python" -m portico_training.export --config "$config"
