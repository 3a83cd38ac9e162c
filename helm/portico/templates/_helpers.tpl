{{- define "portico.fullname" -}}
{{- if .Values.fullnameOverride }}{{ .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/* The labels that never change. Called with (dict "root" $ "component" "gateway"). */}}
{{- define "portico.selectorLabels" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "portico.labels" -}}
{{ include "portico.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/part-of: portico
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* metadata of an object of a component. "suffix" names it, and is the component where it is not given. */}}
{{- define "portico.metadata" -}}
name: {{ include "portico.fullname" .root }}-{{ .suffix | default .component }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "portico.labels" . | nindent 2 }}
{{- end }}

{{/* An image by digest where there is one, else by tag. Called with (dict "root" $ "image" … "name" "gateway.image"). */}}
{{- define "portico.image" -}}
{{- $registry := .root.Values.global.imageRegistry | default .image.registry -}}
{{- $repository := ternary (printf "%s/%s" $registry .image.repository) .image.repository (ne $registry "") -}}
{{- if .image.digest -}}
{{ $repository }}@{{ .image.digest }}
{{- else if .root.Values.global.requireDigests -}}
{{- fail (printf "%s.digest: global.requireDigests is set, and this image has no digest" .name) -}}
{{- else if eq (toString .image.tag) "latest" -}}
{{- fail (printf "%s.tag: latest is another image every day; name a version, or a digest" .name) -}}
{{- else -}}
{{ $repository }}:{{ .image.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- define "portico.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "portico.containerSecurityContext" -}}
allowPrivilegeEscalation: false
privileged: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* What every pod spec begins with. Called with (dict "root" $ "component" … "values" .Values.<component>). */}}
{{- define "portico.podStart" -}}
serviceAccountName: {{ include "portico.fullname" .root }}-{{ .component }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .root.Values.global.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- include "portico.podSecurityContext" . | nindent 2 }}
{{- include "portico.scheduling" . }}
{{- end }}

{{- define "portico.scheduling" -}}
{{- $priority := .values.priorityClassName | default (ternary (printf "%s-%s" (include "portico.fullname" .root) .component) "" (and .root.Values.priorityClasses.create (hasKey .root.Values.priorityClasses.values .component))) }}
{{- with $priority }}
priorityClassName: {{ . }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if .values.topologySpread }}
topologySpreadConstraints:
  {{- range $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: {{ $.values.topologySpread }}
    labelSelector:
      matchLabels:
        {{- include "portico.selectorLabels" $ | nindent 8 }}
  {{- end }}
{{- end }}
{{- end }}

{{/* Environment from the chart and from extraEnv; a name that stands in both is refused: Helm 4 rejects duplicates. */}}
{{- define "portico.env" -}}
{{- $names := list -}}
{{- range concat .own (.values.extraEnv | default list) -}}
{{- if has .name $names -}}
{{- fail (printf "%s.extraEnv: %s is set already; use the value that sets it" $.component .name) -}}
{{- end -}}
{{- $names = append $names .name -}}
{{- end -}}
{{ toYaml (concat .own (.values.extraEnv | default list)) }}
{{- end }}

{{/* A probe over HTTP: (dict "probe" … "path" "/healthz" "port" "http"). */}}
{{- define "portico.httpProbe" -}}
httpGet:
  path: {{ .path }}
  port: {{ .port }}
{{- toYaml (omit .probe "path") | nindent 0 }}
{{- end }}

{{/* The secret of an ingress's certificate: an existing one, or the one that cert-manager fills. Neither is refused. */}}
{{- define "portico.tlsSecret" -}}
{{- $tls := (index .root.Values .component).ingress.tls -}}
{{- if $tls.certManager.enabled -}}
{{ include "portico.fullname" .root }}-{{ .component }}-tls
{{- else -}}
{{ required (printf "%s.ingress.tls: an ingress without TLS is refused; give existingSecret or enable certManager" .component) $tls.existingSecret }}
{{- end -}}
{{- end }}
