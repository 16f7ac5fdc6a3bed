# METADATA
# title: It is known which images move
# description: >-
#   Another tag or digest is another program; another registry is another supplier. Both are what a reviewer looks for first in a change
#   that says it does something else.
# custom:
#   scope: change
#   level: warn
#   needs: [facts.change]
#   help: >-
#     Look at what the new image contains. A digest that moves under the same tag is a rebuild.
#   examples:
#     good: |
#       # file: old.yaml
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: web, labels: {team: a}}
#       spec: {containers: [{name: web, image: registry.example/web:1}]}
#       # file: new.yaml
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: web, labels: {team: b}}
#       spec: {containers: [{name: web, image: registry.example/web:1}]}
#     bad: |
#       # file: old.yaml
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: web}
#       spec: {containers: [{name: web, image: registry.example/web:1}]}
#       # file: new.yaml
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: web}
#       spec: {containers: [{name: web, image: mirror.example/web:1}]}
package kubevet.change.images

import rego.v1

# The image without tag and digest.
repository(image) := regex.replace(split(image, "@")[0], `:[^:/]*$`, "")

deny contains {"msg": msg, "object": change.object, "path": field.path} if {
	some change in input.facts.change.objects
	some field in change.fields
	field.path[count(field.path) - 1] == "image"
	some word in moves(field.old, field.new)
	msg := sprintf("%s: %s is %s now", [word, field.old, field.new])
}

moves(old, new) := ["the image comes from elsewhere"] if {
	repository(old) != repository(new)
} else := ["another build of the image"]
