//! The report for programs. `version` changes when a field changes its meaning or goes away.

use std::io::{self, Write};
use std::path::PathBuf;

use kustomize::Place;
use serde::Serialize;

use crate::check::Report;
use crate::coverage::Coverage;
use crate::environments::Level;
use crate::escape;
use crate::findings::{Finding, Location, Object, Role, Step, Waived};
use crate::paths::shown;
use crate::problem::{Acceptance, Problem};

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    findings: Vec<JsonFinding<'a>>,
    errors: Vec<JsonProblem>,
    warnings: Vec<JsonProblem>,
    /// Left out where there are none, as usual.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    accepted: Vec<JsonProblem>,
    summary: Summary<'a>,
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    rule: &'a str,
    level: Level,
    message: &'a str,
    help: Option<&'a str>,
    environments: &'a [String],
    overlays: &'a [PathBuf],
    object: &'a Object,
    /// All of them, where a finding is about several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    objects: Vec<&'a Object>,
    fingerprint: String,
    path: &'a [Step],
    locations: Vec<JsonLocation>,
    waived: Option<&'a Waived>,
    /// The fix that was proved; left out where there is none, or nobody asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<JsonFix<'a>>,
    /// Left out where it is not, as most are not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    baselined: bool,
}

#[derive(Serialize)]
struct JsonFix<'a> {
    title: &'a str,
    safe: bool,
    diff: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonLocation {
    file: PathBuf,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    role: Role,
    note: Option<String>,
    /// Where the file is a copy from; left out for the project's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

#[derive(Serialize)]
struct JsonProblem {
    code: &'static str,
    message: String,
    help: Option<String>,
    locations: Vec<JsonLocation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waived: Option<Waived>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    baselined: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary<'a> {
    deny: usize,
    warn: usize,
    waived: usize,
    baselined: usize,
    /// How many findings have a fix that was proved; left out where nobody asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    fixable: Option<usize>,
    errors: usize,
    rules: usize,
    objects: usize,
    evaluations: usize,
    exit_code: u8,
    judged: Vec<JsonJudged<'a>>,
    skipped: Vec<PathBuf>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    excluded: Vec<JsonExcluded<'a>>,
    coverage: &'a Coverage,
}

/// What the table leaves out on purpose.
#[derive(Serialize)]
struct JsonExcluded<'a> {
    path: PathBuf,
    reason: &'a str,
}

#[derive(Serialize)]
struct JsonJudged<'a> {
    overlay: PathBuf,
    environment: &'a str,
    objects: usize,
}

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", escape::json(&serde_json::to_string_pretty(&document(report))?))
}

/// The document as a value.
pub(super) fn value(report: &Report) -> io::Result<serde_json::Value> {
    Ok(serde_json::to_value(document(report))?)
}

fn document(report: &Report) -> Document<'_> {
    let (errors, warnings): (Vec<_>, Vec<_>) = report.open_problems().partition(|problem| problem.failure.is_some());
    let accepted = report.problems.iter().filter(|problem| problem.accepted.is_some()).collect();
    let problems = |list: Vec<&Problem>| list.into_iter().map(problem).collect::<Vec<_>>();
    let judged = |judged: &crate::check::Judged| (shown(&judged.path), judged.objects);
    Document {
        version: 1,
        findings: report.findings.iter().map(finding).collect(),
        summary: Summary {
            deny: report.count(Level::Deny),
            warn: report.count(Level::Warn),
            waived: report.waived(),
            fixable: report.fixes.then(|| report.fixable()),
            errors: errors.len(),
            rules: report.catalog.len(),
            baselined: report.baselined(),
            objects: report.judged.iter().map(|judged| judged.objects).sum(),
            evaluations: report.judged.iter().map(|judged| judged.evaluations).sum(),
            exit_code: report.exit_code(),
            judged: report
                .judged
                .iter()
                .map(|item| {
                    let (overlay, objects) = judged(item);
                    JsonJudged { overlay, environment: &item.environment, objects }
                })
                .collect(),
            skipped: report.skipped.iter().map(|path| shown(path)).collect(),
            excluded: report.left_out.excluded.iter().map(|(path, reason)| JsonExcluded { path: shown(path), reason }).collect(),
            coverage: &report.coverage,
        },
        errors: problems(errors),
        accepted: problems(accepted),
        warnings: problems(warnings),
    }
}

/// A finding as a value.
pub(super) fn finding_value(it: &Finding) -> serde_json::Result<serde_json::Value> {
    serde_json::to_value(finding(it))
}

fn finding(finding: &Finding) -> JsonFinding<'_> {
    JsonFinding {
        rule: &finding.rule,
        level: finding.level,
        message: &finding.message,
        help: finding.help.as_deref(),
        environments: &finding.environments,
        overlays: &finding.overlays,
        object: &finding.object,
        objects: if finding.also.is_empty() { Vec::new() } else { std::iter::once(&finding.object).chain(&finding.also).collect() },
        fingerprint: super::sarif::fingerprint(finding),
        path: &finding.path,
        locations: finding.locations.iter().map(location).collect(),
        waived: finding.waived.as_ref(),
        fix: finding.fix.as_ref().map(|fix| JsonFix { title: &fix.title, safe: fix.safe, diff: &fix.diff }),
        baselined: finding.baselined,
    }
}

fn location(location: &Location) -> JsonLocation {
    let place = Place { source: location.source.clone(), start: location.start, end: location.end };
    at(&place, location.role, location.note.clone())
}

fn at(place: &Place, role: Role, note: Option<String>) -> JsonLocation {
    let (line, column) = place.source.position(place.start);
    let (end_line, end_column) = place.source.position(place.end.max(place.start));
    let url = place.source.address().map(str::to_owned);
    JsonLocation { file: shown(place.source.path()), line, column, end_line, end_column, role, note, url }
}

fn problem(problem: &Problem) -> JsonProblem {
    let error = &problem.error;
    let related = error.related.iter().map(|(place, note)| at(place, Role::Related, Some(note.clone())));
    JsonProblem {
        code: problem.code,
        message: error.message.clone(),
        help: error.help.clone(),
        locations: error.place.iter().map(|place| at(place, Role::Cause, None)).chain(related).collect(),
        waived: match &problem.accepted {
            Some(Acceptance::Waived(waived)) => Some(waived.clone()),
            _ => None,
        },
        baselined: problem.accepted == Some(Acceptance::Baselined),
    }
}
