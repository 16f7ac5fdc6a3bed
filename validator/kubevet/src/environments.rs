//! `environments.yaml`: which overlay is which environment, and each rule's level there.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use kustomize::{Assumptions, Error, LoadRestrictor, Node, Place, Settings, Sources, Version};

use crate::config::Document;
pub use crate::levels::{Level, Levels, Release, Row, is_of_cluster};
use crate::problem::{Problem, invalid, suggest};
pub use crate::role::Role;

/// One environment, such as `prod`.
#[derive(Debug)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// Globs of the overlays that belong to it, relative to the project's root.
    pub overlays: Vec<String>,
    /// What rules read as `data.environment.parameters`; a map.
    pub(crate) parameters: Option<Node>,
    /// Globs of kustomizations that are applied on top of the overlays, on demand: rules see the overlays' objects too.
    pub additions: Vec<String>,
    /// What its builds may leave out.
    pub assumptions: Assumptions,
    /// Its place in the file.
    pub place: Place,
    /// Where the table has `overlays`, then `additions`.
    places: Vec<Place>,
    sources: Sources,
    globs: GlobSet,
    exact: GlobSet,
    added: GlobSet,
}

impl Environment {
    /// What rules read as `data.environment.parameters`: each with the place of its name.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, Place, &Node)> {
        let entries = self.parameters.iter().flat_map(|parameters| parameters.entries());
        entries.map(|entry| {
            let place = self.place_of(&entry.value);
            let (start, end) = (entry.value.origin.key, entry.value.origin.key + entry.key.text.len() as u32);
            (&*entry.key.text, Place { start, end, ..place }, &entry.value)
        })
    }

    /// Where a part of the parameters is in the file.
    pub(crate) fn place_of(&self, node: &Node) -> Place {
        Place::of(&self.sources, &node.origin)
    }

    /// The parameters in one form, however they are written.
    pub(crate) fn parameters_text(&self) -> String {
        let mut text = String::new();
        if let Some(parameters) = &self.parameters {
            kustomize::yaml::emit(parameters, &mut text);
        }
        text
    }

    /// Whether a kustomization is applied on top of the environment's overlays.
    pub fn adds(&self, path: &Path) -> bool {
        self.added.is_match(path)
    }
}

/// The table.
#[derive(Debug)]
pub struct Table {
    /// Whether it is the one inside the binary, which goes by what the paths of overlays say.
    pub is_default: bool,
    /// The version of Kustomize that overlays are built as.
    pub kustomize: Version,
    /// Whether kustomizations may read files of the whole project, and not only those below their own directories.
    pub opens_project: bool,
    /// The file that it was read from.
    pub path: PathBuf,
    /// The environments in the order of the file.
    pub environments: Vec<Environment>,
    /// What each rule's finding means in each of them.
    pub levels: Levels,
    /// What is not judged, on purpose.
    pub excludes: Vec<Exclude>,
    /// Whether comments and annotations in the manifests waive findings.
    pub waivers_in_place: bool,
}

