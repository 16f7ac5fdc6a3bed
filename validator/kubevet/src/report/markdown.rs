//! Markdown, for the summary of a job or a comment: totals, a table of the rules that found something, their findings folded, and at last the matrix of
//! rules and environments. No larger than GitHub takes.

use std::cmp::Reverse;
use std::io::{self, Write};

use super::links;
use super::markdown_text::{code, html, prose};
use super::page::{ENDS, LONGEST, Page};
use super::{Style, position::Region};
use crate::check::{Report, RuleSummary};
use crate::environments::Level;
use crate::findings::{Finding, Location};
use crate::paths::shown;
use crate::problem::Problem;
use crate::words::{cut, plural};

/// How much of the page problems and the table of rules may take, so that findings have some too.
const TABLES: usize = LONGEST / 2;

/// The longest text of a file's author in one place, in characters.
const LONG: usize = 1_000;

pub(super) fn write(report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::default();
    totals(report, &mut page);
    problems(report, style, &mut page);
    let groups = by_rule(report, style.show_waived);
    rules(report, &groups, &mut page);
    for (done, group) in groups.iter().enumerate() {
        if !details(report, group, style, &mut page) {
            page.end(&format!("… the findings of {} more do not fit here: see the job's log.\n\n", plural(groups.len() - done, "rule")));
            break;
        }
    }
    matrix(report, &mut page);
    out.write_all(page.0.as_bytes())
}

fn totals(report: &Report, page: &mut Page) {
    let verdict = if report.exit_code() == 0 { "✅ clean" } else { "❌ not clean" };
    let (deny, warn) = (plural(report.count(Level::Deny), "error"), plural(report.count(Level::Warn), "warning"));
    page.end(&format!("## kubevet: {verdict}\n\n**{deny}, {warn}**, {} waived, ", report.waived()));
    if report.fixes {
        page.end(&format!("{} can be fixed, ", report.fixable()));
    }
    if report.baselined() > 0 {
        page.end(&format!("{} in the baseline, ", report.baselined()));
    }
    page.end(&format!("{}.\n\n", plural(report.failures(), "problem")));
    if report.judged.is_empty() {
        return page.end("Judged: nothing.\n\n");
    }
    page.end(&format!("{}.\n\n", cut(&prose(&capitalized(&report.coverage.to_string())), LONG)));
    page.end(&format!("<details><summary>Judged: {}</summary>\n\n", plural(report.judged.len(), "render")));
    let line = |judged: &crate::check::Judged| {
        let path = code(&cut(&shown(&judged.path).display().to_string(), LONG));
        format!("- {path} ({}, {})\n", prose(&cut(&judged.environment, LONG)), plural(judged.objects, "object"))
    };
    page.add_all(report.judged.iter().map(line), LONGEST / 8, |more| format!("- … and {more} more\n"));
    page.end("\n</details>\n\n");
}

fn problems(report: &Report, style: Style, page: &mut Page) {
    let open: Vec<&Problem> = report.open_problems().collect();
    if open.is_empty() {
        return;
    }
    page.end("### Problems\n\n| | Where | What | What to do |\n|---|---|---|---|\n");
    let row = |problem: &&Problem| {
        let error = &problem.error;
        let line = |place: &kustomize::Place| links::line(&place.source, place.source.position(place.start).0, style.links);
        let place = error.place.as_ref().map(line).unwrap_or_default();
        let help = error.help.as_deref().map(|help| prose(&cut(help, LONG))).unwrap_or_default();
        format!("| {} | {place} | {} | {help} |\n", code(problem.code), prose(&cut(&error.message, LONG)))
    };
    page.add_all(open.iter().map(row), TABLES, |more| format!("| | | … and {more} more | |\n"));
    page.end("\n");
}

/// The findings of one rule at one level.
struct Group<'a> {
    rule: &'a str,
    level: Level,
    findings: Vec<&'a Finding>,
}

impl Group<'_> {
    fn icon(&self) -> &'static str {
        match self.level {
            _ if self.findings.iter().all(|finding| finding.is_accepted()) => "waived",
            Level::Deny => "❌",
            _ => "⚠️",
        }
    }
}

/// Errors first, and rules with the most findings.
fn by_rule(report: &Report, show_waived: bool) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for finding in report.findings.iter().filter(|finding| !finding.is_accepted() || show_waived) {
        let of_rule = |group: &&mut Group<'_>| group.rule == finding.rule && group.level == finding.level;
        match groups.iter_mut().find(of_rule) {
            Some(group) => group.findings.push(finding),
            None => groups.push(Group { rule: &finding.rule, level: finding.level, findings: vec![finding] }),
        }
    }
    groups.sort_by_key(|group| (Reverse(group.level), Reverse(group.findings.len()), group.rule));
    groups
}

