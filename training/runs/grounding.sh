#!/usr/bin/env bash
# The story of the paraphrase checker, from authored pairs to the files that the gateway opens. A minute on one core.
#
#     training/runs/grounding.sh
set -euo pipefail
cd "$(dirname "$0")/../.."

python="${PYTHON:-.venv-train/bin/python}"
source training/runs/environment.sh

step "Word vectors, weights and threshold"
"$python" -m portico_training.grounding.fit --out services/gateway/portico_gateway/guards/checker
