package kubevet.lib.quantity_test

import data.kubevet.lib.quantity
import rego.v1

test_zero if {
	every nothing in [0, "0", "00", "0.0", "-0", "0Mi", "0m", "0e3"] {
		quantity.is_zero(nothing)
	}
}

test_something if {
	every amount in [1, 0.5, "1", "1m", "10", "0.01", "1e0", "128Mi"] {
		not quantity.is_zero(amount)
	}
}

test_not_quantities if {
	every text in ["", "0K", "0mi", "0_0", ".", null] {
		not quantity.is_zero(text)
	}
}
