package kubevet.lib.quantity_test

import data.kubevet.lib.quantity
import rego.v1

test_plain_numbers if {
	quantity.value(2) == 2
	quantity.value("2") == 2
	quantity.value("0.5") == 0.5
	quantity.value("1e3") == 1000
}

test_decimal_suffixes if {
	quantity.value("250m") == 0.25
	quantity.value("2k") == 2000
	quantity.value("3M") == 3000000
}

test_binary_suffixes if {
	quantity.value("128Mi") == 134217728
	quantity.value("1.5Gi") == 1610612736
}

test_not_quantities if {
	not quantity.value("1K")
	not quantity.value("64mi")
	not quantity.value("")
	not quantity.value("1_000")
	not quantity.value(null)
}

test_zero if {
	quantity.is_zero("0")
	quantity.is_zero(0)
	quantity.is_zero("0Mi")
	not quantity.is_zero("1m")
}
