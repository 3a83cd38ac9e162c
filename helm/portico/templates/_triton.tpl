{{/* The flags that portico_models.triton_server gives it, for a server that others reach; a test compares them. What the
     gateway does not use answers only to a header that nobody is told: the pod's own id. */}}
{{- define "portico.tritonArgs" -}}
{{ include "portico.tritonFlags" . }}
{{- with .Values.triton.extraArgs }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "portico.tritonFlags" -}}
- --model-repository=/bundle/model_repository
- --model-control-mode=none
- --exit-on-error=true
- --strict-readiness=true
- --disable-auto-complete-config
- --backend-config=python,shm-region-prefix-name=portico-
- --backend-config=python,stub-timeout-seconds=60
- --grpc-address=0.0.0.0
- --grpc-port=8001
- --grpc-restricted-protocol=shared-memory,model-repository,trace,logging:$(POD_UID)=$(POD_UID)
- --http-address=0.0.0.0
- --http-port=8000
- --http-thread-count=2
- --http-restricted-api=inference,metadata,model-config,statistics,shared-memory,model-repository,trace,logging:$(POD_UID)=$(POD_UID)
- --metrics-address=0.0.0.0
- --metrics-port=8002
- --allow-gpu-metrics={{ .Values.triton.gpu.enabled }}
- --allow-sagemaker=false
- --allow-vertex-ai=false
- --log-verbose=0
- --log-format=ISO8601
- --exit-timeout-secs=5
{{- if .Values.triton.tls.serverSecret }}
- --grpc-use-ssl=true
- --grpc-use-ssl-mutual={{ not (empty .Values.triton.tls.clientSecret) }}
- --grpc-server-cert=/etc/portico/triton-tls/tls.crt
- --grpc-server-key=/etc/portico/triton-tls/tls.key
- --grpc-root-cert=/etc/portico/triton-tls/ca.crt
{{- end }}
{{- end }}

{{- define "portico.tritonEnv" -}}
{{- list
  (dict "name" "POD_UID" "valueFrom" (dict "fieldRef" (dict "fieldPath" "metadata.uid")))
  (dict "name" "HOME" "value" "/tmp")
  (dict "name" "OMP_NUM_THREADS" "value" "1")
  (dict "name" "PYTHONDONTWRITEBYTECODE" "value" "1")
  (dict "name" "HF_HUB_OFFLINE" "value" "1")
  (dict "name" "VLLM_NO_USAGE_STATS" "value" "1") | toJson -}}
{{- end }}

{{- define "portico.tritonResources" -}}
{{- $resources := deepCopy .Values.triton.resources -}}
{{- if .Values.triton.gpu.enabled -}}
{{- $_ := set $resources "limits" (merge (dict .Values.triton.gpu.resourceName .Values.triton.gpu.count) ($resources.limits | default dict)) -}}
{{- end -}}
{{ toYaml $resources }}
{{- end }}

{{/* Two steps an adapter, as for the bundle: its own checksum file is pinned by its own value. */}}
{{- define "portico.adapterInit" -}}
{{- range .root.Values.triton.loraAdapters }}
{{- $path := printf "triton.loraAdapters[%s].source" .name }}
{{- if eq .source.type "s3" }}
{{- $s3 := .source.s3 }}
{{ include "portico.fetchStep" (dict "root" $.root "name" (printf "adapter-%s" .name) "s3" $s3 "image" ($s3.image | default $.root.Values.models.source.s3.image) "mountPath" (printf "/adapters/%s" .name) "path" $path) }}
{{- end }}
{{ include "portico.verifyStep" (dict "root" $.root "name" .name "image" $.image "source" .source "mountPath" (printf "/adapters/%s" .name) "mount" (include "portico.adapterMount" .)) }}
{{- end }}
{{- end }}

{{- define "portico.adapterMount" -}}
- name: adapter-{{ .name }}
  mountPath: /adapters/{{ .name }}
  readOnly: true
{{- if and (eq .source.type "pvc") .source.pvc.subPath }}
  subPath: {{ .source.pvc.subPath }}
{{- end }}
{{- end }}

{{/* Says something where an adapter comes from a bucket. */}}
{{- define "portico.adaptersFromBuckets" -}}
{{- range .Values.triton.loraAdapters }}
{{- if eq .source.type "s3" }}{{ .name }} {{ end }}
{{- end }}
{{- end }}

{{- define "portico.toAdapterBuckets" -}}
{{- range .Values.triton.loraAdapters }}
{{- if eq .source.type "s3" }}
# The bucket of the adapter {{ .name }}, read by its init step.
- to:
    {{- range required (printf "triton.loraAdapters[%s].source.s3.cidrs: the addresses of the bucket's endpoint are required" .name) .source.s3.cidrs }}
    - ipBlock: {cidr: {{ . }}}
    {{- end }}
  ports:
    - {protocol: TCP, port: 443}
{{- end }}
{{- end }}
{{- end }}