impl Table {
    /// Reads the table from a file.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Self::from_document(path, &Document::open(path)?)
    }

    /// Reads the table from text; `path` is for messages.
    pub fn parse(path: &Path, text: &str) -> Result<Self, Error> {
        Self::from_document(path, &Document::parse(path, text)?)
    }

    fn from_document(path: &Path, document: &Document) -> Result<Self, Error> {
        let root = &document.root;
        document.fields(
            root,
            "environments.yaml",
            &["version", "kubevet", "kustomize", "loadRestrictor", "waiversInPlace", "exclude", "environments", "rules"],
        )?;
        document.version(1)?;
        let environments = document.required(root, "the file", "environments")?;
        let environments = document
            .entries(environments, "\"environments\"")?
            .map(|(name, node)| environment(document, name, node))
            .collect::<Result<Vec<_>, _>>()?;
        if environments.is_empty() {
            return Err(document.error(root, "\"environments\" names no environment"));
        }
        let names: Vec<&str> = environments.iter().map(|environment| environment.name.as_str()).collect();
        let levels = Levels::read(document, &names)?;
        let kustomize = root.get("kustomize").map_or(Ok(Version::default()), |node| {
            let version = node.text().unwrap_or_default().parse();
            version.map_err(|why: String| document.error(node, why).help(format!("kustomize: \"{}\"", Version::default())))
        })?;
        let restrictor = root.get("loadRestrictor").map_or(Ok(LoadRestrictor::default()), |node| {
            let restrictor = node.text().unwrap_or_default().parse();
            restrictor.map_err(|why: String| document.error(node, why).help(format!("loadRestrictor: {}", LoadRestrictor::None)))
        })?;
        let opens_project = restrictor == LoadRestrictor::None;
        let excludes = root.get("exclude").map_or(Ok(Vec::new()), |list| {
            document.list(list, "\"exclude\"")?.iter().map(|node| Exclude::read(document, node)).collect()
        })?;
        let waivers_in_place = match root.get("waiversInPlace").map(|node| (node, node.text().unwrap_or_default())) {
            None | Some((_, "on")) => true,
            Some((_, "off")) => false,
            Some((node, text)) => {
                let error = document.error(node, format!("\"waiversInPlace\" can be on or off, and is \"{text}\""));
                return Err(error.help("waiversInPlace: off"));
            }
        };
        let path = path.to_owned();
        Ok(Self { is_default: false, kustomize, opens_project, path, environments, levels, excludes, waivers_in_place })
    }

    /// How kustomizations are built; the table's paths are relative to `root`.
    ///
    /// A table may come with the change that is judged. So it opens what comes with the change too, and nothing else of the machine.
    pub fn building(&self, root: &Path) -> Settings {
        let load_restrictor = match (self.opens_project, root.canonicalize()) {
            (true, Ok(real)) => LoadRestrictor::Below(real.into()),
            _ => LoadRestrictor::RootOnly,
        };
        Settings { version: self.kustomize, load_restrictor, ..Settings::default() }
    }

    /// The environment of that name, with its place in the table's order.
    pub fn named(&self, name: &str) -> Result<(usize, &Environment), Error> {
        let names = self.environments.iter().map(|environment| environment.name.as_str());
        let hint = suggest(name, names);
        self.environments
            .iter()
            .enumerate()
            .find(|(_, environment)| environment.name == name)
            .ok_or_else(|| invalid(format!("{} has no environment \"{name}\"", self.path.display())).help(hint))
    }

    /// The environments that a change passes before it gets to this one, the first one first: by what their names say they are for; where neither says anything, by
    /// the table's order.
    pub fn below(&self, environment: usize) -> Vec<(usize, &str)> {
        let role = |at: usize| self.environments.get(at).and_then(|environment| Role::of_name(&environment.name));
        let is_below = |at: usize| match (role(at), role(environment)) {
            (Some(other), Some(own)) => other < own,
            (None, None) => at < environment,
            // Nobody knows which of the two comes first.
            _ => false,
        };
        let all = self.environments.iter().map(|environment| environment.name.as_str()).enumerate();
        let mut below: Vec<_> = all.filter(|(at, _)| is_below(*at)).collect();
        below.sort_by_key(|(at, _)| role(*at));
        below
    }

    /// The place of the environment whose name says that it is for this.
    pub fn by_role(&self, role: Role) -> Option<usize> {
        self.environments.iter().position(|environment| Role::of_name(&environment.name) == Some(role))
    }

    /// The environment that a path names.
    fn guess(&self, overlay: &Path) -> Option<(usize, &Environment)> {
        let (role, _) = Role::of_path(overlay)?;
        let at = self.by_role(role)?;
        Some((at, self.environments.get(at)?))
    }

    /// The directories below which all overlays are: what stands before the first wildcard of each glob. Nothing where they can be anywhere.
    pub(crate) fn starts(&self) -> Option<BTreeSet<PathBuf>> {
        if self.is_default {
            return None;
        }
        let mut starts = BTreeSet::new();
        for glob in self.patterns() {
            let start: PathBuf = Path::new(glob).components().take_while(|part| is_literal(part)).collect();
            if start.as_os_str().is_empty() {
                return None;
            }
            starts.insert(start);
        }
        let nested = |start: &PathBuf| start.ancestors().skip(1).any(|above| starts.contains(above));
        Some(starts.iter().filter(|start| !nested(start)).cloned().collect())
    }

    /// The names of directories that patterns have without a wildcard: whoever writes one means that directory, whatever others of its name hold.
    pub(crate) fn spelled(&self) -> BTreeSet<&str> {
        let parts = self.patterns().flat_map(|pattern| Path::new(pattern).components()).filter(is_literal);
        parts.filter_map(|part| part.as_os_str().to_str()).collect()
    }

    /// What to say of each pattern that none of the overlays matches, which are relative to the project's root: an error where a directory is named, or where
    /// the environment has nothing at all, else a warning.
    pub(crate) fn unmatched(&self, overlays: &[PathBuf]) -> Vec<Problem> {
        let mut problems = Vec::new();
        for environment in &self.environments {
            let globs = overlays.iter().flat_map(|overlay| environment.globs.matches(overlay));
            let matched: BTreeSet<usize> = globs.map(|glob| glob / GLOBS_BELOW).collect();
            let patterns = environment.overlays.iter().chain(&environment.additions).zip(&environment.places).enumerate();
            for (_, (pattern, place)) in patterns.filter(|(at, _)| !matched.contains(at)) {
                let error = invalid(format!("no kustomization is at \"{pattern}\", which environment {} names", environment.name))
                    .at(place.clone());
                let error = error.help(
                    "correct the path, or remove it; a directory that is hidden, or called target, vendor or node_modules, must be spelled out",
                );
                let is_certain = matched.is_empty() || Path::new(pattern).components().all(|part| is_literal(&part));
                problems.push(if is_certain { Problem::configuration("no-overlay", error) } else { Problem::warning("no-overlay", error) });
            }
        }
        problems
    }

    fn patterns(&self) -> impl Iterator<Item = &str> {
        self.environments.iter().flat_map(|environment| environment.overlays.iter().chain(&environment.additions)).map(String::as_str)
    }

    /// The environment of an overlay, whose path is relative to the project's root.
    pub fn of_overlay(&self, overlay: &Path) -> Result<(usize, &Environment), Error> {
        if self.is_default {
            let strictest = || Some(self.by_role(Role::Production)?).and_then(|at| Some((at, self.environments.get(at)?)));
            return self.guess(overlay).or_else(strictest).ok_or_else(|| invalid("the table inside the binary has no environment prod"));
        }
        // A directory that is named itself belongs where it is named, not where one above it is.
        let named = self.names(overlay);
        let matches =
            |environment: &Environment| if named { environment.exact.is_match(overlay) } else { environment.globs.is_match(overlay) };
        let mut matching = self.environments.iter().enumerate().filter(|(_, environment)| matches(environment));
        match (matching.next(), matching.next()) {
            (Some(found), None) => Ok(found),
            (None, _) => Err(invalid(format!("{} belongs to no environment of {}", overlay.display(), self.path.display())).help(
                "add its path to `overlays` of an environment in that file, or pass --environment NAME; a base that overlays build on is \
                 judged through them and needs none",
            )),
            (Some((_, one)), Some((_, two))) => {
                let message = format!("{} belongs to two environments, {} and {}", overlay.display(), one.name, two.name);
                Err(invalid(message).help(format!("make their `overlays` in {} distinct", self.path.display())))
            }
        }
    }

    /// What leaves out an overlay, whose path is relative to the project's root.
    pub fn excludes(&self, overlay: &Path) -> Option<&Exclude> {
        self.excludes.iter().find(|exclude| exclude.globs.is_match(overlay))
    }

    /// A warning for each entry of `exclude` that leaves out none of these overlays, and nothing of an earlier entry.
    pub(crate) fn idle_excludes(&self, overlays: &[PathBuf]) -> Vec<Problem> {
        let is_idle = |exclude: &&Exclude| !overlays.iter().any(|overlay| exclude.globs.is_match(overlay));
        let problem = |exclude: &Exclude| {
            let error = invalid(format!("\"{}\" under exclude leaves out nothing", exclude.path)).at(exclude.place.clone());
            Problem::warning("exclude-unused", error.help("remove it, or correct its path"))
        };
        self.excludes.iter().filter(is_idle).map(problem).collect()
    }

    /// Whether an overlay's environment is nothing but the strictest one of the table inside the binary, as its path names none.
    pub fn assumes(&self, overlay: &Path) -> bool {
        self.is_default && self.guess(overlay).is_none()
    }

    /// Whether the table names this very directory, rather than one above it; the one inside the binary knows what environments are called.
    pub fn names(&self, overlay: &Path) -> bool {
        if self.is_default {
            return overlay.file_name().is_some_and(|name| Role::of_name(&name.to_string_lossy()).is_some());
        }
        self.environments.iter().any(|environment| environment.exact.is_match(overlay))
    }

    /// A rule's level in an environment; without a row it is the rule's own.
    pub fn level(&self, rule: &str, environment: usize) -> Level {
        self.levels.level(rule, environment)
    }

    /// The level that a row gives one of the cluster's own policies in an environment.
    pub fn own_level(&self, rule: &str, environment: &str) -> Option<Level> {
        let at = self.environments.iter().position(|known| known.name == environment)?;
        self.levels.names(rule).then(|| self.levels.level(rule, at))
    }
}

