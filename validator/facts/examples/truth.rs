//! How well the schema facts agree with a real API server, case by case.
//!
//! `cargo run --release -p kubevet-facts --example truth -- VERSION FILE.jsonl [--missed] [--alarms]`
//!
//! Each line of FILE is a case: `{"object": …, "verdict": "accept"|"reject", "code": …, "class": …, "causes": [{"field": …}], "message": …}`.
//! Instead of an object there may be `raw`, a YAML text; one that can't be read counts as caught.
//! Cases with code 403 depend on the cluster and are left out.

#![expect(clippy::print_stdout, reason = "it prints a table for the person who runs it")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use kubevet_facts::schema::{self, SchemaFact, SchemaSet, Version};
use serde_json::Value as Json;

#[derive(Default)]
struct Count {
    rejected: usize,
    caught: usize,
    at_field: usize,
    accepted: usize,
    alarms: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [version, file, options @ ..] = &arguments[..] else { return Err("usage: truth VERSION FILE.jsonl [--missed] [--alarms]".into()) };
    let has = |option: &str| options.iter().any(|given| given == option);
    let set = SchemaSet::new(version.parse::<Version>()?, []);

    let mut cases = Vec::new();
    for line in std::fs::read_to_string(file)?.lines() {
        let case: Json = serde_json::from_str(line)?;
        if case["code"] != 403 {
            let object = match case["raw"].as_str() {
                Some(text) => kustomize::read_manifests(Path::new("raw"), text).ok().and_then(|render| render.objects.into_iter().next()),
                None => Some(schema::read_json(&case["object"].to_string())?),
            };
            cases.push((object, case));
        }
    }
    let (mut facts, mut took) = (Vec::new(), Duration::MAX);
    // The fastest of several passes says most about the code and least about the machine.
    for _ in 0..5 {
        let started = Instant::now();
        facts = cases.iter().map(|(object, _)| object.as_ref().map(|object| schema::check(object, &set))).collect();
        took = took.min(started.elapsed());
    }

    let mut classes: BTreeMap<&str, Count> = BTreeMap::new();
    for ((_, case), facts) in cases.iter().zip(&facts) {
        let unreadable = facts.is_none();
        let facts = facts.as_deref().unwrap_or_default();
        let count = classes.entry(case["class"].as_str().unwrap_or("?")).or_default();
        if case["verdict"] == "accept" {
            count.accepted += 1;
            let alarm = unreadable || !facts.is_empty();
            count.alarms += usize::from(alarm);
            if alarm && has("--alarms") {
                println!("ALARM {}\n   {}", name(case), shown(facts));
            }
        } else {
            let right = unreadable || is_at_field(case, facts);
            count.rejected += 1;
            count.caught += usize::from(unreadable || !facts.is_empty());
            count.at_field += usize::from(right);
            if !right && has("--missed") {
                let word = if facts.is_empty() { "MISSED" } else { "ELSEWHERE" };
                println!("{word} {}\n   server: {}\n   {}", name(case), expected(case).join("; "), shown(facts));
            }
        }
    }
    let mut all = Count::default();
    println!("{:<16}{:>9}{:>8}{:>10}{:>10}{:>8}", "class", "rejected", "caught", "at field", "accepted", "alarms");
    for (class, count) in &classes {
        row(class, count);
        all.rejected += count.rejected;
        all.caught += count.caught;
        all.at_field += count.at_field;
        all.accepted += count.accepted;
        all.alarms += count.alarms;
    }
    row("all", &all);
    println!("{:.1} % at the right field, {} objects in {took:?}", 100.0 * all.at_field as f64 / all.rejected.max(1) as f64, cases.len());
    Ok(())
}

fn row(class: &str, count: &Count) {
    println!("{class:<16}{:>9}{:>8}{:>10}{:>10}{:>8}", count.rejected, count.caught, count.at_field, count.accepted, count.alarms);
}

fn name(case: &Json) -> String {
    format!(
        "[{}] {} | {}",
        case["class"].as_str().unwrap_or("?"),
        case["base"].as_str().unwrap_or("?"),
        case["intent"].as_str().unwrap_or("?")
    )
}

fn shown(facts: &[SchemaFact]) -> String {
    facts.iter().map(|fact| format!("{} {}", fact.field, fact.message)).collect::<Vec<_>>().join("\n   ")
}

/// The fields that the server named; none where it named none.
fn expected(case: &Json) -> Vec<String> {
    let causes = case["causes"].as_array().map_or(&[][..], Vec::as_slice);
    let fields: Vec<_> = causes.iter().filter_map(|cause| cause["field"].as_str()).map(Into::into).collect();
    let message = case["message"].as_str().unwrap_or_default();
    if !fields.is_empty() {
        return fields;
    }
    if message.contains("unknown field") {
        return message.split("unknown field \"").skip(1).filter_map(|rest| rest.split('"').next()).map(Into::into).collect();
    }
    match message.split("into Go struct field ").nth(1).and_then(|rest| rest.split(' ').next()) {
        // The first part is the name of a Go type.
        Some(field) => field.split_once('.').map(|(_, field)| vec![field.into()]).unwrap_or_default(),
        None => Vec::new(),
    }
}

fn is_at_field(case: &Json, facts: &[SchemaFact]) -> bool {
    let fields = expected(case);
    if fields.is_empty() {
        return !facts.is_empty();
    }
    let decoding = case["message"].as_str().unwrap_or_default().contains("into Go struct field");
    facts.iter().any(|fact| fields.iter().any(|field| parts(field, decoding).is_near(&parts(&fact.field, false))))
}

/// The steps of a field, without regard to brackets and case, and without the embedded Go types that an error in decoding names.
fn parts(field: &str, decoding: bool) -> Parts {
    let separate = field.replace('[', ".").replace(']', "");
    let is_type = |part: &str| decoding && part.starts_with(|first: char| first.is_ascii_uppercase());
    Parts(separate.split('.').filter(|part| !is_type(part)).map(str::to_lowercase).collect())
}

struct Parts(Vec<String>);

impl Parts {
    /// Whether one of the two fields is the other or lies at most two steps above or below it. The server leaves out some indices.
    fn is_near(&self, other: &Parts) -> bool {
        let steps = |parts: &Parts, indices: bool| -> Vec<String> {
            parts.0.iter().filter(|part| indices || part.parse::<u32>().is_err()).cloned().collect()
        };
        let indices = |parts: &Parts| steps(parts, true).len() - steps(parts, false).len();
        let all = indices(self) >= indices(other);
        let (own, other) = (steps(self, all), steps(other, all));
        own.iter().zip(&other).all(|(a, b)| a == b) && own.len().abs_diff(other.len()) <= 2
    }
}
