# METADATA
# title: Kubernetes quantities
# description: >-
#   Reads quantities as Kubernetes does ("250m", "1Gi", "1e3", plain numbers). `units.parse` is not the same: it
#   takes K for 1000 and has no exponents.
package kubevet.lib.quantity

import rego.v1

# Divisors and not fractions for the small ones: 0.001 has no exact binary form, and 250m should equal 0.25.
divisors := {"n": 1000000000, "u": 1000000, "m": 1000}

multipliers := {
	"k": 1000,
	"M": 1000000,
	"G": 1000000000,
	"T": 1000000000000,
	"P": 1000000000000000,
	"E": 1000000000000000000,
	"Ki": 1024,
	"Mi": 1048576,
	"Gi": 1073741824,
	"Ti": 1099511627776,
	"Pi": 1125899906842624,
	"Ei": 1152921504606846976,
}

# The value of a quantity in its base unit (cores, bytes). Undefined if `quantity` is none.
value(quantity) := quantity if is_number(quantity)

value(quantity) := to_number(quantity) if {
	is_string(quantity)
	regex.match(`^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$`, quantity)
}

value(quantity) := to_number(parts[1]) * multipliers[parts[2]] if {
	is_string(quantity)
	some parts in regex.find_all_string_submatch_n(`^([+-]?[0-9]+(?:\.[0-9]+)?)([kMGTPE]|[KMGTPE]i)$`, quantity, 1)
}

value(quantity) := to_number(parts[1]) / divisors[parts[2]] if {
	is_string(quantity)
	some parts in regex.find_all_string_submatch_n(`^([+-]?[0-9]+(?:\.[0-9]+)?)([num])$`, quantity, 1)
}

# True where a quantity says "nothing": 0 as a request or a limit asks for none.
is_zero(quantity) if value(quantity) == 0
