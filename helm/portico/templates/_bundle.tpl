{{/* The bundle: model repository, tagger and passage index, with SHA256SUMS. From a claim, an image or a bucket. */}}

{{/* The volume of a source: (dict "root" $ "name" "bundle" "source" … "path" "models.source"). */}}
{{- define "portico.sourceVolume" -}}
- name: {{ .name }}
{{- if eq .source.type "pvc" }}
  persistentVolumeClaim:
    claimName: {{ required (printf "%s.pvc.claimName: a claim is required" .path) .source.pvc.claimName }}
    readOnly: true
{{- else if eq .source.type "image" }}
{{- if not (semverCompare ">=1.33.0-0" .root.Capabilities.KubeVersion.Version) }}
{{- fail (printf "%s.type: image volumes need Kubernetes 1.33 or newer; use pvc or s3" .path) }}
{{- end }}
  image:
    reference: {{ include "portico.image" (dict "root" .root "image" .source.image "name" (printf "%s.image" .path)) }}
    pullPolicy: IfNotPresent
{{- else }}
  emptyDir:
    sizeLimit: {{ .source.s3.sizeLimit | default "2Gi" }}
{{- end }}
{{- end }}

{{- define "portico.bundleVolumes" -}}
{{ include "portico.sourceVolume" (dict "root" . "name" "bundle" "source" .Values.models.source "path" "models.source") }}
- name: verify
  configMap:
    name: {{ include "portico.fullname" . }}-scripts
    defaultMode: 0444
{{- end }}

{{- define "portico.bundleMount" -}}
- name: bundle
  mountPath: /bundle
  readOnly: true
{{- if and (eq .Values.models.source.type "pvc") .Values.models.source.pvc.subPath }}
  subPath: {{ .Values.models.source.pvc.subPath }}
{{- end }}
{{- end }}

{{/* Copies a source that is a bucket into its volume: (dict "root" $ "name" "bundle" "s3" … "image" … "mountPath" "/bundle" "path" "models.source"). */}}
{{- define "portico.fetchStep" -}}
{{- if not (or .image.tag .image.digest) }}
{{- fail (printf "%s.s3.image.digest: name the version of the AWS command line, by digest or tag" .path) }}
{{- end -}}
- name: fetch-{{ .name | trimPrefix "adapter-" }}
  image: {{ include "portico.image" (dict "root" .root "image" .image "name" (printf "%s.s3.image" .path)) }}
  imagePullPolicy: IfNotPresent
  args:
    - s3
    - sync
    - --no-progress
    - --only-show-errors
    {{- with .s3.endpoint }}
    - --endpoint-url={{ . }}
    {{- end }}
    - {{ required (printf "%s.s3.uri: the bucket's address is required" .path) .s3.uri }}
    - {{ .mountPath }}
  env:
    - name: HOME
      value: /tmp
    - name: AWS_REGION
      value: {{ .s3.region | default "us-east-1" | quote }}
  {{- with .s3.existingSecret }}
  envFrom:
    - secretRef:
        name: {{ . }}
  {{- end }}
  resources:
    {{- toYaml .root.Values.models.initResources | nindent 4 }}
  securityContext:
    {{- include "portico.containerSecurityContext" . | nindent 4 }}
  volumeMounts:
    - name: {{ .name }}
      mountPath: {{ .mountPath }}
    - name: tmp
      mountPath: /tmp
{{- end }}

{{/* Refuses what is not the pinned source, file for file: (dict "root" $ "name" "bundle" "image" <own image> "source" … "mountPath" "/bundle" "mount" <its mount>). */}}
{{- define "portico.verifyStep" -}}
- name: verify-{{ .name }}
  image: {{ .image }}
  imagePullPolicy: IfNotPresent
  command: [python3, -I, /opt/verify/verify_bundle.py]
  args:
    - --sums-sha256={{ .source.sha256 }}
    - {{ .mountPath }}
  resources:
    {{- toYaml .root.Values.models.initResources | nindent 4 }}
  securityContext:
    {{- include "portico.containerSecurityContext" . | nindent 4 }}
  volumeMounts:
    - name: verify
      mountPath: /opt/verify
      readOnly: true
    {{- .mount | nindent 4 }}
{{- end }}

{{/* The init steps: fetch where the source is a bucket, then verify. Called with (dict "root" $ "image" <own image>). */}}
{{- define "portico.bundleInit" -}}
{{- $source := .root.Values.models.source -}}
{{- if eq $source.type "s3" -}}
{{ include "portico.fetchStep" (dict "root" .root "name" "bundle" "s3" $source.s3 "image" $source.s3.image "mountPath" "/bundle" "path" "models.source") }}
{{ end -}}
{{ include "portico.verifyStep" (dict "root" .root "name" "bundle" "image" .image "source" $source "mountPath" "/bundle" "mount" (include "portico.bundleMount" .root)) }}
{{- end }}
