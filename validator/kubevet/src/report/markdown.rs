//! Markdown, for the summary of a job or a comment: findings, then the matrix of rules and environments.

use std::io::{self, Write};

use super::markdown_text::{code, prose};
use super::position::Region;
use crate::check::Report;
use crate::environments::Level;
use crate::findings::Finding;
use crate::paths::shown;
use crate::words::plural;

pub(super) fn write(report: &Report, show_waived: bool, out: &mut dyn Write) -> io::Result<()> {
    let (deny, warn) = (report.count(Level::Deny), report.count(Level::Warn));
    let failures = report.failures();
    let verdict = if report.exit_code() == 0 { "✅ clean" } else { "❌ not clean" };
    writeln!(out, "## kubevet: {verdict}\n")?;
    let judged: Vec<String> = report
        .judged
        .iter()
        .map(|judged| {
            format!(
                "{} ({}, {})",
                code(&shown(&judged.path).display().to_string()),
                prose(&judged.environment),
                plural(judged.objects, "object")
            )
        })
        .collect();
    writeln!(out, "{}, {}, {} waived, {}.", plural(deny, "error"), plural(warn, "warning"), report.waived(), plural(failures, "problem"))?;
    writeln!(out, "Judged: {}.\n", if judged.is_empty() { "nothing".to_owned() } else { judged.join(", ") })?;
    if !judged.is_empty() {
        writeln!(out, "{}.\n", prose(&capitalized(&report.coverage.to_string())))?;
    }
    if report.open_problems().next().is_some() {
        writeln!(out, "### Problems\n\n| | Where | What | What to do |\n|---|---|---|---|")?;
        for problem in report.open_problems() {
            let error = &problem.error;
            let place = error.place.as_ref().map(|place| {
                let region = Region::of(&place.source, place.start, place.end);
                code(&format!("{}:{}", shown(place.source.path()).display(), region.start_line))
            });
            let text = |text: &str| prose(text);
            let help = error.help.as_deref().map(text).unwrap_or_default();
            writeln!(out, "| {} | {} | {} | {help} |", code(problem.code), place.unwrap_or_default(), text(&error.message))?;
        }
        writeln!(out)?;
    }
    let visible: Vec<&Finding> = report.findings.iter().filter(|finding| !finding.is_accepted() || show_waived).collect();
    if !visible.is_empty() {
        writeln!(out, "### Findings\n\n| | Rule | Environments | Object | What | Where |\n|---|---|---|---|---|---|")?;
        visible.into_iter().try_for_each(|finding| row(finding, out))?;
        writeln!(out)?;
    }
    matrix(report, out)
}

/// Text as a sentence begins.
fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

fn row(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let icon = match finding.level {
        _ if finding.is_accepted() => "waived",
        Level::Deny => "❌",
        _ => "⚠️",
    };
    let places = finding.locations.iter().map(|location| {
        let region = Region::of(&location.source, location.start, location.end);
        let place = code(&format!("{}:{}", shown(location.source.path()).display(), region.start_line));
        format!("{place} {}", prose(location.note.as_deref().unwrap_or_default()))
    });
    let places: Vec<String> = places.map(|place| place.trim_end().to_owned()).collect();
    let (rule, environments) = (code(&finding.rule), prose(&finding.environments.join(", ")));
    let (object, message) = (prose(&finding.object_text()), prose(&finding.message));
    writeln!(out, "| {icon} | {rule} | {environments} | {object} | {message} | {} |", places.join("<br>"))
}

/// How each rule ended in each environment that was judged; rules that are off everywhere are left out.
fn matrix(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut environments: Vec<&str> = Vec::new();
    for judged in &report.judged {
        if !environments.contains(&judged.environment.as_str()) {
            environments.push(&judged.environment);
        }
    }
    if environments.is_empty() {
        return Ok(());
    }
    writeln!(out, "<details><summary>Rules and environments</summary>\n")?;
    let names: Vec<String> = environments.iter().map(|name| prose(name)).collect();
    writeln!(out, "| Rule | {} |\n|---|{}", names.join(" | "), "---|".repeat(names.len()))?;
    for rule in &report.catalog {
        let cells: Vec<String> = environments.iter().map(|environment| outcome(report, rule, environment)).collect();
        writeln!(out, "| {} {} | {} |", code(&rule.id), prose(&rule.title), cells.join(" | "))?;
    }
    writeln!(out, "\n</details>")
}

fn outcome(report: &Report, rule: &crate::check::RuleSummary, environment: &str) -> String {
    let level = rule.levels.iter().find(|(name, _)| name == environment).map_or(Level::Off, |(_, level)| *level);
    if level == Level::Off {
        return "off".to_owned();
    }
    let of =
        report.findings.iter().filter(|finding| finding.rule == rule.id && finding.environments.iter().any(|name| name == environment));
    let (accepted, open): (Vec<_>, Vec<_>) = of.partition(|finding| finding.is_accepted());
    match (open.len(), accepted.len()) {
        (0, 0) => "✅".to_owned(),
        (0, waived) => format!("{waived} waived"),
        (count, _) if level == Level::Deny => format!("❌ {count}"),
        (count, _) => format!("⚠️ {count}"),
    }
}
