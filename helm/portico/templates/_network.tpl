{{/* Pieces of the network policies: one named path each. */}}

{{- define "portico.toDns" -}}
# Names: the cluster's DNS.
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: {{ .Values.networkPolicy.dns.namespace }}
      podSelector:
        matchLabels:
          {{- toYaml .Values.networkPolicy.dns.podLabels | nindent 10 }}
  ports:
    - {protocol: UDP, port: 53}
    - {protocol: TCP, port: 53}
{{- end }}

{{- define "portico.toStore" -}}
# State and audit: Redis or Valkey.
- to:
    {{- if .Values.valkey.enabled }}
    - podSelector:
        matchLabels:
          {{- include "portico.selectorLabels" (dict "root" . "component" "valkey") | nindent 10 }}
    {{- else }}
    {{- range .Values.redis.cidrs }}
    - ipBlock: {cidr: {{ . }}}
    {{- end }}
    {{- end }}
  ports:
    - {protocol: TCP, port: {{ .Values.valkey.enabled | ternary 6379 .Values.redis.port }}}
{{- end }}

{{- define "portico.toIssuer" -}}
# The hospital's identity provider: its keys, and for the console the exchange of a sign-in's code.
- to:
    {{- range .Values.identity.cidrs }}
    - ipBlock: {cidr: {{ . }}}
    {{- end }}
  ports:
    - {protocol: TCP, port: {{ .Values.identity.port }}}
{{- end }}

{{- define "portico.toModels" -}}
# The models: redacted text goes to them.
- to:
    - podSelector:
        matchLabels:
          {{- include "portico.selectorLabels" (dict "root" . "component" "triton") | nindent 10 }}
  ports:
    - {protocol: TCP, port: 8001}
{{- end }}

{{- define "portico.toResponder" -}}
{{- with .Values.gateway.responder }}
{{- if .url }}
# The endpoint that drafts answers: redacted text goes to it.
- to:
    {{- range .cidrs }}
    - ipBlock: {cidr: {{ . }}}
    {{- end }}
  ports:
    - {protocol: TCP, port: {{ .port }}}
{{- end }}
{{- end }}
{{- end }}

{{- define "portico.toSearch" -}}
{{- with .Values.gateway.search }}
{{- if .url }}
# The search engine: vectors of redacted text go to it.
- to:
    {{- range .cidrs }}
    - ipBlock: {cidr: {{ . }}}
    {{- end }}
  ports:
    - {protocol: TCP, port: {{ .port }}}
{{- end }}
{{- end }}
{{- end }}

{{- define "portico.toBucket" -}}
{{- if eq .Values.models.source.type "s3" }}
{{- if not .Values.models.source.s3.cidrs }}
{{- fail "models.source.s3.cidrs: the addresses of the bucket's endpoint are required" }}
{{- end }}
# The bucket of the bundle, read by the init step.
- to:
    {{- range .Values.models.source.s3.cidrs }}
    - ipBlock: {cidr: {{ . }}}
    {{- end }}
  ports:
    - {protocol: TCP, port: 443}
{{- end }}
{{- end }}

{{- define "portico.fromProxy" -}}
# Patients and staff, through the ingress controller or the Gateway; and this chart's own test pod.
- from:
    {{- toYaml .root.Values.networkPolicy.proxies | nindent 4 }}
    - podSelector:
        matchLabels:
          {{- include "portico.selectorLabels" (dict "root" .root "component" "test") | nindent 10 }}
  ports:
    - {protocol: TCP, port: {{ .port }}}
{{- end }}

{{- define "portico.fromPrometheus" -}}
{{- if or .root.Values.metrics.serviceMonitor.enabled .root.Values.metrics.podScraping }}
# Metrics, for Prometheus only.
- from:
    {{- toYaml .root.Values.networkPolicy.prometheus | nindent 4 }}
  ports:
    - {protocol: TCP, port: {{ .port }}}
{{- end }}
{{- end }}
