{{/* What gateway, console and the audit jobs share: settings, keys, state and the store. */}}

{{- define "portico.tritonAddress" -}}
{{ empty .Values.triton.tls.serverSecret | ternary "" "grpcs://" }}{{ include "portico.fullname" . }}-triton:8001
{{- end }}

{{/* Files of a TLS connection by their secrets, as a JSON list: (dict "setting" "PORTICO_REDIS" "ca" … "client" … "at" "redis"). */}}
{{- define "portico.tlsEnv" -}}
{{- $env := list -}}
{{- if .ca -}}
{{- $env = append $env (dict "name" (printf "%s_CA_FILE" .setting) "value" (printf "/etc/portico/%s-ca/ca.crt" .at)) -}}
{{- end -}}
{{- if .client -}}
{{- $env = append $env (dict "name" (printf "%s_CERT_FILE" .setting) "value" (printf "/etc/portico/%s-client/tls.crt" .at)) -}}
{{- $env = append $env (dict "name" (printf "%s_KEY_FILE" .setting) "value" (printf "/etc/portico/%s-client/tls.key" .at)) -}}
{{- end -}}
{{- $env | toJson -}}
{{- end }}

{{- define "portico.redisTlsEnv" -}}
{{- include "portico.tlsEnv" (dict "setting" "PORTICO_REDIS" "ca" .Values.redis.tls.caSecret "client" .Values.redis.tls.clientSecret "at" "redis") -}}
{{- end }}

{{- define "portico.tritonTlsEnv" -}}
{{- include "portico.tlsEnv" (dict "setting" "PORTICO_TRITON" "ca" .Values.triton.tls.serverSecret "client" .Values.triton.tls.clientSecret "at" "triton") -}}
{{- end }}

{{/* The same files as mounts and volumes, of whole folders, so that a renewed secret arrives. Of Triton's own secret the
     gateway gets the authority alone. */}}
{{- define "portico.tlsMounts" -}}
{{- if .ca }}
- name: {{ .at }}-ca
  mountPath: /etc/portico/{{ .at }}-ca
  readOnly: true
{{- end }}
{{- if .client }}
- name: {{ .at }}-client
  mountPath: /etc/portico/{{ .at }}-client
  readOnly: true
{{- end }}
{{- end }}

{{- define "portico.tlsVolumes" -}}
{{- if .ca }}
- name: {{ .at }}-ca
  secret:
    secretName: {{ .ca }}
    defaultMode: 0440
    items:
      - key: ca.crt
        path: ca.crt
{{- end }}
{{- if .client }}
- name: {{ .at }}-client
  secret:
    secretName: {{ .client }}
    defaultMode: 0440
    items:
      - key: tls.crt
        path: tls.crt
      - key: tls.key
        path: tls.key
{{- end }}
{{- end }}

{{- define "portico.tritonTlsMounts" -}}
{{- include "portico.tlsMounts" (dict "ca" .Values.triton.tls.serverSecret "client" .Values.triton.tls.clientSecret "at" "triton") -}}
{{- end }}

{{- define "portico.tritonTlsVolumes" -}}
{{- include "portico.tlsVolumes" (dict "ca" .Values.triton.tls.serverSecret "client" .Values.triton.tls.clientSecret "at" "triton") -}}
{{- end }}

{{/* A secret's key as an environment variable, as a JSON list with one element. */}}
{{- define "portico.storeEnv" -}}
{{- $secret := dict "name" .Values.redis.existingSecret.name "key" .Values.redis.existingSecret.key -}}
{{- $own := list
  (dict "name" "PORTICO_TENANT" "value" .Values.tenant)
  (dict "name" "PORTICO_STATE" "value" "/var/lib/portico")
  (dict "name" "PORTICO_REDIS_URL" "valueFrom" (dict "secretKeyRef" $secret)) -}}
{{- concat $own (include "portico.redisTlsEnv" . | fromJsonArray) | toJson -}}
{{- end }}

{{- define "portico.identityEnv" -}}
{{- list
  (dict "name" "PORTICO_ISSUER" "value" .Values.identity.issuer)
  (dict "name" "PORTICO_AUDIENCE" "value" .Values.identity.audience)
  (dict "name" "PORTICO_JWKS_URL" "value" .Values.identity.jwksUrl)
  (dict "name" "PORTICO_CLINIC_NAME" "value" .Values.clinic.name)
  (dict "name" "PORTICO_TAGGER" "value" "/bundle/tagger") | concat (include "portico.siteEnv" . | fromJsonArray) | toJson -}}
{{- end }}

{{/* The site's numbers and wording. The map's name holds its hash: services read it once, so other content is another pod. */}}
{{- define "portico.siteName" -}}
site-{{ .Values.clinic.site | toJson | sha256sum | trunc 8 }}
{{- end }}

