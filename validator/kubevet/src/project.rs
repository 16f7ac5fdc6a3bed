//! What a project says about itself: its policies, its table, its waivers, and where they were found.

mod search;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use kubevet_facts::references::products::Products;
use kubevet_facts::schema::Definitions;
use kustomize::{Error, Source};

pub use search::Policies;

use crate::config::{read_text, yaml_error};
use crate::discover::Kustomizations;
use crate::environments::Table;
use crate::paths::shown;
use crate::policy::{Catalog, PolicyFiles};
use crate::problem::{Problem, invalid, unreadable, whole};
use crate::waivers::{self, Waiver};

/// Policies, table and waivers.
#[derive(Debug)]
pub struct Project {
    /// The directory that paths in the table are relative to.
    pub root: PathBuf,
    real_root: OnceLock<PathBuf>,
    /// The directories that policies were read from, besides the binary.
    pub directories: Vec<PathBuf>,
    /// The table.
    pub table: Table,
    /// The exceptions.
    pub waivers: Vec<Waiver>,
    /// The rules.
    pub catalog: Catalog,
    /// CustomResourceDefinitions of `schemas/`, beside those that a render has.
    pub crds: Definitions,
    /// What operators make of their resources.
    pub products: Products,
    /// What is worth knowing about it.
    pub warnings: Vec<Problem>,
    overlays: OnceLock<Result<Vec<PathBuf>, Error>>,
}

impl Project {
    /// Opens the policies in `directories` or, where there are none, those that belong to `start`; see [`Policies::find`].
    pub fn open(directories: &[PathBuf], start: Option<&Path>) -> Result<Self, Vec<Problem>> {
        let Policies { directories, ignored } = Policies::find(directories, start);
        let files = PolicyFiles::rules(&directories).map_err(|problem| vec![problem])?;
        let catalog = Catalog::load(&files)?;
        if catalog.rules.is_empty() {
            let error =
                invalid("there are no rules").help("a rule is a file policies/<group>/<rule>.rego; --policy DIR names another directory");
            return Err(vec![Problem::nothing("no-rules", error)]);
        }
        let (table, root) = table(&directories).map_err(|problem| vec![problem])?;
        let ids = catalog.ids();
        let mut problems: Vec<_> =
            table.unknown_rules(&ids).into_iter().map(|error| Problem::configuration("unknown-rule", error)).collect();
        let mut waivers = Vec::new();
        for path in existing(&directories, "waivers.yaml") {
            match waivers::open(&path) {
                Ok(found) => waivers.extend(found),
                Err(error) => problems.push(Problem::configuration("waivers", error)),
            }
        }
        let names: Vec<&str> = table.environments.iter().map(|environment| environment.name.as_str()).collect();
        problems.extend(waivers::dangling(&waivers, &ids, &names).into_iter().map(|error| Problem::configuration("waivers", error)));
        let crds = crds(&directories).unwrap_or_else(|problem| {
            problems.push(problem);
            Definitions::default()
        });
        let products = products(&directories).unwrap_or_else(|problem| {
            problems.push(problem);
            Products::default()
        });
        let warnings = ignored.iter().map(|ignored| not_used(ignored, &directories)).collect();
        if problems.is_empty() {
            Ok(Self {
                warnings,
                root,
                real_root: OnceLock::new(),
                directories,
                table,
                waivers,
                catalog,
                crds,
                products,
                overlays: OnceLock::new(),
            })
        } else {
            Err(problems)
        }
    }

    /// The overlays of all environments and what is applied on top of them, as the table's globs see them: directories that no other one
    /// builds on, or that the table names.
    pub fn overlays(&self) -> Result<&[PathBuf], Error> {
        self.overlays.get_or_init(|| self.find_overlays()).as_deref().map_err(Clone::clone)
    }

    fn find_overlays(&self) -> Result<Vec<PathBuf>, Error> {
        let mut found = Kustomizations::default();
        let starts = self.table.starts().unwrap_or_default();
        let starts: Vec<PathBuf> = starts.into_iter().map(|start| self.root.join(start)).filter(|start| start.is_dir()).collect();
        // What builds on a directory that the table doesn't name can be anywhere.
        if starts.is_empty() || starts.iter().any(|start| self.is_reached_by_link(start)) {
            found.add_below(&self.root)?;
        } else {
            starts.iter().try_for_each(|start| found.add_below(start))?;
            let is_certain = self.overlays_among(&found).all(|(dir, referred)| referred || self.table.names(dir));
            if !is_certain {
                found.add_below(&self.root)?;
            }
        }
        let overlays = self.overlays_among(&found).filter(|(dir, referred)| !referred || self.table.names(dir));
        Ok(overlays.map(|(dir, _)| dir.to_owned()).collect())
    }

