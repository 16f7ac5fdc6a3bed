//! Reads, converts and prints values as `kubectl kustomize` does, byte for byte. Skipped where there is no kubectl of a version that has the
//! reference behaviour (kustomize v5.5.0 or later).

// clippy.toml allows these in functions marked as tests; helpers of tests are none.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use kustomize::yaml::{self, Dialect};
use kustomize::{Source, Sources};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

/// What this crate makes of a stream of resources.
fn ours(text: &str) -> String {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("resources.yaml", text));
    let mut out = String::new();
    for mut node in yaml::read(&sources, id, Dialect::YamlV3).unwrap_or_else(|error| panic!("{error}\n{text}")) {
        yaml::canonical(&mut node, &sources).unwrap_or_else(|error| panic!("{error}\n{text}"));
        if !out.is_empty() {
            out.push_str("---\n");
        }
        yaml::emit(&node, &mut out);
    }
    out
}

/// What kubectl makes of it.
fn kubectl(text: &str, directory: &Path) -> Result<String, String> {
    std::fs::write(directory.join("resources.yaml"), text).unwrap();
    std::fs::write(directory.join("kustomization.yaml"), "resources: [resources.yaml]\nsortOptions: {order: fifo}\n").unwrap();
    let output = Command::new("kubectl").arg("kustomize").arg(directory).output().unwrap();
    if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

fn has_kubectl() -> bool {
    let version = Command::new("kubectl").args(["version", "--client"]).output();
    let version = version.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let found = ["v5.5.", "v5.6.", "v5.7.", "v5.8."].iter().any(|wanted| version.contains(&format!("Kustomize Version: {wanted}")));
    if !found {
        skipped::note("no kubectl 1.32 or later is on PATH, so values were not read and printed beside kubectl");
    }
    found
}

/// A stream with one ConfigMap-like object for each `data` text, which is indented by two.
fn stream<'a>(data: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for (index, data) in data.into_iter().enumerate() {
        write!(text, "---\napiVersion: example.org/v1\nkind: Thing\nmetadata:\n  name: case-{index:05}\ndata:\n{data}\n").unwrap();
    }
    text
}

fn compare<'a>(data: impl IntoIterator<Item = &'a str>) {
    if !has_kubectl() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let text = stream(data);
    let theirs = kubectl(&text, directory.path()).unwrap();
    let ours = ours(&text);
    if ours != theirs {
        for (ours, theirs) in ours.split("---\n").zip(theirs.split("---\n")) {
            assert_eq!(ours, theirs);
        }
        assert_eq!(ours, theirs);
    }
}

/// Texts that may stand without quotes, one a line.
const PLAIN: &str = include_str!("data/plain-scalars.txt");
/// Texts that need quotes, one a line.
const QUOTED: &str = include_str!("data/quoted-scalars.txt");

#[test]
fn plain_scalars() {
    let values: Vec<String> = PLAIN.lines().map(|text| format!("  v: {text}\n  list: [a, {text}, 'b']\n  items:\n  - {text}")).collect();
    compare(values.iter().map(String::as_str));
}

#[test]
fn quoted_scalars_as_values_and_keys() {
    let values: Vec<String> = PLAIN
        .lines()
        .chain(QUOTED.lines().filter(|text| *text != "<<"))
        .map(|text| {
            let text = text.replace('\'', "''");
            format!("  '{text}': '{text}'\n  list: ['{text}']\n  map:\n  - '{text}': {{'{text}': ['{text}']}}")
        })
        .collect();
    compare(values.iter().map(String::as_str));
}

/// Values of every shape and style: block scalars, flow collections, anchors, empties, long lines, special characters.
#[test]
fn values_of_every_style() {
    compare(CASES.split("\n---\n"));
}

const CASES: &str = include_str!("data/cases.yaml");

/// Random texts of the characters that matter, and random words beyond the width.
fn texts() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        8 => prop::sample::select(vec!["a", "b", "Z", "0", "1", "9", " ", " ", "\n", "\n"]).prop_map(str::to_owned),
        4 => prop::sample::select(vec!["'", "\"", ":", "#", "-", "?", "|", ">", "{", "[", ",", "&", "*", "!", "%", "@", "`", "\\", "~", "_", "."])
            .prop_map(str::to_owned),
        2 => prop::sample::select(vec![": ", " #", "- ", "\t", "é", "日", "🎉", "\u{a0}", "\u{7}", "\r\n", "  ", "\n\n", "---", "true", "null"])
            .prop_map(str::to_owned),
        2 => "[a-z]{5,30} [a-z]{5,30} ",
    ];
    prop::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat())
}

fn samples<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>, count: usize) -> Vec<T> {
    let mut runner = TestRunner::deterministic();
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

#[test]
fn random_texts_in_double_quotes() {
    let pairs = samples((texts(), texts(), texts()), 500);
    let data: Vec<String> = pairs
        .iter()
        .map(|(key, value, item)| {
            let (key, value, item) = (serde_json::json!(format!("{key}k")), serde_json::json!(format!("{value}v")), serde_json::json!(item));
            format!("  {key}: {value}\n  list:\n  - {item}\n  - deep:\n      deeper:\n        - {key}: {item}\n          {value}:\n          - - {value}")
        })
        .collect();
    compare(data.iter().map(String::as_str));
}

/// Blocks are printed and read again by go-yaml v3 on the way, which changes folded ones.
#[test]
fn random_texts_in_blocks() {
    let printable = texts().prop_map(|text| text.replace(['\u{7}', '\r'], "").trim_start_matches('\t').to_owned());
    let styles = prop::sample::select(vec!["|2", "|2-", "|2+", ">2", ">2-", ">2+"]);
    let data: Vec<String> = samples((printable, styles), 1000)
        .into_iter()
        .map(|(text, style)| {
            format!(
                "  block: {style}\n    {}\n  next: 1\n  list:\n  - {style}\n    {}",
                text.replace('\n', "\n    "),
                text.replace('\n', "\n    ")
            )
        })
        .collect();
    compare(data.iter().map(String::as_str));
}
