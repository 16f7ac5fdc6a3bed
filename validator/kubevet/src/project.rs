//! What a project says about itself: its policies, its table, its waivers, and where they were found.

mod admission;
pub mod changes;
pub(crate) mod data;
mod namespaces;
mod search;
mod served;
mod unread;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use kubevet_facts::products::Products;
use kubevet_facts::schema::Definitions;
use kubevet_facts::workloads::Workloads;
use kustomize::{Assumptions, Error, Node, Place, Settings, Source};

pub use namespaces::Namespaces;
pub(crate) use search::POLICIES;
pub use search::Policies;

use crate::config::yaml_error;
use crate::discover::Kustomizations;
use crate::drafts::Drafts;
use crate::environments::Table;
use crate::files::is_manifest;
use crate::folder::Folder;
use crate::git::{Checkout, Snapshot};
use crate::policy::{Catalog, Data, Gatekeeper, PolicyFile, PolicyFiles};
use crate::problem::{Problem, invalid, suggest, unreadable, whole};
use crate::waivers::{self, ProblemWaiver, Waiver};

/// The table of rules and environments.
const TABLE: &str = "environments.yaml";

/// The exceptions.
const WAIVERS: &str = "waivers.yaml";

/// What operators make of their resources.
const PRODUCTS: &str = "products.yaml";

/// Where other kinds than Kubernetes' own keep their Pods.
const WORKLOADS: &str = "workloads.yaml";

/// The directory of definitions.
const SCHEMAS: &str = "schemas";

/// Policies, table and waivers.
#[derive(Debug)]
pub struct Project {
    /// The directory that paths in the table are relative to.
    pub root: PathBuf,
    real_root: OnceLock<PathBuf>,
    /// What policies were read from, besides the binary.
    pub folders: Vec<Folder>,
    /// The table.
    pub table: Table,
    /// The exceptions.
    pub waivers: Vec<Waiver>,
    /// The same of what can't be judged.
    pub problem_waivers: Vec<ProblemWaiver>,
    /// The rules.
    pub catalog: Catalog,
    /// Which rules that were written for conftest are asked.
    pub namespaces: Namespaces,
    /// What rules read besides.
    pub data: Data,
    /// The files and directories that it is read from.
    pub data_places: Vec<PathBuf>,
    /// CustomResourceDefinitions of `schemas/`, beside those that a render has.
    pub crds: Definitions,
    /// The cluster's admission policies, bindings and parameters of `admission/`, beside those that a render has.
    pub admission: Vec<Node>,
    /// Where each of these is.
    pub admission_places: Vec<Place>,
    /// The Rego of Gatekeeper's templates, as it was compiled.
    pub gatekeeper: Gatekeeper,
    /// What operators make of their resources.
    pub products: Products,
    /// Where other kinds than Kubernetes' own keep their Pods.
    pub workloads: Workloads,
    /// What is worth knowing about it.
    pub warnings: Vec<Problem>,
    overlays: OnceLock<Result<Vec<PathBuf>, Error>>,
    /// What is not as the file system has it.
    drafts: Option<Arc<Drafts>>,
}

impl Project {
    /// Opens the policies in `directories` or, where there are none, those that belong to `start`; see [`Policies::find`].
    pub fn open(directories: &[PathBuf], start: Option<&Path>) -> Result<Self, Vec<Problem>> {
        Self::open_with_drafts(directories, start, None)
    }

    /// The same with files that nobody saved yet.
    pub fn open_with_drafts(directories: &[PathBuf], start: Option<&Path>, drafts: Option<Arc<Drafts>>) -> Result<Self, Vec<Problem>> {
        let mut policies = Policies::find(directories, start);
        policies.folders = policies.folders.into_iter().map(|folder| folder.with_drafts(drafts.clone())).collect();
        Ok(Self { drafts, ..Self::of(policies, start)? })
    }

    /// The same with policies as they are in a revision.
    pub fn open_revision(directories: &[PathBuf], start: Option<&Path>, snapshot: &Snapshot) -> Result<Self, Vec<Problem>> {
        let policies = Policies::find_in_revision(directories, start, snapshot);
        Self::of(policies.map_err(|error| vec![Problem::configuration("policy-revision", error)])?, start)
    }

    /// The same project, whose rules say what is wrong and not what to do about it, which takes as long again.
    pub fn without_fixes(self) -> Self {
        Self { catalog: self.catalog.without_fixes(), ..self }
    }

