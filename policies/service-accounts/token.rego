# METADATA
# title: A token for the API is mounted only where somebody asked for it
# description: >-
#   By default every container gets a token of its ServiceAccount, though most applications never talk to the API server.
#   Who breaks into the container has it. A Pod or ServiceAccount that sets automountServiceAccountToken has decided, and
#   a ServiceAccount that a binding of the overlay gives a role needs its token.
# custom:
#   scope: overlay
#   needs: [facts.suspect.serviceAccountToken]
#   fix: true
#   help: >-
#     Set automountServiceAccountToken: false on the ServiceAccount or in the Pod, or true in the Pod if it needs the
#     API.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: ServiceAccount
#       metadata: {name: app, namespace: shop}
#       automountServiceAccountToken: false
#       ---
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app, namespace: shop}
#       spec: {serviceAccountName: app}
#     bad: |
#       apiVersion: v1
#       kind: ServiceAccount
#       metadata: {name: app, namespace: shop}
#       ---
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app, namespace: shop}
#       spec: {serviceAccountName: app}
package kubevet.service_accounts.token

import data.kubevet.lib.fix
import data.kubevet.lib.overlay
import data.kubevet.lib.pods
import rego.v1

deny contains {"msg": msg, "path": path, "object": overlay.identity(entry.object), "fix": fixes} if {
	some entry in pods.all
	spec := entry.pod.spec
	not is_boolean_of(spec)
	account := account_of(spec)
	place := overlay.key(overlay.namespace(entry.object), [account])
	not decided[place]
	not bound[place]
	path := array.concat(entry.path, ["spec", "automountServiceAccountToken"])
	fixes := array.concat(of_account(place), [fix.suggestion("mount no token in the Pod", [{"set": path, "value": false}])])
	msg := sprintf("a token of ServiceAccount %s is mounted, though nothing asks for it", [account])
}

is_boolean_of(spec) if is_boolean(spec.automountServiceAccountToken)

# serviceAccount is what it was called first, and counts where the newer name is missing.
account_of(spec) := spec.serviceAccountName if {
	is_name(spec.serviceAccountName)
} else := spec.serviceAccount if {
	is_name(spec.serviceAccount)
} else := "default"

is_name(text) if {
	is_string(text)
	text != ""
}

decided contains place if {
	some place, found in accounts
	some account in found
	is_boolean(account.automountServiceAccountToken)
}

bound contains place if {
	some kind in ["ClusterRoleBinding", "RoleBinding"]
	some binding in overlay.of_kind("rbac.authorization.k8s.io", kind)
	subject := binding.subjects[_]
	subject.kind == "ServiceAccount"
	space := object.get(subject, "namespace", overlay.namespace(binding))
	place := overlay.key(space, [subject.name])
}

# Whether a program asks the API server is nothing that manifests say.
of_account(place) := [fix.suggestion("mount no token of the ServiceAccount", [edit]) |
	some account in accounts[place]
	edit := {"object": overlay.identity(account), "set": ["automountServiceAccountToken"], "value": false}
] if {
	accounts[place]
} else := []

accounts[place] contains account if {
	some account in overlay.of_kind("", "ServiceAccount")
	place := overlay.key(overlay.namespace(account), [overlay.name(account)])
}
