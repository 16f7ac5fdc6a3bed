//! Runs the suites of a library of Gatekeeper templates, such as the public one, and prints a line for each sample that is judged otherwise than its
//! suite says.
//!
//! ```sh
//! cargo run -p kubevet --example gatekeeper-suite -- gatekeeper-library/library [part of a path]
//! ```

#![allow(clippy::print_stdout, reason = "what it is for")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

use kubevet::policy::Gatekeeper;
use kubevet_facts::admission::{Change, Policies};
use kubevet_facts::schema::{SchemaSet, Version, check};
use kustomize::Node;
use regex::Regex;

/// How long a template may take in a run.
const PATIENCE: Duration = Duration::from_secs(10);

type Failed = Box<dyn Error>;

fn main() -> Result<(), Failed> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("which folder of suites?")?;
    let wanted = arguments.next().unwrap_or_default();
    let (mut right, mut wrong, mut suites) = (0, 0, 0);
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok);
    let is_suite = |path: &Path| path.ends_with("suite.yaml") && path.to_string_lossy().contains(&wanted);
    for path in files.map(walkdir::DirEntry::into_path).filter(|path| is_suite(path)) {
        suites += 1;
        for test in list(&one(&path)?, "tests") {
            let name = format!("{}: {}", path.display(), text(test, "name"));
            let template = one(&beside(&path, text(test, "template")))?;
            let constraint = one(&beside(&path, text(test, "constraint")))?;
            let is_invalid = test.get("invalid").and_then(Node::as_bool) == Some(true);
            let facts = schema(&template, &constraint);
            if facts.is_empty() == is_invalid {
                wrong += 1;
                println!("{name}: template or constraint: {facts:?}");
            }
            // As Gatekeeper does, and as it did before it preferred CEL.
            let older = in_rego(&template);
            for case in list(test, "cases") {
                for template in [Some(&template), older.as_ref()].into_iter().flatten() {
                    match judge(&path, test, case, template, &constraint).and_then(|said| assert(case, said)) {
                        Ok(()) => right += 1,
                        Err(error) => {
                            wrong += 1;
                            println!("{name}: {}: {error}", text(case, "name"));
                        }
                    }
                }
            }
        }
    }
    println!("{right} judgements of {suites} suites as they say, {wrong} otherwise");
    if wrong == 0 && right > 0 { Ok(()) } else { Err("not as the suites say".into()) }
}

/// The template with its Rego alone, if it has CEL beside it.
fn in_rego(template: &Node) -> Option<Node> {
    let mut target = template.at(&["spec", "targets"])?.items().first()?.clone();
    let code = target.get("code")?;
    let rego: Vec<Node> = code.items().iter().filter(|code| text(code, "engine") == "Rego").cloned().collect();
    let is_both = rego.len() < code.items().len() && (!rego.is_empty() || target.get("rego").is_some());
    let code = Node::seq(rego, code.origin.clone());
    *target.get_mut("code")? = code;
    let mut older = template.clone();
    let targets = older.get_mut("spec")?.get_mut("targets")?;
    *targets = Node::seq(vec![target], targets.origin.clone());
    is_both.then_some(older)
}

fn text<'n>(node: &'n Node, key: &str) -> &'n str {
    node.str_at(&[key]).unwrap_or_default()
}

fn list<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    node.get(key).map_or(&[][..], Node::items)
}

fn beside(suite: &Path, path: &str) -> PathBuf {
    suite.parent().unwrap_or(suite).join(path)
}

fn read(path: &Path) -> Result<Vec<Node>, Failed> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(kustomize::read_manifests(path, text).map_err(|error| error.message)?.objects)
}

fn one(path: &Path) -> Result<Node, Failed> {
    read(path)?.pop().ok_or_else(|| format!("{} holds nothing", path.display()).into())
}

/// What the API server and Gatekeeper refuse of a template and its constraint.
fn schema(template: &Node, constraint: &Node) -> Vec<String> {
    let gatekeeper = Gatekeeper::default();
    let session = gatekeeper.session(PATIENCE);
    let objects = [template, constraint];
    let set = SchemaSet::new(Version::default(), objects).with_catalog(objects);
    let policies = Policies::of(&objects, []).with_engine(Some(&session));
    let facts = objects.into_iter().flat_map(|object| check(object, &set).into_iter().chain(policies.mistakes(object)));
    facts.map(|fact| format!("{} {}", fact.field, fact.message)).collect()
}

/// The messages of what is found in a sample.
fn judge(suite: &Path, test: &Node, case: &Node, template: &Node, constraint: &Node) -> Result<Vec<String>, Failed> {
    let object = one(&beside(suite, text(case, "object")))?;
    let expansion = test.str_at(&["expansion"]);
    let paths = list(case, "inventory").iter().filter_map(Node::as_str).chain(expansion);
    let inventory: Vec<Node> = paths.map(|path| read(&beside(suite, path))).collect::<Result<Vec<_>, _>>()?.concat();
    let there = |key: &str| object.at(&["request", key]).filter(|object| !object.is_null());
    let operation = object.str_at(&["request", "operation"]).unwrap_or_default();
    // To `gator` nobody asks, where a sample doesn't say who does.
    let nobody = Node::map(object.origin.clone());
    let change = match text(&object, "kind") {
        "AdmissionReview" => Change {
            object: there("object").filter(|_| operation != "DELETE"),
            // Some samples of updates leave out what was before.
            old: there("oldObject").or_else(|| there("object").filter(|_| operation == "UPDATE")),
            namespace: object.str_at(&["request", "namespace"]).unwrap_or_default(),
            user: there("userInfo").or(Some(&nobody)),
            ..Change::default()
        },
        _ => Change { object: Some(&object), user: Some(&nobody), ..Change::default() },
    };
    let gatekeeper = Gatekeeper::default();
    let session = gatekeeper.session(PATIENCE);
    let decision = Policies::of(&[], inventory.iter().chain([template, constraint])).with_engine(Some(&session)).decide(&change);
    let problems: Vec<String> = session.problems().into_iter().map(|problem| problem.error.message).collect();
    let undecided = decision.undecided.into_iter().map(|undecided| undecided.why);
    match undecided.chain(problems).next() {
        Some(why) => Err(why.into()),
        None => Ok(decision.denials.into_iter().map(|denial| denial.message).collect()),
    }
}

/// An error where what was found is not what a case says.
fn assert(case: &Node, said: Vec<String>) -> Result<(), Failed> {
    for assertion in list(case, "assertions") {
        let pattern = Regex::new(text(assertion, "message"))?;
        let count = said.iter().filter(|message| pattern.is_match(message)).count();
        let wanted = assertion.get("violations").and_then(Node::text).unwrap_or("yes");
        let holds = match wanted {
            "yes" | "true" => count > 0,
            "no" | "false" => count == 0,
            number => count == number.parse::<usize>()?,
        };
        if !holds {
            return Err(format!("violations: {wanted}, message: {:?}, but {said:?}", pattern.as_str()).into());
        }
    }
    Ok(())
}
