#!/usr/bin/env bash
# Triton as an image starts it: the flags of portico_models.triton_server, for a server that others reach over gRPC. What
# the gateway does not use answers only to a header that nobody is told. The chart gives its own flags.
set -euo pipefail
word=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
exec tritonserver \
  --model-repository=/bundle/model_repository \
  --model-control-mode=none \
  --exit-on-error=true \
  --strict-readiness=true \
  --disable-auto-complete-config \
  --backend-config=python,shm-region-prefix-name=portico- \
  --backend-config=python,stub-timeout-seconds=60 \
  --grpc-address=0.0.0.0 \
  --grpc-port=8001 \
  "--grpc-restricted-protocol=shared-memory,model-repository,trace,logging:$word=$word" \
  --http-address=127.0.0.1 \
  --http-port=8000 \
  --http-thread-count=2 \
  "--http-restricted-api=inference,metadata,model-config,statistics,shared-memory,model-repository,trace,logging:$word=$word" \
  --metrics-address=0.0.0.0 \
  --metrics-port=8002 \
  --allow-sagemaker=false \
  --allow-vertex-ai=false \
  --log-verbose=0 \
  --log-format=ISO8601 \
  --exit-timeout-secs=5 \
  "$@"
