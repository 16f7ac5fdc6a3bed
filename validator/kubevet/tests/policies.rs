//! This repository's own policies: they run in kubevet, show themselves by example, and use nothing that engines answer differently.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use common::Scratch;

use kubevet::environments::Level;
use kubevet::policy::{Catalog, Evaluator, PolicyFiles, Ruleset};

fn policies() -> PathBuf {
    common::repository().join("policies")
}

fn files() -> PolicyFiles {
    PolicyFiles::with_tests(&[policies()]).unwrap()
}

#[test]
fn the_unit_tests_pass_and_evaluate_nearly_every_line() {
    let report = kubevet::policy::run_tests(&files(), &kubevet::policy::Data::default(), "", kubevet::policy::PATIENCE).unwrap();
    let failed = report.results.iter().filter(|result| result.outcome != kubevet::policy::Outcome::Passed);
    let failed: Vec<_> = failed.map(|result| (&result.name, &result.outcome)).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(report.percent_covered() >= 95.0, "{:.1}%", report.percent_covered());
}

#[test]
fn no_policy_uses_what_opa_answers_differently() {
    let warnings = kubevet::policy::portability(&files());
    let shown = |problem: &kubevet::problem::Problem| format!("{}: {}", problem.error, problem.error.help.as_deref().unwrap_or_default());
    assert!(warnings.is_empty(), "{:#?}", warnings.iter().map(shown).collect::<Vec<_>>());
}

