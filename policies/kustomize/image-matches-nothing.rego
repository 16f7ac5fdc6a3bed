# METADATA
# title: Every image override has an image to override
# description: >-
#   An entry of `images` whose name no container has changes nothing, and Kustomize says nothing: the tag or
#   digest that it was to pin is not pinned. The name must be the whole name without tag, registry included.
# custom:
#   scope: overlay
#   needs: [notes.image-matches-nothing]
#   fix: true
#   help: >-
#     Write the name as the containers have it, or remove the entry.
#   examples:
#     good: |
#       # file: overlays/prod/kustomization.yaml
#       resources: [../../base]
#       images: [{name: registry.example/web, newTag: "1.5"}]
#       # file: base/kustomization.yaml
#       resources: [web.yaml]
#       # file: base/web.yaml
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web}
#       spec:
#         template:
#           metadata: {labels: {app: web}}
#           spec:
#             containers:
#               - name: web
#                 image: registry.example/web:1.4
#     bad: |
#       # file: overlays/prod/kustomization.yaml
#       resources: [../../base]
#       images: [{name: web, newTag: "1.5"}]
#       # file: base/kustomization.yaml
#       resources: [web.yaml]
#       # file: base/web.yaml
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web}
#       spec:
#         template:
#           metadata: {labels: {app: web}}
#           spec:
#             containers:
#               - name: web
#                 image: registry.example/web:1.4
package kubevet.kustomize.image_matches_nothing

import data.kubevet.lib.fix
import rego.v1

deny contains {"msg": note.message, "note": i, "fix": drop} if {
	some i, note in input.notes
	note.kind == "image-matches-nothing"
}

# The image may have another name by now.
drop := fix.suggestion("remove the override", [{"source": "remove"}])
