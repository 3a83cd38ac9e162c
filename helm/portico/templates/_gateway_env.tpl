{{/* The gateway's environment, as JSON. The names are those of docs/reference/settings.md; a test compares them. */}}
{{- define "portico.gatewayEnv" -}}
{{- $own := concat (include "portico.nameOfPod" . | fromJsonArray) (list
  (dict "name" "PORTICO_HOST" "value" "0.0.0.0")
  (dict "name" "PORTICO_PORT" "value" "8080")
  (dict "name" "PORTICO_METRICS_HOST" "value" "0.0.0.0")
  (dict "name" "PORTICO_METRICS_PORT" "value" "9090")
  (dict "name" "PORTICO_TRITON_URL" "value" (include "portico.tritonAddress" .))
  (dict "name" "PORTICO_MODEL_REPOSITORY" "value" "/bundle/model_repository")
  (dict "name" "PORTICO_KNOWLEDGE_INDEX" "value" "/bundle/index")
  (dict "name" "PORTICO_CLINIC_PHONE" "value" .Values.clinic.phone)
  (dict "name" "PORTICO_TRUST_DURABILITY" "value" (.Values.redis.trustDurability | toString))
  (dict "name" "OMP_NUM_THREADS" "value" "1")) -}}
{{- $shared := concat (include "portico.storeEnv" . | fromJsonArray) (include "portico.identityEnv" . | fromJsonArray) -}}
{{- concat $own $shared (include "portico.settingsEnv" .Values.gateway.settings | fromJsonArray) | toJson -}}
{{- end }}
