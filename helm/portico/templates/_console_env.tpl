{{/* The console's environment, as JSON. */}}
{{- define "portico.consoleEnv" -}}
{{- $own := concat (include "portico.nameOfPod" . | fromJsonArray) (list
  (dict "name" "PORTICO_CONSOLE_HOST" "value" "0.0.0.0")
  (dict "name" "PORTICO_CONSOLE_PORT" "value" "8081")
  (dict "name" "PORTICO_METRICS_HOST" "value" "0.0.0.0")
  (dict "name" "PORTICO_CONSOLE_METRICS_PORT" "value" "9090")
  (dict "name" "OMP_NUM_THREADS" "value" "1")) -}}
{{- $shared := concat (include "portico.storeEnv" . | fromJsonArray) (include "portico.identityEnv" . | fromJsonArray) -}}
{{- $staff := include "portico.settingsEnv" (include "portico.staffSettings" . | fromJson) | fromJsonArray -}}
{{- concat $own $shared $staff (include "portico.settingsEnv" .Values.console.settings | fromJsonArray) | toJson -}}
{{- end }}

{{/* How staff sign in, as settings. What the site leaves out is left to the console, but for what it does not start without. */}}
{{- define "portico.staffSettings" -}}
{{- $staff := .Values.console.staff -}}
{{- $settings := dict
  "consoleUrl" (include "portico.consoleUrl" .)
  "staffClientId" $staff.clientId -}}
{{- range $name, $value := dict "staffRoleClaim" $staff.roleClaim "staffRoles" $staff.roles "staffAcr" $staff.acr -}}
{{- if $value -}}
{{- $_ := set $settings $name $value -}}
{{- end -}}
{{- end -}}
{{- if $staff.existingSecret.name -}}
{{- $_ := set $settings "staffClientKey" "/etc/portico/staff-client/key.json" -}}
{{- end -}}
{{- $settings | toJson -}}
{{- end }}

{{/* Where browsers find the console: as given, or the one host that it is published under. */}}
{{- define "portico.consoleUrl" -}}
{{- $console := .Values.console -}}
{{- $hosts := list -}}
{{- if $console.ingress.enabled -}}
{{- $hosts = append $hosts $console.ingress.host -}}
{{- end -}}
{{- if $console.gatewayApi.enabled -}}
{{- $hosts = concat $hosts $console.gatewayApi.hostnames -}}
{{- end -}}
{{- if $console.url -}}
{{ $console.url }}
{{- else if and (eq (len $hosts) 1) (not (contains "*" (first $hosts))) -}}
https://{{ first $hosts }}
{{- else -}}
{{- include "portico.refuseMissing" . -}}
{{- fail (printf "console.url: required, since staff come back to it from the sign-in and the console does not start without it; it is published under %d host names, and exactly one, without a wildcard, would name it" (len $hosts)) -}}
{{- end -}}
{{- end }}

{{- define "portico.staffClientMounts" -}}
{{- if .Values.console.staff.existingSecret.name }}
- name: staff-client
  mountPath: /etc/portico/staff-client
  readOnly: true
{{- end }}
{{- end }}

{{- define "portico.staffClientVolumes" -}}
{{- with .Values.console.staff.existingSecret }}
{{- if .name }}
- name: staff-client
  secret:
    secretName: {{ .name }}
    defaultMode: 0440
    items:
      - key: {{ .key }}
        path: key.json
{{- end }}
{{- end }}
{{- end }}
