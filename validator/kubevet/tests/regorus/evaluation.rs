//! Undefined values, negation, scopes.

use std::time::Duration;

use kubevet::policy::Inquiry;
use regorus::{Engine, Value};
use serde_json::json;

use super::differs;

const ROWS: &str = r#"{"rows": [{"host": "a"}, {"host": "b"}, {}], "map": {"x": {"v": 1}, "y": {}, "z": {"v": 2}}}"#;

/// Workaround: `Rewriter::output` moves such terms to the end of the body.
#[test]
fn an_undefined_element_takes_all_others_away() {
    differs("p contains {\"msg\": r.host} if { some r in input.rows }", ROWS, json!([]), json!([{"msg": "a"}, {"msg": "b"}]));
    // Where the last one has a value.
    differs("p[k] := v.v if { some k, v in input.map }", ROWS, "error: not an object", json!({"x": 1, "z": 2}));
}

/// Workaround: the same.
#[test]
fn an_undefined_key_takes_all_others_away() {
    let rule = "p[r.host] := 1 if { some r in input.rows }";
    differs(rule, ROWS, json!({}), json!({"a": 1, "b": 1}));
}

/// Workaround: the same.
#[test]
fn a_search_in_a_head_fails_where_there_is_nothing_to_search() {
    differs("p contains input.nothing[_]", ROWS, "error: item cannot be indexed", json!([]));
}

/// Workaround: `Rewriter::negated` moves arguments out of what is negated.
#[test]
fn not_is_true_of_undefined_arguments() {
    differs("p if not startswith(input.name, \"a\")", "{}", json!(true), json!(null));
    differs("p if not \"a\" in input.names", "{}", json!(true), json!(null));
    differs("p if not input.name != \"a\"", "{}", json!(true), json!(null));
}

/// Workaround: `Rewriter::term` has what is looked for and where be defined first.
#[test]
fn membership_is_false_where_it_is_undefined() {
    differs("p := \"a\" in input.names", "{}", json!(false), json!(null));
}

/// Workaround: the same.
#[test]
fn what_is_undefined_on_both_sides_is_a_member() {
    differs("p if input.key, input.value in {\"a\": 1}", "{}", json!(true), json!(null));
}

/// Workaround: `internal.collection`.
#[test]
fn some_in_fails_in_what_is_no_collection() {
    differs("p contains x if { some x in input.name }", r#"{"name": "a"}"#, "error: expects array/set/object", json!([]));
}

/// Workaround: `internal.plus` and its like.
#[test]
fn operators_fail_on_what_is_no_number() {
    differs("p contains 1 if input.name % 2 == 1", r#"{"name": "a"}"#, "error: expects numeric argument", json!([]));
}

/// Workaround: `Rewriter::enter_later` gives the variable another name.
#[test]
fn a_variable_in_a_comprehension_is_mistaken_for_a_rule() {
    differs("i := 7\n\np := {name | some i; name := [\"q\", \"r\"][i]}", "{}", json!([]), json!(["q", "r"]));
}

/// Workaround: the collection is searched under `with` by itself.
#[test]
fn with_lasts_longer_than_its_statement() {
    let rule = "p contains input.n if { some _ in [1] with input as {\"n\": 2} }";
    differs(rule, r#"{"n": 1}"#, json!([2]), json!([1]));
}

/// Workaround: `Rewriter::parents` adds a rule for the object.
#[test]
fn an_object_of_which_no_field_is_true_is_not_there() {
    differs("p[\"x\"] := 1 if input.nothing", "{}", "error: not a valid rule path", json!({}));
}

/// Workaround: constant parts become computed where other definitions of the name are.
#[test]
fn a_constant_name_hides_computed_ones() {
    let rules = "q[k].r contains \"computed\" if { k := \"b\" }\n\nq.b.r contains \"constant\"\n\np := q.b.r";
    differs(rules, "{}", json!(["constant"]), json!(["computed", "constant"]));
}

/// Workaround: modules are printed without the import, which the engine doesn't need.
#[test]
fn v1_is_a_variable_that_means_the_import() {
    let rules = "import rego.v1\n\np contains v1 if { x := [3]; x[v1] = 3 }";
    differs(rules, "{}", "error: var rego is unsafe", json!([0]));
}

/// Workaround: `Rewriter::exact` counts the keys.
#[test]
fn an_object_has_more_keys_than_the_pattern() {
    let input = r#"{"rows": [{"a": 1}, {"a": 2, "b": 3}]}"#;
    differs("p contains x if { some {\"a\": x} in input.rows }", input, json!([1, 2]), json!([1]));
    differs("p contains x if { {\"a\": x} := input.rows[_] }", input, json!([1, 2]), json!([1]));
    differs("p contains x if { {\"a\": x} = input.rows[_] }", input, json!([1, 2]), json!([1]));
    differs("p contains x if { walk(input.rows, [_, {\"a\": x}]) }", input, json!([1, 2]), json!([1]));
    differs("p contains x if { [_, {\"a\": x}] := input.rows }", input, json!([2]), json!([]));
    differs("p contains f(input.rows[_])\n\nf({\"a\": x}) := x", input, json!([1, 2]), json!([1]));
}

/// OPA finds no value in a string that names such a rule; elsewhere it says `<undefined>`.
#[test]
fn a_string_with_a_rule_that_is_an_undefined_array() {
    let rules = "p := $\"{r} x\"\n\nr := [input.missing]";
    assert_eq!(super::compiled(rules, "{}"), json!(null));
    let rules = "p := $\"{r} x\"\n\nr := input.missing";
    assert_eq!(super::compiled(rules, "{}"), json!("<undefined> x"));
}

/// Workaround: `compile::print` has `internal.member`.
#[test]
fn with_a_key_nothing_is_in_a_set() {
    differs("p := [x | some x in [1, 2]; x, x in {1}]", "{}", json!([]), json!([1]));
}

/// Workaround: `Rewriter::rename` writes imports out. `team.a` is evaluated as a whole because of `a.on`, and from then on `b` means something within it.
#[test]
fn a_function_of_a_package_that_was_evaluated_forgets_imports() {
    let modules = [
        ("b.rego", "package team.b\n\nvalue := 7\n"),
        ("a.rego", "package team.a\n\nimport data.team.b\n\non if b.other\n\nf(x) := [x, b.value]\n"),
        ("test.rego", "package test\n\nimport data.team.a\n\np := x if {\n\tnot a.on\n\tx := a.f(1)\n}\n"),
    ];
    let mut engine = Engine::new();
    for (name, text) in modules {
        engine.add_policy(name.to_owned(), text.to_owned()).unwrap();
    }
    assert_eq!(engine.eval_rule("data.test.p".to_owned()).unwrap(), Value::Undefined);
    let modules = modules.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
    let answer = Inquiry::new(&modules, false).unwrap().ask("data.test.p", Some(&json!({})), Duration::from_secs(10));
    assert_eq!(answer.unwrap(), Some(json!([1, 7])));
}
