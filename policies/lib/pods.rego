# METADATA
# title: Pods of an overlay
# description: >-
#   Lists the objects of an overlay that have a Pod, of whatever kind.
package kubevet.lib.pods

import data.kubevet.lib.workload
import rego.v1

# Every object that has a Pod, with the path to it.
all := [entry |
	manifest := input.objects[_]
	manifest.kind in kinds_with_pods
	path := workload.pod_paths[workload.group_of(manifest)][manifest.kind]
	entry := {"object": manifest, "path": path, "pod": object.get(manifest, path, null)}
]

# Whatever their group: a look at these first spares most objects the rest.
kinds_with_pods := {kind | workload.pod_paths[_][kind]}
