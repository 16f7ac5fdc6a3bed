//! The report for people. The only place that names miette.

use std::borrow::Cow;
use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::io::{self, Write};
use std::ops::Range;
use std::path::PathBuf;
use std::rc::Rc;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, Severity, SourceCode, ThemeCharacters, ThemeStyles};

use super::Style;
use super::position::at;
use super::snippet::Snippet;
use crate::check::Report;
use crate::environments::Level;
use crate::escape;
use crate::findings::{Finding, Location};
use crate::paths::shown;
use crate::problem::{Acceptance, Problem};
use crate::words::{plural, plural_word};

/// Lines shown on either side of the one that matters.
const CONTEXT: usize = 1;

/// From how many findings on the report begins with an overview.
const MANY: usize = 10;

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
        self.overview(out)?;
        self.problems(out)?;
        for finding in self.report.findings.iter().filter(|finding| !finding.is_accepted() || self.style.show_waived) {
            self.finding(finding, out)?;
        }
        self.summary(out)
    }

    /// Writes what could not be judged, and what is worth knowing.
    pub fn problems(&self, out: &mut dyn Write) -> io::Result<()> {
        let shown = |problem: &&Problem| problem.accepted.is_none() || self.style.show_waived;
        self.report.problems.iter().filter(shown).try_for_each(|problem| self.problem(problem, out))
    }

    /// How often each rule was broken, where there is more than a person sees at once.
    fn overview(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut counts: BTreeMap<(Reverse<Level>, &str), usize> = BTreeMap::new();
        for finding in self.report.findings.iter().filter(|finding| !finding.is_accepted()) {
            *counts.entry((Reverse(finding.level), &finding.rule)).or_default() += 1;
        }
        if counts.values().sum::<usize>() < MANY {
            return Ok(());
        }
        let titles: HashMap<&str, &str> = self.report.catalog.iter().map(|rule| (rule.id.as_str(), rule.title.as_str())).collect();
        let width = counts.keys().map(|(_, rule)| rule.chars().count()).max().unwrap_or(0);
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|((level, _), count)| (*level, Reverse(*count)));
        for ((Reverse(level), rule), count) in counts {
            let word = if level == Level::Deny { "error" } else { "warning" };
            let title = titles.get(rule).copied().unwrap_or_default();
            let line = format!("{count:>5} {:9} {rule:width$}  {title}", plural_word(count, word));
            writeln!(out, "{}", escape::line(line.trim_end()))?;
        }
        writeln!(out)
    }

    fn finding(&self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        let severity = match finding.level {
            _ if finding.is_accepted() => Severity::Advice,
            Level::Deny => Severity::Error,
            _ => Severity::Warning,
        };
        let of = finding.object_text();
        let message = format!("{}: {of}: {}", finding.environments.join(", "), finding.message);
        let (cause, others) = finding.locations.split_first().map_or((None, &[][..]), |(cause, others)| (Some(cause), others));
        let near = cause.filter(|cause| !cause.is_whole_file());
        let snippet = near.map(|cause| self.snippet(&cause.source, cause.start, cause.end));
        let label = near.and_then(|cause| cause.note.clone());
        self.block(severity, &finding.rule, message, snippet, label, out)?;
        if let Some(cause) = cause.filter(|cause| cause.is_whole_file()) {
            self.pointer("╰─▶", &shown(cause.source.path()).display().to_string(), "", out)?;
        }
        if let Some(address) = cause.and_then(|cause| cause.source.address()) {
            self.pointer("╰─▶", "a copy of", address, out)?;
        }
        for location in others {
            self.pointer("╰─▶", &position(location), location.note.as_deref().unwrap_or_default(), out)?;
        }
        if let Some(waived) = &finding.waived {
            self.note("waived", &waived.to_string(), out)?;
        }
        let see = format!("see `kubevet explain {}`", escape::line(&finding.rule));
        let help = finding.help.as_ref().map_or(see.clone(), |help| format!("{}; {see}", help.trim().trim_end_matches('.')));
        self.note("help", &help, out)?;
        writeln!(out)
    }

    fn problem(&self, problem: &Problem, out: &mut dyn Write) -> io::Result<()> {
        let error = &problem.error;
        let severity = match problem.failure {
            _ if problem.accepted.is_some() => Severity::Advice,
            Some(_) => Severity::Error,
            None => Severity::Warning,
        };
        let visible = error.place.as_ref().filter(|place| !place.source.text().is_empty());
        let snippet = visible.map(|place| self.snippet(&place.source, place.start, place.end));
        self.block(severity, problem.code, error.message.clone(), snippet, None, out)?;
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
        Snippet::new(source, start, end, CONTEXT, &masked)
    }

    fn block(
        &self,
        severity: Severity,
        code: &str,
        message: String,
        snippet: Option<Snippet>,
        label: Option<String>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let word = match severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Advice => "waived",
        };
        let label = label.map(|label| escape::line(&label).into_owned());
        let block = Block { severity, message: escape::line(&shortened(&message)).into_owned(), label, snippet };
        let icon = format!("{word}[{}]", escape::line(code));
        let characters = ThemeCharacters { error: icon.clone(), warning: icon.clone(), advice: icon, ..ThemeCharacters::unicode() };
        let styles = if self.style.color { ThemeStyles::ansi() } else { ThemeStyles::none() };
        let handler = GraphicalReportHandler::new_themed(GraphicalTheme { characters, styles })
            .with_links(false)
            .with_context_lines(CONTEXT)
            .with_wrap_lines(false);
        let mut text = String::new();
        handler.render_report(&mut text, &block).map_err(io::Error::other)?;
        let mut lines = text.trim_matches('\n').lines();
        writeln!(out, "{}", lines.next().unwrap_or_default().trim_start())?;
        lines.try_for_each(|line| writeln!(out, "{}", line.trim_end()))
    }

    fn pointer(&self, arrow: &str, place: &str, note: &str, out: &mut dyn Write) -> io::Result<()> {
        let separator = if note.is_empty() { "" } else { " " };
        writeln!(out, " {arrow} {}", escape::line(&format!("{place}{separator}{note}")))
    }

    fn note(&self, word: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
        let (on, off) = if self.style.color { ("\x1b[36m", "\x1b[0m") } else { ("", "") };
        let text = escape::lines(text.trim_end());
        let mut lines = text.split('\n');
        writeln!(out, "  {on}{word}:{off} {}", lines.next().unwrap_or_default())?;
        let indent = word.len() + 4;
        lines.try_for_each(|line| writeln!(out, "{:indent$}{line}", ""))
    }

    /// Writes how it ended, and last what was not judged.
    pub fn summary(&self, out: &mut dyn Write) -> io::Result<()> {
        let report = self.report;
        if !report.skipped.is_empty() {
            let skipped: Vec<String> = report.skipped.iter().map(|path| shown(path).display().to_string()).collect();
            writeln!(out, "{}", escape::line(&format!("not affected, so not judged: {}", skipped.join(", "))))?;
        }
        let failures = report.failures();
        let mut parts = vec![plural(report.count(Level::Deny), "error"), plural(report.count(Level::Warn), "warning")];
        let waived = report.waived();
        if waived > 0 {
            let hint = if self.style.show_waived { "" } else { " (--show-waived)" };
            parts.push(format!("{waived} waived{hint}"));
        }
        if report.baselined() > 0 {
            parts.push(format!("{} in the baseline", report.baselined()));
        }
        if failures > 0 {
            parts.push(plural(failures, "problem") + " that kept something from being judged");
        }
        let excluded = report.left_out.excluded.len();
        if excluded > 0 {
            parts.push(format!("{} excluded by the table", plural(excluded, "overlay")));
        }
        if report.left_out.ignored > 0 {
            parts.push(format!("{} ignored by git", plural(report.left_out.ignored, "kustomization")));
        }
        let objects = report.judged.iter().map(|judged| judged.objects).sum();
        let mut environments: Vec<&str> = Vec::new();
        for judged in &report.judged {
            if !environments.contains(&judged.environment.as_str()) {
                environments.push(&judged.environment);
            }
        }
        let scope = match environments.as_slice() {
            [] if !report.skipped.is_empty() && failures == 0 => "nothing that changed is judged".to_owned(),
            [] => "nothing was judged".to_owned(),
            names => {
                let (count, objects) = (plural(report.judged.len(), "render"), plural(objects, "object"));
                format!("{count} ({}), {objects}, {}", names.join(", "), plural(report.catalog.len(), "rule"))
            }
        };
        writeln!(out, "{}", escape::line(&format!("{scope}: {}", parts.join(", "))))?;
        if !environments.is_empty() {
            writeln!(out, "{}", escape::line(&report.coverage.to_string()))?;
        }
        match &report.baseline_written {
            Some((path, written)) => writeln!(out, "{}", escape::line(&format!("{}: {written}", shown(path).display()))),
            None => Ok(()),
        }
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

/// What miette prints.
#[derive(Debug)]
struct Block {
    severity: Severity,
    message: String,
    label: Option<String>,
    snippet: Option<Snippet>,
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Block {}

impl Diagnostic for Block {
    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.snippet.as_ref().map(|snippet| snippet as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let snippet = self.snippet.as_ref()?;
        let label = LabeledSpan::new_primary_with_span(self.label.clone(), snippet.label());
        Some(Box::new(std::iter::once(label)))
    }
}
