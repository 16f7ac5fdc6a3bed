//! What there is to judge: overlays, manifest files, a stream.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use kustomize::{Error, ErrorKind};

use crate::discover::{self, Search};
use crate::files::read_text;
use crate::plain::Plain;
use crate::problem::{Problem, invalid, whole};
use crate::project::Project;

/// Something to judge as one whole.
#[derive(Clone, Debug)]
pub enum Input {
    /// The kustomization in a directory.
    Overlay(PathBuf),
    /// Manifests that are there already.
    Manifests {
        /// The file or directory that they come from.
        path: PathBuf,
        /// Each file with its text.
        texts: Vec<(PathBuf, String)>,
    },
}

impl Input {
    /// Where it comes from.
    pub fn path(&self) -> &Path {
        match self {
            Self::Overlay(path) | Self::Manifests { path, .. } => path,
        }
    }

    /// The manifests of a file, a directory, or with `-` a stream, each file with its text.
    pub fn manifests(path: &Path) -> Result<Vec<(PathBuf, String)>, Problem> {
        let input = match path {
            path if path == Path::new("-") => stream()?,
            path if path.is_file() => return Ok(vec![read(path)?]),
            path if path.is_dir() => directory(path)?.0,
            path => {
                let error = Error::new(ErrorKind::Io, format!("{} does not exist", path.display()));
                return Err(Problem::configuration("no-such-path", error.help("name a manifest file, a directory, or - for a stream")));
            }
        };
        match input {
            Self::Manifests { texts, .. } => Ok(texts),
            Self::Overlay(_) => Ok(Vec::new()),
        }
    }

