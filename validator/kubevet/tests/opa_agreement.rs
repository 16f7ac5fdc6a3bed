//! Our rules give the same answers in the engine inside kubevet and in the real OPA.
//!
//! Both evaluate every unit test, and every rule on its examples, on our three overlays with what the Jobs add to them, and on prod with
//! much of it taken away. Compared are the findings with their messages, paths, objects and related places.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use common::opa;
use kubevet::discover;
use kubevet::environments::{Level, Table};
use kubevet::findings::{Object, Step};
use kubevet::policy::{Evaluator, Outcome, PolicyFiles, Question, Rule, Ruleset, Scope, TestResult, Verdict, run_tests};
use kubevet::project::Project;
use kustomize::{Node, Note, Render};
use serde_json::{Value, json};

/// Rules with an input.
struct Case {
    name: String,
    /// The rules that judge this kind of input, those among them that kubevet knows to find nothing without evaluating them.
    rules: Vec<usize>,
    question: Question,
}

fn project() -> Project {
    Project::open(&[common::repository().join("policies")], None).unwrap()
}

fn modules(files: impl Fn(&kubevet::policy::PolicyFile) -> bool) -> BTreeMap<String, String> {
    let all = PolicyFiles::with_tests(&[common::repository().join("policies")]).unwrap();
    let file = |file: &kubevet::policy::PolicyFile| (file.source.path().display().to_string(), file.source.text().to_owned());
    all.iter().filter(|candidate| files(candidate)).map(file).collect()
}

#[test]
fn the_unit_tests_end_alike() {
    let report = run_tests(
        &PolicyFiles::with_tests(&[common::repository().join("policies")]).unwrap(),
        &kubevet::policy::Data::default(),
        "",
        kubevet::policy::PATIENCE,
    )
    .unwrap();
    assert!(report.results.len() > 300, "{} tests", report.results.len());
    // One question, because OPA prepares each one anew; a comprehension, because a test that fails is undefined.
    let entry = |result: &TestResult| format!("\"{0}\": [value | value := {0}]", result.name);
    let query = format!("{{{}}}", report.results.iter().map(entry).collect::<Vec<_>>().join(", "));
    let test = "unit tests of the policies in OPA";
    let Some(answers) = opa::ask(test, &modules(|_| true), &[opa::question(query, &json!({}))]) else { return };
    let differences: Vec<_> = report
        .results
        .iter()
        .filter(|result| (result.outcome == Outcome::Passed) != (answers[0]["value"][&result.name] == json!([true])))
        .map(|result| format!("{}: {:?} here, {} in OPA", result.name, result.outcome, answers[0]["value"][&result.name]))
        .collect();
    assert!(differences.is_empty(), "{differences:#?}, {}", answers[0]["error"]);
}

#[test]
fn the_rules_find_the_same_in_our_overlays() {
    let project = project();
    let named = |dir: &Path| project.table.names(&project.relative(dir));
    let search = discover::Search { spelled: BTreeSet::new(), named: &named, drafts: None };
    let mut cases = Vec::new();
    let mut damaged = None;
    for (at, environment) in project.table.environments.iter().enumerate() {
        let rules = Ruleset::new(&project.catalog, environment, |_| Level::Deny);
        let of_environment = |dir: &Path| project.table.of_overlay(&project.relative(dir)).is_ok_and(|(found, _)| found == at);
        let roots: Vec<_> = discover::roots(&project.root, &search).unwrap().judged.into_iter().filter(|dir| of_environment(dir)).collect();
        let renders: Vec<(String, Render, bool)> = roots
            .iter()
            .map(|dir| {
                (project.relative(dir).display().to_string(), kustomize::build(dir).unwrap(), environment.adds(&project.relative(dir)))
            })
            .collect();
        let overlays = || renders.iter().filter(|(_, _, adds)| !adds).flat_map(|(_, render, _)| &render.objects);
        let additions: Vec<&Node> = renders.iter().filter(|(_, _, adds)| *adds).flat_map(|(_, render, _)| &render.objects).collect();
        assert!(!additions.is_empty(), "{} has no additions", environment.name);
        for (name, render, adds) in &renders {
            let context: Vec<&Node> = if *adds { overlays().collect() } else { Vec::new() };
            let objects: Vec<&Node> = render.objects.iter().chain(context).collect();
            let judged = &objects[..render.objects.len()];
            judge(&project, &rules, name, &objects, judged.len(), &additions, &render.notes, &mut cases);
        }
        damaged = Some((rules, overlays().map(damage).collect::<Vec<_>>().join("\n---\n")));
    }
    // The overlays are clean, so most answers on them are empty; nearly every rule has something to say on what is left of this one.
    let (rules, text) = damaged.unwrap();
    let render = kustomize::read_manifests(Path::new("damaged"), text).unwrap();
    let objects: Vec<&Node> = render.objects.iter().collect();
    judge(&project, &rules, "damaged", &objects, objects.len(), &[], &[], &mut cases);
    compare(&project, "rules on our overlays in OPA", &cases, 250);
}

