//! What a change is judged by: the policies, table, waivers and baseline of the working tree, or those of a revision that nobody but their
//! owners could change; and what the change does to them.

use std::path::{Path, PathBuf};

use kustomize::Error;

use super::{DataArgs, PolicyArgs};
use crate::affected::Changes;
use crate::baseline::Baseline;
use crate::git::Snapshot;
use crate::paths::shown;
use crate::problem::{Problem, invalid};
use crate::project::{Policies, Project, changes, data};
use crate::vendor;

/// What a person wants a run of `check` to judge by.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) policy: &'a PolicyArgs,
    pub(super) data: &'a DataArgs,
    pub(super) policy_from: Option<&'a str>,
    pub(super) since: Option<&'a str>,
    pub(super) baseline: Option<&'a PathBuf>,
}

/// What a run of `check` judges by.
pub(super) struct Gate {
    pub(super) project: Project,
    pub(super) baseline: Option<Baseline>,
    /// The revision since which a change is judged.
    pub(super) since: Option<Result<Snapshot, Error>>,
    /// The revision whose policies these are, where a person wants those of one.
    pub(super) trusted: Option<Snapshot>,
    /// The state before the change, if it is known.
    pub(super) before: Option<Snapshot>,
    /// What the change does to any of these.
    pub(super) changes: Vec<Problem>,
}

impl Gate {
    pub(super) fn open(args: Wanted<'_>, start: Option<&Path>) -> Result<Self, Vec<Problem>> {
        let mut gate = Self::of(args, start)?;
        let here = start.unwrap_or(Path::new("."));
        gate.before = match (&gate.trusted, &gate.since) {
            (Some(trusted), _) => Some(trusted.clone()),
            (None, Some(Ok(since))) => Some(since.clone()),
            _ => None,
        };
        gate.changes.extend(gate.before.iter().flat_map(|before| vendor::changes(before, here)));
        Ok(gate)
    }

    fn of(args: Wanted<'_>, start: Option<&Path>) -> Result<Self, Vec<Problem>> {
        let snapshot = |revision: &str| Snapshot::open(start.unwrap_or(Path::new(".")), revision);
        let mut since = args.since.map(snapshot);
        let Some(revision) = args.policy_from else {
            let gate = Self::of_working_tree(args, start)?;
            let changes = match &since {
                Some(Ok(before)) => gate.changes_since(before, args, start),
                _ => Vec::new(),
            };
            if let (Some(path), Some(Ok(before))) = (args.baseline, &since)
                && Changes::since(before).touch([path])
            {
                // As with any other policy, what it accepted elsewhere may be open now.
                since = None;
            }
            return Ok(Self { since, changes, ..gate });
        };
        let trusted = match &since {
            Some(Ok(known)) if args.since == Some(revision) => Ok(known.clone()),
            _ => snapshot(revision),
        };
        let trusted = trusted.map_err(|error| {
            let help = "nothing is judged without it; in CI, fetch the revision (with actions/checkout: fetch-depth: 0)";
            vec![Problem::configuration("policy-revision", error.help(help))]
        })?;
        if !touches(&trusted, args, start) {
            // The same files, whose lines people can look at.
            return Ok(Self { since, trusted: Some(trusted), ..Self::of_working_tree(args, start)? });
        }
        let gate = Self::of_revision(&trusted, args, start)?;
        // What is merged is what the next change is judged by, so it must be right.
        let now = Self::of_working_tree(args, start)?;
        let mut changes = changes::between(&gate.project, &now.project);
        changes.extend(changes::between_baselines(gate.baseline.as_ref(), now.baseline.as_ref()));
        Ok(Self { since, changes, trusted: Some(trusted), ..gate })
    }

    fn of_revision(revision: &Snapshot, args: Wanted<'_>, start: Option<&Path>) -> Result<Self, Vec<Problem>> {
        let project = open_revision(args, start, revision)?;
        let missing = |path: &Path| {
            let error = invalid(format!("{} is not there in revision \"{}\"", shown(path).display(), revision.name));
            Problem::configuration("baseline", error.help("the baseline is taken from that revision; it counts once it is in it"))
        };
        let baseline = args.baseline.map(|path| baseline_of(revision, path)?.ok_or_else(|| missing(path)));
        let baseline = baseline.transpose().map_err(|problem| vec![problem])?;
        Ok(Self { project, baseline, since: None, trusted: None, before: None, changes: Vec::new() })
    }

    fn of_working_tree(args: Wanted<'_>, start: Option<&Path>) -> Result<Self, Vec<Problem>> {
        let project = Project::open(&args.policy.directories, start)?.with_data(&args.data.data, None).map_err(|problem| vec![problem])?;
        let baseline = args.baseline.map(|path| Baseline::open(path)).transpose();
        let baseline = baseline.map_err(|error| vec![Problem::configuration("baseline", error)])?;
        Ok(Self { project, baseline, since: None, trusted: None, before: None, changes: Vec::new() })
    }

    /// What changed of the working tree's policies since a revision.
    fn changes_since(&self, before: &Snapshot, args: Wanted<'_>, start: Option<&Path>) -> Vec<Problem> {
        let unknown = |error: Error| {
            let message = format!("what changed in the policies since {} is not known: {}", before.name, error.message);
            vec![Problem::warning("policies-changed", Error { message, ..error })]
        };
        if !touches(before, args, start) {
            return Vec::new();
        }
        let mut found = match open_revision(args, start, before) {
            Ok(project) => changes::between(&project, &self.project),
            Err(problems) => problems.into_iter().flat_map(|problem| unknown(*problem.error)).collect(),
        };
        match args.baseline.map_or(Ok(None), |path| baseline_of(before, path)) {
            Ok(baseline) => found.extend(changes::between_baselines(baseline.as_ref(), self.baseline.as_ref())),
            Err(problem) => found.extend(unknown(*problem.error)),
        }
        found
    }
}

/// The policies and the data of a revision.
fn open_revision(args: Wanted<'_>, start: Option<&Path>, revision: &Snapshot) -> Result<Project, Vec<Problem>> {
    Project::open_revision(&args.policy.directories, start, revision)?
        .with_data(&args.data.data, Some(revision))
        .map_err(|problem| vec![problem])
}

/// Whether anything where policies are or could be is not as a revision has it. What is outside of its checkout belongs to no change.
fn touches(revision: &Snapshot, args: Wanted<'_>, start: Option<&Path>) -> bool {
    let changes = Changes::since(revision);
    let mut places = Policies::places(&args.policy.directories, start).into_iter();
    let mut data = args.data.data.iter().map(|path| data::place(path));
    places.any(|dir| revision.checkout.inside(&dir).is_some() && changes.below(&dir))
        || data.any(|path| revision.checkout.inside(&path).is_some() && (changes.below(&path) || changes.touch([&path])))
        || args.baseline.is_some_and(|path| revision.checkout.inside(path).is_some() && changes.touch([path]))
}

/// The baseline of a revision; of one outside of its checkout, what is there.
fn baseline_of(revision: &Snapshot, path: &Path) -> Result<Option<Baseline>, Problem> {
    let failed = |error| Problem::configuration("baseline", error);
    let Some(inside) = revision.checkout.inside(path) else { return Baseline::open(path).map(Some).map_err(failed) };
    match revision.read(&inside).map_err(failed)? {
        Some(text) => Baseline::parse(&revision.shown(&inside), text).map(Some).map_err(failed),
        None => Ok(None),
    }
}
