//! Where a rule can find something: elsewhere it isn't evaluated, and nowhere else is it left out.

#![allow(clippy::unwrap_used, reason = "helpers outside the test functions that clippy exempts")]

mod common;

use std::path::Path;

use common::Scratch;
use kubevet::environments::{Level, Table};
use kubevet::policy::{Catalog, Evaluator, PolicyFiles, Ruleset};
use kustomize::Node;

const TABLE: &str = "version: 1\nenvironments:\n  prod: {overlays: [overlays/prod], parameters: {most: 3, none: null}}\n";

/// Whether a rule with these conditions, which finds something everywhere, is evaluated on an object.
fn is_evaluated(conditions: &str, object: &str) -> bool {
    let rule = format!(
        "# METADATA\n# title: Everything\n# custom:\n#   help: Remove it.\n{conditions}package kubevet.demo.all\n\nimport rego.v1\n\n\
         deny contains {{\"msg\": \"found\", \"path\": []}} if true\n"
    );
    let scratch = Scratch::empty()
        .file("policies/demo/all.rego", &rule)
        .file("policies/environments.yaml", TABLE)
        .file("overlays/prod/kustomization.yaml", "resources: [object.yaml]\n")
        .file("overlays/prod/object.yaml", object);
    let run = scratch.run(&["check", "--rule", "demo/all", "--format", "json"]);
    assert!([0, 1, 4].contains(&run.code), "{conditions}: {}{}", run.stdout, run.stderr);
    run.json()["findings"].as_array().unwrap().len() == 1
}

#[test]
fn a_rule_is_evaluated_where_one_entry_of_each_list_is_met() {
    const MAP: &str =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {tier: Front}}\ndata: {API_TOKEN: \"x://y\", hostPath: z}\n";
    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, image: i, token: t}]}\n";
    let cases = [
        ("#   kinds: [Pod]\n", MAP, false),
        ("#   kinds: [Pod, ConfigMap]\n", MAP, true),
        // A key anywhere; its case matters.
        ("#   keys: [hostPath]\n", MAP, true),
        ("#   keys: [hostpath, hostPid]\n", MAP, false),
        ("#   keys: [image]\n", POD, true),
        // A text in a value, in any case, or in a key that people choose; not in the name of a field.
        ("#   texts: [\"://\"]\n", MAP, true),
        ("#   texts: [front]\n", MAP, true),
        ("#   texts: [token]\n", MAP, true),
        ("#   texts: [tier]\n", MAP, true),
        ("#   texts: [token]\n", POD, false),
        // One entry of each list.
        ("#   keys: [nothing, hostPath]\n#   texts: [nowhere, \"://\"]\n", MAP, true),
        ("#   keys: [hostPath]\n#   texts: [nowhere]\n", MAP, false),
        // A path that holds something.
        ("#   needs: [environment.parameters.most]\n", MAP, true),
        ("#   needs: [environment.parameters.none]\n", MAP, false),
        ("#   needs: [environment.parameters.other]\n", MAP, false),
        ("#   needs: [facts.schema]\n", MAP, false),
        ("#   needs: [facts.schema]\n", POD, true),
        ("", POD, true),
    ];
    for (conditions, object, expected) in cases {
        assert_eq!(is_evaluated(conditions, object), expected, "{conditions} on\n{object}");
    }
}

/// Each list of rules is a query of its own; here there are more than one generated module may hold.
#[test]
fn the_answers_do_not_depend_on_which_other_rules_are_asked() {
    let catalog = Catalog::load(&PolicyFiles::embedded()).unwrap();
    let table = Table::parse(Path::new("table"), TABLE).unwrap();
    let render = kustomize::read_manifests(Path::new("object"), common::DEPLOYMENT).unwrap();
    let objects: Vec<&Node> = render.objects.iter().collect();
    let facts = kubevet_facts::compute(&objects, &kubevet_facts::Options::default());
    let question = |left_out: &[usize]| {
        let level = |rule: &kubevet::policy::Rule| {
            let is_left_out = left_out.iter().any(|at| catalog.rules[*at].id == rule.id);
            if is_left_out { Level::Off } else { Level::Deny }
        };
        Ruleset::new(&catalog, &table.environments[0], level).on_object(objects[0], &facts.objects[0]).unwrap()
    };
    let all = Evaluator::new(&catalog, [&question(&[])]).unwrap().answer(&question(&[])).unwrap();
    let found: Vec<usize> = (0..catalog.rules.len()).filter(|at| all.iter().any(|verdict| verdict.rule == *at)).collect();
    assert!(found.len() > 10, "{found:?}");
    let pairs: Vec<[usize; 2]> =
        found.iter().flat_map(|one| found.iter().filter(move |two| one < *two).map(move |two| [*one, *two])).collect();
    let triples: Vec<Vec<usize>> =
        pairs.iter().flat_map(|pair| found.iter().map(move |three| [pair.as_slice(), &[*three]].concat())).collect();
    let questions: Vec<_> = triples.iter().map(|left_out| question(left_out)).collect();
    let mut evaluator = Evaluator::new(&catalog, &questions).unwrap();
    for (left_out, question) in std::iter::zip(&triples, &questions) {
        let rest: Vec<_> = all.iter().filter(|verdict| !left_out.contains(&verdict.rule)).map(|verdict| &verdict.message).collect();
        let answers = evaluator.answer(question).unwrap();
        assert_eq!(answers.iter().map(|verdict| &verdict.message).collect::<Vec<_>>(), rest);
    }
}
