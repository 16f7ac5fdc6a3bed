//! For people: a summary of each environment, then objects with their fields, then what the rules say.

use std::io::{self, Write};

use super::alike::{alike, names};
use super::cause::{at, causes, place};
use super::{Diff, text};
use crate::check::{FieldChange, ObjectChange};
use crate::escape;
use crate::paths::shown;
use crate::report::{Human, Style};
use crate::words::plural;

/// Colours of the terminal.
struct Paint(bool);

impl Paint {
    fn sign(&self, sign: char, text: &str) -> String {
        let code = match sign {
            '+' => "32",
            '-' => "31",
            '±' => "35",
            _ => "33",
        };
        if self.0 { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn bold(&self, text: &str) -> String {
        if self.0 { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn dim(&self, text: &str) -> String {
        if self.0 { format!("\u{1b}[2m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

pub(super) fn write(diff: &Diff, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(style.color);
    summaries(diff, &paint, out)?;
    for cause in causes(diff.changes()) {
        let place = cause.field.cause.as_ref().or(cause.field.was.as_ref()).map(at).unwrap_or_default();
        let overlays = cause.effects(|change, object| format!("{} ({})", change.environment, object.object));
        let line = format!("{place} changes {} in {overlays}", cause.field.path_text);
        writeln!(out, "{}", escape::line(&line))?;
    }
    for change in diff.changes().iter().filter(|change| !change.objects.is_empty()) {
        let head = escape::line(&format!("{} ({})", shown(&change.path).display(), change.environment)).into_owned();
        writeln!(out, "\n{}", paint.bold(&head))?;
        for objects in alike(&change.objects) {
            if let Some(first) = objects.first() {
                object(first, &names(&objects), &paint, out)?;
            }
        }
    }
    writeln!(out)?;
    gone(diff, out)?;
    Human::new(&diff.report, style).write(out)
}

/// Which old state, and what became of each environment, a line each.
fn summaries(diff: &Diff, paint: &Paint, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", escape::line(&format!("Compared with {}", diff.against)))?;
    for change in diff.changes() {
        let name = paint.bold(&escape::line(&change.environment));
        let summary = text::summary(change, &diff.report.findings);
        writeln!(out, "  {name}  {}  {summary}", escape::line(&shown(&change.path).display().to_string()))?;
    }
    for removed in &diff.removed {
        writeln!(out, "  {}", escape::line(&format!("{} is gone", shown(removed).display())))?;
    }
    if !diff.report.skipped.is_empty() {
        let names: Vec<String> = diff.report.skipped.iter().map(|path| shown(path).display().to_string()).collect();
        writeln!(out, "{}", escape::line(&format!("  not affected: {}", names.join(", "))))?;
    }
    Ok(())
}

fn gone(diff: &Diff, out: &mut dyn Write) -> io::Result<()> {
    if diff.gone.is_empty() {
        return Ok(());
    }
    writeln!(out, "{} gone:", plural(diff.gone.len(), "finding"))?;
    for finding in &diff.gone {
        let line = format!("  {} {}: {}: {}", finding.rule, finding.environments.join(", "), finding.object, finding.message);
        writeln!(out, "{}", escape::line(&line))?;
    }
    writeln!(out)
}

fn object(object: &ObjectChange, name: &str, paint: &Paint, out: &mut dyn Write) -> io::Result<()> {
    let sign = text::sign(object);
    let remarks = text::remarks(object);
    let remarks = if remarks.is_empty() { String::new() } else { format!("  ({})", remarks.join("; ")) };
    let name = escape::line(name).into_owned();
    writeln!(out, "  {} {name}{}", paint.sign(sign, &sign.to_string()), escape::line(&remarks))?;
    for field in object.fields.iter().take(text::MOST_FIELDS) {
        self::field(field, paint, out)?;
    }
    if object.fields.len() > text::MOST_FIELDS {
        writeln!(out, "      … {} more", object.fields.len() - text::MOST_FIELDS)?;
    }
    Ok(())
}

fn field(field: &FieldChange, paint: &Paint, out: &mut dyn Write) -> io::Result<()> {
    let sign = text::field_sign(field);
    let line = escape::line(&text::line(field)).into_owned();
    let place = place(field).map(|place| paint.dim(&escape::line(&format!("  {place}")))).unwrap_or_default();
    writeln!(out, "      {} {line}{place}", paint.sign(sign, &sign.to_string()))
}

/// A line each, as compilers print them.
pub(super) fn concise(diff: &Diff, out: &mut dyn Write) -> io::Result<()> {
    for change in diff.changes() {
        for object in &change.objects {
            let remarks = text::remarks(object);
            let remarks = if remarks.is_empty() { String::new() } else { format!(" ({})", remarks.join("; ")) };
            writeln!(out, "{}", escape::line(&format!("{} {}: {}{remarks}", text::sign(object), change.environment, object.object)))?;
            for field in &object.fields {
                let place = place(field).map(|place| format!("{place}: ")).unwrap_or_default();
                let line = format!("{place}{} {}: {}", text::field_sign(field), field.path_text, text::field(field));
                writeln!(out, "{}", escape::line(&line))?;
            }
        }
    }
    Ok(())
}
