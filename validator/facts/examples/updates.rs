//! How well [`kubevet_facts::change`] agrees with real API servers, pair by pair.
//!
//! `cargo run -p kubevet-facts --example updates -- VERSION FILE.jsonl.gz [--missed] [--alarms] [--effects]`
//!
//! Each line of FILE is a pair: `{"old": …, "new": …, "verdict": "accept"|"reject", "causes": [{"field": …}], "effect": {"noop", "restarts"}}`.
//! Pairs with code 403 depend on the cluster and are left out.

#![expect(clippy::print_stdout, reason = "it prints a table for the person who runs it")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::Read as _;
use std::time::Instant;

use flate2::read::GzDecoder;
use kubevet_facts::change::{self, Update};
use kubevet_facts::schema::{self, SchemaSet, Version};
use serde_json::Value as Json;

#[derive(Default)]
struct Count {
    rejected: usize,
    found: usize,
    at_field: usize,
    accepted: usize,
    alarms: usize,
    noop: usize,
    restarts: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [version, file, options @ ..] = &arguments[..] else {
        return Err("usage: updates VERSION FILE.jsonl.gz [--missed] [--alarms] [--effects]".into());
    };
    let has = |option: &str| options.iter().any(|given| given == option);
    let set = SchemaSet::new(version.parse::<Version>()?, []);
    let mut text = String::new();
    GzDecoder::new(File::open(file)?).read_to_string(&mut text)?;
    let cases: Vec<Json> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let begin = Instant::now();
    let mut kinds: BTreeMap<&str, Count> = BTreeMap::new();
    for case in cases.iter().filter(|case| case["code"] != 403) {
        let (old, new) = (schema::read_json(&case["old"].to_string())?, schema::read_json(&case["new"].to_string())?);
        let update = change::update(&old, &new, &set);
        let count = kinds.entry(case["kind"].as_str().unwrap_or("?")).or_default();
        let id = case["id"].as_str().unwrap_or("?");
        if case["verdict"] == "accept" {
            let effect = &case["effect"];
            let noop = effect["noop"] == update.is_noop();
            let happens = update.restart.happens().map_or(Json::Null, Json::Bool);
            let restarts = effect.get("restarts").is_none_or(|expected| *expected == happens);
            count.accepted += 1;
            count.alarms += usize::from(update.is_refused());
            count.noop += usize::from(!noop);
            count.restarts += usize::from(!restarts);
            if update.is_refused() && has("--alarms") {
                println!("ALARM {id}\n{}", shown(&update));
            }
            if !(noop && restarts) && has("--effects") {
                println!("EFFECT {id} noop: {}, restarts: {}; here {:?}", effect["noop"], effect["restarts"], update.restart);
                update.fields.iter().for_each(|field| println!("   {}: {:?} -> {:?}", field.path, field.old, field.new));
            }
        } else {
            let right = is_at_field(case, &update);
            count.rejected += 1;
            count.found += usize::from(update.is_refused());
            count.at_field += usize::from(right);
            if !right && has("--missed") {
                let word = if update.is_refused() { "ELSEWHERE" } else { "MISSED" };
                println!("{word} {id} ({})\n   server: {}\n{}", case["state"].as_str().unwrap_or("?"), case["message"], shown(&update));
            }
        }
    }
    let mut all = Count::default();
    println!(
        "{:<34}{:>9}{:>7}{:>10}{:>10}{:>8}{:>7}{:>10}",
        "kind", "rejected", "found", "at field", "accepted", "alarms", "noop!", "restarts!"
    );
    for (kind, count) in &kinds {
        row(kind, count);
        all.rejected += count.rejected;
        all.found += count.found;
        all.at_field += count.at_field;
        all.accepted += count.accepted;
        all.alarms += count.alarms;
        all.noop += count.noop;
        all.restarts += count.restarts;
    }
    row("all", &all);
    let percent = |part: usize| 100.0 * part as f64 / all.rejected.max(1) as f64;
    println!("{:.2} % found, {:.2} % at the field, {:?}", percent(all.found), percent(all.at_field), begin.elapsed());
    Ok(())
}

fn row(kind: &str, count: &Count) {
    println!(
        "{kind:<34}{:>9}{:>7}{:>10}{:>10}{:>8}{:>7}{:>10}",
        count.rejected, count.found, count.at_field, count.accepted, count.alarms, count.noop, count.restarts
    );
}

fn shown(update: &Update) -> String {
    let refused = update.refused.iter().map(|refusal| format!("   {} ({}) {}", refusal.field, refusal.path, refusal.message));
    let invalid = update.invalid.iter().map(|fact| format!("   {} {}", fact.field, fact.message));
    refused.chain(invalid).collect::<Vec<_>>().join("\n")
}

/// Whether one of the fields that the server named, one at most two steps above or below it, or one that is the same up to its first index, is
/// named here.
fn is_at_field(case: &Json, update: &Update) -> bool {
    let causes = case["causes"].as_array().map_or(&[][..], Vec::as_slice);
    let message = case["message"].as_str().unwrap_or_default();
    // A strict decoder names fields in its text only.
    let decoding = message.split("unknown field \"").skip(1).filter_map(|rest| rest.split('"').next());
    let decoding = decoding.chain(message.split("unknown field \\\"").skip(1).filter_map(|rest| rest.split('\\').next()));
    let mut named: Vec<_> = causes.iter().filter_map(|cause| cause["field"].as_str()).filter(|field| !field.is_empty()).collect();
    if named == ["patch"] {
        named = decoding.collect();
    }
    if named.is_empty() {
        return update.is_refused();
    }
    let own = update.refused.iter().map(|refusal| refusal.field.as_str()).chain(update.invalid.iter().map(|fact| fact.field.as_str()));
    let mut own = own;
    own.any(|own| named.iter().any(|field| is_near(&parts(own), &parts(field)) || (field.contains('[') && begin(own) == begin(field))))
}

fn parts(field: &str) -> Vec<String> {
    let separate = field.replace('[', ".").replace(']', "");
    let same = |part: &str| if part == "clusterIPs" { "clusterip".to_owned() } else { part.to_lowercase() };
    separate.split('.').filter(|part| part.parse::<u32>().is_err()).map(same).collect()
}

fn is_near(own: &[String], other: &[String]) -> bool {
    own.iter().zip(other).all(|(a, b)| a == b) && own.len().abs_diff(other.len()) <= 2
}

/// A field up to its first index or key.
fn begin(field: &str) -> &str {
    field.split('[').next().unwrap_or(field)
}
