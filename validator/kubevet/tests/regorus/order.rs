//! The order in which the engine evaluates the statements of a body.

use serde_json::json;

use super::differs;

/// Workaround: `internal.value` around keys that other statements give.
#[test]
fn a_key_is_searched_for_before_it_is_given() {
    let rule = "p contains k if { k := \"a\"; l := k; input.map[l].on }";
    differs(rule, r#"{"map": {"a": {"on": true}}}"#, "error: used before definition", json!(["a"]));
}

/// Workaround: the same in what is negated.
#[test]
fn what_is_negated_is_searched_for_other_keys() {
    let rule = "p if { walk(input.key, [_, k]); not input.map[k] }";
    differs(rule, r#"{"key": "b", "map": {"a": 1}}"#, json!(null), json!(true));
}

/// Workaround: `internal.after` around the domain.
#[test]
fn every_comes_before_what_its_body_uses() {
    let rule = "p if { walk(input.rows, [_, k]); every r in input.rows { startswith(r, k) } }";
    differs(rule, r#"{"rows": ["ab", "a"]}"#, "error: var k is unsafe", json!(true));
}

/// Workaround: `order::assign` makes an assignment of it.
#[test]
fn a_variable_of_every_is_no_value() {
    let rule = "p if { every v in input.rows { u = v; u.a } }";
    differs(rule, r#"{"rows": [{"a": 1}]}"#, "error: incompatible destructuring patterns", json!(true));
}

/// Workaround: `order::compare`.
#[test]
fn a_variable_of_every_takes_another_value() {
    let rule = "p if { every v in input.rows { v.a = v } }";
    differs(rule, r#"{"rows": [{"a": 1}]}"#, json!(true), json!(null));
}

/// Workaround: `order::ordered` has all `some` first.
#[test]
fn some_is_met_twice() {
    let rule = "p contains [a, b] if { some a; input.rows[a] == 1; some b; input.rows[b] == 2 }";
    differs(rule, r#"{"rows": [1, 1, 2]}"#, "error: duplicated definition", json!([[0, 2], [1, 2]]));
}
