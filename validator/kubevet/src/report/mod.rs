//! Prints what came out, for people and for programs.

mod human;
mod json;
mod snippet;

use std::io::{self, Write};

use crate::check::Report;

pub use human::Human;

/// A form of report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people, with the source lines.
    #[default]
    Human,
    /// For programs; `report.schema.json` describes it.
    Json,
}

/// How a report looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// Whether to use colour.
    pub color: bool,
    /// Whether to show waived findings.
    pub show_waived: bool,
}

/// Writes a report.
pub fn write(report: &Report, format: Format, style: Style, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Human => Human::new(report, style).write(out),
        Format::Json => json::write(report, out),
    }
}

/// `1 finding`, `2 findings`.
pub(crate) fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}
