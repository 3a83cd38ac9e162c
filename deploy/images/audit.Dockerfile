# The audit jobs: what the gateway's image holds, and the Parquet library of the archive, which no service loads
# (docs/adr/0013). Built from the repository's root:
#   docker build -f deploy/images/audit.Dockerfile --build-arg PYTHON_BASE=python:3.11-slim@sha256:… .
# The base has no default, because this repository knows no digest that it has not looked up (docs/adr/0011).
ARG PYTHON_BASE

FROM ${PYTHON_BASE} AS build
ARG PYTHON_BASE
RUN case "${PYTHON_BASE}" in *@sha256:*) ;; *) echo "PYTHON_BASE: name the base by its digest, NAME:TAG@sha256:..." >&2; exit 1 ;; esac
WORKDIR /opt/portico
COPY pyproject.toml README.md ./
COPY requirements/runtime.txt requirements/build.txt requirements/archive.txt requirements/
COPY services services
RUN python -m venv .venv \
 && .venv/bin/python -m pip install --no-cache-dir --no-input --require-hashes -r requirements/runtime.txt -r requirements/archive.txt -r requirements/build.txt \
 && .venv/bin/python -m pip install --no-cache-dir --no-input --no-deps --no-build-isolation -e .

FROM ${PYTHON_BASE}
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="portico-audit" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/portico /opt/portico
RUN mkdir -p /var/lib/portico && chown -R 10001:10001 /var/lib/portico
ENV PATH=/opt/portico/.venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 ORT_DISABLE_TELEMETRY=1 PYTHONUNBUFFERED=1
WORKDIR /opt/portico
USER 10001:10001
# Its containers end by themselves.
HEALTHCHECK NONE
ENTRYPOINT ["portico"]
CMD ["audit", "--help"]
