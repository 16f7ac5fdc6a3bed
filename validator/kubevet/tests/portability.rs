//! `kubevet test` warns of what OPA would answer differently, and both engines show that the warnings are true.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::collections::BTreeMap;

use common::{Scratch, opa};
use serde_json::json;

/// A rule whose answers differ, and the words of the warning. OPA finds it true where kubevet does not, or the other way round.
const DIFFERENT: [(&str, &str, &str); 7] = [
    ("space", r"p if regex.match(`^a\sb$`, `a b`)", r"\s means all of Unicode"),
    ("digit", "p if regex.match(\"^\\\\d$\", \"\u{663}\")", r"\\d means all of Unicode"),
    ("word", "p if regex.match(`^\\w$`, `ä`)", r"\w means all of Unicode"),
    ("boundary", "p if regex.match(`a\\bä`, `aä`)", r"\b means all of Unicode"),
    ("quoted", r"p if regex.match(`^\Qa.b\E$`, `a.b`)", r"\Q is no regular expression"),
    ("classes", "p if regex.match(`^[a&&b]$`, `&`)", "&& is an operation of two classes"),
    ("builtin", "p if {\n\tobject := {\"a\": 1}\n\tobject.get(object, \"a\", 0) == 1\n}", "OPA does not find object.get"),
];

fn policy(name: &str, rule: &str) -> String {
    format!("package main.{name}\n\nimport rego.v1\n\n{rule}\n")
}

#[test]
fn each_difference_is_warned_of_and_true() {
    let test = "differences between the engines";
    for (name, rule, words) in DIFFERENT {
        // NBSP: white space to Unicode, none to ASCII.
        let rule = rule.replace("`a b`", "\"a\\u00a0b\"");
        let text = policy(name, &rule);
        let scratch = Scratch::empty().file("policies/main/demo.rego", &text).file(
            "policies/main/demo_test.rego",
            &format!("package main.{name}_test\n\nimport rego.v1\n\nimport data.main.{name}\n\ntest_p if {name}.p\n"),
        );
        let run = scratch.run(&["test", "--run", name]).says("not-portable").says(words).says("policies/main/demo.rego:");
        let modules = BTreeMap::from([("demo.rego".to_owned(), text)]);
        let Some(answers) = opa::ask(test, &modules, &[opa::question(format!("data.main.{name}.p"), &json!({}))]) else { continue };
        let ours = run.code == 0;
        assert_ne!(ours, answers[0]["value"] == true, "{name}: kubevet {ours}, OPA {}\n{}", answers[0], run.stdout);
    }
}

#[test]
fn portable_policies_are_left_alone() {
    let rules = r##"
# \d and walk(x) in a comment, and "rego.metadata.rule()"
pattern := `^[0-9]+(\.[a-z])?$`

message := sprintf("100%% of %s: %v %d %q", ["a", [1], 2, "b"])

deny contains message if {
	some name, value in input.metadata.labels
	not regex.match(pattern, value)
	not startswith(name, "a#b")
	walk(input, [path, text])
	is_string(text)
	count(path) > 0
	contains(text, "\\\\d")
	not object.get(input, "name", "") in {"a"}
}

title(object) := object.title

titles := {object.get(titled, "title", "") | some titled in input.objects; titled.object}
"##;
    let scratch = Scratch::empty()
        .file("policies/main/demo.rego", &policy("portable", rules))
        .file("policies/main/demo_test.rego", "package main.portable_test\n\nimport rego.v1\n\ntest_true if true\n");
    let run = scratch.run(&["test", "--run", "portable"]).ends_with(0);
    assert_eq!(run.stderr, "");
}
