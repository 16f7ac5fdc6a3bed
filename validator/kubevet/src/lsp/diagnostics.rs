//! Findings and problems as an editor shows them: each at the line to change, with the other places that belong to it.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use gen_lsp_types::{Code, CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, Message, Range, Uri};
use kustomize::{Place, Source};

use super::position::{Encoding, Lines};
use super::uri;
use crate::check::Report;
use crate::discover::kustomization_file;
use crate::escape;
use crate::findings::Finding;
use crate::levels::Level;
use crate::problem::Problem;

/// Those of each file, by its absolute path.
pub(super) type OfFiles = BTreeMap<PathBuf, Vec<Diagnostic>>;

/// More of one file nobody reads; the last one says how many there are.
const MOST: usize = 1_000;

/// Everything that a report says and nobody accepted.
#[derive(Debug, Default)]
pub(super) struct Diagnostics {
    pub(super) of_files: OfFiles,
    /// Problems that are at no place of a file.
    pub(super) elsewhere: Vec<(DiagnosticSeverity, String)>,
}

impl Diagnostics {
    pub(super) fn add(&mut self, report: &Report, encoding: Encoding) {
        let mut writer = Writer { encoding, pages: HashMap::new(), positions: HashMap::new() };
        writer.pages.extend(report.catalog.iter().filter_map(|rule| Some((rule.id.as_str(), rule.page.as_deref()?))));
        for finding in report.findings.iter().filter(|finding| !finding.is_accepted()) {
            let (path, range) = writer.of_finding(finding);
            let diagnostic = writer.finding(finding, range);
            self.of_files.entry(path).or_default().push(diagnostic);
        }
        for problem in report.open_problems() {
            let severity = if problem.failure.is_some() { DiagnosticSeverity::Error } else { DiagnosticSeverity::Warning };
            match problem.error.place.as_ref().and_then(|place| writer.place(place)) {
                Some((path, range)) => {
                    let diagnostic = writer.problem(problem, severity, range);
                    self.of_files.entry(path).or_default().push(diagnostic);
                }
                None => self.elsewhere.push((severity, with_help(&problem.error.message, problem.error.help.as_deref()))),
            }
        }
        for list in self.of_files.values_mut().filter(|list| list.len() > MOST) {
            let more = list.len() - MOST;
            list.truncate(MOST);
            list.push(plain(Range::default(), DiagnosticSeverity::Warning, format!("{more} more; `kubevet check` shows all")));
        }
    }
}

/// Makes diagnostics.
struct Writer<'r> {
    encoding: Encoding,
    /// Where the book describes rules.
    pages: HashMap<&'r str, &'r str>,
    /// The lines of sources that are known already.
    positions: HashMap<*const Source, Lines<'r>>,
}

/// Where a finding is shown.
pub(super) fn place_of(finding: &Finding, encoding: Encoding) -> (PathBuf, Range) {
    Writer { encoding, pages: HashMap::new(), positions: HashMap::new() }.of_finding(finding)
}

impl<'r> Writer<'r> {
    fn of_finding(&mut self, finding: &'r Finding) -> (PathBuf, Range) {
        // One on a policy inside the binary is shown where the overlay is.
        match finding.cause().and_then(|cause| Some((path_of(&cause.source)?, cause))) {
            Some((path, cause)) => (path, self.first_line(&cause.source, cause.start, cause.end)),
            None => (finding.overlays.first().map(|overlay| whole(overlay)).unwrap_or_default(), Range::default()),
        }
    }

    fn finding(&mut self, finding: &'r Finding, range: Range) -> Diagnostic {
        let message = format!("{}: {}: {}", finding.environments.join(", "), finding.object_text(), finding.message);
        let mut others = Vec::new();
        for location in finding.locations.iter().skip(1) {
            let Some(path) = path_of(&location.source) else { continue };
            let range = self.first_line(&location.source, location.start, location.end);
            others.push(related(&path, range, location.note.as_deref().unwrap_or("belongs to it")));
        }
        let severity = match finding.level {
            Level::Deny => DiagnosticSeverity::Error,
            Level::Warn | Level::Off => DiagnosticSeverity::Warning,
        };
        Diagnostic {
            code: Some(Code::String(finding.rule.clone())),
            code_description: self.pages.get(finding.rule.as_str()).map(|page| CodeDescription { href: Uri((*page).to_owned()) }),
            related_information: some(others),
            ..plain(range, severity, with_help(&message, finding.help.as_deref()))
        }
    }

    fn problem(&mut self, problem: &'r Problem, severity: DiagnosticSeverity, range: Range) -> Diagnostic {
        let mut others = Vec::new();
        for (place, note) in &problem.error.related {
            others.extend(self.place(place).map(|(path, range)| related(&path, range, note)));
        }
        Diagnostic {
            code: Some(Code::String(problem.code.to_owned())),
            related_information: some(others),
            ..plain(range, severity, with_help(&problem.error.message, problem.error.help.as_deref()))
        }
    }

    /// The file of a place and the range there; of a directory, its kustomization.
    fn place(&mut self, place: &'r Place) -> Option<(PathBuf, Range)> {
        let path = path_of(&place.source)?;
        if path.is_dir() {
            return kustomization_file(&path).map(|file| (file, Range::default()));
        }
        Some((path, self.first_line(&place.source, place.start, place.end)))
    }

    /// The first line of what is at a place: a map of a hundred lines is not what to look at.
    fn first_line(&mut self, source: &'r Source, start: u32, end: u32) -> Range {
        let text = source.text();
        let (start, end) = (start as usize, (end as usize).max(start as usize));
        let line = text.get(start..end.min(text.len())).unwrap_or_default();
        let length = line.find('\n').map_or(line.len(), |length| line[..length].trim_end().len());
        let encoding = self.encoding;
        self.positions.entry(source).or_insert_with(|| Lines::new(text, encoding)).range(start, start + length)
    }
}

/// A diagnostic of kubevet's with nothing but a message.
pub(super) fn plain(range: Range, severity: DiagnosticSeverity, message: String) -> Diagnostic {
    let mut diagnostic = Diagnostic { range, message: Message::String(escape::lines(&message)), ..Diagnostic::default() };
    (diagnostic.severity, diagnostic.source) = (Some(severity), Some("kubevet".to_owned()));
    diagnostic
}

fn related(path: &Path, range: Range, note: &str) -> DiagnosticRelatedInformation {
    let location = Location { uri: uri::of_path(path), range };
    DiagnosticRelatedInformation { location, message: escape::line(note).into_owned() }
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    Some(list).filter(|list| !list.is_empty())
}

fn with_help(message: &str, help: Option<&str>) -> String {
    help.map_or_else(|| message.to_owned(), |help| format!("{message}\nhelp: {help}"))
}

/// The file of a source, where it is one.
fn path_of(source: &Source) -> Option<PathBuf> {
    let path = source.path();
    let is_file = !path.as_os_str().is_empty() && !path.starts_with("<kubevet>") && !path.starts_with("<stdin>");
    is_file.then(|| absolute(path))
}

/// The kustomization of an overlay, or the file that it is.
fn whole(overlay: &Path) -> PathBuf {
    absolute(&kustomization_file(overlay).unwrap_or_else(|| overlay.to_owned()))
}

fn absolute(path: &Path) -> PathBuf {
    crate::paths::normalize(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()))
}
