//! What `kubevet export` writes says of every example what the rule says.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::path::Path;
use std::time::Duration;

use common::Scratch;
use kubevet::export::{Where, admission_policy, gatekeeper};
use kubevet::policy::{Gatekeeper, Rule};
use kubevet::project::Project;
use kubevet_facts::admission::{Change, Decision, Policies};
use kubevet_facts::schema::read_json;
use kustomize::{Node, read_manifests};
use serde_json::{Value, json};

fn project() -> Project {
    Project::open(&[common::repository().join("policies")], None).unwrap()
}

/// What the objects of a rule say of each object of an example.
fn said(exported: &[Node], example: &str) -> Vec<Decision> {
    let render = read_manifests(Path::new("example.yaml"), example.to_owned()).unwrap();
    let gatekeeper = Gatekeeper::default();
    let session = gatekeeper.session(Duration::from_secs(30));
    let policies = Policies::of(&[], exported).with_engine(Some(&session));
    let decide = |object| policies.decide(&Change { object: Some(object), ..Change::default() });
    render.objects.iter().map(decide).collect()
}

/// A rule's objects, with the parameters that its examples assume; nothing where it can't be exported.
fn exported(project: &Project, rule: &Rule) -> Option<Vec<Node>> {
    let environments: Vec<usize> = (0..project.table.environments.len()).collect();
    let mut objects = gatekeeper(project, rule, &environments, Where::Everywhere).ok()?;
    objects.truncate(2);
    objects[1]["spec"]["parameters"] = Value::Object(rule.examples().parameters);
    objects[1]["spec"]["enforcementAction"] = json!("deny");
    Some(objects.iter().map(|object| read_json(&object.to_string()).unwrap()).collect())
}

#[test]
fn every_exported_rule_says_of_its_examples_what_it_says_here() {
    let project = project();
    let mut count = 0;
    for rule in &project.catalog.rules {
        let Some(objects) = exported(&project, rule) else { continue };
        let examples = rule.examples();
        let (good, bad) = (examples.good.unwrap(), examples.bad.unwrap());
        let judged = |example: &str| {
            let decisions = said(&objects, example);
            assert!(decisions.iter().all(|decision| decision.undecided.is_empty()), "{}: {decisions:?}", rule.id);
            decisions.iter().map(|decision| decision.denials.len()).sum::<usize>()
        };
        assert_eq!(judged(&good), 0, "{}: its good example\n{good}", rule.id);
        assert!(judged(&bad) > 0, "{}: its bad example\n{bad}", rule.id);
        count += 1;
    }
    assert!(count >= 50, "only {count} rules were exported");
}

#[test]
fn what_is_said_in_cel_says_the_same() {
    let project = project();
    let environments: Vec<usize> = (0..project.table.environments.len()).collect();
    let mut count = 0;
    for rule in &project.catalog.rules {
        let Ok(mut objects) = admission_policy(&project, rule, &environments, Where::Everywhere) else { continue };
        objects.truncate(2);
        objects[1]["spec"]["validationActions"] = json!(["Deny"]);
        let objects: Vec<Node> = objects.iter().map(|object| read_json(&object.to_string()).unwrap()).collect();
        // The API server would take the policy.
        let set = kubevet_facts::schema::SchemaSet::new(kubevet_facts::schema::Version::default(), []);
        assert_eq!(kubevet_facts::schema::check(&objects[0], &set), [], "{}", rule.id);
        let examples = rule.examples();
        let judged = |example: &str| said(&objects, example).iter().map(|decision| decision.denials.len()).sum::<usize>();
        assert_eq!(judged(&examples.good.unwrap()), 0, "{}: its good example", rule.id);
        let bad = said(&objects, &examples.bad.unwrap());
        let messages: Vec<&str> = bad.iter().flat_map(|decision| &decision.denials).map(|denial| &*denial.message).collect();
        assert!(!messages.is_empty() && messages.iter().all(|message| *message == rule.title), "{}: {messages:?}", rule.id);
        count += 1;
    }
    assert!(count >= 11, "only {count} rules were exported");
}

