//! Compares what rules in CEL say of objects with what API servers said.
//!
//! `cargo run --release -p kubevet-facts --example cel-truth -- FOLDER [VERSION] [--verbose]`, where FOLDER has the definitions as
//! `crds/NAME.json` (unpacked) and the answers as `objects-VERSION.jsonl.gz` and `own-VERSION.jsonl.gz`.

#![allow(clippy::print_stdout)]

use std::collections::HashMap;
use std::io::Read as _;
use std::path::Path;

use kubevet_facts::schema::{self, SchemaSet, Version, read_json};
use kustomize::Node;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--verbose").collect();
    let verbose = std::env::args().any(|arg| arg == "--verbose");
    let [folder, rest @ ..] = &args[..] else { return Err("which folder?".into()) };
    let version = rest.first().map_or("1.33", String::as_str);
    let set_version: Version = version.parse().map_err(|_| "no such version")?;
    let mut definitions: HashMap<String, Node> = HashMap::new();
    for file in std::fs::read_dir(Path::new(folder).join("crds"))? {
        let path = file?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        definitions.insert(name, read_json(&std::fs::read_to_string(path)?)?);
    }
    for set in ["objects", "own"] {
        let (mut same, mut missed, mut wrong, mut undecided, mut places) = (0, 0, 0, 0, 0);
        let (mut total, mut total_rejected) = (0, 0);
        for line in lines(&Path::new(folder).join(format!("{set}-{version}.jsonl.gz")))?.lines() {
            let case = read_json(line)?;
            let text = |key: &str| case.str_at(&[key]).unwrap_or_default();
            let (Some(definition), Some(object)) = (definitions.get(text("crd")), case.get("object")) else {
                return Err(format!("{} has no definition or object", text("id")).into());
            };
            let kinds = SchemaSet::new(set_version, [definition]);
            let old = case.get("old").filter(|old| !old.is_null());
            let mut facts = schema::check(object, &kinds);
            let mut unknown = Vec::new();
            if facts.is_empty() {
                let ruled = schema::rules(object, old, &kinds);
                facts.extend(ruled.facts);
                unknown = ruled.undecided;
            }
            let refused = text("verdict") == "reject";
            total += 1;
            total_rejected += usize::from(refused);
            undecided += unknown.len();
            match (refused, facts.is_empty()) {
                (true, true) => missed += 1,
                (false, false) => wrong += 1,
                _ => same += 1,
            }
            let field = case.get("causes").and_then(|causes| causes.items().first()).and_then(|cause| cause.str_at(&["field"]));
            let same_place = facts.first().is_none_or(|fact| field.is_none_or(|field| field == fact.field || fact.field == "the object"));
            places += usize::from(same_place);
            if verbose && (refused == facts.is_empty() || !unknown.is_empty() || !same_place) {
                let found: Vec<_> = facts.iter().map(|fact| format!("{} {}", fact.field, fact.message)).collect();
                let unknown: Vec<_> = unknown.iter().map(|unknown| &unknown.why).collect();
                println!(
                    "{} {}: {} | {found:?} | {unknown:?} | {} | {}",
                    text("verdict"),
                    text("id"),
                    text("message"),
                    text("rule"),
                    text("features")
                );
            }
        }
        println!(
            "{set} {version}: {same} of {total} verdicts the same ({total_rejected} refused), {missed} missed, {wrong} wrongly refused, \
             {undecided} undecided, {places} at the same field"
        );
    }
    Ok(())
}

fn lines(path: &Path) -> Result<String, Box<dyn std::error::Error>> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path)?).read_to_string(&mut text)?;
    Ok(text)
}
