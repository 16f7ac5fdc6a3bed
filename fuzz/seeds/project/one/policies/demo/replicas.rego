# METADATA
# title: Deployments say how many replicas they want
# custom:
#   kinds: [Deployment]
package kubevet.demo.replicas

import rego.v1

deny contains {"msg": sprintf("%s names no replicas", [input.metadata.name]), "path": ["spec"]} if not input.spec.replicas
