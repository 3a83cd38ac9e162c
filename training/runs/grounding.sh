#!/usr/bin/env bash
# The story of the entailment model, from authored pairs to trained weights in the work folder; there is no export yet.
# Resumable: run the script again and it goes on after its last finished epoch.
#
#     training/runs/grounding.sh [CONFIG]
set -euo pipefail
cd "$(dirname "$0")/../.."

config="${1:-training/configs/grounding.toml}"
python="${PYTHON:-.venv-train/bin/python}"
source training/runs/environment.sh

step "LoRA on every linear layer, token types and head"
"$python" -m portico_training.grounding.train --config "$config"
