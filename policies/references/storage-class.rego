# METADATA
# title: StorageClasses are spelt as those that are here
# description: >-
#   The name of the StorageClass is almost that of one among the manifests, but not quite: the claim stays
#   Pending. Other classes belong to the cluster and are not judged.
# custom:
#   kinds: [PersistentVolumeClaim]
#   help: >-
#     Correct storageClassName.
package kubevet.references.storage_class

import data.kubevet.lib.reference
import rego.v1

deny contains {"msg": msg, "path": dangling.path} if {
	some dangling in input.facts.dangling
	dangling.kind == "StorageClass"
	msg := concat("", [sprintf("StorageClass %s does not exist", [dangling.name]), reference.did_you_mean(dangling)])
}
