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
{{- with .Values.gateway.responder -}}
{{- if .url -}}
{{- $own = concat $own (list
  (dict "name" "PORTICO_RESPONDER_URL" "value" .url)
  (dict "name" "PORTICO_RESPONDER_HOSTS" "value" (urlParse .url).hostname)
  (dict "name" "PORTICO_RESPONDER_MODEL" "value" .model)) -}}
{{- if .existingSecret -}}
{{- $own = append $own (dict "name" "PORTICO_RESPONDER_KEY_FILE" "value" "/etc/portico/responder/api-key") -}}
{{- end -}}
{{- if .caSecret -}}
{{- $own = append $own (dict "name" "PORTICO_RESPONDER_CA_FILE" "value" "/etc/portico/responder-ca/ca.crt") -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with .Values.gateway.search -}}
{{- if .url -}}
{{- $own = append $own (dict "name" "PORTICO_SEARCH_URL" "value" .url) -}}
{{- if .existingSecret -}}
{{- $own = append $own (dict "name" "PORTICO_SEARCH_PASSWORD_FILE" "value" "/etc/portico/search/password") -}}
{{- end -}}
{{- if .caSecret -}}
{{- $own = append $own (dict "name" "PORTICO_SEARCH_CA_FILE" "value" "/etc/portico/search-ca/ca.crt") -}}
{{- end -}}
{{- if .clientSecret -}}
{{- $own = concat $own (list
  (dict "name" "PORTICO_SEARCH_CERT_FILE" "value" "/etc/portico/search-client/tls.crt")
  (dict "name" "PORTICO_SEARCH_KEY_FILE" "value" "/etc/portico/search-client/tls.key")) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $launch := include "portico.settingsEnv" (include "portico.launchSettings" . | fromJson) | fromJsonArray -}}
{{- concat $own $shared $launch (include "portico.tritonTlsEnv" . | fromJsonArray) (include "portico.settingsEnv" .Values.gateway.settings | fromJsonArray) | toJson -}}
{{- end }}

{{/* Who may launch the assistant, as settings; none without a server. */}}
{{- define "portico.launchSettings" -}}
{{- $settings := dict -}}
{{- with .Values.gateway.launch -}}
{{- if .servers -}}
{{- $settings = dict
  "launchServers" .servers
  "launchClientId" (required "gateway.launch.clientId: our client id at gateway.launch.servers is required, or the gateway does not start" .clientId)
  "publicUrl" (required "gateway.launch.publicUrl: the origin to which browsers come back is required, or the gateway does not start" .publicUrl) -}}
{{- if .existingSecret.name -}}
{{- $_ := set $settings "launchClientKey" "/etc/portico/launch-client/key.json" -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $settings | toJson -}}
{{- end }}

{{- define "portico.launchClientMounts" -}}
{{- if .Values.gateway.launch.existingSecret.name }}
- name: launch-client
  mountPath: /etc/portico/launch-client
  readOnly: true
{{- end }}
{{- end }}

{{- define "portico.launchClientVolumes" -}}
{{- with .Values.gateway.launch.existingSecret }}
{{- if .name }}
- name: launch-client
  secret:
    secretName: {{ .name }}
    defaultMode: 0440
    items:
      - key: {{ .key }}
        path: key.json
{{- end }}
{{- end }}
{{- end }}

{{/* Files that the gateway's settings name. The check job has them as well: it reads those settings. */}}
{{- define "portico.gatewayFileMounts" -}}
{{- include "portico.siteMounts" . }}
{{- include "portico.tritonTlsMounts" . }}
{{- include "portico.portalClientsMounts" . }}
{{- include "portico.launchClientMounts" . }}
{{- if .Values.gateway.responder.existingSecret }}
- name: responder
  mountPath: /etc/portico/responder
  readOnly: true
{{- end }}
{{- if .Values.gateway.responder.caSecret }}
- name: responder-ca
  mountPath: /etc/portico/responder-ca
  readOnly: true
{{- end }}
{{- with .Values.gateway.search }}
{{- range $name, $secret := dict "search" .existingSecret "search-ca" .caSecret "search-client" .clientSecret }}
{{- if $secret }}
- name: {{ $name }}
  mountPath: /etc/portico/{{ $name }}
  readOnly: true
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "portico.gatewayFileVolumes" -}}
{{- include "portico.siteVolumes" . }}
{{- include "portico.tritonTlsVolumes" . }}
{{- include "portico.portalClientsVolumes" . }}
{{- include "portico.launchClientVolumes" . }}
{{- with .Values.gateway.responder.existingSecret }}
- name: responder
  secret:
    secretName: {{ . }}
    defaultMode: 0440
    items:
      - key: api-key
        path: api-key
{{- end }}
{{- with .Values.gateway.responder.caSecret }}
- name: responder-ca
  secret:
    secretName: {{ . }}
    defaultMode: 0440
    items:
      - key: ca.crt
        path: ca.crt
{{- end }}
{{- with .Values.gateway.search }}
{{- $keys := dict "search" (list "password") "search-ca" (list "ca.crt") "search-client" (list "tls.crt" "tls.key") }}
{{- range $name, $secret := dict "search" .existingSecret "search-ca" .caSecret "search-client" .clientSecret }}
{{- if $secret }}
- name: {{ $name }}
  secret:
    secretName: {{ $secret }}
    defaultMode: 0440
    items:
      {{- range get $keys $name }}
      - key: {{ . }}
        path: {{ . }}
      {{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Public keys of the portals. */}}
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
