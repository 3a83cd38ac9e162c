{{/* A job of the audit log, as a CronJob: (dict "root" $ "name" "audit-archive" "job" .Values.audit.archive "args" (list …)
     "mounts" "portico.writingJobMounts" "archive" "write"). `archive` is empty, "read" or "write". */}}
{{- define "portico.auditJob" -}}
{{- $values := .root.Values.audit -}}
{{- $bucket := and .archive $values.archive.s3.uri -}}
{{- $claim := and .archive (not $bucket) -}}
{{- $context := dict "root" .root "component" "audit" "suffix" .name "values" $values -}}
apiVersion: batch/v1
kind: CronJob
metadata:
  {{- include "portico.metadata" $context | nindent 2 }}
spec:
  schedule: {{ .job.schedule | quote }}
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 3600
  successfulJobsHistoryLimit: 3
  failedJobsHistoryLimit: 5
  jobTemplate:
    spec:
      # What failed is looked at by a person: a broken chain is no accident that a second try repairs.
      backoffLimit: 0
      activeDeadlineSeconds: {{ .job.activeDeadlineSeconds }}
      template:
        metadata:
          labels:
            {{- include "portico.labels" $context | nindent 12 }}
            {{- with $values.podLabels }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
          {{- with $values.podAnnotations }}
          annotations:
            {{- toYaml . | nindent 12 }}
          {{- end }}
        spec:
          {{- include "portico.podStart" $context | nindent 10 }}
          {{- with include "portico.stateAffinity" .root }}
          affinity:
            {{- . | nindent 12 }}
          {{- end }}
          restartPolicy: Never
          containers:
            - name: {{ .name | trimPrefix "audit-" }}
              image: {{ include "portico.image" (dict "root" .root "image" $values.image "name" "audit.image") }}
              imagePullPolicy: IfNotPresent
              args:
                {{- toYaml .args | nindent 16 }}
              env:
                {{- include "portico.env" (dict "component" "audit" "values" $values "own" (include "portico.auditEnv" . | fromJsonArray)) | nindent 16 }}
              {{- if and $bucket $values.archive.s3.existingSecret }}
              envFrom:
                - secretRef:
                    name: {{ $values.archive.s3.existingSecret }}
              {{- end }}
              resources:
                {{- toYaml $values.resources | nindent 16 }}
              securityContext:
                {{- include "portico.containerSecurityContext" . | nindent 16 }}
              volumeMounts:
                {{- include .mounts .root | nindent 16 }}
                {{- if $claim }}
                - name: archive
                  mountPath: /var/lib/portico/archive
                  {{- if eq .archive "read" }}
                  readOnly: true
                  {{- end }}
                {{- end }}
          volumes:
            {{- include "portico.stateVolumes" .root | nindent 12 }}
            {{- if eq .mounts "portico.writingJobMounts" }}
            {{- include "portico.writingJobVolumes" .root | nindent 12 }}
            {{- end }}
            {{- if $claim }}
            - name: archive
              persistentVolumeClaim:
                claimName: {{ $values.archive.existingClaim | default (printf "%s-archive" (include "portico.fullname" .root)) }}
                {{- if eq .archive "read" }}
                readOnly: true
                {{- end }}
            {{- end }}
{{- end }}

{{/* The jobs' environment, as JSON. Their user has no name in the image; the one given here stands in the audit log. */}}
{{- define "portico.auditEnv" -}}
{{- $own := list (dict "name" "LOGNAME" "value" .name) -}}
{{- with .root.Values.audit.archive.s3 -}}
{{- if and $.archive .uri -}}
{{- $own = append $own (dict "name" "PORTICO_AUDIT_ARCHIVE" "value" .uri) -}}
{{- $own = append $own (dict "name" "AWS_DEFAULT_REGION" "value" .region) -}}
{{- if .endpoint -}}
{{- $own = append $own (dict "name" "AWS_ENDPOINT_URL_S3" "value" .endpoint) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- concat (include "portico.storeEnv" .root | fromJsonArray) $own | toJson -}}
{{- end }}
