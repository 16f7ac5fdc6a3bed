# METADATA
# title: Kubernetes quantities
# description: Tells quantities that are nothing ("0", "0Mi", "0e3", 0) from others, as Kubernetes reads them.
package kubevet.lib.quantity

import rego.v1

is_zero(quantity) if quantity == 0

is_zero(quantity) if {
	is_string(quantity)
	regex.match(`^[+-]?0+(\.0+)?([eE][+-]?[0-9]+|[numkMGTPE]|[KMGTPE]i)?$`, quantity)
}
