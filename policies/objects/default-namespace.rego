# METADATA
# title: Nothing is put into the namespace "default"
# description: >-
#   Objects in `default`, or without a namespace, land wherever the person or pipeline that applies them happens to be,
#   beside everything else without one; policies, quotas and roles of a namespace do not hold for them. Workloads,
#   Services, ConfigMaps, Secrets and claims are looked at.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, Job, CronJob, Service, ConfigMap, Secret, PersistentVolumeClaim]
#   help: >-
#     Set `namespace:` in the kustomization.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Service
#       metadata: {name: app, namespace: shop}
#     bad: |
#       apiVersion: v1
#       kind: Service
#       metadata: {name: app}
package kubevet.objects.default_namespace

import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": ["metadata", "namespace"]} if {
	workload.group in {"", "apps", "batch"}
	object.get(input.metadata, "namespace", "default") in {"default", "", null}
	msg := sprintf("the %s is in no namespace of its own", [input.kind])
}
