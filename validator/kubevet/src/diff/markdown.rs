//! Markdown for a comment on a pull request: a table of environments, details folded, never larger than GitHub takes.

use std::io::{self, Write};

use super::alike::{alike, names};
use super::cause::place;
use super::cause::{at, causes};
use super::{Diff, text};
use crate::check::{ObjectChange, OverlayChange};
use crate::environments::Level;
use crate::findings::{Finding, Role};
use crate::paths::shown;
use crate::report::{code, prose};
use crate::words::plural;

/// The heading, by which a comment is found again to be updated.
const HEADING: &str = "## kubevet diff";

/// GitHub takes 65,536 characters, of which none is shorter than a byte; the rest is for what is around the page.
const LONGEST: usize = 60_000;

/// Room for the ends of a part.
const ENDS: usize = 200;

/// How much of the page findings may take, so that the details have some too.
const FINDINGS: usize = 40_000;

pub(super) fn write(diff: &Diff, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page(format!("{HEADING}\n\nCompared with {}.\n\n", code(&text::short(&diff.against))));
    environments(diff, &mut page);
    problems(diff, &mut page);
    findings(diff, &mut page);
    shared(diff, &mut page);
    let changes: Vec<&OverlayChange> = diff.changes().iter().filter(|change| !change.objects.is_empty()).collect();
    for (done, change) in changes.iter().enumerate() {
        if !details(change, &mut page) {
            page.end(&format!("… {} more than fit here: see the job's log.\n", plural(changes.len() - done, "overlay")));
            break;
        }
    }
    out.write_all(page.0.as_bytes())
}

/// What was written so far.
struct Page(String);

impl Page {
    /// Adds a part if there is room for it, and for what ends the part that it is in.
    fn add(&mut self, part: &str, most: usize) -> bool {
        let fits = self.0.len() + part.len() + ENDS <= most;
        if fits {
            self.0.push_str(part);
        }
        fits
    }

    /// Adds parts, and says how many there was no room for.
    fn add_all(&mut self, parts: impl ExactSizeIterator<Item = String>, most: usize, rest: impl Fn(usize) -> String) {
        let all = parts.len();
        for (done, part) in parts.enumerate() {
            if !self.add(&part, most) {
                return self.end(&rest(all - done));
            }
        }
    }

    /// Adds what there is always room for.
    fn end(&mut self, part: &str) {
        self.0.push_str(part);
    }
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

fn problems(diff: &Diff, page: &mut Page) {
    let problems = diff.report.open_problems().filter(|problem| problem.failure.is_some());
    let line = |problem: &crate::problem::Problem| {
        let place = problem.error.place.as_ref().map(|place| {
            let (line, _) = place.source.position(place.start);
            format!("{}: ", code(&text::short(&format!("{}:{line}", shown(place.source.path()).display()))))
        });
        format!("- ⚠️ {} {}{}\n", code(problem.code), place.unwrap_or_default(), prose(&text::short(&problem.error.message)))
    };
    let lines: Vec<String> = problems.map(line).collect();
    if !lines.is_empty() {
        page.add_all(lines.into_iter(), LONGEST / 2, |more| format!("- … and {more} more\n"));
        page.end("\n");
    }
}

fn findings(diff: &Diff, page: &mut Page) {
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
                cause.map(|location| code(&text::short(&at(location)))).unwrap_or_default()
            )
        };
        page.add_all(open.iter().map(row), FINDINGS, |more| format!("| | | | … and {more} more | |\n"));
        page.end("\n");
    }
    if !diff.gone.is_empty() {
        page.end(&format!("✅ {} gone\n\n", plural(diff.gone.len(), "finding")));
    }
}

/// The lines that have an effect in several overlays.
fn shared(diff: &Diff, page: &mut Page) {
    let causes = causes(diff.changes());
    let line = |cause: &super::cause::Cause<'_>| {
        let place = cause.field.cause.as_ref().or(cause.field.was.as_ref()).map(at).unwrap_or_default();
        let overlays = cause.effects(|change, _| change.environment.clone());
        let (place, path) = (code(&text::short(&place)), code(&text::short(&cause.field.path_text)));
        format!("- {place} changes {path} in {}\n", prose(&text::short(&overlays)))
    };
    if !causes.is_empty() {
        page.add_all(causes.iter().map(line), LONGEST * 3 / 4, |more| format!("- … and {more} more\n"));
        page.end("\n");
    }
}

/// The objects of an overlay, as many as fit; false where not even its heading does.
fn details(change: &OverlayChange, page: &mut Page) -> bool {
    let path = text::short(&shown(&change.path).display().to_string());
    let heading = format!("<details><summary>{} ({})</summary>\n\n", prose(&path), prose(&text::short(&change.environment)));
    if !page.add(&heading, LONGEST - 2 * ENDS) {
        return false;
    }
    page.add_all(alike(&change.objects).iter().map(|objects| self::objects(objects)), LONGEST, |more| {
        format!("- … {} more\n", plural(more, "object"))
    });
    page.end("\n</details>\n\n");
    true
}

/// Objects that change alike.
fn objects(objects: &[&ObjectChange]) -> String {
    let Some(object) = objects.first() else { return String::new() };
    let remarks = text::remarks(object);
    let remarks = if remarks.is_empty() { String::new() } else { format!(" – {}", prose(&text::long(&remarks.join("; ")))) };
    let mut part = format!("- {} {}{remarks}\n", text::sign(object), code(&text::long(&names(objects))));
    for field in object.fields.iter().take(text::MOST_FIELDS) {
        let place = place(field).map(|place| format!(" – {}", code(&text::short(&place)))).unwrap_or_default();
        let (path, what) = (code(&text::short(&field.path_text)), code(&text::field(field)));
        part.push_str(&format!("  - {} {path}: {what}{place}\n", text::field_sign(field)));
    }
    if object.fields.len() > text::MOST_FIELDS {
        part.push_str(&format!("  - … and {} more\n", object.fields.len() - text::MOST_FIELDS));
    }
    part
}
