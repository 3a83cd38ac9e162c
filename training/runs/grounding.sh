#!/usr/bin/env bash
# The story of the entailment model, from authored pairs to the committed adapter: about a quarter of an hour on two
# cores. Resumable: run the script again and it goes on where it stopped.
#
#     training/runs/grounding.sh [CONFIG]
set -euo pipefail
cd "$(dirname "$0")/../.."

config="${1:-training/configs/grounding.toml}"
python="${PYTHON:-.venv-train/bin/python}"
source training/runs/environment.sh

step "1. LoRA on every linear layer, token types and head"
"$python" -m portico_training.grounding.train --config "$config"

step "2. the threshold, on topics that are not trained on, and the files that serving needs"
"$python" -m portico_training.grounding.export --config "$config"