/// What the table leaves out on purpose.
#[derive(Clone, Debug)]
pub struct Exclude {
    /// A directory or glob, with what lies below, relative to the project's root.
    pub path: String,
    /// Why.
    pub reason: String,
    /// Its place in the file.
    pub place: Place,
    globs: GlobSet,
}

impl Exclude {
    fn read(document: &Document, node: &Node) -> Result<Self, Error> {
        let what = "an entry of \"exclude\"";
        document.fields(node, what, &["path", "reason"])?;
        let path = document.required(node, what, "path")?;
        let pattern = pattern(document, path, "a path in \"exclude\"")?;
        let reason = document.string(document.required(node, what, "reason")?, "\"reason\"")?.to_owned();
        let globs = glob_set(document, std::iter::once(&pattern), true)?;
        Ok(Self { path: pattern.0, reason, place: document.place(path), globs })
    }
}

fn environment(document: &Document, name: &str, node: &Node) -> Result<Environment, Error> {
    let what = format!("environment \"{name}\"");
    document.fields(node, &what, &["overlays", "additions", "parameters", "assume"])?;
    let overlays = patterns(document, document.required(node, &what, "overlays")?, "overlays")?;
    let additions = node.get("additions").map(|list| patterns(document, list, "additions")).transpose()?.unwrap_or_default();
    let all = || overlays.iter().chain(&additions);
    let globs = glob_set(document, all(), true)?;
    let exact = glob_set(document, all(), false)?;
    let added = glob_set(document, additions.iter(), true)?;
    let mut parameters = node.get("parameters").filter(|parameters| !parameters.is_null()).cloned();
    if let Some(parameters) = &mut parameters {
        if parameters.as_map().is_none() {
            return Err(document.error(parameters, "\"parameters\" must be a map"));
        }
        document.canonical(parameters)?;
    }
    let places = all().map(|(_, node)| document.place(node)).collect();
    let texts = |patterns: &[(String, &Node)]| patterns.iter().map(|(pattern, _)| pattern.clone()).collect();
    let (overlays, additions) = (texts(&overlays), texts(&additions));
    Ok(Environment {
        name: name.to_owned(),
        place: document.key_place(node, name),
        overlays,
        additions,
        assumptions: node.get("assume").map_or(Ok(Assumptions::default()), |node| assumptions(document, node))?,
        parameters,
        places,
        sources: document.sources().clone(),
        globs,
        exact,
        added,
    })
}

