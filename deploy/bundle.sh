#!/usr/bin/env bash
# Lays out what services and Triton open (model repository, tagger, passage index) in one folder, with SHA256SUMS.
# The last line is the one value that a site pins: models.source.sha256 of the chart.
set -euo pipefail
out=${1:?"usage: bundle.sh FOLDER"}
rm -rf "$out"
mkdir -p "$out"
cp -r model_repository "$out/model_repository"
cp -r services/redaction/tagger "$out/tagger"
cp -r services/knowledge/index "$out/index"
find "$out" \( -name __pycache__ -prune -o -name .built \) -exec rm -rf {} +
chmod -R u=rwX,go=rX "$out"
(cd "$out" && find . -type f ! -name SHA256SUMS -printf '%P\0' | LC_ALL=C sort -z | xargs -0 sha256sum > SHA256SUMS)
sha256sum "$out/SHA256SUMS" | cut -d ' ' -f 1
