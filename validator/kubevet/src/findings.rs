//! Findings: what rules say, where it comes from, and what several overlays share.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::identity::Identity;
use crate::levels::Level;
pub use crate::location::{Location, Object, Role, Step, path_text};
use crate::paths::shown;
pub use crate::problem::Waived;
use crate::remedy::{Proposal, Remedy};

/// Of the objects that a finding is about, reports for people name so many besides the first.
const NAMED: usize = 5;

/// Something a rule said about an object, in every overlay that has it from the same source line.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule's id, `group/name`.
    pub rule: String,
    /// Its level in these environments.
    pub level: Level,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The environments, in the order of the table.
    pub environments: Vec<String>,
    /// The overlays, in the order in which they were judged.
    pub overlays: Vec<PathBuf>,
    /// The object, as the first of the overlays has it.
    pub object: Object,
    /// What it is in the other overlays, where they have it under another namespace or name.
    pub also: Vec<Object>,
    /// Where in the object.
    pub path: Vec<Step>,
    /// What makes it the same finding tomorrow.
    pub identity: Identity,
    /// Where in the sources; the cause is first.
    pub locations: Vec<Location>,
    /// The waiver that covers it.
    pub waived: Option<Waived>,
    /// Whether it was there when the project adopted kubevet.
    pub baselined: bool,
    /// How the rule would mend it, the best way first; nothing says that it would be mended.
    pub remedies: Vec<Remedy>,
    /// The fix that was proved, where somebody asked for that and there is one.
    pub fix: Option<Arc<Proposal>>,
}

impl Finding {
    /// The location of the cause.
    pub fn cause(&self) -> Option<&Location> {
        self.locations.first()
    }

    /// What orders findings of one place.
    fn rest(&self) -> (&str, &Object, &str) {
        (&self.rule, &self.object, &self.message)
    }

    /// Whether another finding adds nothing to this one: it is about the same place of the same object, and counts for no more.
    pub fn says_it_all(&self, other: &Self) -> bool {
        self.object == other.object && self.path == other.path && self.level >= other.level && !self.is_accepted()
    }

    /// What tells it from other findings of one overlay.
    pub(crate) fn key(&self) -> (String, String, Object, Vec<Step>) {
        (self.rule.clone(), self.message.clone(), self.object.clone(), self.path.clone())
    }

    /// Whether it is waived or in the baseline, and so does not count.
    pub fn is_accepted(&self) -> bool {
        self.waived.is_some() || self.baselined
    }

    /// The object, as each of the overlays has it: `Deployment web-dev/web, web-prod/web`; of very many, some.
    pub fn object_text(&self) -> String {
        let mut text = self.object.to_string();
        for object in self.also.iter().take(NAMED) {
            let full = object.to_string();
            let short = full.strip_prefix(&self.object.kind).filter(|_| object.kind == self.object.kind).map(str::trim_start);
            text.push_str(", ");
            text.push_str(short.unwrap_or(&full));
        }
        match self.also.len().saturating_sub(NAMED) {
            0 => text,
            more => format!("{text} and {more} more"),
        }
    }
}

/// Makes one finding of those that several overlays have from the same source line, and sorts them: the worst first, then by file and line.
pub fn merge(findings: Vec<Finding>) -> Vec<Finding> {
    let files = Files::of(&findings);
    let several = findings.windows(2).any(|pair| pair[0].overlays != pair[1].overlays);
    let findings = if several { group(findings, &files) } else { findings };
    let cause = |finding: &Finding| finding.cause().map(|cause| (files.rank(cause), cause.start, cause.end, cause.role));
    let mut keyed: Vec<_> = findings.into_iter().map(|finding| ((Reverse(finding.level), cause(&finding)), finding)).collect();
    keyed.sort_by(|(one, first), (two, second)| one.cmp(two).then_with(|| first.rest().cmp(&second.rest())));
    keyed.into_iter().map(|(_, finding)| finding).collect()
}

/// The order of the files that findings are in: as people see their paths, which are compared once.
struct Files(HashMap<OsString, usize>);

impl Files {
    fn of(findings: &[Finding]) -> Self {
        let paths = findings.iter().filter_map(Finding::cause).map(|cause| cause.source.path().as_os_str());
        let paths: HashMap<&OsStr, PathBuf> =
            paths.collect::<HashSet<_>>().into_iter().map(|path| (path, shown(Path::new(path)))).collect();
        let order: BTreeMap<&PathBuf, usize> = paths.values().collect::<BTreeSet<_>>().into_iter().zip(0..).collect();
        Self(paths.iter().map(|(path, shown)| ((*path).to_owned(), order[shown])).collect())
    }

    fn rank(&self, location: &Location) -> Option<usize> {
        self.0.get(location.source.path().as_os_str()).copied()
    }
}

/// Findings that are one, as far as they are of different overlays.
#[derive(Default)]
struct Group {
    /// Where the merged ones are: the first of each overlay, the second of each overlay, …
    merged: Vec<usize>,
    /// How many each overlay has: twice in one are two objects made from one source, so two findings.
    of_overlay: HashMap<PathBuf, usize>,
}

fn group(findings: Vec<Finding>, files: &Files) -> Vec<Finding> {
    let mut groups: HashMap<_, Group> = HashMap::new();
    let mut merged: Vec<Finding> = Vec::new();
    let mut also: HashSet<(usize, Object)> = HashSet::new();
    for finding in findings {
        // Where nothing nearer than a file is known, the object tells findings apart. Elsewhere the line is the cause, whatever it is of: what a
        // component adds to a Deployment here is in a Job there, or in another place of a list.
        let exact = finding.cause().is_some_and(|cause| !cause.is_whole_file());
        let object = (!exact).then(|| (finding.object.kind.clone(), finding.object.name.clone(), finding.path.clone()));
        let waived = finding.waived.as_ref().map(|waived| waived.reason.clone());
        let key = (
            (finding.rule.clone(), finding.level, finding.message.clone(), finding.identity.path.clone()),
            (object, waived, finding.baselined),
            finding.cause().map(|cause| (files.rank(cause), cause.start, cause.end, cause.role)),
        );
        let group = groups.entry(key).or_default();
        let nth = finding.overlays.iter().filter_map(|overlay| group.of_overlay.get(overlay)).copied().max().unwrap_or_default();
        for overlay in &finding.overlays {
            group.of_overlay.insert(overlay.clone(), nth + 1);
        }
        let Some(&at) = group.merged.get(nth) else {
            group.merged.push(merged.len());
            merged.push(finding);
            continue;
        };
        let into = &mut merged[at];
        if into.object != finding.object && also.insert((at, finding.object.clone())) {
            into.also.push(finding.object);
        }
        into.overlays.extend(finding.overlays);
        for environment in finding.environments {
            if !into.environments.contains(&environment) {
                into.environments.push(environment);
            }
        }
    }
    merged
}
