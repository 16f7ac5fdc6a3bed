//! What a change does: two states compared, and what the rules say of the new one that they did not say of the old one.

mod alike;
mod base;
mod cause;
mod human;
mod json;
mod markdown;
mod text;

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kustomize::Render;

pub use base::{Base, base};

use crate::check::{self, Against, OverlayChange, Removed, Report, RevisionTree, Settings};
use crate::findings::Finding;
use crate::git::Snapshot;
use crate::input::Input;
use crate::paths::shown;
use crate::problem::Problem;
use crate::project::Project;
use crate::report::{self, Format, Style};

/// The old state.
#[derive(Debug)]
pub enum Old {
    /// A revision of the checkout.
    Revision(Snapshot),
    /// Manifests, each with its text.
    Manifests(Vec<(PathBuf, String)>),
}

/// What came out.
#[derive(Debug)]
pub struct Diff {
    /// The old state as people should see it.
    pub against: String,
    /// What the rules say of the new state and did not say of the old one, and what changed.
    pub report: Report,
    /// What they said of the old state and do not say any more.
    pub gone: Vec<Finding>,
    /// Overlays that the old state had, that are not there any more, and of which no environment is known.
    pub removed: Vec<PathBuf>,
}

impl Old {
    /// Whether there was an overlay in a directory.
    pub fn has_overlay(&self, directory: &Path) -> bool {
        matches!(self, Old::Revision(snapshot) if RevisionTree::new(snapshot.clone()).has_kustomization(directory))
    }
}

impl Diff {
    /// What changed in each of the overlays.
    pub fn changes(&self) -> &[OverlayChange] {
        &self.report.changes
    }

    /// Whether anything is stored otherwise.
    pub fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.changes().iter().all(|change| change.objects.is_empty())
    }

    /// Nothing but problems.
    pub fn of_problems(problems: Vec<Problem>) -> Self {
        Self { against: String::new(), report: Report::of_problems(problems), gone: Vec::new(), removed: Vec::new() }
    }
}

/// Compares `inputs`, which are what `paths` mean now, with an old state. `settings` are those of the new side.
pub fn diff(project: &Project, paths: &[PathBuf], inputs: &[Input], old: Old, against: String, mut settings: Settings) -> Diff {
    let (mut removed, mut unplaced, mut old_tree) = (Vec::new(), Vec::new(), None);
    match old {
        Old::Revision(snapshot) => {
            let tree = Arc::new(RevisionTree::new(snapshot.clone()));
            (removed, unplaced) = removed_overlays(project, &tree, &snapshot, paths, settings.environment.as_deref());
            settings.since = Some(Ok(snapshot));
            settings.against = Some(Against::Revision(Arc::clone(&tree)));
            old_tree = Some(tree);
        }
        Old::Manifests(texts) => {
            let read: Result<Vec<Arc<Render>>, _> =
                texts.into_iter().map(|(path, text)| kustomize::read_manifests(&path, text).map(Arc::new)).collect();
            match read {
                Ok(renders) => settings.against = Some(Against::Manifests(renders)),
                Err(error) => return Diff::of_problems(vec![Problem::unjudged("old-side", error)]),
            }
        }
    }
    let mut report = if inputs.is_empty() { Report::default() } else { check::check(project, inputs, &settings) };
    let before = std::mem::take(&mut report.before);
    let mut of_old = identities(&before);
    let of_new = identities(&report.findings);
    // The cluster's own policies judge the change, whatever they would have said of the object before.
    let changed = |change: &OverlayChange| -> HashSet<(String, String)> {
        change.objects.iter().map(|object| (object.object.to_string(), change.environment.clone())).collect()
    };
    let changed: HashSet<(String, String)> = report.changes.iter().flat_map(changed).collect();
    of_old.retain(|(rule, _, object, environment)| {
        !rule.starts_with("admission/") || !changed.contains(&(object.clone(), environment.clone()))
    });
    report.findings = only(std::mem::take(&mut report.findings), &of_old);
    let gone = only(before, &of_new).into_iter().filter(|finding| !finding.is_accepted()).collect();
    if let Some(tree) = old_tree.filter(|_| !removed.is_empty()) {
        let also = check::removed(project, &tree, &removed, &settings);
        report.findings.extend(also.findings);
        report.problems.extend(also.problems);
        report.judged.extend(also.judged);
        report.changes.extend(also.changes);
        report.secrets.merge(also.secrets);
    }
    Diff { against, report, gone, removed: unplaced }
}

/// What tells findings from each other, in each of their environments.
type Identity = (String, String, String, String);

fn identity(finding: &Finding, environment: &str) -> Identity {
    (finding.rule.clone(), finding.message.clone(), finding.object.to_string(), environment.to_owned())
}

fn identities(findings: &[Finding]) -> HashSet<Identity> {
    findings.iter().flat_map(|finding| finding.environments.iter().map(|environment| identity(finding, environment))).collect()
}

/// Findings without the environments in which they are known.
fn only(findings: Vec<Finding>, known: &HashSet<Identity>) -> Vec<Finding> {
    let new = |mut finding: Finding| {
        let left = |environment: &String| !known.contains(&identity(&finding, environment));
        let environments: Vec<String> = finding.environments.iter().filter(|environment| left(environment)).cloned().collect();
        if environments.is_empty() {
            return None;
        }
        finding.environments = environments;
        Some(finding)
    };
    findings.into_iter().filter_map(new).collect()
}

/// Overlays of an environment below these paths that a revision has and the working tree has not: those whose environment is still there, and
/// the others.
fn removed_overlays(
    project: &Project,
    tree: &RevisionTree,
    snapshot: &Snapshot,
    paths: &[PathBuf],
    environment: Option<&str>,
) -> (Vec<Removed>, Vec<PathBuf>) {
    let real = |path: &PathBuf| path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.clone());
    let asked: Vec<PathBuf> = paths.iter().map(real).collect();
    let is_asked = |dir: &PathBuf| !dir.exists() && asked.iter().any(|path| dir.starts_with(path));
    let gone: Vec<PathBuf> = tree.kustomizations().map(|dir| tree.top().join(dir)).filter(is_asked).collect();
    if gone.is_empty() || project.table.is_default {
        return Default::default();
    }
    // Its row may be gone with it.
    let old = Project::open_revision(&[], Some(&project.root), snapshot).ok();
    let (mut placed, mut others) = (Vec::new(), Vec::new());
    for dir in gone {
        let of = |project: &Project| project.table.of_overlay(&project.relative(&dir)).map(|(_, found)| found.name.clone()).ok();
        let Some(own) = of(project).or_else(|| old.as_ref().and_then(of)) else { continue };
        let environment = environment.map_or(own, str::to_owned);
        match project.table.named(&environment) {
            Ok(_) => placed.push(Removed { path: shown(&dir), environment }),
            Err(_) => others.push(shown(&dir)),
        }
    }
    (placed, others)
}

/// Writes what came out.
pub fn write(diff: &Diff, format: Format, style: Style, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Human => human::write(diff, style, out),
        Format::Concise => {
            human::concise(diff, out)?;
            report::write(&diff.report, format, style, out)
        }
        Format::Json => json::write(diff, out),
        Format::Markdown => markdown::write(diff, style, out),
        Format::Sarif | Format::Junit | Format::Github => report::write(&diff.report, format, style, out),
    }
}
