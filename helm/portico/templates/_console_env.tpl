{{/* The console's environment, as JSON. */}}
{{- define "portico.consoleEnv" -}}
{{- $own := list
  (dict "name" "PORTICO_CONSOLE_HOST" "value" "0.0.0.0")
  (dict "name" "PORTICO_CONSOLE_PORT" "value" "8081")
  (dict "name" "OMP_NUM_THREADS" "value" "1") -}}
{{- $shared := concat (include "portico.storeEnv" . | fromJsonArray) (include "portico.identityEnv" . | fromJsonArray) -}}
{{- concat $own $shared (include "portico.settingsEnv" .Values.console.settings | fromJsonArray) | toJson -}}
{{- end }}
