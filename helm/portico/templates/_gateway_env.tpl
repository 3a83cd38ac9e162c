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
{{- if include "portico.portalClientsMounts" . -}}
{{- $own = append $own (dict "name" "PORTICO_PORTAL_CLIENTS" "value" "/etc/portico/portal-clients/clients.json") -}}
{{- end -}}
{{- concat $own $shared (include "portico.settingsEnv" .Values.gateway.settings | fromJsonArray) | toJson -}}
{{- end }}

{{/* Public keys of the portals. The check job has them as well: it reads the gateway's settings. */}}
{{- define "portico.portalClientsMounts" -}}
{{- if or .Values.gateway.portalClients.existingConfigMap .Values.gateway.portalClients.existingSecret }}
- name: portal-clients
  mountPath: /etc/portico/portal-clients
  readOnly: true
{{- end }}
{{- end }}

{{- define "portico.portalClientsVolumes" -}}
{{- with .Values.gateway.portalClients }}
{{- if or .existingConfigMap .existingSecret }}
- name: portal-clients
  {{- if .existingSecret }}
  secret:
    secretName: {{ .existingSecret }}
  {{- else }}
  configMap:
    name: {{ .existingConfigMap }}
  {{- end }}
    defaultMode: 0440
    items:
      - key: {{ .key }}
        path: clients.json
{{- end }}
{{- end }}
{{- end }}
