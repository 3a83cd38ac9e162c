# NVIDIA's Triton with its vLLM backend, for LLMs. Built from the repository's root:
#   docker build -f deploy/images/triton-gpu.Dockerfile --build-arg TRITON_BASE=<tritonserver -vllm-python-py3 image>@sha256:… .
# The base has no default (docs/adr/0011). vLLM brings numpy and tokenizers of its own: only the encoder's runtime is added.
ARG TRITON_BASE

# One stage: nothing is compiled, and only the packages below are added.
FROM ${TRITON_BASE}
ARG TRITON_BASE
RUN case "${TRITON_BASE}" in *@sha256:*) ;; *) echo "TRITON_BASE: name the base by its digest, NAME:TAG@sha256:..." >&2; exit 1 ;; esac
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="portico-triton-gpu" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY deploy/triton/gpu-image.txt /opt/portico/requirements.txt
COPY --chmod=755 deploy/triton/serve.sh /opt/portico/serve.sh
RUN python3 -m pip install --no-cache-dir --no-input --break-system-packages --no-deps --require-hashes \
    -r /opt/portico/requirements.txt
ENV PYTHONDONTWRITEBYTECODE=1 ORT_DISABLE_TELEMETRY=1 HF_HUB_OFFLINE=1 VLLM_NO_USAGE_STATS=1
USER 10001:10001
EXPOSE 8000 8001 8002
HEALTHCHECK --interval=10s --timeout=3s --start-period=600s \
  CMD ["python3", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/v2/health/ready', timeout=2)"]
ENTRYPOINT ["/opt/portico/serve.sh"]
CMD ["--allow-gpu-metrics=true"]