    fn of(policies: Policies, start: Option<&Path>) -> Result<Self, Vec<Problem>> {
        let Policies { folders, ignored, given } = policies;
        let files = PolicyFiles::of(&folders).map_err(|problem| vec![problem])?;
        let catalog = Catalog::load(&files)?;
        if catalog.rules.is_empty() {
            let error =
                invalid("there are no rules").help("a rule is a file policies/<group>/<rule>.rego; --policy DIR names another directory");
            return Err(vec![Problem::nothing("no-rules", error)]);
        }
        let (mut table, root) = table(&folders, start.filter(|_| given)).map_err(|problem| vec![problem])?;
        table.levels.compare(catalog.rules.iter().filter_map(|rule| Some((rule.id.as_str(), rule.since?))));
        table.levels.complete(catalog.rules.iter().map(|rule| (rule.id.as_str(), rule.level)));
        let ids = catalog.ids();
        let mut problems: Vec<_> =
            table.levels.unknown_rules(&ids).into_iter().map(|error| Problem::configuration("unknown-rule", error)).collect();
        let (mut waivers, mut problem_waivers) = (Vec::new(), Vec::new());
        for folder in having(&folders, WAIVERS) {
            match folder.read(Path::new(WAIVERS)).and_then(|text| waivers::parse(&folder.shown(Path::new(WAIVERS)), text)) {
                Ok(found) => {
                    waivers.extend(found.findings);
                    problem_waivers.extend(found.problems);
                }
                Err(error) => problems.push(Problem::configuration("waivers", error)),
            }
        }
        let names: Vec<&str> = table.environments.iter().map(|environment| environment.name.as_str()).collect();
        problems.extend(waivers::dangling(&waivers, &ids, &names).into_iter().map(|error| Problem::configuration("waivers", error)));
        let mut warnings: Vec<Problem> = ignored.iter().map(|ignored| not_used(ignored, &folders)).collect();
        let gatekeeper = Gatekeeper::default();
        let (admission, admission_places) = admission::read(&folders, &gatekeeper).unwrap_or_else(|found| {
            problems.extend(found);
            (Vec::new(), Vec::new())
        });
        let mut crds = crds(&folders, &mut warnings).unwrap_or_else(|problem| {
            problems.push(problem);
            Definitions::default()
        });
        admission::define(&admission, &mut crds);
        let products = products(&folders).unwrap_or_else(|problem| {
            problems.push(problem);
            Products::default()
        });
        let workloads = workloads(&folders).unwrap_or_else(|problem| {
            problems.push(problem);
            Workloads::default()
        });
        problems.extend(unknown_exception(&workloads, &folders, &ids));
        problems.extend(folders.iter().flat_map(unread::tables));
        let wrong = table.environments.iter().flat_map(|environment| catalog.parameters.check(environment));
        problems.extend(wrong.map(|error| Problem::configuration("parameters", error)));
        warnings.extend(catalog.files().filter_map(replaced));
        warnings.extend(catalog.warnings.iter().cloned());
        warnings.extend(served::unknown(&catalog, &crds, &products, &workloads));
        if problems.is_empty() {
            let (real_root, overlays, namespaces) = (OnceLock::new(), OnceLock::new(), Namespaces::default());
            let (data, data_places) = (Data::default(), Vec::new());
            Ok(Self {
                root,
                real_root,
                folders,
                table,
                waivers,
                problem_waivers,
                catalog,
                namespaces,
                data,
                data_places,
                crds,
                admission,
                admission_places,
                gatekeeper,
                products,
                workloads,
                warnings,
                overlays,
                drafts: None,
            })
        } else {
            Err(problems)
        }
    }

    /// Searches for overlays again when they are asked for: kustomizations changed, and these files are not saved.
    pub(crate) fn search_again(&mut self, drafts: Option<Arc<Drafts>>) {
        (self.drafts, self.overlays) = (drafts, OnceLock::new());
    }

    /// What is not as the file system has it.
    pub(crate) fn drafts(&self) -> Option<&Arc<Drafts>> {
        self.drafts.as_ref()
    }

    /// The overlays of all environments and what is applied on top of them, as the table's globs see them: directories that no other one
    /// builds on, or that the table names.
    pub fn overlays(&self) -> Result<&[PathBuf], Error> {
        self.overlays.get_or_init(|| self.find_overlays()).as_deref().map_err(Clone::clone)
    }

    /// What `exclude` names and that is not there.
    pub(crate) fn idle_excludes(&self) -> Vec<Problem> {
        if self.table.excludes.is_empty() {
            return Vec::new();
        }
        let mut found = Kustomizations::with(self.drafts.clone());
        let found = found.add_below(&self.root, &self.table.spelled()).map(|()| found.directories());
        let relative = |dir: PathBuf| dir.strip_prefix(&self.root).map_or_else(|_| dir.clone(), Path::to_owned);
        found.map_or_else(|_| Vec::new(), |found| self.table.idle_excludes(&found.into_iter().map(relative).collect::<Vec<_>>()))
    }

