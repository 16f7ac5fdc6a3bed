//! Compares what ValidatingAdmissionPolicies say of requests with what API servers decided.
//!
//! `cargo run --release -p kubevet-facts --example admission-truth -- POLICIES DECISIONS [--verbose]`, where POLICIES is a folder with `KEY.json`
//! for each policy and `_context.json`, and DECISIONS a gzipped file of one decision a line.

#![allow(clippy::print_stdout)]

use std::collections::HashMap;
use std::io::Read as _;
use std::path::Path;

use kubevet_facts::admission::{Change, Policies};
use kubevet_facts::schema::read_json;
use kustomize::Node;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--verbose").collect();
    let verbose = std::env::args().any(|arg| arg == "--verbose");
    let [folder, decisions] = &args[..] else { return Err("which folder of policies, and which decisions?".into()) };
    let mut sets: HashMap<String, Node> = HashMap::new();
    for file in std::fs::read_dir(folder)? {
        let path = file?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        sets.insert(name, read_json(&std::fs::read_to_string(path)?)?);
    }
    let context = sets.get("_context").ok_or("no _context.json")?;
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(Path::new(decisions))?).read_to_string(&mut text)?;
    let (mut total, mut same, mut wrong, mut missed, mut undecided, mut warnings) = (0, 0, 0, 0, 0, 0);
    for line in text.lines() {
        let case = read_json(line)?;
        let text = |key: &str| case.str_at(&[key]).unwrap_or_default();
        let set = sets.get(text("policy")).ok_or("no such policy")?;
        let list = |node: &'_ Node, key: &str| node.get(key).map_or_else(Vec::new, |list| list.items().to_vec());
        let (namespaces, crds, params, bindings) =
            (list(context, "namespaces"), list(context, "crds"), list(set, "params"), list(set, "bindings"));
        let beside = namespaces.iter().chain(&crds).chain(&params).chain(&bindings).chain(set.get("policy"));
        let policies = Policies::of(&[], beside);
        let there = |key: &str| case.get(key).filter(|object| !object.is_null());
        let is_delete = text("operation") == "DELETE";
        let change = Change {
            object: if is_delete { None } else { there("object") },
            old: if is_delete { there("oldObject").or(there("object")) } else { there("oldObject") },
            subresource: text("subresource"),
            namespace: text("namespace"),
            ..Change::default()
        };
        let decision = policies.decide(&change);
        let denied = decision.denials.iter().any(|denial| denial.denies);
        let warned = decision.denials.iter().any(|denial| !denial.denies);
        let should = text("decision") == "denied";
        let should_warn = case.get("policy_warnings").is_some_and(|warnings| !warnings.items().is_empty());
        total += 1;
        undecided += usize::from(!decision.undecided.is_empty());
        warnings += usize::from(should_warn && !warned && !denied);
        match (should, denied) {
            (true, false) => missed += 1,
            (false, true) => wrong += 1,
            _ => same += 1,
        }
        if verbose && (should != denied || !decision.undecided.is_empty()) {
            let said: Vec<_> = decision.denials.iter().map(|denial| &denial.message).collect();
            let unknown: Vec<_> = decision.undecided.iter().map(|unknown| &unknown.why).collect();
            println!("{} {}: {} | {said:?} | {unknown:?}", text("decision"), text("id"), text("message"));
        }
    }
    println!(
        "{same} of {total} decisions the same, {missed} missed, {wrong} wrongly denied, {undecided} undecided, {warnings} warnings missed"
    );
    Ok(())
}
