{{/* The console's environment, as JSON. */}}
{{- define "portico.consoleEnv" -}}
{{- $own := concat (include "portico.nameOfPod" . | fromJsonArray) (list
  (dict "name" "PORTICO_CONSOLE_HOST" "value" "0.0.0.0")
  (dict "name" "PORTICO_CONSOLE_PORT" "value" "8081")
  (dict "name" "PORTICO_METRICS_HOST" "value" "0.0.0.0")
  (dict "name" "PORTICO_CONSOLE_METRICS_PORT" "value" "9090")
  (dict "name" "OMP_NUM_THREADS" "value" "1")) -}}
{{- $shared := concat (include "portico.storeEnv" . | fromJsonArray) (include "portico.identityEnv" . | fromJsonArray) -}}
{{- concat $own $shared (include "portico.settingsEnv" .Values.console.settings | fromJsonArray) | toJson -}}
{{- end }}
