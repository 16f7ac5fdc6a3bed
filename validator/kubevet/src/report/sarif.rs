//! SARIF 2.1.0, for code scanning. <https://docs.oasis-open.org/sarif/sarif/v2.1.0/>

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::position::{Region, uri};
use super::severities::Severities;
use crate::check::{Report, RuleSummary};
use crate::environments::Level;
use crate::escape;
use crate::findings::{Finding, Location};
use crate::identity;
use crate::problem::Problem;
use crate::remedy::{Proposal, Replaced};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The version of the fingerprint below; code scanning compares only fingerprints of one version.
const FINGERPRINT: &str = "kubevet/v2";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: String,
    rule_index: usize,
    level: &'static str,
    message: Value,
    locations: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Value>,
    partial_fingerprints: BTreeMap<&'static str, String>,
    suppressions: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Value>,
    properties: Value,
}

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let index: HashMap<&str, usize> = report.catalog.iter().enumerate().map(|(at, rule)| (rule.id.as_str(), at)).collect();
    let mut seen: HashMap<String, usize> = HashMap::new();
    let results: Vec<SarifResult> = report.findings.iter().map(|finding| result(finding, &index, &mut seen)).collect();
    let severities = Severities::load()?;
    let successful = report.failures() == 0;
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "kubevet",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": report.catalog.iter().map(|described| rule(described, &severities)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": successful,
                "exitCode": report.exit_code(),
                "toolExecutionNotifications": report.problems.iter().map(notification).collect::<Vec<_>>(),
            }],
            "results": results,
            "properties": {"coverage": report.coverage},
        }],
    });
    writeln!(out, "{}", escape::json(&serde_json::to_string_pretty(&log)?))
}

fn rule(rule: &RuleSummary, severities: &Severities) -> Value {
    let mut json = json!({
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "help": {"text": rule.help.as_deref().unwrap_or(&rule.title)},
        "defaultConfiguration": {"level": level(rule.level)},
        "properties": {"tags": ["kubernetes", rule.id.split('/').next().unwrap_or_default()]},
    });
    if !rule.description.is_empty() {
        json["fullDescription"] = json!({"text": rule.description});
    }
    if let Some(page) = &rule.page {
        json["helpUri"] = json!(page);
    }
    // Code scanning shows the severity of what is tagged so, as a text.
    if let Some(severity) = severities.of(&rule.id) {
        json["properties"]["security-severity"] = json!(format!("{severity:.1}"));
        if let Some(tags) = json["properties"]["tags"].as_array_mut() {
            tags.push("security".into());
        }
    }
    json
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Deny => "error",
        Level::Warn => "warning",
        Level::Off => "none",
    }
}

fn result(finding: &Finding, index: &HashMap<&str, usize>, seen: &mut HashMap<String, usize>) -> SarifResult {
    let text = format!("{}: {}: {}", finding.environments.join(", "), finding.object_text(), finding.message);
    let (causes, related) = finding.locations.split_at(finding.locations.len().min(1));
    let print = fingerprint(finding);
    // Two results of one print are told apart by their order, which is that of their places.
    let count = seen.entry(print.clone()).or_default();
    *count += 1;
    SarifResult {
        rule_id: finding.rule.clone(),
        rule_index: index.get(finding.rule.as_str()).copied().unwrap_or_default(),
        level: level(finding.level),
        message: json!({ "text": plain(&text) }),
        locations: causes.iter().map(|location| place(location, None)).collect(),
        related_locations: related.iter().enumerate().map(|(at, location)| place(location, Some(at))).collect(),
        partial_fingerprints: BTreeMap::from([(FINGERPRINT, format!("{print}:{count}"))]),
        suppressions: finding
            .waived
            .iter()
            .map(|waived| {
                let kind = if waived.in_place { "inSource" } else { "external" };
                json!({"kind": kind, "status": "accepted", "justification": waived.to_string()})
            })
            .chain(finding.baselined.then(|| json!({"kind": "external", "status": "accepted", "justification": "in the baseline"})))
            .collect(),
        fixes: finding.fix.iter().filter(|fix| !fix.files.is_empty()).map(|fix| proposed(fix)).collect(),
        properties: json!({
            "environments": finding.environments,
            "object": finding.object,
            "path": finding.path,
        }),
    }
}

/// A fix, as changes of whole lines.
fn proposed(fix: &Proposal) -> Value {
    let change = |file: &Replaced| {
        let part = |(range, text): &(std::ops::Range<u32>, String)| json!({"deletedRegion": Region::of(&file.source, range.start, range.end), "insertedContent": {"text": text}});
        json!({"artifactLocation": {"uri": uri(&file.source)}, "replacements": file.parts.iter().map(part).collect::<Vec<_>>()})
    };
    json!({"description": {"text": plain(&fix.title)}, "artifactChanges": fix.files.iter().map(change).collect::<Vec<_>>()})
}

/// Text of a message, in which `[text](target)` would be a link.
fn plain(text: &str) -> String {
    let text = escape::lines(text);
    if text.contains("](") { text.replace('[', "\\[").replace(']', "\\]") } else { text }
}

fn place(location: &Location, id: Option<usize>) -> Value {
    let mut json = json!({"physicalLocation": {
        "artifactLocation": {"uri": uri(&location.source)},
        "region": Region::of(&location.source, location.start, location.end),
    }});
    if let Some(id) = id {
        json["id"] = json!(id + 1);
    }
    if let Some(note) = &location.note {
        json["message"] = json!({ "text": plain(note) });
    }
    json
}

/// What a finding is, whatever values and lines change from day to day: rule, object, where in it, what is wrong, environments, and the file of its cause.
///
/// Levels and waivers are no part of it.
pub(crate) fn fingerprint(finding: &Finding) -> String {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update(text.as_bytes());
        hash.update([0]);
    };
    add(&finding.rule);
    add(&identity::object_text(&finding.object));
    add(&finding.identity.path);
    add(&finding.identity.what);
    finding.environments.iter().for_each(|name| add(name));
    if let Some(cause) = finding.cause() {
        add(&uri(&cause.source));
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn notification(problem: &Problem) -> Value {
    let error = &problem.error;
    let text = match &error.help {
        Some(help) => format!("{}; {help}", error.message),
        None => error.message.clone(),
    };
    let mut json = json!({
        "level": match problem.failure {
            _ if problem.accepted.is_some() => "note",
            Some(_) => "error",
            None => "warning",
        },
        "descriptor": {"id": problem.code},
        "message": {"text": plain(&text)},
    });
    if let Some(place) = &error.place {
        json["locations"] = json!([{"physicalLocation": {
            "artifactLocation": {"uri": uri(&place.source)},
            "region": Region::of(&place.source, place.start, place.end),
        }}]);
    }
    json
}
