//! What rules offer to do about what they find.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use common::Scratch;
use kubevet::environments::{Level, Table};
use kubevet::policy::{Catalog, Evaluator, PolicyFiles, Ruleset, Verdict};

const TABLE: &str = "{version: 1, environments: {prod: {overlays: [], parameters: {minReplicas: 3, podSecurity: restricted}}}}";

/// What all rules say of some manifests.
fn verdicts(catalog: &Catalog, manifests: &str) -> Vec<Verdict> {
    let table = Table::parse(Path::new("table"), TABLE).unwrap();
    let rules = Ruleset::new(catalog, &table.environments[0], |_| Level::Deny);
    let render = kustomize::read_manifests(Path::new("manifests"), manifests.to_owned()).unwrap();
    let objects: Vec<_> = render.objects.iter().collect();
    let facts = kubevet_facts::compute(&objects, &kubevet_facts::Options::default());
    let subjects: Vec<_> = objects.iter().map(|object| rules.subject(object)).collect();
    let mut questions = vec![rules.on_overlay(&subjects, &[], &facts.overlay).unwrap()];
    questions.extend(std::iter::zip(&subjects, &facts.objects).map(|(subject, facts)| rules.on_object(subject, facts).unwrap()));
    let mut evaluator = Evaluator::new(catalog, &questions).unwrap().with_patience(std::time::Duration::from_secs(600));
    questions.iter().flat_map(|question| evaluator.answer(question).unwrap()).collect()
}

/// A part of a result that has no value takes the whole result away, so a fix could hide what it is for.
#[test]
fn what_is_found_does_not_depend_on_fixes() {
    let load = || Catalog::load(&PolicyFiles::embedded()).unwrap();
    let (with, without) = (load(), load().without_fixes());
    let bad = |rule: &kubevet::policy::Rule| rule.examples().bad.filter(|text| Scratch::of_files(text).is_none());
    let examples: Vec<String> = with.rules.iter().filter_map(bad).collect();
    assert!(examples.len() > 100, "{}", examples.len());
    let mut offering = BTreeSet::new();
    for example in &examples {
        let found = verdicts(&with, example);
        let known = |verdicts: &[Verdict]| {
            let known = |verdict: &Verdict| format!("{} {:?} {}", with.rules[verdict.rule].id, verdict.path, verdict.message);
            verdicts.iter().map(known).collect::<BTreeSet<_>>()
        };
        assert_eq!(known(&found), known(&verdicts(&without, example)), "{example}");
        let offers = found.iter().filter(|verdict| !verdict.remedies.is_empty());
        offering.extend(offers.map(|verdict| with.rules[verdict.rule].id.clone()));
    }
    assert!(offering.len() > 60, "{offering:#?}");
    let declared: BTreeSet<String> = with.rules.iter().filter(|rule| rule.fix).map(|rule| rule.id.clone()).collect();
    assert_eq!(offering.difference(&declared).collect::<Vec<_>>(), Vec::<&String>::new(), "rules whose METADATA lack `fix: true`");
    // Where the example is none that a fix is for, the rule's own tests have one.
    for rule in declared.difference(&offering) {
        let tests = fs::read_to_string(common::repository().join(format!("policies/{rule}_test.rego"))).unwrap();
        assert!(tests.contains("\"edits\": ") || tests.contains(".edits == "), "nothing shows that {rule} offers a fix");
    }
}