#[test]
fn the_rules_find_the_same_in_their_examples() {
    let project = project();
    let mut cases = Vec::new();
    for rule in &project.catalog.rules {
        let examples = rule.examples();
        let parameters = serde_json::to_string(&examples.parameters).unwrap();
        let table = format!("{{version: 1, environments: {{prod: {{overlays: [], parameters: {parameters}}}}}}}");
        let table = Table::parse(Path::new("example"), &table).unwrap();
        let rules = Ruleset::new(&project.catalog, &table.environments[0], |_| Level::Deny);
        for (kind, text) in [("good", &examples.good), ("bad", &examples.bad)] {
            // Those that show files are of kustomizations, not of objects.
            let Some(text) = text.as_ref().filter(|text| !text.starts_with("# file: ")) else { continue };
            let name = format!("{} example of {}", kind, rule.id);
            let render = kustomize::read_manifests(Path::new(&name), text.as_str()).unwrap();
            let objects: Vec<&Node> = render.objects.iter().collect();
            judge(&project, &rules, &name, &objects, objects.len(), &[], &[], &mut cases);
        }
    }
    compare(&project, "rules on their examples in OPA", &cases, 300);
}

#[test]
fn the_rules_find_the_same_in_pods_of_other_kinds() {
    let project = project();
    let rules = Ruleset::new(&project.catalog, project.table.environments.last().unwrap(), |_| Level::Deny);
    let render = kustomize::read_manifests(Path::new("others"), common::OTHER_WORKLOADS).unwrap();
    let objects: Vec<&Node> = render.objects.iter().collect();
    let mut cases = Vec::new();
    judge(&project, &rules, "other kinds", &objects, objects.len(), &[], &[], &mut cases);
    compare(&project, "rules on Pods of other kinds in OPA", &cases, 50);
}

/// Takes away what rules ask for.
fn damage(object: &Node) -> String {
    fn without(value: &mut Value) {
        const GONE: [&str; 12] = [
            "livenessProbe",
            "readinessProbe",
            "startupProbe",
            "resources",
            "securityContext",
            "topologySpreadConstraints",
            "tls",
            "activeDeadlineSeconds",
            "ingress",
            "strategy",
            "serviceAccountName",
            "automountServiceAccountToken",
        ];
        match value {
            Value::Object(map) => {
                GONE.iter().for_each(|key| drop(map.remove(*key)));
                if let Some(image) = map.get_mut("image").filter(|image| image.is_string()) {
                    *image = json!("postgres");
                }
                map.values_mut().for_each(without);
            }
            Value::Array(list) => list.iter_mut().for_each(without),
            _ => {}
        }
    }
    let mut value = json_of(object);
    without(&mut value);
    value.to_string()
}

fn json_of(object: &Node) -> Value {
    let mut text = String::new();
    kustomize::yaml::emit(object, &mut text);
    serde_yaml::from_str(&text).unwrap()
}

/// Adds a case for each of the first `judged` objects, and one for all of them together.
#[allow(clippy::too_many_arguments, reason = "what a rule is given, and where to put it")]
fn judge(
    project: &Project,
    rules: &Ruleset<'_>,
    name: &str,
    objects: &[&Node],
    judged: usize,
    additions: &[&Node],
    notes: &[Note],
    cases: &mut Vec<Case>,
) {
    let reading = project.workloads.read(objects);
    let options = kubevet_facts::Options {
        crds: Some(&project.crds),
        products: Some(&project.products),
        additions,
        reading: Some(&reading),
        ..kubevet_facts::Options::default()
    };
    let facts = kubevet_facts::compute(objects, &options);
    let mut subjects: Vec<_> = objects.iter().map(|object| rules.subject(object)).collect();
    for ((object, subject), facts) in std::iter::zip(std::iter::zip(objects, &subjects), &facts.objects).take(judged) {
        let identity = Object::of(object);
        let applies = |rule: &Rule| rule.scope == Scope::Object && (rule.kinds.is_empty() || rule.kinds.contains(&identity.kind));
        cases.push(Case {
            name: format!("{name}: {identity}"),
            rules: (0..project.catalog.rules.len()).filter(|at| applies(&project.catalog.rules[*at])).collect(),
            question: rules.on_object(subject, facts).unwrap(),
        });
    }
    for (view, facts) in std::iter::zip(&reading.views, &facts.views) {
        let (subject, kind) = (rules.subject_of_view(&view.node), Object::of(&view.node).kind);
        let applies = |rule: &Rule| rule.scope == Scope::Object && rule.kinds.contains(&kind) && view.is_judged_by(&rule.id);
        cases.push(Case {
            name: format!("{name}: a Pod of {}", Object::of(objects[view.at])),
            rules: (0..project.catalog.rules.len()).filter(|at| applies(&project.catalog.rules[*at])).collect(),
            question: rules.on_view(&subject, facts, |rule| view.is_judged_by(rule)).unwrap(),
        });
        if !view.partial {
            subjects.push(subject);
        }
    }
    cases.push(Case {
        name: name.to_owned(),
        rules: (0..project.catalog.rules.len()).filter(|at| project.catalog.rules[*at].scope == Scope::Overlay).collect(),
        question: rules.on_overlay(&subjects, notes, &facts.overlay).unwrap(),
    });
}

