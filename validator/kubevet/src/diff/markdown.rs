//! Markdown for a comment on a pull request: a table of environments, details folded, never larger than GitHub takes.

use std::io::{self, Write};

use super::human::place;
use super::{Diff, text};
use crate::check::OverlayChange;
use crate::environments::Level;
use crate::findings::Finding;
use crate::paths::shown;
use crate::report::{code, plural, prose};

/// The heading, by which a comment is found again to be updated.
const HEADING: &str = "## kubevet diff";

/// GitHub takes 65,536 characters; the rest is for what is around it.
const LONGEST: usize = 60_000;

pub(super) fn write(diff: &Diff, out: &mut dyn Write) -> io::Result<()> {
    let mut page = String::new();
    page.push_str(&format!("{HEADING}\n\nCompared with {}.\n\n", code(&diff.against)));
    page.push_str("| Environment | Overlay | |\n|---|---|---|\n");
    for change in diff.changes() {
        let summary = text::summary(change, &diff.report.findings);
        page.push_str(&format!(
            "| {} | {} | {} |\n",
            prose(&change.environment),
            code(&shown(&change.path).display().to_string()),
            prose(&summary)
        ));
    }
    for removed in &diff.removed {
        page.push_str(&format!("| | {} | gone |\n", code(&shown(removed).display().to_string())));
    }
    page.push('\n');
    for problem in diff.report.problems.iter().filter(|problem| problem.failure.is_some()) {
        page.push_str(&format!("- ⚠️ {} {}\n", code(problem.code), prose(&problem.error.message)));
    }
    let open: Vec<&Finding> = diff.report.findings.iter().filter(|finding| !finding.is_accepted()).collect();
    if !open.is_empty() {
        page.push_str(&format!("### {} new\n\n| | Rule | Environments | What |\n|---|---|---|---|\n", plural(open.len(), "finding")));
        for finding in open {
            let sign = if finding.level == Level::Deny { "❌" } else { "⚠️" };
            let row = format!(
                "| {sign} | {} | {} | {} |\n",
                code(&finding.rule),
                prose(&finding.environments.join(", ")),
                prose(&format!("{}: {}", finding.object_text(), finding.message))
            );
            if !push(&mut page, &row) {
                return finish(&page, out);
            }
        }
        page.push('\n');
    }
    if !diff.gone.is_empty() && !push(&mut page, &format!("✅ {} gone\n\n", plural(diff.gone.len(), "finding"))) {
        return finish(&page, out);
    }
    for change in diff.changes().iter().filter(|change| !change.objects.is_empty()) {
        if !push(&mut page, &details(change)) {
            break;
        }
    }
    finish(&page, out)
}

/// Adds a part, if there is room for it.
fn push(page: &mut String, part: &str) -> bool {
    let fits = page.len() + part.len() <= LONGEST;
    if fits {
        page.push_str(part);
    } else {
        page.push_str("\n… more than fits here: see the job's log.\n");
    }
    fits
}

fn finish(page: &str, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(page.as_bytes())
}

fn details(change: &OverlayChange) -> String {
    let mut text =
        format!("<details><summary>{} ({})</summary>\n\n", prose(&shown(&change.path).display().to_string()), prose(&change.environment));
    for object in &change.objects {
        let remarks = text::remarks(object);
        let remarks = if remarks.is_empty() { String::new() } else { format!(" – {}", prose(&remarks.join("; "))) };
        text.push_str(&format!("- {} {}{remarks}\n", text::sign(object), code(&object.object.to_string())));
        for field in &object.fields {
            let place = place(field).map(|place| format!(" – {}", code(&place))).unwrap_or_default();
            text.push_str(&format!("  - {} {}: {}{place}\n", text::field_sign(field), code(&field.path_text), code(&text::field(field))));
        }
    }
    text.push_str("\n</details>\n\n");
    text
}