#[test]
fn what_rego_leaves_undefined_is_no_error_in_cel() {
    let rule = |body: &str| {
        let text = format!(
            "# METADATA\n# title: a\n# custom: {{kinds: [ConfigMap]}}\npackage kubevet.shop.a\n\nimport rego.v1\n\ndeny contains {{\"msg\": \"a\", \"path\": []}} if {{\n{body}\n}}\n\n\
             odd if input.data.odd\n\nlong(text) if count(text) > 3\n"
        );
        Scratch::empty().file("policies/environments.yaml", PLAIN).file("policies/shop/a.rego", &text)
    };
    let map =
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop, labels: {team: shop}}, data: {a: long text, b/c: x}}\n";
    let cases = [
        ("input.data.a == \"long text\"", true),
        ("input.data.nothing == \"a\"", false),
        ("input.data.nothing != \"a\"", false),
        ("not input.data.nothing", true),
        ("not input.nothing.at.all", true),
        ("input.data[\"b/c\"] == \"x\"", true),
        ("some key\ninput.data[key] == \"x\"\nkey != \"a\"", true),
        ("value := input.data[_]\nlong(value)", true),
        ("value := input.data[key]\nlong(value)\nkey == \"b/c\"", false),
        ("some name in [\"x\", \"a\"]\ninput.data[name]", true),
        ("odd", false),
        ("not odd", true),
        ("object.get(input.metadata, \"generateName\", \"\") == \"\"", true),
        ("input.metadata.labels.team in {\"shop\", \"other\"}", true),
        ("startswith(input.metadata.labels.team, \"sh\")\nnot is_number(input.data.a)", true),
        ("regex.match(`^[a-z ]+$`, input.data.a)\nnot regex.match(\"^x\", input.data.a)", true),
        ("count(input.data) == 2", true),
    ];
    for (body, expected) in cases {
        let written = rule(body).run(&["export", "vap", "shop/a", "-e", "prod"]);
        assert_eq!(written.code, 0, "{body}: {}", written.stderr);
        let judged = |of: &str| {
            let scratch = rule(body).file("policies/admission/a.yaml", &written.stdout).file("all.yaml", map);
            scratch.run(&["check", "all.yaml", "--environment", "prod", "--rule", of, "--format", "concise"]).code
        };
        assert_eq!((judged("shop/a"), judged("admission/*")), (i32::from(expected), i32::from(expected)), "{body}: {}", written.stdout);
    }
}

#[test]
fn what_needs_more_than_the_object_is_not_exported() {
    let project = project();
    let why = |id: &str| gatekeeper(&project, project.catalog.rule(id).unwrap(), &[0], Where::Everywhere).unwrap_err();
    assert_eq!(why("services/node-port-twice"), "it judges all objects of an overlay together");
    assert!(
        why("schema/unknown-field").starts_with("it reads what kubevet works out (input.facts.schema"),
        "{}",
        why("schema/unknown-field")
    );
    // The server sets concurrencyPolicy before anybody is asked.
    assert_eq!(why("jobs/cronjob-overlap"), "the API server sets what its bad example lacks before anybody is asked");
    let change = project.catalog.rules.iter().find(|rule| rule.group() == "change").unwrap();
    assert_eq!(why(&change.id), "it judges a change, in `kubevet diff`");
}

const TABLE: &str = "\
version: 1
environments:
  dev: {overlays: [overlays/dev]}
  prod: {overlays: [overlays/prod], parameters: {teams: [shop]}}
rules:
  \"*\": off
  shop/owner: {dev: warn, prod: deny}
  admission/policy: deny
";