fn summary<'a>(report: &'a Report, rule: &str) -> Option<&'a RuleSummary> {
    report.catalog.iter().find(|known| known.id == rule)
}

/// One table by rule.
fn rules(report: &Report, groups: &[Group<'_>], page: &mut Page) {
    if groups.is_empty() {
        return;
    }
    page.end("### Findings\n\n| | Rule | | What it asks for |\n|---|---|--:|---|\n");
    let row = |group: &Group<'_>| {
        let rule = summary(report, group.rule);
        let id = code(&cut(group.rule, LONG));
        let title = rule.map(|rule| prose(&cut(&rule.title, LONG))).unwrap_or_default();
        format!("| {} | {id} | {} | {title} |\n", group.icon(), group.findings.len())
    };
    page.add_all(groups.iter().map(row), TABLES + LONGEST / 8, |more| format!("| | … and {more} more | | |\n"));
    page.end("\n");
}

/// The findings of a rule, as many as fit; false where not even the heading does.
fn details(report: &Report, group: &Group<'_>, style: Style, page: &mut Page) -> bool {
    let title = summary(report, group.rule).map(|rule| cut(&rule.title, LONG)).unwrap_or_default();
    let (icon, rule) = (group.icon(), html(&cut(group.rule, LONG)));
    let heading = format!("<details><summary>{icon} <code>{rule}</code> {} ({})</summary>\n\n", html(&title), group.findings.len());
    if !page.add(&heading, LONGEST - 3 * ENDS) {
        return false;
    }
    let help = group.findings.first().and_then(|finding| finding.help.as_deref());
    let help = help.map(|help| format!("What to do: {}\n\n", prose(&cut(&help.split_whitespace().collect::<Vec<_>>().join(" "), LONG))));
    page.add(&help.unwrap_or_default(), LONGEST - ENDS);
    page.add_all(group.findings.iter().map(|found| finding(found, style)), LONGEST - ENDS, |more| {
        format!("- … and {more} more: see the job's log\n")
    });
    page.end("\n</details>\n\n");
    true
}

fn finding(finding: &Finding, style: Style) -> String {
    let place = |location: &Location| {
        let line = links::line(&location.source, Region::of(&location.source, location.start, location.end).start_line, style.links);
        format!("{line} {}", prose(&cut(location.note.as_deref().unwrap_or_default(), LONG))).trim_end().to_owned()
    };
    let (environments, object) = (cut(&finding.environments.join(", "), LONG), cut(&finding.object_text(), LONG));
    let accepted = if finding.is_accepted() { "waived: " } else { "" };
    let mut part = format!("- {accepted}**{}**: {}: {}\n", prose(&environments), prose(&object), prose(&cut(&finding.message, LONG)));
    finding.locations.iter().for_each(|location| part.push_str(&format!("  - {}\n", place(location))));
    if let Some(fix) = &finding.fix {
        part.push_str(&format!("  - fix: {}\n\n{}", prose(&cut(&fix.title, LONG)), fenced(&fix.diff)));
    }
    part
}

/// A diff in a block of its own within a list, whose fence nothing in it ends.
fn fenced(diff: &str) -> String {
    let longest = diff.split(|other| other != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    let lines = diff.trim_end().lines().map(|line| format!("    {line}\n"));
    format!("    {fence}diff\n{}    {fence}\n\n", lines.collect::<String>())
}

/// Text as a sentence begins.
fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// How each rule ended in each environment that was judged; rules that are off everywhere are left out.
fn matrix(report: &Report, page: &mut Page) {
    let mut environments: Vec<&str> = Vec::new();
    for judged in &report.judged {
        if !environments.contains(&judged.environment.as_str()) {
            environments.push(&judged.environment);
        }
    }
    if environments.is_empty() {
        return;
    }
    let names: Vec<String> = environments.iter().map(|name| prose(&cut(name, LONG))).collect();
    let head = format!(
        "<details><summary>Rules and environments</summary>\n\n| Rule | {} |\n|---|{}\n",
        names.join(" | "),
        "---|".repeat(names.len())
    );
    if !page.add(&head, LONGEST - ENDS) {
        return;
    }
    let row = |rule: &RuleSummary| {
        let cells: Vec<String> = environments.iter().map(|environment| outcome(report, rule, environment)).collect();
        format!("| {} {} | {} |\n", code(&cut(&rule.id, LONG)), prose(&cut(&rule.title, LONG)), cells.join(" | "))
    };
    page.add_all(report.catalog.iter().map(row), LONGEST, |more| format!("| … and {more} more | {}\n", "|".repeat(names.len())));
    page.end("\n</details>\n");
}

fn outcome(report: &Report, rule: &RuleSummary, environment: &str) -> String {
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
