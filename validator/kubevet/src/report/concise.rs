//! A line each, as compilers print them: editors and people who know the rules need no more.

use std::io::{self, Write};

use super::position::at;
use super::{Style, summary};
use crate::check::Report;
use crate::environments::Level;
use crate::escape;

pub(super) fn write(report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    for problem in report.open_problems() {
        let word = if problem.failure.is_some() { "error" } else { "warning" };
        let place = problem.error.place.as_ref().map(|place| at(&place.source, place.start));
        line(place, word, problem.code, &problem.error.message, out)?;
    }
    for finding in report.findings.iter().filter(|finding| !finding.is_accepted() || style.show_waived) {
        let word = match finding.level {
            _ if finding.is_accepted() => "waived",
            Level::Deny => "error",
            _ => "warning",
        };
        let place = finding.cause().map(|cause| at(&cause.source, cause.start));
        let message = format!("{}: {}: {}", finding.environments.join(", "), finding.object_text(), finding.message);
        line(place, word, &finding.rule, &message, out)?;
    }
    summary::write(report, style, out)
}

fn line(place: Option<String>, word: &str, code: &str, message: &str, out: &mut dyn Write) -> io::Result<()> {
    let place = place.map(|place| format!("{place}: ")).unwrap_or_default();
    writeln!(out, "{}", escape::line(&format!("{place}{word}[{code}] {message}")))
}
