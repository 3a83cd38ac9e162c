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
    sizeLimit: {{ .source.s3.sizeLimit }}
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

{{/* The init steps: fetch where the source is a bucket, then verify. Called with (dict "root" $ "image" <own image>). */}}
{{- define "portico.bundleInit" -}}
{{- $source := .root.Values.models.source }}
{{- if eq $source.type "s3" }}
{{- if not (or $source.s3.image.tag $source.s3.image.digest) }}
{{- fail "models.source.s3.image.digest: name the version of the AWS command line, by digest or tag" }}
{{- end }}
- name: fetch-bundle
  image: {{ include "portico.image" (dict "root" .root "image" $source.s3.image "name" "models.source.s3.image") }}
  imagePullPolicy: IfNotPresent
  args:
    - s3
    - sync
    - --no-progress
    - --only-show-errors
    {{- with $source.s3.endpoint }}
    - --endpoint-url={{ . }}
    {{- end }}
    - {{ required "models.source.s3.uri: the bucket's address is required" $source.s3.uri }}
    - /bundle
  env:
    - name: HOME
      value: /tmp
    - name: AWS_REGION
      value: {{ $source.s3.region | quote }}
  {{- with $source.s3.existingSecret }}
  envFrom:
    - secretRef:
        name: {{ . }}
  {{- end }}
  resources:
    {{- toYaml .root.Values.models.initResources | nindent 4 }}
  securityContext:
    {{- include "portico.containerSecurityContext" . | nindent 4 }}
  volumeMounts:
    - name: bundle
      mountPath: /bundle
    - name: tmp
      mountPath: /tmp
{{- end }}
- name: verify-bundle
  image: {{ .image }}
  imagePullPolicy: IfNotPresent
  command: [python3, -I, /opt/verify/verify_bundle.py]
  args:
    - --sums-sha256={{ $source.sha256 }}
    - /bundle
  resources:
    {{- toYaml .root.Values.models.initResources | nindent 4 }}
  securityContext:
    {{- include "portico.containerSecurityContext" . | nindent 4 }}
  volumeMounts:
    - name: verify
      mountPath: /opt/verify
      readOnly: true
    {{- include "portico.bundleMount" .root | nindent 4 }}
{{- end }}
