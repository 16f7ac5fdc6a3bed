//! Prints what came out, for people and for programs.

mod concise;
mod github;
mod human;
mod json;
mod junit;
mod links;
mod markdown;
mod markdown_text;
mod overview;
mod page;
mod position;
mod sarif;
mod severities;
mod snippet;
mod summary;
mod wrap;

use std::io::{self, Write};

use crate::check::Report;

pub use human::Human;
pub use links::Links;
pub(crate) use links::line as linked_line;
pub(crate) use markdown_text::{code, html, prose};
pub(crate) use page::{ENDS, LONGEST, Page};
pub use summary::write as summary;

/// A form of report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people, with the source lines.
    #[default]
    Human,
    /// For people and editors, a line each.
    Concise,
    /// For programs; `kubevet schema report` describes it.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit XML, for test reports.
    Junit,
    /// Annotations of GitHub Actions.
    Github,
    /// A table by rule, the findings folded below it, for a comment or a job's summary.
    Markdown,
}

/// How a report looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// Whether to use colour.
    pub color: bool,
    /// Whether to show waived findings.
    pub show_waived: bool,
    /// How many columns lines for people have; none where they are as long as they are.
    pub width: Option<usize>,
    /// Where lines of the repository are shown, for links to them.
    pub links: Option<&'static Links>,
}

/// Writes a report.
pub fn write(report: &Report, format: Format, style: Style, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Human => Human::new(report, style).write(out),
        Format::Concise => concise::write(report, style, out),
        Format::Json => json::write(report, out),
        Format::Sarif => sarif::write(report, out),
        Format::Junit => junit::write(report, out),
        Format::Github => github::write(report, out),
        Format::Markdown => markdown::write(report, style, out),
    }
}

/// The JSON report as a value.
pub(crate) fn json_value(report: &Report) -> io::Result<serde_json::Value> {
    json::value(report)
}

/// A finding as the JSON report has it.
pub(crate) fn json_finding(finding: &crate::findings::Finding) -> serde_json::Result<serde_json::Value> {
    json::finding_value(finding)
}
