//! The report for people. The only place that names miette.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::io::{self, Write};
use std::ops::Range;
use std::path::PathBuf;
use std::rc::Rc;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, Severity, SourceCode, ThemeCharacters, ThemeStyles};

use super::position::at;
use super::snippet::Snippet;
use super::wrap::{columns_of, wrapped};
use super::{Style, overview, summary};
use crate::check::Report;
use crate::environments::Level;
use crate::escape;
use crate::findings::{Finding, Location};
use crate::paths::shown;
use crate::problem::{Acceptance, Problem};

/// Lines shown on either side of the one that matters.
const CONTEXT: usize = 1;

/// What stands before the other lines of a message.
const CONTINUED: &str = "    ";

/// What the label's line is wider than what it is below, but for the label.
const LABEL: usize = 4;

/// The longest message, in bytes; other reports have it whole.
const LONGEST: usize = 1_000;

/// Writes a report for people.
#[derive(Debug)]
pub struct Human<'a> {
    report: &'a Report,
    style: Style,
    /// What must not be shown of each source: many findings come from one.
    masked: RefCell<HashMap<PathBuf, Rc<[Range<usize>]>>>,
}

impl<'a> Human<'a> {
    /// A writer of `report`.
    pub fn new(report: &'a Report, style: Style) -> Self {
        Self { report, style, masked: RefCell::default() }
    }

    /// Writes everything.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        overview::write(self.report, self.style.width, out)?;
        self.problems(out)?;
        let shown = |finding: &&Finding| !finding.is_accepted() || self.style.show_waived;
        let findings: Vec<&Finding> = self.report.findings.iter().filter(shown).collect();
        // Findings are in the order of their places.
        findings.chunk_by(|one, next| together(one, next)).try_for_each(|findings| self.findings(findings, out))?;
        summary::write(self.report, self.style, out)
    }

    /// Writes what could not be judged, and what is worth knowing.
    pub fn problems(&self, out: &mut dyn Write) -> io::Result<()> {
        let shown = |problem: &&Problem| problem.accepted.is_none() || self.style.show_waived;
        self.report.problems.iter().filter(shown).try_for_each(|problem| self.problem(problem, out))
    }

    /// Writes findings of one place: what is wrong, the place once, and what to do.
    fn findings(&self, findings: &[&Finding], out: &mut dyn Write) -> io::Result<()> {
        let Some(first) = findings.first() else { return Ok(()) };
        for finding in findings {
            let severity = match finding.level {
                _ if finding.is_accepted() => Severity::Advice,
                Level::Deny => Severity::Error,
                _ => Severity::Warning,
            };
            let message = format!("{}: {}: {}", finding.environments.join(", "), finding.object_text(), finding.message);
            self.headline(severity, &finding.rule, &message, out)?;
        }
        let (cause, others) = first.locations.split_first().map_or((None, &[][..]), |(cause, others)| (Some(cause), others));
        if let Some(near) = cause.filter(|cause| !cause.is_whole_file()) {
            let mut labels: Vec<&str> = Vec::new();
            for label in findings.iter().filter_map(|finding| finding.cause()?.note.as_deref()) {
                if !labels.contains(&label) {
                    labels.push(label);
                }
            }
            self.excerpt(&near.source, near.start, near.end, &labels.join(", "), out)?;
        }
        if let Some(cause) = cause.filter(|cause| cause.is_whole_file()) {
            self.pointer("╰─▶", &shown(cause.source.path()).display().to_string(), "", out)?;
        }
        if let Some(address) = cause.and_then(|cause| cause.source.address()) {
            self.pointer("╰─▶", "a copy of", address, out)?;
        }
        for location in others {
            self.pointer("╰─▶", &position(location), location.note.as_deref().unwrap_or_default(), out)?;
        }
        if let Some(waived) = &first.waived {
            self.note("waived", &waived.to_string(), out)?;
        }
        let mut said: Vec<String> = Vec::new();
        for finding in findings {
            let see = format!("see `kubevet explain {}`", escape::line(&finding.rule));
            let help = finding.help.as_ref().map_or(see.clone(), |help| format!("{}; {see}", help.trim().trim_end_matches('.')));
            if !said.contains(&help) {
                self.note("help", &help, out)?;
                said.push(help);
            }
            if let Some(fix) = &finding.fix {
                let switches = if fix.safe { "" } else { " --suggestions" };
                let rule = escape::line(&finding.rule);
                self.note("fix", &format!("{}: `kubevet fix --rule {rule}{switches}`", escape::line(&fix.title)), out)?;
            }
        }
        writeln!(out)
    }

    fn problem(&self, problem: &Problem, out: &mut dyn Write) -> io::Result<()> {
        let error = &problem.error;
        let severity = match problem.failure {
            _ if problem.accepted.is_some() => Severity::Advice,
            Some(_) => Severity::Error,
            None => Severity::Warning,
        };
        self.headline(severity, problem.code, &error.message, out)?;
        if let Some(place) = error.place.as_ref().filter(|place| !place.source.text().is_empty()) {
            self.excerpt(&place.source, place.start, place.end, "", out)?;
        }
        if let Some(place) = error.place.as_ref().filter(|place| place.source.text().is_empty()) {
            self.pointer("╰─▶", &shown(place.source.path()).display().to_string(), "", out)?;
        }
        if let Some(address) = error.place.as_ref().and_then(|place| place.source.address()) {
            self.pointer("╰─▶", "a copy of", address, out)?;
        }
        for (place, note) in &error.related {
            self.pointer("╰─▶", &at(&place.source, place.start), note, out)?;
        }
        if let Some(Acceptance::Waived(waived)) = &problem.accepted {
            self.note("waived", &waived.to_string(), out)?;
        }
        if let Some(help) = &error.help {
            self.note("help", help, out)?;
        }
        writeln!(out)
    }

    fn snippet(&self, source: &kustomize::Source, start: u32, end: u32) -> Snippet {
        let known = self.masked.borrow().get(source.path()).cloned();
        let masked = known.unwrap_or_else(|| {
            let ranges: Rc<[_]> = self.report.secrets.masked(source).into();
            self.masked.borrow_mut().insert(source.path().to_owned(), Rc::clone(&ranges));
            ranges
        });
        Snippet::new(source, start, end, CONTEXT, &masked, self.style.width)
    }

    /// What is wrong, in one line where it fits.
    fn headline(&self, severity: Severity, code: &str, message: &str, out: &mut dyn Write) -> io::Result<()> {
        let (word, color) = match severity {
            Severity::Error => ("error", "\x1b[31m"),
            Severity::Warning => ("warning", "\x1b[33m"),
            Severity::Advice => ("waived", "\x1b[36m"),
        };
        let icon = format!("{word}[{}]", escape::line(code));
        let (on, off) = if self.style.color { (color, "\x1b[0m") } else { ("", "") };
        let message = shortened(message);
        let mut lines = wrapped(&message, self.style.width, icon.chars().count() + 1, CONTINUED.len()).into_iter();
        writeln!(out, "{on}{icon}{off} {}", lines.next().unwrap_or_default())?;
        lines.try_for_each(|line| writeln!(out, "{CONTINUED}{line}"))
    }

    /// The lines of a source, with what is said of the place: beside it, if there is room.
    fn excerpt(&self, source: &kustomize::Source, start: u32, end: u32, label: &str, out: &mut dyn Write) -> io::Result<()> {
        let snippet = self.snippet(source, start, end);
        let label = escape::line(label);
        let fits = self.style.width.is_none_or(|width| snippet.columns() + LABEL + columns_of(&label) <= width);
        let block = Block { label: (fits && !label.is_empty()).then(|| label.clone().into_owned()), snippet };
        let styles = if self.style.color { ThemeStyles::ansi() } else { ThemeStyles::none() };
        let handler = GraphicalReportHandler::new_themed(GraphicalTheme { characters: ThemeCharacters::unicode(), styles })
            .with_links(false)
            .with_context_lines(CONTEXT)
            .with_wrap_lines(false);
        let mut text = String::new();
        handler.render_report(&mut text, &block).map_err(io::Error::other)?;
        let mut lines = text.trim_matches('\n').lines();
        lines.try_for_each(|line| writeln!(out, "{}", line.trim_end()))?;
        if fits { Ok(()) } else { self.pointer("╰──", &label, "", out) }
    }

    fn pointer(&self, arrow: &str, place: &str, note: &str, out: &mut dyn Write) -> io::Result<()> {
        let separator = if note.is_empty() { "" } else { " " };
        let text = format!("{place}{separator}{note}");
        let indent = arrow.chars().count() + 2;
        let mut lines = wrapped(&text, self.style.width, indent, indent).into_iter();
        writeln!(out, " {arrow} {}", lines.next().unwrap_or_default())?;
        lines.try_for_each(|line| writeln!(out, "{:indent$}{line}", ""))
    }

    fn note(&self, word: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
        let (on, off) = if self.style.color { ("\x1b[36m", "\x1b[0m") } else { ("", "") };
        let indent = word.len() + 4;
        let lines = text.trim_end().lines().flat_map(|line| wrapped(line, self.style.width, indent, indent));
        for (at, line) in lines.enumerate() {
            match at {
                0 => writeln!(out, "  {on}{word}:{off} {line}")?,
                _ => writeln!(out, "{:indent$}{line}", "")?,
            }
        }
        Ok(())
    }
}

