//! A workspace folder, judged again and again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kubevet_facts::schema::Version;
use serde::{Deserialize, Deserializer};

use super::places::View;
use crate::baseline::Baseline;
use crate::check::{self, Memory, Report, Settings};
use crate::discover::FILE_NAMES;
use crate::drafts::Drafts;
use crate::findings::Finding;
use crate::fix::{self, FixedFile, Mended, Renamed};
use crate::input::{Input, Inputs};
use crate::problem::Problem;
use crate::project::{POLICIES, Project};
use crate::redact::Secrets;
use crate::stop::Stop;

/// What an editor may say about how to judge, as `initializationOptions`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Options {
    /// Directories of policies, as `--policy` names them.
    policy: Vec<PathBuf>,
    /// The findings that are known, as `--baseline` names them.
    baseline: Option<PathBuf>,
    /// The version of Kubernetes to judge by, as `--kubernetes-version`.
    kubernetes_version: KubernetesVersion,
}

/// What is known of a folder.
#[derive(Debug)]
pub(super) struct Session {
    folder: PathBuf,
    options: Options,
    /// The project, if it could be opened.
    project: Option<Project>,
    /// What there is to judge, if that could be found.
    inputs: Option<Inputs>,
    memory: Memory,
    /// What was said last.
    report: Arc<Report>,
    /// What each overlay rendered to when it could last be built.
    last: BTreeMap<PathBuf, View>,
}

/// Directories in which tools write much that nobody reads here.
const WRITTEN_BY_TOOLS: [&str; 2] = ["node_modules", "target"];

/// What of a folder may not be as it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Doubts {
    /// The policies, and the tables beside them.
    policies: bool,
    /// Which kustomizations there are, and which of them builds on which.
    overlays: bool,
}

impl Session {
    pub(super) fn new(folder: PathBuf, options: Options) -> Self {
        let (memory, report, last) = (Memory::default(), Arc::default(), BTreeMap::new());
        Self { folder, options, project: None, inputs: None, memory, report, last }
    }