    /// Those of an environment, each with whether another kustomization refers to it. The search follows no links, so what it finds below the
    /// root is there by name.
    fn overlays_among<'a>(&self, found: &'a Kustomizations) -> impl Iterator<Item = (&'a Path, bool)> {
        let below = |(dir, referred): (&'a Path, bool)| (dir.strip_prefix(&self.root).unwrap_or(dir), referred);
        found.roots().map(below).filter(|(dir, _)| self.table.of_overlay(dir).is_ok())
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

fn not_used(ignored: &Path, directories: &[PathBuf]) -> Problem {
    let used = directories.iter().map(|dir| dir.display().to_string()).collect::<Vec<_>>().join(", ");
    let error = invalid(format!("{} is not used: the policies of this checkout are in {used}", ignored.display())).at(whole(ignored));
    Problem::warning(
        "policies-ignored",
        error.help("a policies/ nearer to an overlay could come with the change; --policy DIR uses another one"),
    )
}

/// The table `products.yaml` of the first directory that has one, or the one inside the binary.
pub(crate) fn products(directories: &[PathBuf]) -> Result<Products, Problem> {
    let failed = |error| Problem::configuration("products", error);
    let (path, text) = match existing(directories, "products.yaml").into_iter().next() {
        Some(path) => {
            let text = read_text(&path).map_err(failed)?;
            (path, text)
        }
        None => (PathBuf::from("<kubevet>/products.yaml"), crate::policy::embedded("products.yaml").unwrap_or_default().to_owned()),
    };
    if let Some(products) = crate::policy::embedded_json("products.yaml", &text).and_then(|json| serde_json::from_str(json).ok()) {
        return Ok(products);
    }
    serde_yaml::from_str(&text).map_err(|error| failed(yaml_error(&Arc::new(Source::new(path, text)), 0, &error)))
}

/// The definitions in `schemas/` of each directory.
fn crds(directories: &[PathBuf]) -> Result<Definitions, Problem> {
    let mut crds = Definitions::default();
    for dir in directories.iter().map(|directory| directory.join("schemas")).filter(|dir| dir.is_dir()) {
        for entry in walkdir::WalkDir::new(&dir).sort_by_file_name() {
            let failed = |error| Problem::configuration("schemas", error);
            let entry = entry.map_err(|error| failed(invalid(error.to_string())))?;
            let is_yaml = entry.path().extension().is_some_and(|extension| ["yaml", "yml", "json"].iter().any(|known| extension == *known));
            if entry.file_type().is_file() && is_yaml {
                let text = read_text(entry.path()).map_err(failed)?;
                // Definitions can be large, and JSON needs no YAML reader; a list of them is for that one.
                let is_json = entry.path().extension().is_some_and(|extension| extension == "json");
                let Err(text) = (if is_json { crds.add_json(text) } else { Err(text) }) else { continue };
                let render = kustomize::read_manifests(&shown(entry.path()), text).map_err(failed)?;
                render.objects.into_iter().for_each(|object| crds.add(object));
            }
        }
    }
    Ok(crds)
}

fn existing(directories: &[PathBuf], name: &str) -> Vec<PathBuf> {
    directories.iter().map(|directory| directory.join(name)).filter(|path| path.is_file()).map(|path| shown(&path)).collect()
}

/// The table inside the binary.
pub fn default_table() -> Result<Table, Problem> {
    let text = crate::policy::embedded("environments.yaml").unwrap_or_default();
    let mut table =
        Table::parse(Path::new("<kubevet>/environments.yaml"), text).map_err(|error| Problem::configuration("environments", error))?;
    table.is_default = true;
    Ok(table)
}

fn table(directories: &[PathBuf]) -> Result<(Table, PathBuf), Problem> {
    let here = || std::env::current_dir().map_err(|error| Problem::configuration("environments", unreadable(Path::new("."), &error)));
    match existing(directories, "environments.yaml").as_slice() {
        [path] => {
            let table = Table::open(path).map_err(|error| Problem::configuration("environments", error))?;
            let path = here()?.join(path);
            let root = path.parent().and_then(Path::parent).map(Path::to_owned);
            Ok((table, root.unwrap_or_default()))
        }
        [] => Ok((default_table()?, here()?)),
        [one, two, ..] => {
            let error = invalid(format!("{} and {} are both tables of environments", one.display(), two.display()));
            Err(Problem::configuration("environments", error.help("keep one; the other directory may still hold rules")))
        }
    }
}
