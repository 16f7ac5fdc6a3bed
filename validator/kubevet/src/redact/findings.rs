//! Takes credentials out of findings: many of them are about the same lines and say the same words, each of which is looked at once.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use kustomize::Source;

use super::shapes::{self, Text};
use super::{Secrets, lines, mask_words, pieces};
use crate::findings::{Finding, Location, Step};

/// How many bytes before and behind a place in a long line are looked at.
const NEIGHBOURHOOD: usize = 512;

/// What is known of the lines and words of findings.
#[derive(Debug)]
pub(crate) struct Findings<'s> {
    secrets: &'s Secrets,
    /// Where lines of a source have what looks like a credential; findings keep the sources alive.
    found: HashMap<(*const Source, Range<usize>), Vec<Range<usize>>>,
    /// Words that hide nothing.
    harmless: HashSet<String>,
}

impl<'s> Findings<'s> {
    pub(crate) fn new(secrets: &'s Secrets) -> Self {
        Self { secrets, found: HashMap::new(), harmless: HashSet::new() }
    }

    /// Takes what is secret out of a finding: what looks like a credential on the lines that it is about is not in its message either.
    pub(crate) fn redact(&mut self, finding: &mut Finding) {
        for location in finding.locations.iter().filter(|location| !location.is_whole_file()) {
            let found = self.on_lines_of(location);
            if !found.is_empty() {
                let reason = finding.waived.as_mut().map(|waived| &mut waived.reason);
                let texts = [&mut finding.message, &mut finding.identity.path, &mut finding.identity.what];
                for text in texts.into_iter().chain(reason) {
                    mask_words(text, pieces(location.source.text(), found.iter().cloned()));
                }
            }
        }
        let objects = std::iter::once(&mut finding.object).chain(&mut finding.also);
        let names = objects
            .flat_map(|object| [&mut object.name, &mut object.kind, &mut object.api_version].into_iter().chain(&mut object.namespace));
        let keys = finding.path.iter_mut().filter_map(|step| match step {
            Step::Key(key) => Some(key),
            Step::Index(_) => None,
        });
        let notes = finding.locations.iter_mut().filter_map(|location| location.note.as_mut());
        names.chain(keys).chain(notes).chain([&mut finding.identity.path, &mut finding.identity.what]).for_each(|text| self.word(text));
        self.secrets.replace(&mut finding.message);
        finding.remedies.iter_mut().for_each(|remedy| self.secrets.replace(&mut remedy.title));
        finding.waived.iter_mut().for_each(|waived| self.secrets.replace(&mut waived.reason));
    }

    fn word(&mut self, text: &mut String) {
        if self.harmless.contains(text.as_str()) {
            return;
        }
        match self.secrets.scrub(text) {
            Cow::Owned(scrubbed) => *text = scrubbed,
            Cow::Borrowed(_) => drop(self.harmless.insert(text.clone())),
        }
    }

    /// What looks like a credential on the lines of a place.
    fn on_lines_of(&mut self, location: &Location) -> &[Range<usize>] {
        let text = location.source.text();
        let (start, end) = (location.start as usize, location.end as usize);
        let lines = lines(text, start, end);
        // Of a line as long as a file, its neighbourhood.
        let nearest = |at: usize| (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        let lines =
            lines.start.max(nearest(start.saturating_sub(NEIGHBOURHOOD)))..lines.end.min(nearest((end + NEIGHBOURHOOD).min(lines.end)));
        let key = (Arc::as_ptr(&location.source), lines.clone());
        self.found.entry(key).or_insert_with(|| {
            let mut ranges = Vec::new();
            shapes::find(text.get(lines.clone()).unwrap_or_default(), Text::Source, &mut ranges);
            ranges.into_iter().map(|range| lines.start + range.start..lines.start + range.end).collect()
        })
    }
}
