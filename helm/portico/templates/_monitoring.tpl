{{/* Lets the operator's Prometheus scrape a component. Rules and boards group by tenant and release: a series without these
     labels would be in no alert and on no board; the job's name is
     the one that PorticoTargetDown and the Platform board know. Called with (dict "root" $ "component" "gateway"). */}}
{{- define "portico.serviceMonitor" -}}
{{- if .root.Values.metrics.serviceMonitor.enabled }}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  {{- include "portico.metadata" . | nindent 2 }}
    {{- with .root.Values.metrics.serviceMonitor.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  selector:
    matchLabels:
      {{- include "portico.selectorLabels" . | nindent 6 }}
  endpoints:
    - port: metrics
      interval: {{ .root.Values.metrics.serviceMonitor.interval }}
      relabelings:
        - targetLabel: job
          replacement: {{ eq .component "triton" | ternary "triton" (printf "portico-%s" .component) }}
        - targetLabel: tenant
          replacement: {{ .root.Values.tenant | quote }}
        - targetLabel: release
          replacement: {{ .root.Release.Name | quote }}
{{- end }}
{{- end }}

{{/* Annotations of a component's pods; for a Prometheus without the operator also whose they are (docs/how-to/observe.md).
     Called with (dict "root" $ "given" .Values.<component>.podAnnotations). */}}
{{- define "portico.podAnnotations" -}}
{{- $all := dict -}}
{{- if .root.Values.metrics.podScraping -}}
{{- $all = dict "portico/tenant" .root.Values.tenant -}}
{{- end -}}
{{- with merge $all (.given | default dict) -}}
{{ toYaml . }}
{{- end -}}
{{- end }}