fn shortened(message: &str) -> Cow<'_, str> {
    if message.len() <= LONGEST {
        return Cow::Borrowed(message);
    }
    let end = (0..=LONGEST).rev().find(|&at| message.is_char_boundary(at)).unwrap_or(0);
    Cow::Owned(format!("{}… ({} bytes)", &message[..end], message.len()))
}

fn position(location: &Location) -> String {
    if location.is_whole_file() { shown(location.source.path()).display().to_string() } else { at(&location.source, location.start) }
}

/// Whether two findings are about the same place, and have the same to show besides it.
fn together(one: &Finding, next: &Finding) -> bool {
    let mut places = std::iter::zip(&one.locations, &next.locations).enumerate();
    let same = |(at, (one, next)): (usize, (&Location, &Location))| one.is_at(next) && (at == 0 || one.note == next.note);
    let is_near = one.cause().is_some_and(|cause| !cause.is_whole_file());
    let waived = |finding: &Finding| finding.waived.as_ref().map(ToString::to_string);
    is_near && one.locations.len() == next.locations.len() && places.all(same) && waived(one) == waived(next)
}

/// What miette prints: a place without a message, which is written before it.
#[derive(Debug)]
struct Block {
    label: Option<String>,
    snippet: Snippet,
}

impl fmt::Display for Block {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Block {}

impl Diagnostic for Block {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.snippet)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = LabeledSpan::new_primary_with_span(self.label.clone(), self.snippet.label());
        Some(Box::new(std::iter::once(label)))
    }
}
