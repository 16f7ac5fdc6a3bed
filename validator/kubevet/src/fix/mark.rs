//! Findings of a report, marked with the fixes that were proved.

use std::collections::HashMap;
use std::sync::Arc;

use kustomize::Source;
use similar::{DiffOp, TextDiff};

use super::one_by_one::offers;
use super::outcome::{FixedFile, Mended};
use super::show::{Palette, write_diff};
use crate::check::{Report, Settings};
use crate::findings::Finding;
use crate::identity;
use crate::input::Input;
use crate::project::Project;
use crate::remedy::{Proposal, Replaced};

/// A fix as reports show it, and what it is of.
type Offer = (Arc<Proposal>, Mended);

/// Gives each finding of a report the fix that mends it wherever it is, if one is proved when it is made alone.
pub fn mark(project: &Project, inputs: &[Input], settings: &Settings, report: &mut Report) {
    report.fixes = true;
    let mut of_finding: HashMap<(String, String), Vec<Offer>> = HashMap::new();
    for mended in offers(project, inputs, settings) {
        let (Some(fixed), Some(proposal)) = (mended.fixed.first(), proposal(&mended)) else { continue };
        let key = (fixed.finding.rule.clone(), format!("{:?}", fixed.finding.identity));
        of_finding.entry(key).or_default().push((Arc::new(proposal), mended));
    }
    for finding in &mut report.findings {
        let Some(offers) = of_finding.get(&(finding.rule.clone(), format!("{:?}", finding.identity))) else { continue };
        let objects = names(finding);
        let mends = |(_, mended): &&Offer| {
            let is_it = |fixed: &Finding| {
                names(fixed).iter().any(|object| objects.contains(object))
                    && finding.overlays.iter().all(|overlay| fixed.overlays.contains(overlay))
            };
            mended.fixed.first().is_some_and(|fixed| is_it(&fixed.finding))
        };
        finding.fix = offers.iter().find(mends).map(|(proposal, _)| Arc::clone(proposal));
    }
}

/// The objects of a finding, without hashes.
fn names(finding: &Finding) -> Vec<String> {
    std::iter::once(&finding.object).chain(&finding.also).map(identity::object_text).collect()
}

fn proposal(mended: &Mended) -> Option<Proposal> {
    let fixed = mended.fixed.first()?;
    let mut diff = Vec::new();
    write_diff(mended, Palette::default(), &mut diff).ok()?;
    let files: Vec<Replaced> = mended.files.iter().map(replaced).collect();
    let is_shown = |file: &Replaced| file.parts.iter().all(|(_, text)| mended.secrets.scrub(text) == text.as_str());
    Some(Proposal {
        title: mended.secrets.scrub(&fixed.title).into_owned(),
        safe: fixed.safe,
        diff: String::from_utf8(diff).ok()?,
        files: if files.iter().all(is_shown) { files } else { Vec::new() },
    })
}

/// What becomes of whole lines.
fn replaced(file: &FixedFile) -> Replaced {
    let before = file.before.as_deref().unwrap_or_default();
    let starts = |text: &str| {
        let mut at = 0;
        let ends = text.split_inclusive('\n').map(|line| {
            at += line.len();
            at
        });
        std::iter::once(0).chain(ends).collect::<Vec<usize>>()
    };
    let (olds, news) = (starts(before), starts(&file.after));
    let at = |starts: &[usize], line: usize| starts.get(line).or(starts.last()).copied().unwrap_or_default();
    let diff = TextDiff::from_lines(before, &*file.after);
    let part = |op: &DiffOp| {
        let (old, new) = (op.old_range(), op.new_range());
        let text = file.after.get(at(&news, new.start)..at(&news, new.end))?.to_owned();
        let place = |line| u32::try_from(at(&olds, line)).ok();
        Some((place(old.start)?..place(old.end)?, text))
    };
    let changed = diff.ops().iter().filter(|op| !matches!(op, DiffOp::Equal { .. }));
    Replaced { source: Arc::new(Source::new(&file.path, before)), parts: changed.filter_map(part).collect() }
}
