//! What a long report begins with: how often each rule was broken, and where.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::path::Path;

use super::wrap::{columns_of, end_of};
use crate::check::Report;
use crate::environments::Level;
use crate::escape;
use crate::findings::Finding;
use crate::paths::shown;
use crate::words::{plural, plural_word};

/// From how many findings on there is an overview: fewer are seen at once.
const MANY: usize = 5;

/// From how many overlays of one environment on they are counted one by one.
const MANY_OVERLAYS: usize = 3;

/// So many overlays are listed, those with the most findings first.
const LISTED: usize = 20;

/// The columns of a rule's count and level, of an overlay's counts, and between columns.
const COUNT: usize = 16;
const COUNTS: usize = 29;
const GAP: usize = 2;

pub(super) fn write(report: &Report, width: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    let open: Vec<&Finding> = report.findings.iter().filter(|finding| !finding.is_accepted()).collect();
    if open.len() < MANY {
        return Ok(());
    }
    let mut line = |line: &str| writeln!(out, "{}", escape::line(line.trim_end()));
    let rules = rules(&open);
    let titles: HashMap<&str, &str> = report.catalog.iter().map(|rule| (rule.id.as_str(), rule.title.as_str())).collect();
    let title = |rule: &str| titles.get(rule).copied().unwrap_or_default();
    let longest = rules.iter().map(|(_, rule, _)| columns_of(rule)).max().unwrap_or(0);
    // Beginnings of titles would say less than none.
    let fits = |(_, rule, _): &(Level, &str, usize)| width.is_none_or(|width| COUNT + longest + GAP + columns_of(title(rule)) <= width);
    let with_titles = rules.iter().all(fits);
    for (level, rule, count) in rules {
        let title = if with_titles { title(rule) } else { "" };
        line(&format!("{count:>5} {:9} {rule:longest$}  {title}", plural_word(count, word(level))))?;
    }
    let overlays = overlays(report, &open);
    if !overlays.is_empty() {
        line("")?;
    }
    let longest = overlays.iter().map(|overlay| columns_of(overlay.environment)).max().unwrap_or(0);
    for overlay in overlays.iter().take(LISTED) {
        let (errors, warnings) = (plural_word(overlay.errors, "error"), plural_word(overlay.warnings, "warning"));
        let path = end_of(&overlay.path, width.map_or(usize::MAX, |width| width.saturating_sub(COUNTS + longest + GAP)));
        line(&format!("{:>5} {errors:6} {:>5} {warnings:8}  {:longest$}  {path}", overlay.errors, overlay.warnings, overlay.environment))?;
    }
    if overlays.len() > LISTED {
        line(&format!("      … and {} more", plural(overlays.len() - LISTED, "overlay")))?;
    }
    line("")
}

fn word(level: Level) -> &'static str {
    if level == Level::Deny { "error" } else { "warning" }
}

/// How often each rule was broken: errors first, and those that there are most of.
fn rules<'a>(open: &[&'a Finding]) -> Vec<(Level, &'a str, usize)> {
    let mut counts: BTreeMap<(Reverse<Level>, &str), usize> = BTreeMap::new();
    open.iter().for_each(|finding| *counts.entry((Reverse(finding.level), &finding.rule)).or_default() += 1);
    let mut counts: Vec<_> = counts.into_iter().map(|((Reverse(level), rule), count)| (level, rule, count)).collect();
    counts.sort_by_key(|(level, _, count)| (Reverse(*level), Reverse(*count)));
    counts
}

/// How many findings an overlay has. One that several share counts in each.
struct Overlay<'a> {
    path: String,
    environment: &'a str,
    errors: usize,
    warnings: usize,
}

/// The overlays of environments that have many, those with the most findings first.
fn overlays<'a>(report: &'a Report, open: &[&Finding]) -> Vec<Overlay<'a>> {
    let mut of_environment: HashMap<&str, usize> = HashMap::new();
    report.judged.iter().for_each(|judged| *of_environment.entry(&judged.environment).or_default() += 1);
    let mut counts: HashMap<&Path, (usize, usize)> = HashMap::new();
    for (finding, overlay) in open.iter().flat_map(|finding| finding.overlays.iter().map(move |overlay| (finding, overlay))) {
        let (errors, warnings) = counts.entry(overlay).or_default();
        *(if finding.level == Level::Deny { errors } else { warnings }) += 1;
    }
    let is_of_many = |environment: &str| of_environment.get(environment).is_some_and(|count| *count >= MANY_OVERLAYS);
    let judged = report.judged.iter().filter(|judged| is_of_many(&judged.environment));
    let counted = judged.filter_map(|judged| {
        let path = shown(&judged.path);
        let (errors, warnings) = *counts.get(path.as_path())?;
        Some(Overlay { path: path.display().to_string(), environment: &judged.environment, errors, warnings })
    });
    let mut overlays: Vec<_> = counted.collect();
    overlays.sort_by_key(|overlay| (Reverse(overlay.errors), Reverse(overlay.warnings)));
    overlays
}
