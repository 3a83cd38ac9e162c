{{/* What is required and left out: all of it in one message, each with the reason. */}}
{{- define "portico.refuseMissing" -}}
{{- $missing := list -}}
{{- range list
  (list .Values.tenant "tenant: the site's id is required; it is part of every key and record, and cannot change later")
  (list .Values.clinic.name "clinic.name: the name that patients and staff see is required")
  (list .Values.clinic.phone "clinic.phone: the care team's number is required; it stands in every text that hands over to a person")
  (list .Values.identity.issuer "identity.issuer: required, or no token of a patient or of staff can be checked")
  (list .Values.identity.jwksUrl "identity.jwksUrl: required, or no token of a patient or of staff can be checked")
  (list .Values.keys.existingSecret.name "keys.existingSecret.name: a secret with keys.json is required (`portico keys create`); the chart makes no keys, since keys in values are read by whoever reads the release")
  (list .Values.redis.existingSecret.name "redis.existingSecret.name: a secret with the store's URL is required; a password in values is read by whoever reads the release")
  (list .Values.models.source.type "models.source.type: image, pvc or s3 is required; without models no message is classified, and nothing is answered")
  (list .Values.models.source.sha256 "models.source.sha256: the last line of `make bundle` is required; no pod opens a file that it does not cover")
  (list .Values.console.staff.clientId "console.staff.clientId: the console's client id at identity.issuer is required, or staff cannot sign in and the console does not start")
-}}
{{- if not (first .) -}}
{{- $missing = append $missing (last .) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.networkPolicy.enabled (not .Values.identity.cidrs) -}}
{{- $missing = append $missing "identity.cidrs: the issuer's addresses are required, or the network policies keep every pod from its keys" -}}
{{- end -}}
{{- if $missing -}}
{{- fail (printf "what is required is missing:\n- %s" (join "\n- " $missing)) -}}
{{- end -}}
{{- end }}

{{/* What a hook brings into a pod stands on the same floor as the chart's own containers. */}}
{{- define "portico.refuseHooks" -}}
{{- range $component := list "gateway" "console" "notifier" "triton" "check" }}
{{- $values := index $.Values $component }}
{{- range $values.extraVolumes }}
{{- if hasKey . "hostPath" }}
{{- fail (printf "%s.extraVolumes: %s is a path of the node, which no pod of the chart may open" $component .name) }}
{{- end }}
{{- end }}
{{- range $hook := list "extraContainers" "extraInitContainers" }}
{{- range (index $values $hook | default list) }}
{{- $missed := include "portico.missedFloor" . }}
{{- if $missed }}
{{- fail (printf "%s.%s: %s needs the floor of the chart's own containers: %s" $component $hook .name $missed) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* What of the floor a container misses, in words; empty where it misses nothing. */}}
{{- define "portico.missedFloor" -}}
{{- $context := .securityContext | default dict -}}
{{- $limits := (.resources | default dict).limits | default dict -}}
{{- $missed := list -}}
{{- if or (ne (toString $context.allowPrivilegeEscalation) "false") $context.privileged -}}
{{- $missed = append $missed "securityContext.allowPrivilegeEscalation false" -}}
{{- end -}}
{{- if ne (toString $context.readOnlyRootFilesystem) "true" -}}
{{- $missed = append $missed "securityContext.readOnlyRootFilesystem true" -}}
{{- end -}}
{{- $capabilities := $context.capabilities | default dict -}}
{{- if or (not (has "ALL" ($capabilities.drop | default list))) $capabilities.add -}}
{{- $missed = append $missed "securityContext.capabilities {drop: [ALL]}" -}}
{{- end -}}
{{- if or (hasKey $context "runAsUser") (hasKey $context "runAsNonRoot") (hasKey $context "seccompProfile") -}}
{{- $missed = append $missed "user and seccomp profile of the pod" -}}
{{- end -}}
{{- if not (and $limits.cpu $limits.memory) -}}
{{- $missed = append $missed "resources.limits with cpu and memory" -}}
{{- end -}}
{{- join ", " $missed -}}
{{- end }}

{{/* Labels that the chart sets itself: one that stands twice would be another one after all, and selectors would miss the pod. */}}
{{- define "portico.refuseLabels" -}}
{{- $own := list "app.kubernetes.io/name" "app.kubernetes.io/instance" "app.kubernetes.io/component" "app.kubernetes.io/version" "app.kubernetes.io/managed-by" "app.kubernetes.io/part-of" "helm.sh/chart" }}
{{- $given := dict "commonLabels" .Values.commonLabels }}
{{- $inner := concat $own (keys .Values.commonLabels) }}
{{- range $component := list "gateway" "console" "notifier" "triton" "audit" "check" }}
{{- $_ := set $given (printf "%s.podLabels" $component) (index $.Values $component).podLabels }}
{{- end }}
{{- range $object := list "serviceMonitor" "prometheusRule" }}
{{- $_ := set $given (printf "metrics.%s.labels" $object) (index $.Values.metrics $object).labels }}
{{- end }}
{{- range $path, $labels := $given }}
{{- range $name, $_ := $labels }}
{{- if has $name (ternary $own $inner (eq $path "commonLabels")) }}
{{- fail (printf "%s: %s is there already" $path $name) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Flags that the chart gives Triton: a second one may win, and open what the first closes. */}}
{{- define "portico.refuseFlags" -}}
{{- $own := list }}
{{- range include "portico.tritonFlags" . | fromYamlArray }}
{{- $own = append $own (splitList "=" . | first) }}
{{- end }}
{{- range .Values.triton.extraArgs }}
{{- $flag := splitList "=" . | first }}
{{- if and (has $flag $own) (ne $flag "--backend-config") }}
{{- fail (printf "triton.extraArgs: %s is set by the chart already" $flag) }}
{{- end }}
{{- end }}
{{- end }}