#[test]
fn every_rule_has_a_row_a_test_and_its_words() {
    let catalog = Catalog::load(&files()).unwrap();
    let table = kubevet::environments::Table::open(&policies().join("environments.yaml")).unwrap();
    let mut missing = Vec::new();
    for rule in &catalog.rules {
        let mut expect = |there: bool, what: &str| {
            if !there {
                missing.push(format!("{}: no {what}", rule.id))
            }
        };
        expect(table.levels.names(&rule.id), "row in environments.yaml");
        expect(!rule.description.trim().is_empty(), "description");
        expect(rule.help.is_some(), "help");
        expect(policies().join(format!("{}_test.rego", rule.id)).is_file(), "unit test");
        let examples = rule.examples();
        expect(examples.good.is_some() && examples.bad.is_some(), "example");
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// The examples of `kubevet explain`: the rule finds something in the bad one and nothing in the good one.
#[test]
fn examples_show_what_they_say() {
    let catalog = Catalog::load(&files()).unwrap();
    let products = serde_yaml::from_str(&std::fs::read_to_string(policies().join("products.yaml")).unwrap()).unwrap();
    let workloads: kubevet_facts::workloads::Workloads =
        serde_yaml::from_str(&std::fs::read_to_string(policies().join("workloads.yaml")).unwrap()).unwrap();
    let mut wrong = Vec::new();
    for (at, rule) in catalog.rules.iter().enumerate() {
        let examples = rule.examples();
        let parameters = serde_json::to_string(&examples.parameters).unwrap();
        let table = format!("{{version: 1, environments: {{prod: {{overlays: [], parameters: {parameters}}}}}}}");
        let table = kubevet::environments::Table::parse(&PathBuf::from("example"), &table).unwrap();
        wrong.extend(catalog.parameters.check(&table.environments[0]).iter().map(|error| format!("{}: {error}", rule.id)));
        let level = |other: &kubevet::policy::Rule| if other.id == rule.id { Level::Deny } else { Level::Off };
        let rules = Ruleset::new(&catalog, &table.environments[0], level);
        for (example, expected) in [(&examples.good, false), (&examples.bad, true)] {
            let Some(text) = example else { continue };
            if rule.scope == kubevet::policy::Scope::Change {
                let files = Scratch::of_files(text).unwrap();
                let diff = ["diff", "overlays/prod/new.yaml", "--against-manifests", "overlays/prod/old.yaml", "--environment", "prod"];
                let run = files.run(&[&diff[..], &["--rule", &rule.id, "--format", "json"]].concat());
                if run.json()["findings"].as_array().is_none_or(Vec::is_empty) == expected || run.code > 1 {
                    wrong.push(format!("{}: the {} example: {}", rule.id, if expected { "bad" } else { "good" }, run.stderr));
                }
                continue;
            }
            if let Some(files) = Scratch::of_files(text) {
                let run = files.run(&["check", "overlays/prod", "--rule", &rule.id, "--format", "json"]);
                if run.json()["findings"].as_array().is_none_or(Vec::is_empty) == expected || run.code > 1 {
                    wrong.push(format!("{}: the {} example: {}", rule.id, if expected { "bad" } else { "good" }, run.stderr));
                }
                continue;
            }
            let render = kustomize::read_manifests(&PathBuf::from(format!("{} example", rule.id)), text.as_str()).unwrap();
            let objects: Vec<_> = render.objects.iter().collect();
            let reading = workloads.read(&objects);
            let options = kubevet_facts::Options { products: Some(&products), reading: Some(&reading), ..Default::default() };
            let facts = kubevet_facts::compute(&objects, &options);
            let subjects: Vec<_> = objects.iter().map(|object| rules.subject(object)).collect();
            let mut questions = vec![rules.on_overlay(&subjects, &[], &facts.overlay).unwrap()];
            questions.extend(std::iter::zip(&subjects, &facts.objects).map(|(subject, facts)| rules.on_object(subject, facts).unwrap()));
            // With no other policy loaded than what the rule itself refers to: what is left out by mistake is undefined, and finds nothing.
            let mut evaluator = Evaluator::new(&catalog, &questions).unwrap();
            let mut verdicts = questions.iter().flat_map(|question| evaluator.answer(question).unwrap());
            if verdicts.any(|verdict| verdict.rule == at) != expected {
                wrong.push(format!("{}: the {} example", rule.id, if expected { "bad" } else { "good" }));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_rule_can_be_explained() {
    let catalog = Catalog::load(&files()).unwrap();
    let output = common::kubevet().current_dir(common::repository()).args(["explain", "probes/liveness"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    // The table's line moves with every row that is added above.
    insta::with_settings!({filters => vec![(r"environments.yaml:\d+", "environments.yaml:LINE")]}, {
        insta::assert_snapshot!(text);
    });
    let project = kubevet::project::Project::open(&[policies()], None).unwrap();
    for rule in &catalog.rules {
        let mut text = Vec::new();
        kubevet::explain::write(&project, rule, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains(&rule.title) && text.contains("Levels   ") && text.contains("Why"), "{text}");
    }
}

/// `kubevet rules --format json`, from which the pages of the book are made.
#[test]
fn rules_for_programs() {
    let run = |arguments: &[&str]| {
        let output = common::kubevet().args(arguments).current_dir(common::repository()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let listed: serde_json::Value = serde_json::from_str(&run(&["rules", "--format", "json"])).unwrap();
    let rules = listed["rules"].as_array().unwrap();
    assert_eq!((listed["version"].as_u64(), rules.len()), (Some(1), run(&["rules"]).lines().count() - 1));
    let liveness = rules.iter().find(|rule| rule["rule"] == "probes/liveness").unwrap();
    assert_eq!(liveness["levels"]["prod"], "deny");
    assert_eq!(liveness["scope"], "object");
    for (key, part) in [("description", "kubelet restarts"), ("help", "Add a livenessProbe"), ("file", "policies/probes/liveness.rego")] {
        assert!(liveness[key].as_str().unwrap().contains(part), "{liveness:#}");
    }
    assert!(liveness["examples"]["bad"].as_str().unwrap().contains("readinessProbe"), "{liveness:#}");
    assert!(rules.iter().all(|rule| !rule["title"].as_str().unwrap().is_empty() && !rule["description"].as_str().unwrap().is_empty()));
    let startup = rules.iter().find(|rule| rule["parameters"].get("slowStarters").is_some());
    assert_eq!(startup.unwrap()["parameters"]["slowStarters"]["type"], "map");
}

/// The names that a module of the library defines.
fn defined(text: &str) -> BTreeSet<&str> {
    let heads = text.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()));
    let heads = heads.map(|line| line.strip_prefix("default ").unwrap_or(line));
    heads.filter_map(|line| line.split(|next: char| !next.is_ascii_alphanumeric() && next != '_').next()).collect()
}

#[test]
fn the_library_is_documented_as_it_is() {
    let page = std::fs::read_to_string(policies().join("lib/README.md")).unwrap();
    let entries = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let documented: BTreeMap<&str, &str> = entries.map(|(entry, rest)| (entry.split('(').next().unwrap(), rest)).collect();
    let files = files();
    let modules: Vec<_> = files.iter().filter(|file| !file.is_test()).collect();
    let mut wrong: Vec<String> = Vec::new();
    let mut known = BTreeSet::new();
    for module in modules.iter().filter(|module| module.name.starts_with("lib")) {
        let library = module.name.file_stem().unwrap().to_str().unwrap();
        for name in defined(module.source.text()) {
            let entry = format!("{library}.{name}");
            // What others use is what people may use.
            let import = format!("data.kubevet.lib.{library}\n");
            let uses = |text: &str| {
                let used = text.match_indices(&entry).any(|(at, _)| {
                    let is_name = |next: char| next.is_alphanumeric() || "_.".contains(next);
                    !text[..at].ends_with(is_name)
                        && !text[at + entry.len()..].starts_with(|next: char| next.is_alphanumeric() || next == '_')
                });
                used && text.contains(&import)
            };
            if modules.iter().any(|other| other.name != module.name && uses(other.source.text()))
                && !documented.contains_key(entry.as_str())
            {
                wrong.push(format!("{entry} is not in policies/lib/README.md"));
            }
            known.insert(entry);
        }
    }
    wrong.extend(documented.keys().filter(|entry| !known.contains(**entry)).map(|entry| format!("there is no {entry}")));
    wrong.extend(
        documented.iter().filter(|(_, rest)| rest.trim_matches(['|', ' ']).len() < 8).map(|(entry, _)| format!("{entry} has no words")),
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(documented.len() > 50, "{documented:#?}");
}

/// Rules take a default from their METADATA in kubevet, and from their code in other engines.
#[test]
fn parameters_are_declared_with_the_default_that_the_code_has() {
    let files = files();
    let catalog = Catalog::load(&files).unwrap();
    let declared: BTreeMap<&str, &kubevet::policy::Declaration> =
        catalog.parameters.iter().map(|(name, parameter)| (name, &parameter.declaration)).collect();
    let mut read = BTreeSet::new();
    for file in files.iter().filter(|file| !file.is_test()) {
        for call in file.source.text().split("value(\"").skip(1) {
            let (name, rest) = call.split_once("\", ").unwrap();
            let fallback: serde_json::Value = serde_json::from_str(rest.split(')').next().unwrap()).unwrap();
            let declaration = declared.get(name).unwrap_or_else(|| panic!("nobody declares {name}"));
            // What is asked for by nothing but the parameter has no default, and a fallback that asks for nothing.
            let expected = declaration
                .default
                .clone()
                .unwrap_or_else(|| if declaration.of.is_some() { serde_json::json!([]) } else { serde_json::json!(0) });
            assert_eq!(fallback, expected, "{name}");
            read.insert(name);
        }
    }
    assert_eq!(read, declared.keys().copied().collect(), "declared and read");
}
