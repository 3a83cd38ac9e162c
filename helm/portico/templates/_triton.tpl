{{/* The flags that portico_models.triton_server gives it, for a server that others reach; a test compares them. What the
     gateway does not use answers only to a header that nobody is told: the pod's own id. */}}
{{- define "portico.tritonArgs" -}}
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
{{- with .Values.triton.extraArgs }}
{{ toYaml . }}
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

{{/* One step an adapter: its own checksum file is pinned by its own value. */}}
{{- define "portico.adapterInit" -}}
{{- range .root.Values.triton.loraAdapters }}
- name: verify-{{ .name }}
  image: {{ $.image }}
  imagePullPolicy: IfNotPresent
  command: [python3, -I, /opt/verify/verify_bundle.py]
  args:
    - --sums-sha256={{ .source.sha256 }}
    - /adapters/{{ .name }}
  resources:
    {{- toYaml $.root.Values.models.initResources | nindent 4 }}
  securityContext:
    {{- include "portico.containerSecurityContext" . | nindent 4 }}
  volumeMounts:
    - name: verify
      mountPath: /opt/verify
      readOnly: true
    - name: adapter-{{ .name }}
      mountPath: /adapters/{{ .name }}
      readOnly: true
{{- end }}
{{- end }}
