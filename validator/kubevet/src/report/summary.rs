//! How a run ended.

use std::io::{self, Write};

use super::Style;
use super::wrap::wrapped;
use crate::check::Report;
use crate::environments::Level;
use crate::paths::shown;
use crate::words::plural;

/// What stands before the other lines of one that is too wide.
const CONTINUED: &str = "  ";

/// Writes what was judged and how it ended, and last what was not judged.
pub fn write(report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut line = |text: &str| {
        let mut lines = wrapped(text, style.width, 0, CONTINUED.len()).into_iter();
        writeln!(out, "{}", lines.next().unwrap_or_default())?;
        lines.try_for_each(|line| writeln!(out, "{CONTINUED}{line}"))
    };
    if !report.skipped.is_empty() {
        let skipped: Vec<String> = report.skipped.iter().map(|path| shown(path).display().to_string()).collect();
        line(&format!("not affected, so not judged: {}", skipped.join(", ")))?;
    }
    let environments = environments(report);
    line(&format!("{}: {}", scope(report, &environments), counts(report, style).join(", ")))?;
    if !environments.is_empty() {
        line(&report.coverage.to_string())?;
    }
    match &report.baseline_written {
        Some((path, written)) => line(&format!("{}: {written}", shown(path).display())),
        None => Ok(()),
    }
}

/// The environments that something was judged for.
fn environments(report: &Report) -> Vec<&str> {
    let mut environments: Vec<&str> = Vec::new();
    for judged in &report.judged {
        if !environments.contains(&judged.environment.as_str()) {
            environments.push(&judged.environment);
        }
    }
    environments
}

fn scope(report: &Report, environments: &[&str]) -> String {
    match environments {
        [] if !report.skipped.is_empty() && report.failures() == 0 => "nothing that changed is judged".to_owned(),
        [] => "nothing was judged".to_owned(),
        names => {
            let objects = report.judged.iter().map(|judged| judged.objects).sum();
            let (count, objects) = (plural(report.judged.len(), "render"), plural(objects, "object"));
            format!("{count} ({}), {objects}, {}", names.join(", "), plural(report.catalog.len(), "rule"))
        }
    }
}

fn counts(report: &Report, style: Style) -> Vec<String> {
    let mut parts = vec![plural(report.count(Level::Deny), "error"), plural(report.count(Level::Warn), "warning")];
    let (waived, failures, excluded) = (report.waived(), report.failures(), report.left_out.excluded.len());
    if waived > 0 {
        let hint = if style.show_waived { "" } else { " (--show-waived)" };
        parts.push(format!("{waived} waived{hint}"));
    }
    if report.fixes {
        parts.push(format!("{} can be fixed", report.fixable()));
    }
    if report.baselined() > 0 {
        parts.push(format!("{} in the baseline", report.baselined()));
    }
    if failures > 0 {
        parts.push(plural(failures, "problem") + " that kept something from being judged");
    }
    if excluded > 0 {
        parts.push(format!("{} excluded by the table", plural(excluded, "overlay")));
    }
    if report.left_out.ignored > 0 {
        parts.push(format!("{} ignored by git", plural(report.left_out.ignored, "kustomization")));
    }
    parts
}
