{{/* A job of the audit log, as a CronJob: (dict "root" $ "name" "audit-archive" "job" .Values.audit.archive "args" (list …)
     "mounts" "portico.writingJobMounts" "archive" "write"). `archive` is empty, "read" or "write". */}}
{{- define "portico.auditJob" -}}
{{- $values := .root.Values.audit -}}
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
              resources:
                {{- toYaml $values.resources | nindent 16 }}
              securityContext:
                {{- include "portico.containerSecurityContext" . | nindent 16 }}
              volumeMounts:
                {{- include .mounts .root | nindent 16 }}
                {{- if .archive }}
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
            {{- if .archive }}
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
{{- concat (include "portico.storeEnv" .root | fromJsonArray) (list (dict "name" "LOGNAME" "value" .name)) | toJson -}}
{{- end }}