    /// Everything that `paths` mean: `-` a stream, a file a stream of manifests, a directory its kustomization or those below it.
    ///
    /// With `manifests`, a directory without a kustomization is read as plain YAML and JSON files.
    pub fn collect(paths: &[PathBuf], manifests: bool, search: &Search<'_>) -> Result<Inputs, Vec<Problem>> {
        let mut inputs = Inputs::default();
        let mut problems = Vec::new();
        let mut known = HashSet::new();
        for path in paths {
            match Self::of(path, manifests, search) {
                Ok(found) => {
                    inputs.list.extend(found.list.into_iter().filter(|input| known.insert(input.path().to_owned())));
                    inputs.warnings.extend(found.warnings);
                    inputs.components.extend(found.components);
                    inputs.left_out.ignored += found.left_out.ignored;
                }
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() { Ok(inputs) } else { Err(problems) }
    }

    fn of(path: &Path, manifests: bool, search: &Search<'_>) -> Result<Inputs, Problem> {
        if path == Path::new("-") {
            return stream().map(Inputs::one);
        }
        if path.is_file() {
            // People and hooks name the file; the directory is what can be built.
            if discover::FILE_NAMES.iter().any(|name| path.ends_with(name)) {
                return Ok(Inputs::one(Self::Overlay(tidy(path.parent().unwrap_or(path)))));
            }
            return Ok(Inputs::one(Self::Manifests { path: path.to_owned(), texts: vec![read(path)?] }));
        }
        if !path.is_dir() {
            let error = Error::new(ErrorKind::Io, format!("{} does not exist", path.display()));
            return Err(Problem::configuration(
                "no-such-path",
                error.help("name an overlay, a manifest file, a directory, or - for a stream"),
            ));
        }
        if path != Path::new(".") && discover::kustomization_file(path).is_some() {
            return Ok(Inputs::one(Self::Overlay(path.to_owned())));
        }
        if manifests {
            let (input, warnings) = directory(path)?;
            return Ok(Inputs { warnings, ..Inputs::one(input) });
        }
        let roots = discover::roots(path, search).map_err(|error| Problem::unjudged("unreadable", error))?;
        if roots.judged.is_empty() {
            let error = invalid(format!("{} holds no kustomization, nor does a directory below it", path.display())).at(whole(path));
            let advice = Plain::below(path).ok().and_then(|plain| plain.advice());
            let help = advice.unwrap_or_else(|| {
                "name a directory with a kustomization.yaml, or pass --manifests to judge its YAML files as they are".to_owned()
            });
            return Err(Problem::nothing("no-kustomization", error.help(help)));
        }
        let warnings = roots.unused.iter().map(|component| unused(component, path)).collect();
        let list = roots.judged.iter().map(|root| Self::Overlay(tidy(root))).collect();
        let left_out = LeftOut { ignored: roots.ignored, ..LeftOut::default() };
        Ok(Inputs { list, warnings, components: roots.named_like_environments, left_out })
    }
}

/// What there is to judge, and what is left out.
#[derive(Debug, Default)]
pub struct Inputs {
    /// In the order in which they were named and found.
    pub list: Vec<Input>,
    /// What nothing judges.
    pub warnings: Vec<Problem>,
    /// Components that are called like an environment.
    components: Vec<PathBuf>,
    /// What is left out on purpose.
    pub left_out: LeftOut,
}

/// What a search left out on purpose.
#[derive(Clone, Debug, Default)]
pub struct LeftOut {
    /// What the table excludes: each with the reason.
    pub excluded: Vec<(PathBuf, String)>,
    /// How many kustomizations git ignores.
    pub ignored: usize,
}

impl Inputs {
    /// Everything that `paths` mean in a project: as [`Input::collect`], with what its table says of directories.
    pub fn of_project(project: &Project, paths: &[PathBuf], manifests: bool) -> Result<Self, Vec<Problem>> {
        let named = |dir: &Path| project.table.names(&project.relative(dir));
        let mut inputs =
            Input::collect(paths, manifests, &Search { spelled: project.table.spelled(), named: &named, drafts: project.drafts() })?;
        // Whoever names an overlay means it.
        let is_named = |path: &Path| paths.iter().any(|named| tidy(named) == path && path != Path::new("."));
        let excluded = |input: &Input| match input {
            Input::Overlay(dir) if !is_named(dir) => project.table.excludes(&project.relative(dir)),
            _ => None,
        };
        let all = std::mem::take(&mut inputs.list);
        inputs.warnings.extend(project.idle_excludes());
        for input in all {
            match excluded(&input) {
                Some(exclude) => inputs.left_out.excluded.push((input.path().to_owned(), exclude.reason.clone())),
                None => inputs.list.push(input),
            }
        }
        if inputs.list.is_empty() {
            let error = invalid(format!("{} leaves out all overlays", project.table.path.display())).at(whole(&project.table.path));
            return Err(vec![Problem::nothing("all-excluded", error.help("exclude less; kubevet is never green when it judged nothing"))]);
        }
        // A table says itself what it misses.
        if project.table.is_default {
            let environment = |dir: &Path| project.table.of_overlay(&project.relative(dir)).ok();
            let judged: HashSet<usize> = inputs.list.iter().filter_map(|input| environment(input.path())).map(|(at, _)| at).collect();
            let lost = inputs.components.iter().filter_map(|component| {
                let (_, environment) = environment(component).filter(|(at, _)| !judged.contains(at))?;
                Some(unjudged(component, &environment.name))
            });
            inputs.warnings.extend(lost);
        }
        Ok(inputs)
    }

    fn one(input: Input) -> Self {
        Self { list: vec![input], ..Self::default() }
    }
}

fn unused(component: &Path, top: &Path) -> Problem {
    let component = tidy(component);
    let message = format!("nothing judges the component {}: no overlay below {} uses it", component.display(), top.display());
    let place = whole(&discover::kustomization_file(&component).unwrap_or(component));
    let help = "remove it, list it under `components` of an overlay, or name it under `overlays` in policies/environments.yaml to judge it by itself";
    Problem::warning("component-unused", invalid(message).at(place).help(help))
}

fn unjudged(component: &Path, environment: &str) -> Problem {
    let component = tidy(component);
    let message = format!("nothing is judged as {environment}: {} is a component, judged only in what uses it", component.display());
    let place = whole(&discover::kustomization_file(&component).unwrap_or(component));
    let help = "make it an overlay again (`kind: Kustomization`), or say in policies/environments.yaml what belongs to which environment";
    Problem::warning("environment-unjudged", invalid(message).at(place).help(help))
}

/// A path without `./` before it; the working directory itself stays `.`.
fn tidy(path: &Path) -> PathBuf {
    let inside = path.strip_prefix("./").unwrap_or(path);
    if inside.as_os_str().is_empty() { PathBuf::from(".") } else { inside.to_owned() }
}

fn stream() -> Result<Input, Problem> {
    let path = PathBuf::from("<stdin>");
    let text = kustomize::yaml::read_text(&path, std::io::stdin()).map_err(|error| Problem::unjudged("unreadable", error))?;
    Ok(Input::Manifests { path: path.clone(), texts: vec![(path, text)] })
}

/// The manifests of a directory, and what of it is left out.
fn directory(dir: &Path) -> Result<(Input, Vec<Problem>), Problem> {
    let plain = Plain::below(dir).map_err(|error| Problem::unjudged("unreadable", error))?;
    let texts: Vec<_> = plain.files.iter().map(|path| read(path)).collect::<Result<_, _>>()?;
    if texts.is_empty() {
        let besides = if plain.charts.is_empty() { "" } else { " besides Helm charts" };
        let error = invalid(format!("{} holds no YAML or JSON file{besides}", dir.display())).at(whole(dir));
        return Err(Problem::nothing("no-manifests", plain.advice().into_iter().fold(error, kustomize::Error::help)));
    }
    Ok((Input::Manifests { path: dir.to_owned(), texts }, plain.left_out().collect()))
}

fn read(path: &Path) -> Result<(PathBuf, String), Problem> {
    let text = read_text(path).map_err(|error| Problem::unjudged("unreadable", error))?;
    Ok((path.to_owned(), text))
}
