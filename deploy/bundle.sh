#!/usr/bin/env bash
# Lays out what services and Triton open (model repository, tagger, passage index) in one folder, with SHA256SUMS.
# The last line is the one value that a site pins: models.source.sha256 of the chart.
# With PROFILE=gpu the models of model_repository_gpu, and WEIGHTS (a folder with safety_llm and responder_llm) as weights/.
set -euo pipefail
out=${1:?"usage: bundle.sh FOLDER"}
profile=${PROFILE:-cpu}
case $profile in
  cpu) models=model_repository ;;
  gpu)
    models=${GPU_REPOSITORY:-model_repository_gpu}
    for model in safety_classifier responder; do
      test -s "$models/$model/1/manifest.json" || { echo "error: $models/$model/1/manifest.json is missing: training writes it (model_repository_gpu/README.md)" >&2; exit 1; }
    done
    for model in safety_llm responder_llm; do
      test -d "${WEIGHTS:?"WEIGHTS: a folder with safety_llm and responder_llm"}/$model" || { echo "error: WEIGHTS holds no $model" >&2; exit 1; }
    done ;;
  *) echo "error: PROFILE is cpu or gpu, not $profile" >&2; exit 1 ;;
esac
if [ -e "$out" ] && [ -n "$(ls -A "$out")" ] && [ ! -e "$out/SHA256SUMS" ]; then
  echo "error: $out holds something that is no bundle; it is not written over" >&2
  exit 1
fi
rm -rf "$out"
mkdir -p "$out"
cp -r "$models" "$out/model_repository"
if [ "$profile" = gpu ]; then
  cp -r model_repository/passage_encoder "$out/model_repository/passage_encoder"
  cp -rL "$WEIGHTS" "$out/weights"
  rm -f "$out/model_repository/README.md"
fi
cp -r services/redaction/tagger "$out/tagger"
cp -r services/knowledge/index "$out/index"
find "$out" \( -name __pycache__ -prune -o -name .built \) -exec rm -rf {} +
chmod -R u=rwX,go=rX "$out"
(cd "$out" && find . -type f ! -name SHA256SUMS -printf '%P\0' | LC_ALL=C sort -z | xargs -0 sha256sum > SHA256SUMS)
sha256sum "$out/SHA256SUMS" | cut -d ' ' -f 1
