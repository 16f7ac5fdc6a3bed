//! Compares the reachability that kubevet computes with recorded truths and prints how far they agree:
//! `cargo run --release -p kubevet-facts --example network-truth -- DIR [NAME…]`
//!
//! Each subdirectory of DIR has `input/**/*.yaml` and a `truth.json` with `kind: invalid` (the API server refuses the
//! manifests) or with `workloads`, `allowed`, `self` and `ingress_controller`.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use kubevet_facts::products::Products;
use kubevet_facts::schema::Version;
use kubevet_facts::traffic;
use kubevet_facts::workloads::Reading;
use kustomize::yaml::{self, Dialect};
use kustomize::{Node, Source, Sources};
use serde_json::Value;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let root = PathBuf::from(arguments.next().ok_or("usage: network-truth DIR [NAME…]")?);
    let only: BTreeSet<_> = arguments.collect();
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&root)? {
        let entry = entry?;
        if entry.path().join("truth.json").is_file() && (only.is_empty() || only.contains(&entry.file_name())) {
            names.push(entry.path());
        }
    }
    names.sort();
    let (mut agreeing, mut total) = (BTreeMap::<String, usize>::new(), BTreeMap::<String, usize>::new());
    for scenario in &names {
        let truth: Value = serde_json::from_str(&std::fs::read_to_string(scenario.join("truth.json"))?)?;
        let kind = truth.get("kind").and_then(Value::as_str).unwrap_or("reachability").to_owned();
        *total.entry(kind.clone()).or_default() += 1;
        match compare(scenario, &truth)? {
            None => *agreeing.entry(kind).or_default() += 1,
            Some(difference) => println!("{}: {difference}", scenario.display()),
        }
    }
    for (kind, total) in &total {
        println!("{kind}: {} of {total} agree", agreeing.get(kind).unwrap_or(&0));
    }
    if total.is_empty() {
        return Err("no scenario found".into());
    }
    Ok(if agreeing == total { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The first difference, if there is one.
fn compare(scenario: &Path, truth: &Value) -> Result<Option<String>, Box<dyn Error>> {
    let (mut sources, mut objects) = (Sources::default(), Vec::new());
    read(&scenario.join("input"), &mut sources, &mut objects)?;
    let started = Instant::now();
    let result = traffic::analyse(&objects.iter().collect::<Vec<_>>(), &Reading::default(), &Products::default(), &Version::ALL);
    let elapsed = started.elapsed();
    if elapsed.as_millis() > 20 {
        println!("{}: {} objects analysed in {elapsed:?}", scenario.display(), objects.len());
    }
    let invalid = truth.get("kind").and_then(Value::as_str) == Some("invalid");
    let ours = match (result, invalid) {
        (Err(_), true) => return Ok(None),
        (Ok(_), true) => return Ok(Some("accepted, but the API server refuses it".into())),
        (Err(errors), false) => return Ok(Some(format!("refused: {errors:?}"))),
        (Ok(ours), false) => serde_json::to_value(&ours)?,
    };
    for part in ["workloads", "self", "ingress_controller"] {
        let (left, right) = (part_of(&ours, part), part_of(truth, part));
        if let (true, Some(row)) = (truth.get(part).is_some(), left.symmetric_difference(&right).next()) {
            return Ok(Some(format!("{part}: {row} is on one side only")));
        }
    }
    let (mut left, mut right) = (rows(&ours), rows(truth));
    let pairs: BTreeSet<_> = left.keys().chain(right.keys()).cloned().collect();
    for pair in pairs {
        let (left, right) = (left.remove(&pair).unwrap_or_default(), right.remove(&pair).unwrap_or_default());
        if left != right {
            return Ok(Some(format!("{pair:?}: {left:?} instead of {right:?}")));
        }
    }
    Ok(None)
}

/// The rows of a part. How many replicas there are is not what is compared.
fn part_of(value: &Value, part: &str) -> BTreeSet<String> {
    let mut rows = value.get(part).cloned().unwrap_or_default();
    rows.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut).for_each(|row| drop(row.remove("replicas")));
    rows.as_array().into_iter().flatten().map(Value::to_string).collect()
}

/// Sender, receiver and protocol; the external end without its range.
type Pair = (String, String, String);

/// Ranges of addresses (0 for workloads) with their ports, ascending, neighbours with the same ports merged.
fn rows(value: &Value) -> BTreeMap<Pair, Vec<(u64, u64, String)>> {
    let mut rows: BTreeMap<Pair, Vec<(u64, u64, String)>> = BTreeMap::new();
    for row in value.get("allowed").and_then(Value::as_array).into_iter().flatten() {
        let text = |key: &str| row.get(key).and_then(Value::as_str).unwrap_or("").to_owned();
        let (src, src_range) = end(&text("src"));
        let (dst, dst_range) = end(&text("dst"));
        let (low, high) = src_range.or(dst_range).unwrap_or((0, 0));
        let ports = row.get("ports").map(Value::to_string).unwrap_or_default();
        rows.entry((src, dst, text("protocol"))).or_default().push((low, high, ports));
    }
    for ranges in rows.values_mut() {
        ranges.sort();
        ranges.dedup_by(|next, before| {
            let joins = before.1 + 1 == next.0 && before.2 == next.2;
            before.1 = if joins { next.1 } else { before.1 };
            joins
        });
    }
    rows
}

fn end(text: &str) -> (String, Option<(u64, u64)>) {
    let address = |text: &str| text.parse().map(|address: std::net::Ipv4Addr| u64::from(address.to_bits())).ok();
    let range = text.strip_prefix("external:").and_then(|range| range.split_once('-'));
    match range.and_then(|(low, high)| Some((address(low)?, address(high)?))) {
        Some(range) => ("external".into(), Some(range)),
        None => (text.into(), None),
    }
}

fn read(directory: &Path, sources: &mut Sources, objects: &mut Vec<Node>) -> Result<(), Box<dyn Error>> {
    let mut paths: Vec<_> = std::fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect::<Result<_, std::io::Error>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            read(&path, sources, objects)?;
            continue;
        }
        let text = std::fs::read_to_string(&path)?;
        let id = sources.add(Source::new(&path, text));
        for mut node in yaml::read(sources, id, Dialect::YamlV2)? {
            yaml::canonical(&mut node, sources)?;
            match node.str_at(&["kind"]) {
                Some("List") => objects.extend(node.get("items").map_or(&[][..], Node::items).iter().cloned()),
                _ => objects.push(node),
            }
        }
    }
    Ok(())
}