{{- define "portico.siteEnv" -}}
{{- if .Values.clinic.site -}}
{{- list (dict "name" "PORTICO_SITE" "value" "/etc/portico/site/site.json") | toJson -}}
{{- else -}}
[]
{{- end -}}
{{- end }}

{{- define "portico.siteMounts" -}}
{{- if .Values.clinic.site }}
- name: site
  mountPath: /etc/portico/site
  readOnly: true
{{- end }}
{{- end }}

{{- define "portico.siteVolumes" -}}
{{- if .Values.clinic.site }}
- name: site
  configMap:
    name: {{ include "portico.fullname" . }}-{{ include "portico.siteName" . }}
    defaultMode: 0440
{{- end }}
{{- end }}

{{/* Settings of a component by their camelCase names: classifyDeadlineS becomes PORTICO_CLASSIFY_DEADLINE_S. */}}
{{- define "portico.settingsEnv" -}}
{{- $env := list -}}
{{- range $name, $value := . -}}
{{- if not (kindIs "invalid" $value) -}}
{{- $env = append $env (dict "name" (printf "PORTICO_%s" ($name | snakecase | upper)) "value" ($value | toString)) -}}
{{- end -}}
{{- end -}}
{{- $env | toJson -}}
{{- end }}

{{/* The pod's own name, which `subPathExpr` of its state folder reads. */}}
{{- define "portico.nameOfPod" -}}
{{- list (dict "name" "POD_NAME" "valueFrom" (dict "fieldRef" (dict "fieldPath" "metadata.name"))) | toJson -}}
{{- end }}

{{/* The keyring lies in the state folder, where the services look for it; each pod writes into a folder of its own. */}}
{{- define "portico.stateMounts" -}}
- name: state
  mountPath: /var/lib/portico
  subPathExpr: {{ .component }}/$(POD_NAME)
- name: keys
  mountPath: /var/lib/portico/keys.json
  subPath: keys.json
  readOnly: true
{{ include "portico.storeMounts" .root }}
{{- end }}

{{- define "portico.storeMounts" -}}
{{- with include "portico.tlsMounts" (dict "ca" .Values.redis.tls.caSecret "client" .Values.redis.tls.clientSecret "at" "redis") }}
{{- . }}
{{- end }}
- name: tmp
  mountPath: /tmp
{{- end }}

{{- define "portico.stateVolumes" -}}
- name: state
  persistentVolumeClaim:
    claimName: {{ .Values.state.existingClaim | default (printf "%s-state" (include "portico.fullname" .)) }}
- name: keys
  secret:
    secretName: {{ .Values.keys.existingSecret.name }}
    defaultMode: 0440
    items:
      - key: {{ .Values.keys.existingSecret.key }}
        path: keys.json
{{ include "portico.storeVolumes" . }}
{{- end }}

{{- define "portico.storeVolumes" -}}
{{- with include "portico.tlsVolumes" (dict "ca" .Values.redis.tls.caSecret "client" .Values.redis.tls.clientSecret "at" "redis") }}
{{- . }}
{{- end }}
- name: tmp
  emptyDir:
    sizeLimit: 256Mi
{{- end }}

{{/* With a claim that one node mounts, everything that uses it must run on the gateway's node. */}}
{{- define "portico.stateAffinity" -}}
{{- if eq .Values.state.accessMode "ReadWriteOnce" -}}
podAffinity:
  requiredDuringSchedulingIgnoredDuringExecution:
    - topologyKey: kubernetes.io/hostname
      labelSelector:
        matchLabels:
          {{- include "portico.selectorLabels" (dict "root" . "component" "gateway") | nindent 10 }}
{{- end -}}
{{- end }}

{{/* The audit jobs read every pod's checkpoints: the command looks for them in all folders below this one. */}}
{{- define "portico.auditMounts" -}}
- name: state
  mountPath: /var/lib/portico/checkpoints
  readOnly: true
- name: keys
  mountPath: /var/lib/portico/keys.json
  subPath: keys.json
  readOnly: true
{{ include "portico.storeMounts" . }}
{{- end }}

{{/* A job that writes audit records of its own reads every pod's checkpoints too, and adds its lines to one file at the top
     of the claim, which the jobs share under a lock. What else it writes in its state folder ends with it. */}}
{{- define "portico.writingJobMounts" -}}
- name: job-state
  mountPath: /var/lib/portico
- name: state
  mountPath: /var/lib/portico/checkpoints
- name: keys
  mountPath: /var/lib/portico/keys.json
  subPath: keys.json
  readOnly: true
{{ include "portico.storeMounts" . }}
{{- end }}

{{- define "portico.writingJobVolumes" -}}
- name: job-state
  emptyDir:
    sizeLimit: 64Mi
{{- end }}
