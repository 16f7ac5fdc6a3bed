# METADATA
# title: Remote bases name a tag or a commit
# description: >-
#   A branch, or no `ref` at all, is another base from day to day: kubectl and Argo CD build what is there when they build, and not
#   what was reviewed and what kubevet.lock holds. What a tag or a commit names stays what it is.
# custom:
#   scope: overlay
#   needs: [notes.reference-moves]
#   help: >-
#     Put a tag or a commit behind `?ref=` and run `kubevet vendor`; or name the copy in vendor/kubevet itself.
#   examples:
#     good: |
#       # file: overlays/prod/kustomization.yaml
#       resources:
#         - https://example.com/shop/web//deploy?ref=v1.2.0
#       # file: kubevet.lock
#       version: 1
#       repositories:
#         - url: https://example.com/shop/web
#           ref: v1.2.0
#           kind: tag
#           revision: 4b825dc642cb6eb9a060e54bf8d69288fbee4904
#           hash: sha256:141065d99fd2066a855ba3cd9dd14a0a9b10d6befbc2c644227621578767d864
#       # file: vendor/kubevet/example.com/shop/web@4b825dc642cb/deploy/account.yaml
#       apiVersion: v1
#       kind: ServiceAccount
#       metadata: {name: web}
#       # file: vendor/kubevet/example.com/shop/web@4b825dc642cb/deploy/kustomization.yaml
#       resources: [account.yaml]
#     bad: |
#       # file: overlays/prod/kustomization.yaml
#       resources:
#         - https://example.com/shop/web//deploy?ref=main
#       # file: kubevet.lock
#       version: 1
#       repositories:
#         - url: https://example.com/shop/web
#           ref: main
#           kind: branch
#           revision: 4b825dc642cb6eb9a060e54bf8d69288fbee4904
#           hash: sha256:141065d99fd2066a855ba3cd9dd14a0a9b10d6befbc2c644227621578767d864
#       # file: vendor/kubevet/example.com/shop/web@4b825dc642cb/deploy/account.yaml
#       apiVersion: v1
#       kind: ServiceAccount
#       metadata: {name: web}
#       # file: vendor/kubevet/example.com/shop/web@4b825dc642cb/deploy/kustomization.yaml
#       resources: [account.yaml]
package kubevet.kustomize.moving_ref

import rego.v1

deny contains {"msg": note.message, "note": i} if {
	some i, note in input.notes
	note.kind == "reference-moves"
}