    /// The same folder, of which nothing is known yet.
    pub(super) fn renewed(&self) -> Self {
        Self::new(self.folder.clone(), self.options.clone())
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The project, if it could be opened.
    pub(super) fn project(&self) -> Option<&Project> {
        self.project.as_ref()
    }

    /// What no answer shows.
    pub(super) fn secrets(&self) -> &Secrets {
        &self.report.secrets
    }

    /// What was found when it was judged.
    pub(super) fn findings(&self) -> &[Finding] {
        &self.report.findings
    }

    /// Mends findings in texts that nobody saved; what is known of what was judged need not be done again.
    ///
    /// # Errors
    /// Says why nothing can be mended.
    pub(super) fn mend(&self, drafts: &Arc<Drafts>, options: &fix::Options, stop: &Stop) -> Result<Mended, String> {
        let (Some(project), Some(inputs)) = (&self.project, &self.inputs) else { return Err("the policies can't be read".to_owned()) };
        let settings = self.options.settings(project, drafts, stop).map_err(|problem| problem.error.message)?;
        Ok(fix::mend_again(project, &inputs.list, &settings, options, self.memory.clone()))
    }

    /// The files with another name of an object, with what nobody saved.
    ///
    /// # Errors
    /// Says why it can't be called so.
    pub(super) fn rename(&self, drafts: &Arc<Drafts>, what: &Renamed, new: &str, stop: &Stop) -> Result<Vec<FixedFile>, String> {
        let (Some(project), Some(inputs)) = (&self.project, &self.inputs) else { return Err("the policies can't be read".to_owned()) };
        let settings = self.options.settings(project, drafts, stop).map_err(|problem| problem.error.message)?;
        let renamed = fix::rename(project, &inputs.list, &settings, (what, new), self.memory.clone());
        renamed.map_err(|refusal| crate::escape::lines(&self.secrets().scrub(&refusal.to_string())))
    }

    /// What the overlays rendered to when they were judged, in the order of their environments.
    pub(super) fn views(&self) -> Vec<View> {
        let inputs = self.inputs.iter().flat_map(|inputs| &inputs.list);
        let view = |input: &Input| {
            let overlay = input.path().to_owned();
            let (at, environment) = self.project.as_ref()?.table.of_overlay(&self.project.as_ref()?.relative(&overlay)).ok()?;
            let render = Arc::clone(self.memory.render(&overlay)?);
            Some((at, View { environment: environment.name.clone(), overlay, render }))
        };
        let mut views: Vec<(usize, View)> = inputs.filter_map(view).collect();
        views.sort_by_key(|(at, _)| *at);
        views.into_iter().map(|(_, view)| view).collect()
    }

    /// What the overlays rendered to when they could last be built: what is half-written often can't be.
    pub(super) fn last_views(&self) -> Vec<View> {
        self.last.values().cloned().collect()
    }

    /// The names of the environments, in the order of the table.
    pub(super) fn environments(&self) -> impl Iterator<Item = &str> {
        self.project.iter().flat_map(|project| &project.table.environments).map(|environment| environment.name.as_str())
    }

    /// The version of Kubernetes to judge by.
    pub(super) fn version(&self) -> Version {
        self.options.kubernetes_version.0
    }

    /// The overlays whose renders read a file, without links: each with its environment.
    pub(super) fn users(&self, file: &Path) -> Vec<(String, PathBuf)> {
        let views = self.views().into_iter().filter(|view| self.memory.reads(&view.overlay, file));
        views.map(|view| (view.environment, view.overlay)).collect()
    }

    /// Judges everything, unless it is told to stop; what did not change is known. `changed` are the files that are not as they were when it was judged last; nothing instead of
    /// a list is for anything that may be another.
    pub(super) fn judge(&mut self, drafts: &Arc<Drafts>, changed: Option<&[PathBuf]>, stop: &Stop) -> Option<Arc<Report>> {
        let changed: Option<Vec<PathBuf>> = changed.map(|paths| paths.iter().filter(|path| self.may_matter(path)).cloned().collect());
        self.memory.change(changed.as_deref(), drafts);
        let doubts = self.doubts(changed.as_deref());
        let report = self.try_judge(drafts, doubts, stop).unwrap_or_else(Report::of_problems);
        if stop.is_wanted() {
            return None;
        }
        self.report = Arc::new(report);
        if let Some(inputs) = &self.inputs {
            self.last.retain(|overlay, _| inputs.list.iter().any(|input| input.path() == overlay));
        }
        let now = self.views();
        self.last.extend(now.into_iter().map(|view| (view.overlay.clone(), view)));
        Some(Arc::clone(&self.report))
    }

    /// Whether anything here can depend on a file. What builds and tools write next to the sources, often and much, is read only if the table names it.
    fn may_matter(&self, path: &Path) -> bool {
        let spelled = self.project.as_ref().map(|project| project.table.spelled()).unwrap_or_default();
        let is_left_alone = |name: &str| name.starts_with('.') || WRITTEN_BY_TOOLS.contains(&name);
        let below = self.folder.canonicalize().ok().and_then(|folder| path.strip_prefix(folder).ok().map(Path::to_owned));
        let dirs = below.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
        let is_aside = dirs.iter().map(|part| part.to_string_lossy()).any(|part| is_left_alone(&part) && !spelled.contains(&*part));
        // What git has committed is part of the project, whatever is ignored.
        let moves_head = path.iter().any(|part| part == ".git") && (path.ends_with("HEAD") || path.iter().any(|part| part == "refs"));
        !is_aside || moves_head || self.memory.is_read(path)
    }

    fn doubts(&self, changed: Option<&[PathBuf]>) -> Doubts {
        let Some(changed) = changed else { return Doubts { policies: true, overlays: true } };
        let folders = || self.project.iter().flat_map(|project| &project.folders);
        let is_policy = |path: &PathBuf| {
            let is_below = |dir: &Path| path.starts_with(dir) || dir.canonicalize().is_ok_and(|dir| path.starts_with(dir));
            path.iter().any(|part| part == POLICIES) || folders().any(|folder| is_below(folder.place()))
        };
        let may_move_overlays = |path: &PathBuf| {
            let is_named = FILE_NAMES.iter().chain(&[".gitignore", "HEAD"]).any(|name| path.ends_with(name));
            // A directory came or went, or a link did.
            is_named || !path.is_file() || path.is_symlink() || path.iter().any(|part| part == "refs")
        };
        Doubts { policies: changed.iter().any(is_policy), overlays: changed.iter().any(may_move_overlays) }
    }

    fn try_judge(&mut self, drafts: &Arc<Drafts>, doubts: Doubts, stop: &Stop) -> Result<Report, Vec<Problem>> {
        let Self { folder, options, project, inputs, memory, .. } = self;
        if doubts.policies {
            *project = None;
        }
        let project = match project {
            Some(known) => known,
            None => {
                memory.forget_judgements();
                *inputs = None;
                project.insert(Project::open_with_drafts(&options.policy, Some(folder), Some(Arc::clone(drafts)))?)
            }
        };
        if doubts.overlays || inputs.is_none() {
            project.search_again(Some(Arc::clone(drafts)));
            *inputs = None;
        }
        let inputs = match inputs {
            Some(known) => known,
            None => inputs.insert(Inputs::of_project(project, std::slice::from_ref(folder), false)?),
        };
        let settings = options.settings(project, drafts, stop).map_err(|problem| vec![problem])?;
        let mut report = check::check_again(project, &inputs.list, &settings, memory);
        report.problems.extend(inputs.warnings.iter().cloned());
        report.left_out = inputs.left_out.clone();
        Ok(report)
    }
}

impl Options {
    fn settings(&self, project: &Project, drafts: &Arc<Drafts>, stop: &Stop) -> Result<Settings, Problem> {
        let baseline = self.baseline.as_deref().map(Baseline::open).transpose();
        Ok(Settings {
            kustomize: project.table.building(&project.root),
            kubernetes_version: self.kubernetes_version.0,
            baseline: baseline.map_err(|error| Problem::configuration("baseline", error))?,
            drafts: Some(Arc::clone(drafts)),
            stop: stop.clone(),
            ..Settings::default()
        })
    }
}

/// A version of Kubernetes, as `--kubernetes-version` takes it.
#[derive(Clone, Copy, Debug, Default)]
struct KubernetesVersion(Version);

impl<'de> Deserialize<'de> for KubernetesVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}
