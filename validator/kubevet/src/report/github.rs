//! GitHub's workflow commands: an annotation a finding, on the line of its cause.

use std::io::{self, Write};

use super::position::Region;
use crate::check::Report;
use crate::environments::Level;
use crate::escape;
use crate::findings::Location;
use crate::git::in_repository;

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for problem in report.open_problems() {
        let error = &problem.error;
        let word = if problem.failure.is_some() { "error" } else { "warning" };
        let properties = error.place.as_ref().map(|place| {
            let region = Region::of(&place.source, place.start, place.end);
            place_properties(&in_repository(place.source.path()).display().to_string(), region)
        });
        let mut text = escape::line(&error.message).into_owned();
        if let Some(help) = &error.help {
            text.push_str(&format!("\n{}", escape::lines(help)));
        }
        command(word, properties.unwrap_or_default(), problem.code, &text, out)?;
    }
    for finding in &report.findings {
        let word = match finding.level {
            _ if finding.is_accepted() => continue,
            Level::Deny => "error",
            _ => "warning",
        };
        let text = format!("{}: {}: {}", finding.environments.join(", "), finding.object_text(), finding.message);
        let mut text = escape::line(&text).into_owned();
        for location in finding.locations.iter().skip(1) {
            let region = region(location);
            let (path, note) = (in_repository(location.source.path()), location.note.as_deref().unwrap_or_default());
            text.push_str(&format!("\n{}", escape::line(&format!("{}:{} {note}", path.display(), region.start_line))));
        }
        if let Some(help) = &finding.help {
            text.push_str(&format!("\n{}", escape::lines(help.trim())));
        }
        let properties =
            finding.cause().map(|cause| place_properties(&in_repository(cause.source.path()).display().to_string(), region(cause)));
        command(word, properties.unwrap_or_default(), &finding.rule, &text, out)?;
    }
    // What is whole needs no annotation beside the job's own mark.
    if report.coverage.is_whole() {
        return Ok(());
    }
    command("notice", String::new(), "coverage", &escape::line(&report.coverage.to_string()), out)
}

fn region(location: &Location) -> Region {
    Region::of(&location.source, location.start, location.end)
}

/// Columns only where they are on one line: GitHub refuses others.
fn place_properties(file: &str, region: Region) -> String {
    let mut properties = format!("file={},line={},endLine={},", property(file), region.start_line, region.end_line);
    if region.start_line == region.end_line {
        properties.push_str(&format!("col={},endColumn={},", region.start_column, region.end_column));
    }
    properties
}

fn command(word: &str, properties: String, title: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "::{word} {properties}title={}::{}", property(title), data(text))
}

/// What a command may hold; the line breaks of the text are ours.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(&escape::line(text)).replace(':', "%3A").replace(',', "%2C")
}
