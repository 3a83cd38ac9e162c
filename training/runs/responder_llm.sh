#!/usr/bin/env bash
# The story of the GPU profile's responder, from authored pairs of drafts to what model_repository_gpu serves. Wants one
# graphics processor and an instruct model in the folder that the configuration names. Resumable: run it again.
#
#     training/runs/responder_llm.sh [CONFIG]
set -euo pipefail
cd "$(dirname "$0")/../.."

config="${1:-training/configs/responder_llm.toml}"
python="${PYTHON:-.venv-train/bin/python}"
source training/runs/environment.sh

step "1. the whole recipe on a tiny model"
"$python" -m pytest training/tests/test_responder_llm.py

step "2. SFT with citations: LoRA, the loss on the draft alone"
"$python" -m portico_training.responder_llm.sft --config "$config"

step "3. DPO: a draft that informs is preferred to one that advises, diagnoses, doses, invents, leaks or obeys"
"$python" -m portico_training.responder_llm.dpo --config "$config"

step "4. drafts for the test pairs: before SFT, after SFT, after DPO"
"$python" -m portico_training.responder_llm.drafts --config "$config"

step "5. the validators that serve judge them, in the serving environment"
work="$("$python" -c 'import sys; from pathlib import Path; from portico_training.responder_llm.settings import load_llm_run as load; print(load(Path(sys.argv[1])).work)' "$config")"
PYTHONPATH=tests:training .venv/bin/python -m reliability.llm_drafts --work "$work"

step "6. the merged model and the manifest that serving needs"
"$python" -m portico_training.responder_llm.export --config "$config"
