#!/usr/bin/env bash
# The story of the tagger of names and places, from authored templates to the committed adapter: about half an hour on
# two cores. Resumable: run the script again and it goes on where it stopped.
#
#     training/runs/tagger.sh [CONFIG]
set -euo pipefail
cd "$(dirname "$0")/../.."

config="${1:-training/configs/tagger.toml}"
python="${PYTHON:-.venv-train/bin/python}"
source training/runs/environment.sh

step "1. what the generator makes"
"$python" -m portico_training.tagger.generate --config "$config" --show 5

step "2. LoRA on every linear layer, token types and head; each text is seen once"
"$python" -m portico_training.tagger.train --config "$config"

step "3. the files that serving needs"
"$python" -m portico_training.tagger.export --config "$config" --threshold "${THRESHOLD:-0.5}"
