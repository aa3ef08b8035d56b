{{- define "remanence.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "remanence.labels" -}}
app.kubernetes.io/part-of: remanence
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "remanence.operatorLabels" -}}
app.kubernetes.io/name: remanence-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "remanence.s3Labels" -}}
app.kubernetes.io/name: remanence-s3
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "remanence.nodeLabels" -}}
app.kubernetes.io/name: remanence-node
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "remanence.guardLabels" -}}
app.kubernetes.io/name: remanence-uninstall-guard
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* All that Pod Security `restricted` asks of a container. */ -}}
{{- define "remanence.restricted" -}}
allowPrivilegeEscalation: false
capabilities: {drop: [ALL]}
readOnlyRootFilesystem: true
runAsNonRoot: true
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- /* Namespaces whose pods are let be, as a selector. */ -}}
{{- define "remanence.namespaceSelector" -}}
matchExpressions:
  - key: kubernetes.io/metadata.name
    operator: NotIn
    values: {{ concat (list "kube-system" .Release.Namespace) (.Values.webhook.excludedNamespaces | default list) | uniq | toJson }}
{{- end }}

{{- /* Secrets that the operator may read, without repetition: {"secrets": [{namespace, name}]}. */ -}}
{{- define "remanence.secrets" -}}
{{- $all := .Values.classSecrets | default list }}
{{- range .Values.classes }}
{{- with .spec.credentials.secretRef }}
{{- $all = append $all (dict "namespace" .namespace "name" .name) }}
{{- end }}
{{- end }}
{{- if .Values.s3.embedded.enabled }}
{{- $all = append $all (dict "namespace" .Release.Namespace "name" "remanence-s3") }}
{{- end }}
{{- dict "secrets" ($all | uniq) | toJson }}
{{- end }}

{{- /* What dreamers may connect to that is the same for all, as the operator reads it. Of this namespace nothing else. */ -}}
{{- define "remanence.dreamEgress" -}}
{{- $here := dict "matchLabels" (dict "kubernetes.io/metadata.name" .Release.Namespace) }}
{{- $places := list (dict "labels" "remanence.operatorLabels" "port" 8444) }}
{{- if .Values.s3.embedded.enabled }}{{- $places = append $places (dict "labels" "remanence.s3Labels" "port" 8333) }}{{- end }}
{{- $rules := list }}
{{- range $places }}
{{- $pods := dict "matchLabels" (include .labels $ | fromYaml) }}
{{- $to := list (dict "namespaceSelector" $here "podSelector" $pods) }}
{{- $rules = append $rules (dict "to" $to "ports" (list (dict "protocol" "TCP" "port" .port))) }}
{{- end }}
{{- with .Values.networkPolicy }}
{{- dict "always" (concat $rules (.dns | default list) ((.dreams).egress | default list)) "outside" (.outside | default list) | toJson }}
{{- end }}
{{- end }}