    fn find_overlays(&self) -> Result<Vec<PathBuf>, Error> {
        let mut found = Kustomizations::with(self.drafts.clone());
        let spelled = self.table.spelled();
        let starts = self.table.starts().unwrap_or_default();
        let starts: Vec<PathBuf> = starts.into_iter().map(|start| self.root.join(start)).filter(|start| start.is_dir()).collect();
        // What builds on a directory that the table doesn't name can be anywhere.
        if starts.is_empty() || starts.iter().any(|start| self.is_reached_by_link(start)) {
            found.add_below(&self.root, &spelled)?;
        } else {
            starts.iter().try_for_each(|start| found.add_below(start, &spelled))?;
            let is_certain = self.overlays_among(&found).iter().all(|dir| self.table.names(dir));
            if !is_certain {
                found.add_below(&self.root, &spelled)?;
            }
        }
        Ok(self.overlays_among(&found))
    }

    /// Those that are judged in an environment of the table.
    fn overlays_among(&self, found: &Kustomizations) -> Vec<PathBuf> {
        let relative = |dir: &Path| dir.strip_prefix(&self.root).map_or_else(|_| dir.to_owned(), Path::to_owned);
        let roots = found.roots(|dir| self.table.names(&relative(dir))).judged.into_iter();
        roots.map(|dir| relative(&dir)).filter(|dir| self.table.of_overlay(dir).is_ok()).collect()
    }

    fn is_reached_by_link(&self, below_root: &Path) -> bool {
        let by_name = below_root.strip_prefix(&self.root).unwrap_or(below_root);
        self.relative(below_root) != by_name
    }

    /// A path as the table's globs see it.
    pub fn relative(&self, path: &Path) -> PathBuf {
        let path = real(path);
        let root = self.real_root.get_or_init(|| real(&self.root));
        path.strip_prefix(root).map(Path::to_owned).unwrap_or(path)
    }
}

/// A path without links, as far as it exists.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn not_used(ignored: &Path, folders: &[Folder]) -> Problem {
    let used = folders.iter().map(|folder| folder.path().display().to_string()).collect::<Vec<_>>().join(", ");
    let error = invalid(format!("{} is not used: the policies of this checkout are in {used}", ignored.display())).at(whole(ignored));
    Problem::warning(
        "policies-ignored",
        error.help("a policies/ nearer to an overlay could come with the change; --policy DIR uses another one"),
    )
}

/// What to know of a file that takes the place of kubevet's own.
fn replaced(file: &PolicyFile) -> Option<Problem> {
    let package = file.replaces()?;
    let path = file.source.path();
    let error = invalid(format!("{} takes the place of kubevet's own {package}", path.display())).at(whole(path));
    let help = "its findings are what this file says; a rule of another name would add to kubevet's, and the table and waivers say where one does not hold";
    Some(Problem::warning("policy-replaced", error.help(help)))
}

/// The table `workloads.yaml` inside the binary, with the rows that each directory adds to it.
pub(crate) fn workloads(folders: &[Folder]) -> Result<Workloads, Problem> {
    let read = |path: &Path, text| read_table(WORKLOADS, path, text).map_err(|error| Problem::configuration("workloads", error));
    let own = crate::policy::embedded(WORKLOADS).unwrap_or_default();
    let mut all: Workloads = read(Path::new("<kubevet>/workloads.yaml"), own.to_owned())?;
    for folder in having(folders, WORKLOADS) {
        let text = folder.read(Path::new(WORKLOADS)).map_err(|error| Problem::configuration("workloads", error))?;
        // This repository's own is the one inside the binary.
        if text != own {
            all = all.with(read(&folder.shown(Path::new(WORKLOADS)), text)?);
        }
    }
    Ok(all)
}

/// A rule or group of rules that a table of workloads names and that is not there.
fn unknown_exception(workloads: &Workloads, folders: &[Folder], ids: &[&str]) -> Option<Problem> {
    let is_there = |pattern: &str| {
        pattern.strip_suffix('*').map_or_else(|| ids.contains(&pattern), |group| ids.iter().any(|id| id.starts_with(group)))
    };
    let pattern = workloads.rules().find(|pattern| !is_there(pattern))?;
    let error = invalid(format!("{pattern} is no rule and no group of rules")).help(suggest(pattern, ids.iter().copied()));
    let place = having(folders, WORKLOADS).next().map(|folder| whole(&folder.shown(Path::new(WORKLOADS))));
    Some(Problem::configuration("workloads", place.into_iter().fold(error, Error::at)))
}

fn read_table<T: serde::de::DeserializeOwned>(name: &str, path: &Path, text: String) -> Result<T, Error> {
    if let Some(table) = crate::policy::embedded_json(name, &text).and_then(|json| serde_json::from_str(json).ok()) {
        return Ok(table);
    }
    serde_yaml::from_str(&text).map_err(|error| yaml_error(&Arc::new(Source::new(path, text)), 0, &error))
}