/// What may be passed over: `{generators: skip}`.
fn assumptions(document: &Document, node: &Node) -> Result<Assumptions, Error> {
    let mut assumptions = Assumptions::default();
    document.fields(node, "\"assume\"", &["generators", "transformers", "validators"])?;
    for (key, value) in document.entries(node, "\"assume\"")? {
        if document.string(value, "an assumption")? != "skip" {
            return Err(document
                .error(value, format!("\"{key}\" can only be skip"))
                .help("leave it out where they must not be passed over"));
        }
        match key {
            "generators" => assumptions.skip_generators = true,
            "transformers" => assumptions.skip_transformers = true,
            _ => assumptions.skip_validators = true,
        }
    }
    Ok(assumptions)
}

fn patterns<'a>(document: &Document, list: &'a Node, field: &str) -> Result<Vec<(String, &'a Node)>, Error> {
    let items = document.list(list, &format!("\"{field}\""))?.iter();
    items.map(|item| pattern(document, item, &format!("a path in \"{field}\""))).collect()
}

fn pattern<'a>(document: &Document, item: &'a Node, what: &str) -> Result<(String, &'a Node), Error> {
    Ok((document.string(item, what)?.trim_start_matches("./").trim_end_matches('/').to_owned(), item))
}

/// Whether a part of a pattern means one name.
fn is_literal(part: &Component<'_>) -> bool {
    !part.as_os_str().to_string_lossy().contains(['*', '?', '[', '{', '\\'])
}

/// How many globs of a set with `below` come of one pattern: the directory, and what lies below it.
const GLOBS_BELOW: usize = 2;

/// Globs in which `*` stays within a directory's name; with `below`, they match what lies below a directory too.
fn glob_set<'a>(document: &Document, patterns: impl Iterator<Item = &'a (String, &'a Node)>, below: bool) -> Result<GlobSet, Error> {
    let mut globs = GlobSetBuilder::new();
    for (pattern, node) in patterns {
        let mut add = |glob: &str| -> Result<(), Error> {
            let glob = GlobBuilder::new(glob).literal_separator(true).build();
            globs.add(glob.map_err(|error| document.error(node, format!("not a path or glob: {}", error.kind())))?);
            Ok(())
        };
        // The project's own directory has an empty path.
        let top = pattern == ".";
        add(if top { "" } else { pattern })?;
        if below {
            add(&if top { "**".to_owned() } else { format!("{pattern}/**") })?;
        }
    }
    globs.build().map_err(|error| document.error(&document.root, error.to_string()))
}
