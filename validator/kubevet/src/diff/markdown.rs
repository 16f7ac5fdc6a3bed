//! Markdown for a comment on a pull request: a table of environments, details folded, never larger than GitHub takes.

use std::io::{self, Write};

use super::alike::{alike, names};
use super::cause::{at, causes, place};
use super::{Diff, text};
use crate::check::{ObjectChange, OverlayChange};
use crate::environments::Level;
use crate::findings::{Finding, Location, Role};
use crate::paths::shown;
use crate::report::{ENDS, LONGEST, Page, Style, code, html, linked_line, prose};
use crate::words::plural;

/// The heading, by which a comment is found again to be updated.
const HEADING: &str = "## kubevet diff";

/// How much of the page findings may take, so that the details have some too.
const FINDINGS: usize = 40_000;

pub(super) fn write(diff: &Diff, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page(format!("{HEADING}\n\nCompared with {}.\n\n", code(&text::short(&diff.against))));
    environments(diff, &mut page);
    problems(diff, style, &mut page);
    findings(diff, style, &mut page);
    shared(diff, style, &mut page);
    let changes: Vec<&OverlayChange> = diff.changes().iter().filter(|change| !change.objects.is_empty()).collect();
    for (done, change) in changes.iter().enumerate() {
        if !details(change, style, &mut page) {
            page.end(&format!("… {} more than fit here: see the job's log.\n", plural(changes.len() - done, "overlay")));
            break;
        }
    }
    out.write_all(page.0.as_bytes())
}

fn environments(diff: &Diff, page: &mut Page) {
    page.end("| Environment | Overlay | |\n|---|---|---|\n");
    let path = |path: &std::path::Path| code(&text::short(&shown(path).display().to_string()));
    let changed = diff.changes().iter().map(|change| {
        let summary = text::summary(change, &diff.report.findings);
        format!("| {} | {} | {} |\n", prose(&text::short(&change.environment)), path(&change.path), prose(&summary))
    });
    let removed = diff.removed.iter().map(|removed| format!("| | {} | gone |\n", path(removed)));
    let rows: Vec<String> = changed.chain(removed).collect();
    page.add_all(rows.into_iter(), LONGEST / 4, |more| format!("| | | … and {more} more |\n"));
    page.end("\n");
}

fn problems(diff: &Diff, style: Style, page: &mut Page) {
    let problems = diff.report.open_problems().filter(|problem| problem.failure.is_some());
    let line = |problem: &crate::problem::Problem| {
        let place = problem.error.place.as_ref().map(|place| {
            let (line, _) = place.source.position(place.start);
            format!("{}: ", linked_line(&place.source, line, style.links))
        });
        format!("- ⚠️ {} {}{}\n", code(problem.code), place.unwrap_or_default(), prose(&text::short(&problem.error.message)))
    };
    let lines: Vec<String> = problems.map(line).collect();
    if !lines.is_empty() {
        page.add_all(lines.into_iter(), LONGEST / 2, |more| format!("- … and {more} more\n"));
        page.end("\n");
    }
}

fn findings(diff: &Diff, style: Style, page: &mut Page) {
    let open: Vec<&Finding> = diff.report.findings.iter().filter(|finding| !finding.is_accepted()).collect();
    if !open.is_empty() {
        page.end(&format!(
            "### {} new\n\n| | Rule | Environments | What | Where |\n|---|---|---|---|---|\n",
            plural(open.len(), "finding")
        ));
        let row = |finding: &&Finding| {
            let sign = if finding.level == Level::Deny { "❌" } else { "⚠️" };
            let cause = finding.locations.iter().find(|location| location.role == Role::Cause);
            format!(
                "| {sign} | {} | {} | {} | {} |\n",
                code(&text::short(&finding.rule)),
                prose(&text::short(&finding.environments.join(", "))),
                prose(&format!("{}: {}", text::short(&finding.object_text()), text::long(&finding.message))),
                cause.map(|location| link(location, style)).unwrap_or_default()
            )
        };
        page.add_all(open.iter().map(row), FINDINGS, |more| format!("| | | | … and {more} more | |\n"));
        page.end("\n");
    }
    if !diff.gone.is_empty() {
        page.end(&format!("✅ {} gone\n\n", plural(diff.gone.len(), "finding")));
    }
}

/// A place of the new state.
fn link(location: &Location, style: Style) -> String {
    if location.is_whole_file() {
        return code(&text::short(&at(location)));
    }
    linked_line(&location.source, location.source.position(location.start).0, style.links)
}

/// The lines that have an effect in several overlays.
fn shared(diff: &Diff, style: Style, page: &mut Page) {
    let causes = causes(diff.changes());
    let line = |cause: &super::cause::Cause<'_>| {
        let was = || cause.field.was.as_ref().map(|was| code(&text::short(&at(was))));
        let place = cause.field.cause.as_ref().map(|cause| link(cause, style)).or_else(was).unwrap_or_default();
        let overlays = cause.effects(|change, _| change.environment.clone());
        let path = code(&text::short(&cause.field.path_text));
        format!("- {place} changes {path} in {}\n", prose(&text::short(&overlays)))
    };
    if !causes.is_empty() {
        page.add_all(causes.iter().map(line), LONGEST * 3 / 4, |more| format!("- … and {more} more\n"));
        page.end("\n");
    }
}

/// The objects of an overlay, as many as fit; false where not even its heading does.
fn details(change: &OverlayChange, style: Style, page: &mut Page) -> bool {
    let path = text::short(&shown(&change.path).display().to_string());
    let heading = format!("<details><summary>{} ({})</summary>\n\n", html(&path), html(&text::short(&change.environment)));
    if !page.add(&heading, LONGEST - 2 * ENDS) {
        return false;
    }
    page.add_all(alike(&change.objects).iter().map(|objects| self::objects(objects, style)), LONGEST, |more| {
        format!("- … {} more\n", plural(more, "object"))
    });
    page.end("\n</details>\n\n");
    true
}

/// Objects that change alike.
fn objects(objects: &[&ObjectChange], style: Style) -> String {
    let Some(object) = objects.first() else { return String::new() };
    let remarks = text::remarks(object);
    let remarks = if remarks.is_empty() { String::new() } else { format!(" – {}", prose(&text::long(&remarks.join("; ")))) };
    let mut part = format!("- {} {}{remarks}\n", text::sign(object), code(&text::long(&names(objects))));
    for field in object.fields.iter().take(text::MOST_FIELDS) {
        let new = field.cause.as_ref().filter(|_| field.new.is_some() || field.is_secret).map(|cause| link(cause, style));
        let place = new.or_else(|| place(field).map(|place| code(&text::short(&place))));
        let place = place.map(|place| format!(" – {place}")).unwrap_or_default();
        let (path, what) = (code(&text::short(&field.path_text)), code(&text::field(field)));
        part.push_str(&format!("  - {} {path}: {what}{place}\n", text::field_sign(field)));
    }
    if object.fields.len() > text::MOST_FIELDS {
        part.push_str(&format!("  - … and {} more\n", object.fields.len() - text::MOST_FIELDS));
    }
    part
}
