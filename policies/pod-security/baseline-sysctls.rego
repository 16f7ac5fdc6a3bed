# METADATA
# title: Only safe sysctls are set
# description: >-
#   Sysctls outside of the safe set act on the whole node, or need a kubelet that allows them. Part of the Pod Security
#   Standard "baseline". The safe set grew in 1.27, 1.29, 1.32 and 1.37.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   keys: [sysctls]
#   fix: true
#   help: >-
#     Remove the sysctl, or set it on the node.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         securityContext: {sysctls: [{name: net.ipv4.tcp_syncookies, value: "1"}]}
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         securityContext: {sysctls: [{name: net.core.somaxconn, value: "1024"}]}
package kubevet.pod_security.baseline_sysctls

import data.kubevet.lib.fix
import data.kubevet.lib.parameters
import data.kubevet.lib.workload
import rego.v1

# Kubernetes minor version since which a sysctl is safe; the names are compared as they are written, dots and all.
safe_since := {
	"kernel.shm_rmid_forced": 0,
	"net.ipv4.ip_local_port_range": 0,
	"net.ipv4.ip_local_reserved_ports": 27,
	"net.ipv4.ip_unprivileged_port_start": 0,
	"net.ipv4.ping_group_range": 0,
	"net.ipv4.tcp_fin_timeout": 29,
	"net.ipv4.tcp_keepalive_intvl": 29,
	"net.ipv4.tcp_keepalive_probes": 29,
	"net.ipv4.tcp_keepalive_time": 29,
	"net.ipv4.tcp_notsent_lowat": 37,
	"net.ipv4.tcp_rmem": 32,
	"net.ipv4.tcp_slow_start_after_idle": 37,
	"net.ipv4.tcp_syncookies": 0,
	"net.ipv4.tcp_wmem": 32,
}

deny contains {"msg": msg, "path": path, "fix": fix.suggestion("leave the sysctl as it is", [{"remove": whole}])} if {
	name := workload.spec.securityContext.sysctls[i].name
	not safe(name)
	path := array.concat(workload.spec_path, ["securityContext", "sysctls", i, "name"])
	whole := array.concat(workload.spec_path, ["securityContext", "sysctls", i])
	msg := sprintf("the Pod sets %v, which is not a safe sysctl", [name])
}

safe(name) if parameters.at_least(safe_since[name])
