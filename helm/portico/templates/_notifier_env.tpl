{{/* The notifier's environment, as JSON; it needs neither keys of patients nor a state folder. */}}
{{- define "portico.notifierEnv" -}}
{{- $secret := .Values.redis.existingSecret -}}
{{- $webhook := .Values.notifier.webhook -}}
{{- $own := list
  (dict "name" "PORTICO_TENANT" "value" .Values.tenant)
  (dict "name" "PORTICO_REDIS_URL" "valueFrom" (dict "secretKeyRef" (dict "name" $secret.name "key" $secret.key)))
  (dict "name" "PORTICO_WEBHOOK_URL" "value" (required "notifier.webhook.url: where escalations are announced is required" $webhook.url))
  (dict "name" "PORTICO_WEBHOOK_KEYS" "valueFrom" (dict "secretKeyRef" (dict "name" (required "notifier.webhook.existingSecret.name: the secret with the keys that sign is required" $webhook.existingSecret.name) "key" $webhook.existingSecret.key)))
  (dict "name" "PORTICO_METRICS_HOST" "value" "0.0.0.0")
  (dict "name" "PORTICO_NOTIFIER_METRICS_PORT" "value" "9090")
  (dict "name" "PORTICO_HEARTBEAT" "value" "/tmp/heartbeat") -}}
{{- concat $own (include "portico.redisTlsEnv" . | fromJsonArray) (include "portico.settingsEnv" .Values.notifier.settings | fromJsonArray) | toJson -}}
{{- end }}

{{- define "portico.heartbeatProbe" -}}
exec:
  command: [python3, -I, /opt/scripts/alive.py, /tmp/heartbeat, "30"]
{{- toYaml . | nindent 0 }}
{{- end }}