/// The table `products.yaml` of the first directory that has one, or the one inside the binary.
pub(crate) fn products(folders: &[Folder]) -> Result<Products, Problem> {
    let failed = |error| Problem::configuration("products", error);
    let (path, text) = match having(folders, PRODUCTS).next() {
        Some(folder) => (folder.shown(Path::new(PRODUCTS)), folder.read(Path::new(PRODUCTS)).map_err(failed)?),
        None => (PathBuf::from("<kubevet>/products.yaml"), crate::policy::embedded(PRODUCTS).unwrap_or_default().to_owned()),
    };
    read_table(PRODUCTS, &path, text).map_err(failed)
}

/// The definitions in `schemas/` of each directory.
fn crds(folders: &[Folder], warnings: &mut Vec<Problem>) -> Result<Definitions, Problem> {
    let failed = |error| Problem::configuration("schemas", error);
    let mut crds = Definitions::default();
    for folder in folders {
        for name in folder.files(SCHEMAS).map_err(failed)?.into_iter().filter(|name| is_manifest(name)) {
            let text = folder.read(&name).map_err(failed)?;
            // Definitions can be large, and JSON needs no YAML reader; a list of them is for that one.
            let is_json = name.extension().is_some_and(|extension| extension == "json");
            let Err(text) = (if is_json { crds.add_json(text) } else { Err(text) }) else { continue };
            let render = kustomize::read_manifests(&folder.shown(&name), text).map_err(failed)?;
            let places: Vec<_> = render.objects.iter().map(|object| Place::of(&render.sources, &object.origin)).collect();
            let added = render.objects.into_iter().map(|object| crds.add(object));
            let unread = std::iter::zip(places, added).filter(|(_, is_added)| !is_added);
            warnings.extend(unread.map(|(place, _)| unread::schema(place)));
        }
    }
    Ok(crds)
}

fn having<'f>(folders: &'f [Folder], name: &'f str) -> impl Iterator<Item = &'f Folder> {
    folders.iter().filter(move |folder| folder.has(name))
}

/// The table inside the binary.
pub fn default_table() -> Result<Table, Problem> {
    let text = crate::policy::embedded("environments.yaml").unwrap_or_default();
    let mut table =
        Table::parse(Path::new("<kubevet>/environments.yaml"), text).map_err(|error| Problem::configuration("environments", error))?;
    table.is_default = true;
    Ok(table)
}

/// How kustomizations are built, as the table of the folders says.
pub fn building(folders: &[Folder]) -> Result<Settings, Problem> {
    table(folders, None).map(|(table, root)| table.building(&root))
}

/// What builds of an overlay may leave out, as the table of the folders says.
pub fn assumptions(folders: &[Folder], overlay: &Path) -> Result<Assumptions, Problem> {
    let (table, root) = table(folders, None)?;
    let overlay = real(overlay);
    let relative = overlay.strip_prefix(real(&root)).unwrap_or(&overlay);
    Ok(table.of_overlay(relative).map(|(_, environment)| environment.assumptions).unwrap_or_default())
}

/// The table of a folder, and the directory that its paths are relative to; see [`root`].
fn table(folders: &[Folder], start: Option<&Path>) -> Result<(Table, PathBuf), Problem> {
    let failed = |error| Problem::configuration("environments", error);
    let name = Path::new(TABLE);
    match having(folders, TABLE).collect::<Vec<_>>().as_slice() {
        [folder] => {
            let table = folder.read(name).and_then(|text| Table::parse(&folder.shown(name), &text)).map_err(failed)?;
            Ok((table, root(folder, start)))
        }
        [] => Ok((default_table()?, std::env::current_dir().map_err(|error| failed(unreadable(Path::new("."), &error)))?)),
        [one, two, ..] => {
            let error = invalid(format!("{} and {} are both tables of environments", one.shown(name).display(), two.shown(name).display()));
            Err(failed(error.help("keep one; the other directory may still hold rules")))
        }
    }
}

/// Where a table's paths begin: at the directory that holds the policies or, where a person named policies outside of the checkout that is
/// judged (that of `start`), at the top of that one.
fn root(folder: &Folder, start: Option<&Path>) -> PathBuf {
    let beside = folder.place().parent().unwrap_or(folder.place());
    let Some(start) = start.and_then(|start| start.canonicalize().ok()) else { return beside.to_owned() };
    let checkout = Checkout::of(&start);
    let around = real(beside);
    let within = checkout.as_ref().is_none_or(|checkout| around.starts_with(checkout.top()));
    if within && start.starts_with(&around) {
        return beside.to_owned();
    }
    let here = || std::env::current_dir().ok().filter(|here| start.starts_with(here));
    checkout.map(|checkout| checkout.top().to_owned()).or_else(here).unwrap_or_else(|| beside.to_owned())
}
