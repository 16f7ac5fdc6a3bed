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

/// Workaround: `internal.value` around it.
#[test]
fn a_variable_beside_a_wildcard_is_no_definition() {
    let rule = "p contains x if { walk(input.row, [_, v]); n := count(input.row); [x, _] := [n, v] }";
    differs(rule, r#"{"row": [7]}"#, "error: var v is unsafe", json!([1]));
}

/// Workaround: `internal.after` around the domain names what outer bodies have, too.
#[test]
fn every_in_a_comprehension_comes_before_what_its_body_uses() {
    let rule = "p contains s if { walk(input.row, [_, k]); s := {r | some r in input.rows; every l in [r] { startswith(l, k) }} }";
    differs(rule, r#"{"row": "a", "rows": ["ab", "b"]}"#, "error: var k is unsafe", json!([["ab"]]));
}

/// Workaround: `loops::nested` has each wait for the one before.
#[test]
fn loops_change_places() {
    let input = r#"{"rows": [[], 1]}"#;
    let rule = "p := [[k, r] | walk(input.rows, [k, _]); some r in input.rows]";
    let other = "p := [[z, y] | walk(input.rows, [z, _]); walk(input.rows, [y, _])]";
    differs(
        rule,
        input,
        json!([[[], []], [[0], []], [[1], []], [[], 1], [[0], 1], [[1], 1]]),
        json!([[[], []], [[], 1], [[0], []], [[0], 1], [[1], []], [[1], 1]]),
    );
    let right = json!([[[], []], [[], [0]], [[], [1]], [[0], []], [[0], [0]], [[0], [1]], [[1], []], [[1], [0]], [[1], [1]]]);
    differs(
        other,
        input,
        json!([[[], []], [[0], []], [[1], []], [[], [0]], [[0], [0]], [[1], [0]], [[], [1]], [[0], [1]], [[1], [1]]]),
        right,
    );
}

/// The same for one that gives nothing a value.
#[test]
fn a_loop_over_all_changes_its_place() {
    let rule = "p := [k | walk(input.rows, [k, _]); input.rows[_]]";
    differs(rule, r#"{"rows": [1, 2]}"#, json!([[], [0], [1], [], [0], [1]]), json!([[], [], [0], [0], [1], [1]]));
}

/// Workaround: `loops::nested` makes what an earlier loop gives a value.
#[test]
fn a_key_is_looped_over_again() {
    let rule = "p := [[z, k, a] | input.map[z]; walk(input.rows, [k, _]); input.rows[a]; input.map[z][a]]";
    let input = r#"{"rows": [1, 1], "map": {"x": [1, 1]}}"#;
    let wrong = json!([["x", [], 0], ["x", [0], 0], ["x", [1], 0], ["x", [], 1], ["x", [0], 1], ["x", [1], 1]]);
    let right = json!([["x", [], 0], ["x", [], 1], ["x", [0], 0], ["x", [0], 1], ["x", [1], 0], ["x", [1], 1]]);
    differs(rule, input, wrong, right);
}

/// Workaround: refused. OPA finds it undefined, whatever the values are.
#[test]
fn a_pattern_goes_on_with_its_own_variable() {
    let rule = "p if { [r, 1] = [input.row, r.n] }";
    differs(rule, r#"{"row": {"n": 1}}"#, "error: var r is unsafe", "error: load: r gets its value from the same `=`");
}
