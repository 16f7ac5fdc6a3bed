package kubevet.lib.parameters_test

import data.kubevet.lib.parameters
import rego.v1

test_value_of_the_table if parameters.value("replicas", 1) == 3 with data.environment as {"name": "prod", "parameters": {"replicas": 3}}

test_fallback_without_the_parameter if parameters.value("replicas", 1) == 1 with data.environment as {"name": "prod", "parameters": {}}

test_fallback_without_a_table if parameters.value("replicas", 1) == 1

test_false_is_a_value if parameters.value("on", true) == false with data.environment as {"name": "prod", "parameters": {"on": false}}

test_at_least if {
	parameters.at_least(33) with data.environment as {"parameters": {"kubernetesVersion": "1.33"}}
	parameters.at_least(33) with data.environment as {"parameters": {"kubernetesVersion": "1.36.2"}}
	not parameters.at_least(34) with data.environment as {"parameters": {"kubernetesVersion": "1.33"}}
	parameters.at_least(36)
	not parameters.at_least(37)
}
