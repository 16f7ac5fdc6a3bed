# METADATA
# title: No setting switches authentication off
# description: >-
#   Switches such as DISABLE_AUTH=1, ALLOW_EMPTY_PASSWORD=yes, POSTGRES_HOST_AUTH_METHOD=trust or …_AUTH_ENABLED=false
#   are made for a laptop; so are those that let everything through when the policy engine does not answer
#   (…_ALLOW_ON_ERROR, …_FAIL_OPEN). Environment variables and ConfigMap keys are looked at.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob, ConfigMap]
#   keys: [env, data]
#   texts: [allow, auth, fail]
#   help: >-
#     Remove the setting from this environment.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, env: [{name: APP_DISABLE_AUTH, value: "0"}]}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, env: [{name: APP_DISABLE_AUTH, value: "1"}]}]
package kubevet.configuration.auth_disabled

import data.kubevet.lib.configuration
import rego.v1

off_switch := concat("", [
	`(^|_)(disable_?auth(entication|orization)?|auth(entication|orization)?_?disabled|no_?auth|skip_?auth|`,
	`allow_?empty_?password|allow_?anonymous(_?(access|login))?|auth_?anonymous_?enabled|allow_?on_?error|fail_?open)$`,
])

on_switch := `(^|_)(auth(entication|orization)?_?enabled|enable_?auth(entication|orization)?|fail_?closed)$`

deny contains {"msg": msg, "path": setting.path} if {
	some setting in array.concat(configuration.variables, configuration.config_values)
	switches_off(lower(setting.name), lower(trim_space(setting.value)))
	msg := sprintf("%s switches authentication or authorization off", [setting.label])
}

switches_off(name, value) if {
	regex.match(off_switch, name)
	value in {"1", "on", "t", "true", "y", "yes"}
}

switches_off(name, value) if {
	regex.match(on_switch, name)
	not contains(name, "anonymous")
	value in {"0", "f", "false", "n", "no", "off"}
}

switches_off("postgres_host_auth_method", value) if value == "trust"