const PLAIN: &str = "\
version: 1
environments: {prod: {overlays: [overlays/prod]}}
rules: {\"*\": off, shop/a: deny, admission/policy: deny}
";

const RULE: &str = "\
# METADATA
# title: Every ConfigMap has a team that there is
# custom:
#   kinds: [ConfigMap]
#   parameters:
#     teams: {type: list, of: string, default: [], description: The teams that there are.}
package kubevet.shop.owner

import data.kubevet.lib.teams
import rego.v1

deny contains {\"msg\": msg, \"path\": [\"metadata\", \"labels\", \"team\"]} if {
	team := object.get(input.metadata, [\"labels\", \"team\"], \"\")
	not teams.known(team)
	msg := sprintf(\"%q is no team\", [team])
}
";

const TEAMS: &str = "\
package kubevet.lib.teams

import rego.v1

known(team) if team in data.environment.parameters.teams

# Nothing that is exported needs it.
unused if input.facts.schema
";

fn shop() -> Scratch {
    let files = [("policies/environments.yaml", TABLE), ("policies/shop/owner.rego", RULE), ("policies/lib/teams.rego", TEAMS)];
    files.into_iter().fold(Scratch::empty(), |scratch, (path, text)| scratch.file(path, text))
}

#[test]
fn a_rule_of_the_project_has_a_constraint_for_each_environment() {
    let run = shop().run(&["export", "gatekeeper", "shop/owner", "--namespace-label", "stage"]).ends_with(0);
    let objects: Vec<Value> = run.stdout.split("---\n").map(|text| serde_yaml::from_str(text).unwrap()).collect();
    let constraint = |at: usize| &objects[at]["spec"];
    let kinds = json!([{"apiGroups": ["*"], "kinds": ["ConfigMap"]}]);
    assert_eq!(
        *constraint(1),
        json!({"enforcementAction": "warn", "match": {"kinds": kinds, "namespaceSelector": {"matchLabels": {"stage": "dev"}}}, "parameters": {"teams": []}})
    );
    assert_eq!(constraint(2)["enforcementAction"], "deny");
    assert_eq!(constraint(2)["parameters"], json!({"teams": ["shop"]}));
    assert!(run.stdout.contains("package lib.kubevet.lib.teams") && !run.stdout.contains("unused"), "{}", run.stdout);
    // kubevet finds there what the rule finds.
    let written = run.stdout.replace("matchLabels:\n        stage: prod", "matchLabels:\n        kubernetes.io/metadata.name: shop");
    let map = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop, labels: {team: %}}}\n";
    for (team, code) in [("shop", 0), ("other", 1)] {
        let scratch = shop().file("policies/admission/shop.yaml", &written).file("all.yaml", &map.replace('%', team));
        let arguments = ["check", "all.yaml", "--environment", "prod", "--rule", "admission/*", "--format", "concise"];
        let run = scratch.run(&arguments).ends_with(code);
        assert_eq!(run.stdout.contains("error[admission/kubevet-shop-owner-prod] prod: ConfigMap shop/a: \"other\" is no team"), code == 1);
    }
}

#[test]
fn environments_must_be_told_apart() {
    shop()
        .run(&["export", "gatekeeper", "shop/owner"])
        .ends_with(2)
        .says("nothing tells the environments apart")
        .says("--namespace-label KEY");
    shop().run(&["export", "gatekeeper", "shop/owner", "-e", "prod"]).ends_with(0).says("kubevet-shop-owner-prod");
    shop().run(&["export", "gatekeeper", "shop/owner", "-e", "production"]).ends_with(2).says("there is no environment \"production\"");
    shop().run(&["export", "gatekeeper", "shop/owners", "-e", "prod"]).ends_with(2).says("did you mean \"shop/owner\"");
    shop()
        .run(&["export", "gatekeeper", "services/node-port-twice", "-e", "prod"])
        .ends_with(2)
        .says("services/node-port-twice can't be exported, as it judges all objects of an overlay together");
    shop().run(&["export", "vap", "shop/owner", "-e", "prod"]).ends_with(2).says("shop/owner can't be exported, as ");
    shop().run(&["export", "gatekeeper", "services/*", "-e", "prod"]).ends_with(0).says("KubevetServicesNodePort");
}
