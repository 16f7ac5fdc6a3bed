# METADATA
# title: Objects have a name by which they are found again
# description: >-
#   An object with generateName and no name gets another name each time that it is created. `kubectl create` takes it;
#   `kubectl apply`, and what deploys from Git, refuse it, as they would not know which object to change.
# custom:
#   keys: [generateName]
#   help: >-
#     Give it a name, and to a Job ttlSecondsAfterFinished, so that it can be applied again; or create it by `kubectl create`.
#   examples:
#     good: |
#       apiVersion: batch/v1
#       kind: Job
#       metadata: {name: load}
#       spec: {ttlSecondsAfterFinished: 600}
#     bad: |
#       apiVersion: batch/v1
#       kind: Job
#       metadata: {generateName: load-}
#       spec: {}
package kubevet.objects.generate_name

import rego.v1

deny contains {"msg": msg, "path": ["metadata", "generateName"]} if {
	is_string(input.metadata.generateName)
	object.get(input.metadata, "name", "") == ""
	msg := "there is only a generateName: kubectl create takes this, and kubectl apply refuses it"
}