/// Asks OPA for the answers of the same rules on the same inputs; `at_least` says how many findings the cases must have for that to mean
/// anything.
fn compare(project: &Project, test: &str, cases: &[Case], at_least: usize) {
    let rules = &project.catalog.rules;
    let mut evaluator = Evaluator::new(&project.catalog, cases.iter().map(|case| &case.question)).unwrap();
    let verdicts: Vec<Vec<Verdict>> = cases.iter().map(|case| evaluator.answer(&case.question).unwrap()).collect();
    let found: usize = verdicts.iter().map(Vec::len).sum();
    assert!(found >= at_least, "only {found} findings to compare");
    let query = |case: &Case| {
        let entry = |at: &usize| rules[*at].queries().map(move |query| format!("\"{at}\": {query}")).collect::<Vec<_>>();
        let entries: Vec<String> = case.rules.iter().flat_map(entry).collect();
        format!("{{{}}} with data.environment as input.environment", entries.join(", "))
    };
    let questions: Vec<Value> = cases.iter().map(|case| opa::question(query(case), &case.question.input().unwrap())).collect();
    let Some(answers) = opa::ask(test, &modules(|file| !file.is_test()), &questions) else { return };
    let mut differences = Vec::new();
    let mut findings = BTreeSet::new();
    for ((case, verdicts), answer) in std::iter::zip(std::iter::zip(cases, &verdicts), answers) {
        for at in &case.rules {
            let ours: BTreeSet<String> = verdicts.iter().filter(|verdict| verdict.rule == *at).map(ours).collect();
            let theirs = answer["value"][at.to_string()].as_array();
            let theirs = theirs.map(|list| list.iter().map(theirs_as_ours).collect::<BTreeSet<String>>());
            match theirs {
                Some(theirs) if theirs == ours => drop((!ours.is_empty()).then(|| findings.insert(*at))),
                Some(theirs) => differences.push(format!("{}: {}: here {ours:#?}, in OPA {theirs:#?}", case.name, rules[*at].id)),
                None => differences.push(format!("{}: {}: OPA answers {answer}", case.name, rules[*at].id)),
            }
        }
    }
    println!("{test}: {} inputs, {found} findings of {} rules of {}", cases.len(), findings.len(), rules.len());
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

fn finding(msg: &str, path: &Value, object: &Value, related: &[Value], note: &Value) -> String {
    json!({"msg": msg, "path": path, "object": object, "related": related, "note": note}).to_string()
}

fn ours(verdict: &Verdict) -> String {
    let path = |path: &[Step]| serde_json::to_value(path).unwrap();
    let related = verdict.related.iter().map(|related| json!([related.object, path(&related.path), related.note]));
    finding(&verdict.message, &path(&verdict.path), &json!(verdict.object), &related.collect::<Vec<_>>(), &json!(verdict.note))
}

/// A result of OPA's, with what a rule may leave out.
fn theirs_as_ours(result: &Value) -> String {
    let path = |value: &Value| if value["path"].is_null() { json!([]) } else { value["path"].clone() };
    let object = |value: &Value| {
        let mut object = value["object"].clone();
        if let Some(map) = object.as_object_mut() {
            let namespace = map.get("namespace").filter(|namespace| **namespace != "").cloned();
            map.insert("namespace".to_owned(), namespace.unwrap_or_default());
        }
        object
    };
    let related = result["related"].as_array().cloned().unwrap_or_default();
    let related: Vec<Value> =
        related.iter().map(|value| json!([object(value), path(value), value["note"].as_str().unwrap_or_default()])).collect();
    finding(result["msg"].as_str().unwrap_or_default(), &path(result), &object(result), &related, &result["note"])
}
