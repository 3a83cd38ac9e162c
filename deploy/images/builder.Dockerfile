# The bundle: models, tagger and passage index with their checksums. Built from the repository's root:
#   docker build -f deploy/images/builder.Dockerfile --build-arg PYTHON_BASE=python:3.11-slim@sha256:… .
# The base has no default (docs/adr/0011). The last stage holds data only; it is mounted as an image volume, or copied.
ARG PYTHON_BASE

FROM ${PYTHON_BASE} AS build
ARG PYTHON_BASE
RUN case "${PYTHON_BASE}" in *@sha256:*) ;; *) echo "PYTHON_BASE: name the base by its digest, NAME:TAG@sha256:..." >&2; exit 1 ;; esac
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/portico
COPY . .
RUN make bundle PYTHON=python

FROM scratch
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="portico-bundle" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/portico/build/bundle /
USER 10001:10001
HEALTHCHECK NONE
