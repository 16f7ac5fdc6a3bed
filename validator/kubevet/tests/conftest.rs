//! A directory of policies that were written for conftest is judged unchanged, with the answers that OPA gives.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{Scratch, opa};
use serde_json::Value;

/// Files of several authors: packages, helpers, strings and objects, suffixes, with and without METADATA.
const POLICIES: [(&str, &str); 5] = [
    (
        "deployments.rego",
        "package main

import data.kubernetes

name := input.metadata.name

deny contains msg if {
\tkubernetes.is_deployment
\tnot input.spec.template.spec.securityContext.runAsNonRoot
\tmsg := sprintf(\"Containers must not run as root in Deployment %s\", [name])
}

deny contains msg if {
\tkubernetes.is_deployment
\tsome container in kubernetes.containers
\tendswith(container.image, \":latest\")
\tmsg := sprintf(\"%s uses the tag latest\", [container.name])
}

warn_replicas contains {\"msg\": \"one replica only\", \"severity\": \"low\"} if {
\tkubernetes.is_deployment
\tobject.get(input.spec, \"replicas\", 1) == 1
}
",
    ),
    (
        "lib/kubernetes.rego",
        "package kubernetes

is_deployment if input.kind == \"Deployment\"

containers contains container if some container in input.spec.template.spec.containers
",
    ),
    (
        "labels.rego",
        "# METADATA
# title: Labels
# custom:
#   severity: high
package org.labels

import rego.v1

required := {\"app.kubernetes.io/name\", \"owner\"}

missing := required - {label | some label, _ in object.get(input.metadata, \"labels\", {})}

violation contains {\"msg\": msg, \"details\": {\"missing\": missing}} if {
\tcount(missing) > 0
\tmsg := sprintf(\"%s/%s lacks %v\", [input.kind, input.metadata.name, missing])
}
",
    ),
    (
        "anything.rego",
        "package main

import future.keywords

deny_placeholder[msg] {
\twalk(input, [path, value])
\tvalue == \"CHANGEME\"
\tmsg := sprintf(\"%s holds a placeholder\", [concat(\".\", [sprintf(\"%v\", [step]) | step := path[_]])])
}
",
    ),
    (
        "labels_test.rego",
        "package org.labels_test

import rego.v1

test_missing if count(data.org.labels.violation) == 1 with input as {\"kind\": \"Pod\", \"metadata\": {\"name\": \"x\"}}
",
    ),
];

const CONFIG: &str =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, labels: {owner: a, app.kubernetes.io/name: c}}\ndata: {a: CHANGEME}\n";

fn scratch(skip: &str) -> Scratch {
    let scratch = Scratch::project().file("base/config.yaml", CONFIG);
    scratch.write("base/kustomization.yaml", "resources: [deployment.yaml, config.yaml]\n");
    POLICIES.iter().filter(|(path, _)| *path != skip).fold(scratch, |scratch, (path, text)| scratch.file(&format!("vendor/{path}"), text))
}

#[test]
fn the_old_syntax_finds_the_same() {
    let found =
        |scratch: &Scratch| scratch.run(&["check", "overlays/prod", "--policy", "vendor", "--rule", "main", "--format", "concise"]).stdout;
    let v1 = POLICIES[3].1.replace("deny_placeholder[msg] {", "deny_placeholder contains msg if {");
    assert_ne!(v1, POLICIES[3].1);
    let (old, new) = (found(&scratch("")), found(&scratch("anything.rego").file("vendor/anything.rego", &v1)));
    assert!(old.contains("data.a holds a placeholder"), "{old}");
    assert_eq!(old, new);
}

#[test]
fn an_error_says_which_syntax_was_tried() {
    let old = POLICIES[3].1.replace("deny_placeholder[msg] {", "deny_placeholder[msg] { {");
    let run =
        scratch("anything.rego").file("vendor/anything.rego", &old).run(&["check", "overlays/prod", "--policy", "vendor"]).ends_with(2);
    run.says("error[policy-load]").says("(read as Rego before 1.0)").says("vendor/anything.rego:");
}

#[test]
fn a_directory_runs_unchanged_and_finds_what_opa_finds() {
    // The same in today's syntax, which is what OPA 1 and conftest read.
    let v1 = POLICIES[3].1.replace("deny_placeholder[msg] {", "deny_placeholder contains msg if {");
    let scratch = scratch("anything.rego").file("vendor/anything.rego", &v1);
    let run = scratch.run(&["check", "overlays/prod", "--policy", "vendor", "--rule", "main", "--rule", "org/labels", "--format", "json"]);
    let report = run.ends_with(1).json();
    let mut ours: BTreeSet<(String, String, String)> = BTreeSet::new();
    for finding in report["findings"].as_array().unwrap() {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        ours.insert((text(&finding["object"]["name"]), text(&finding["level"]), text(&finding["message"])));
    }
    let found = |name: &str, level: &str, message: &str| ours.contains(&(name.to_owned(), level.to_owned(), message.to_owned()));
    assert!(found("web", "deny", "Containers must not run as root in Deployment web"), "{ours:#?}");
    assert!(found("web", "warn", "one replica only"), "{ours:#?}");
    assert!(found("c", "deny", "data.a holds a placeholder"), "{ours:#?}");
    assert!(found("web", "deny", r#"Deployment/web lacks {"app.kubernetes.io/name", "owner"}"#), "{ours:#?}");
    assert_eq!(ours.len(), 4, "{ours:#?}");
    scratch.run(&["test", "--policy", "vendor", "--run", "org.labels"]).ends_with(0).says("1 test: 1 passed");

    let rendered = scratch.run(&["render", "overlays/prod"]).ends_with(0).stdout;
    let objects: Vec<Value> = rendered.split("---\n").map(|document| serde_yaml::from_str(document).unwrap()).collect();
    assert_eq!(objects.len(), 2);
    let mut modules: BTreeMap<String, String> = POLICIES.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    modules.insert("anything.rego".to_owned(), v1);
    const QUERIES: [(&str, &str); 4] = [
        ("data.main.deny", "deny"),
        ("data.main.deny_placeholder", "deny"),
        ("data.main.warn_replicas", "warn"),
        ("data.org.labels.violation", "deny"),
    ];
    let asked: Vec<_> = objects.iter().flat_map(|object| QUERIES.map(|(query, level)| (object, query, level))).collect();
    let questions: Vec<Value> = asked.iter().map(|(object, query, _)| opa::question(*query, object)).collect();
    let Some(answers) = opa::ask("policies written for conftest in OPA", &modules, &questions) else { return };
    let mut theirs = BTreeSet::new();
    for ((object, query, level), answer) in std::iter::zip(asked, answers) {
        for result in answer["value"].as_array().unwrap_or_else(|| panic!("{query}: {answer}")) {
            let message = result.as_str().or_else(|| result["msg"].as_str()).unwrap();
            theirs.insert((object["metadata"]["name"].as_str().unwrap().to_owned(), level.to_owned(), message.to_owned()));
        }
    }
    assert_eq!(ours, theirs);
}

/// A policy of conftest's beside the Deployment `web` and the ConfigMap `c`, and what `check` says of it.
fn judged(policy: &str, arguments: &[&str]) -> common::Run {
    let scratch = scratch("").file("p/a.rego", &format!("package main\n\nimport rego.v1\n\n{policy}"));
    scratch.run(&[&["check", "overlays/prod", "--policy", "p", "--rule", "main", "--format", "json"], arguments].concat())
}

/// The messages of the findings, in order, each with its level.
fn messages(run: &common::Run) -> Vec<String> {
    let findings = run.json()["findings"].as_array().unwrap().clone();
    let mut texts: Vec<String> =
        findings.iter().map(|finding| format!("{} {}", finding["level"].as_str().unwrap(), finding["message"].as_str().unwrap())).collect();
    texts.sort();
    texts
}

#[test]
fn the_input_is_what_conftest_reads() {
    let keys = "deny contains msg if msg := concat(\" \", sort(object.keys(input)))\n";
    assert_eq!(messages(&judged(keys, &[])), ["deny apiVersion data kind metadata", "deny apiVersion kind metadata spec"]);
    // One that asks for what kubevet knows sees it beside.
    let asking = format!("{keys}\nwarn contains \"no schema\" if not input.facts.schema\n");
    assert_eq!(
        messages(&judged(&asking, &[])),
        ["deny apiVersion data environment facts kind metadata", "deny apiVersion environment facts kind metadata spec"]
    );
    let file = "deny contains sprintf(\"%s in %s\", [data.conftest.file.name, regex.replace(data.conftest.file.dir, `.*/`, \"\")]) if input.data\n";
    assert_eq!(messages(&judged(file, &[])), ["deny kustomization.yaml in prod"]);
    let environment = "deny contains data.environment.name if input.kind == \"ConfigMap\"\n";
    assert_eq!(messages(&judged(environment, &[])), ["deny prod"]);
}

#[test]
fn results_of_every_shape_that_conftest_takes() {
    let run = judged(
        "deny contains {\"msg\": \"object\", \"path\": \"spec.x\", \"object\": input, \"related\": 3, \"note\": \"n\", \"details\": {\"a\": [1]}} if input.data
violation_a_b contains {\"msg\": \"place\", \"_loc\": {\"file\": \"x\", \"line\": 3}} if input.data
violation := [\"list\", {\"msg\": \"of both\"}] if input.data
warn_x contains \"\" if input.data
warn_x contains \"text\" if input.data
default deny_default := false
deny_off := null
deny_undefined contains input.nothing.at.all
",
        &[],
    );
    assert_eq!(messages(&run.ends_with(1)), ["deny list", "deny object", "deny of both", "deny place", "warn text"]);
    let refused = [
        ("deny contains 3\n", "neither a text nor an object, but a number, is a result of deny", "p/a.rego:5:1"),
        ("deny contains {\"message\": \"x\"}\n", "no text `msg` is in a result of deny", "p/a.rego:5:1"),
        ("deny contains {\"msg\": 3}\n", "no text `msg` is in a result of deny", "p/a.rego:5:1"),
        ("x := 1\nwarn_y := \"x\"\n", "no set, but a text, is the value of warn_y", "p/a.rego:6:1"),
        ("deny := true\n", "no set, but true or false, is the value of deny", "p/a.rego:5:1"),
    ];
    for (policy, message, place) in refused {
        let scratch = scratch("").file("p/a.rego", &format!("package main\n\nimport rego.v1\n\n{policy}"));
        let run = scratch.run(&["check", "overlays/prod", "--policy", "p", "--rule", "main"]).ends_with(3);
        run.says("error[rule-evaluation]").says(message).says(place);
    }
    // Without `contains` there are no messages, which conftest refuses to load.
    for policy in ["deny if input.kind\n", "deny[msg] if msg := \"x\"\n"] {
        let scratch = scratch("").file("p/a.rego", &format!("package main\n\nimport rego.v1\n\n{policy}"));
        let run = scratch.run(&["check", "overlays/prod", "--policy", "p"]).ends_with(2);
        run.says("error[policy-load]").says("`deny` has no messages").says("p/a.rego:5:1").says("deny contains msg if");
    }
}

#[test]
fn exceptions_exempt_from_the_rules_that_they_name() {
    let rules = "deny contains \"plain\" if input.data
deny_a contains \"a\" if input.data
violation_a contains \"violation a\" if input.data
warn_a contains \"warn a\" if input.data
deny_a_b contains \"a b\" if input.data
";
    let all = ["deny a", "deny a b", "deny plain", "deny violation a", "warn warn a"];
    assert_eq!(messages(&judged(rules, &[])), all);
    let cases = [
        ("exception contains [\"a\"] if input.data", vec!["deny a b", "deny plain"]),
        ("exception contains rules if { input.data; rules := {\"a_b\", \"\"} }", vec!["deny a", "deny violation a", "warn warn a"]),
        ("exception contains [\"a\"] if input.spec", all.to_vec()),
        ("exception contains \"a\" if input.data", all.to_vec()),
    ];
    for (exception, expected) in cases {
        assert_eq!(messages(&judged(&format!("{rules}{exception}\n"), &[])), expected, "{exception}");
    }
}

#[test]
fn data_is_merged_as_conftest_merges_it() {
    let rule = "deny contains msg if {\n\tinput.kind == \"ConfigMap\"\n\tsome name in object.union_n([data.names, data.team.eu.names])\n\tmsg := name\n}\n";
    let scratch = |file: &str, text: &str| {
        scratch("")
            .file("p/a.rego", &format!("package main\n\nimport rego.v1\n\n{rule}"))
            .file("data/one.yaml", "names: {a: from yaml}\n")
            .file("data/team/eu/two.json", "{\"names\": {\"b\": \"from json\"}}")
            .file(file, text)
    };
    let check = |scratch: &Scratch, data: &[&str]| {
        let data: Vec<&str> = data.iter().flat_map(|path| ["--data", path]).collect();
        scratch.run(&[&["check", "overlays/prod", "--policy", "p", "--rule", "main", "--format", "json"], data.as_slice()].concat())
    };
    let plain = scratch("data/three.yml", "names: {c: another}\n");
    assert_eq!(messages(&check(&plain, &["data"]).ends_with(1)), ["deny another", "deny from json", "deny from yaml"]);
    let files = ["data/one.yaml", "team.eu:data/team/eu/two.json"];
    assert_eq!(messages(&check(&plain, &files).ends_with(1)), ["deny from json", "deny from yaml"]);
    assert_eq!(messages(&check(&plain, &[]).ends_with(0)), Vec::<String>::new());
    let refused = [
        ("data/three.yaml", "names: {a: other}\n", "does not fit what other documents of --data say", "data/three.yaml:1"),
        ("data/three.yaml", "- a\n", "data must be a map at the top", "data/three.yaml:1"),
        ("data/three.yaml", "a: 1\n---\nb: 2\n", "exactly one YAML document", "data/three.yaml"),
        ("data/three.yaml", "kubevet: {lib: {}}\n", "data.kubevet is kubevet's own", "data/three.yaml:1"),
        ("data/three.yaml", "environment: {name: dev}\n", "data.environment is kubevet's own", "data/three.yaml:1"),
        ("data/three.yaml", "a: [\n", "", "data/three.yaml"),
        (
            "data/three.yaml",
            "main: {deny: []}\n",
            "--data has data.main.deny, which is what p/a.rego defines",
            "call the data something else",
        ),
        ("data/three.yaml", "main: 3\n", "--data has data.main, which is what p/a.rego defines", "call the data something else"),
    ];
    for (file, text, message, place) in refused {
        let run = scratch(file, text).run(&["check", "overlays/prod", "--policy", "p", "--data", "data"]).ends_with(2);
        run.says("error[data]").says(message).says(place);
    }
    // Beside the rules of a package there may be data.
    assert_eq!(messages(&check(&scratch("data/three.yaml", "main: {other: 1}\n"), &["data"]).ends_with(1)).len(), 2);
    plain.run(&["check", "overlays/prod", "--policy", "p", "--data", "none"]).ends_with(2).says("error[data]");
    plain.run(&["check", "overlays/prod", "--policy", "p", "--data", "p/a.rego"]).ends_with(2).says("a.rego is no file of data");
    let test = "package main_test\n\nimport rego.v1\n\ntest_data if data.names.a == \"from yaml\"\n";
    plain.write("p/a_test.rego", test);
    plain.run(&["test", "--policy", "p", "--run", "main_test", "--data", "data/one.yaml"]).ends_with(0);
    plain.run(&["test", "--policy", "p", "--run", "main_test"]).ends_with(1);
}

#[test]
fn combined_input_has_all_objects_with_their_files() {
    let policy = "deny contains msg if {
\tnames := [file.contents.metadata.name | some file in input]
\tmsg := concat(\" \", names)
}

violation contains {\"msg\": file.path, \"object\": {\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"name\": \"c\", \"namespace\": \"web-prod\"}} if {
\tsome file in input
\tfile.contents.kind == \"ConfigMap\"
}
";
    let run = judged(policy, &["--combine"]).ends_with(1);
    assert_eq!(messages(&run), ["deny base/config.yaml", "deny c web"]);
    let report = run.json();
    let of = |message: &str| report["findings"].as_array().unwrap().iter().find(|finding| finding["message"] == message).unwrap().clone();
    assert_eq!(of("base/config.yaml")["object"]["kind"], "ConfigMap");
    let whole = of("c web");
    assert_eq!(
        (whole["object"]["kind"].as_str(), whole["locations"][0]["file"].as_str()),
        (Some("Kustomization"), Some("overlays/prod/kustomization.yaml"))
    );
    let manifests = scratch("").file("p/a.rego", "package main\n\nimport rego.v1\n\ndeny contains input[0].path\n");
    let run =
        manifests.run(&["check", "base/config.yaml", "--policy", "p", "--rule", "main", "--combine", "--environment", "prod"]).ends_with(1);
    run.says("Manifests base/config.yaml: base/config.yaml").says("base/config.yaml:1:1");
    // Without the switch each object is an input of its own, and who reads a list is told.
    judged(policy, &[]).ends_with(0).says("combined-input").says("--combine gives the list");
    judged("deny contains input.kind if input.data\n", &["--combine"]).ends_with(0).says("combined-input").says("leave out --combine");
    judged("deny contains input.kind if \"x\" in input.data\n", &[]).ends_with(0).says("\"warnings\": []");
}

#[test]
fn packages_are_asked_by_name() {
    let scratch = scratch("").file("p/main.rego", "package main\n\nimport rego.v1\n\nwarn contains \"main\" if input.data\n");
    let scratch = scratch.file("p/team.rego", "package team.eu\n\nimport rego.v1\n\ndeny contains \"team\" if input.data\n");
    // Only these rules, but without naming them: that would ask them.
    let check = |arguments: &[&str]| {
        let run = scratch.run(&[&["check", "overlays/prod", "--policy", "p", "--format", "json"], arguments].concat());
        let report = run.json();
        let findings = report["findings"].as_array().unwrap();
        let ours = findings.iter().filter(|finding| ["main", "team/eu"].contains(&finding["rule"].as_str().unwrap()));
        (ours.map(|finding| finding["message"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>(), report["warnings"].to_string())
    };
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let (found, told) = check(&[]);
    assert_eq!(found, set(&["main"]));
    assert!(told.contains("the rules of package team.eu are not asked") && told.contains("--namespace team.eu"), "{told}");
    for (arguments, expected) in [
        (vec!["--namespace", "team.eu"], set(&["team"])),
        (vec!["--namespace", "team.*", "--namespace", "main"], set(&["main", "team"])),
        (vec!["--all-namespaces"], set(&["main", "team"])),
    ] {
        assert_eq!(check(&arguments).0, expected, "{arguments:?}");
    }
    assert!(!check(&["--namespace", "main"]).1.contains("not asked"), "somebody said so");
    scratch.run(&["check", "overlays/prod", "--policy", "p", "--namespace", "team.uu"]).ends_with(2).says("did you mean \"team.eu\"?");
    scratch.run(&["explain", "team/eu", "--policy", "p"]).ends_with(0).says("only with --namespace team.eu");
    // A row asks too.
    scratch.write(
        "p/environments.yaml",
        common::TABLE
            .replace("demo/probe: {dev: warn, prod: deny, why: a hang in dev disturbs nobody}", "team/eu: {dev: warn, prod: deny}"),
    );
    assert_eq!(check(&[]).0, set(&["main", "team"]));
}

#[test]
fn policies_that_ask_nothing_are_not_clean() {
    let cases = [
        ("package main\nimport rego.v1\ndeny(x) := \"no\"\n", "`deny` is a function, so it finds nothing", "p/a.rego:3:1"),
        ("package main\nimport rego.v1\ndenies contains \"x\" if input.kind\n", "`denies` is no name that is asked for", "p/a.rego:3:1"),
        ("package main\nimport rego.v1\nwran contains \"x\" if input.kind\n", "`wran` is no name that is asked for", "p/a.rego:3:1"),
        ("package main\nimport rego.v1\nrefuse contains \"x\" if input.kind\n", "there are only refuse", "p/a.rego:1:1"),
        ("package kubevet.lib.mine\nimport rego.v1\nx := 1\n", "there are only helpers", "p/a.rego:1:1"),
        ("package team\nimport rego.v1\ndeny contains \"x\" if input.kind\n", "the rules of package team are not asked", "p/a.rego:3:1"),
    ];
    for (policy, message, place) in cases {
        let run = scratch("").file("p/a.rego", policy).run(&["check", "overlays/prod", "--policy", "p"]);
        let run = if run.code == 1 { panic!("{}", run.stdout) } else { run.ends_with(4) };
        run.says("[no-rules]").says(message).says(place);
    }
    // Beside others, what only looks like a rule is worth a word.
    for (other, code) in [("deny(x) := \"no\"", true), ("deny_ contains \"x\"", true), ("denied contains \"x\"", false)] {
        let policy = format!("package main\nimport rego.v1\nwarn contains \"x\" if input.data\n{other}\n");
        let run = scratch("").file("p/a.rego", &policy).run(&["check", "overlays/prod", "--policy", "p", "--rule", "main"]).ends_with(0);
        assert_eq!(run.stdout.contains("[no-entry-point]"), code, "{other}: {}", run.stdout);
    }
}

#[test]
fn a_rule_in_a_file_of_tests_is_not_lost() {
    let main = "package main\n\ndeny contains \"x\" if input.kind\n";
    let run = |name: &str, text: &str| {
        let scratch = scratch("").file("p/a.rego", main).file(name, text);
        scratch.run(&["check", "overlays/prod", "--policy", "p"])
    };
    let lost = run("p/load_test.rego", "package main\n\ntest_x if true\n\ndeny_load contains \"y\" if input.data\n").ends_with(2);
    lost.says("[policy-load]").says("`deny_load` is not asked: a file that ends in _test.rego holds tests").says("p/load_test.rego:5:1");
    run("p/old_test.rego", "package main\n\nwarn[msg] { msg := \"y\" }\n").ends_with(2).says("`warn` is not asked");
    // What a test says of a rule is no rule.
    let text = "package main\n\n# deny\ndeny_of(x) := x\n\ntest_a if {\n\tdeny with input as {}\n}\n\ntext := `\ndeny contains 1\n`\n";
    run("p/a_test.rego", text).ends_with(1);
}
