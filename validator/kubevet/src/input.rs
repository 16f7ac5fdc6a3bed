//! What there is to judge: overlays, manifest files, a stream.

use std::path::{Path, PathBuf};

use kustomize::{Error, ErrorKind};
use walkdir::WalkDir;

use crate::config::read_text;
use crate::discover;
use crate::problem::{Problem, invalid, whole};

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

    /// Everything that `paths` mean: `-` a stream, a file a stream of manifests, a directory its kustomization or those below it.
    ///
    /// With `manifests`, a directory without a kustomization is read as plain YAML and JSON files. `named` says which directories are overlays
    /// even if another one builds on them.
    pub fn collect(paths: &[PathBuf], manifests: bool, named: impl Fn(&Path) -> bool) -> Result<Vec<Self>, Vec<Problem>> {
        let mut inputs: Vec<Self> = Vec::new();
        let mut problems = Vec::new();
        for path in paths {
            match Self::of(path, manifests, &named) {
                Ok(found) => {
                    for input in found {
                        if !inputs.iter().any(|known| known.path() == input.path()) {
                            inputs.push(input);
                        }
                    }
                }
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() { Ok(inputs) } else { Err(problems) }
    }

    fn of(path: &Path, manifests: bool, named: &impl Fn(&Path) -> bool) -> Result<Vec<Self>, Problem> {
        if path == Path::new("-") {
            return stream().map(|input| vec![input]);
        }
        if path.is_file() {
            // People and hooks name the file; the directory is what can be built.
            if discover::FILE_NAMES.iter().any(|name| path.ends_with(name)) {
                return Ok(vec![Self::Overlay(tidy(path.parent().unwrap_or(path)))]);
            }
            return Ok(vec![Self::Manifests { path: path.to_owned(), texts: vec![read(path)?] }]);
        }
        if !path.is_dir() {
            let error = Error::new(ErrorKind::Io, format!("{} does not exist", path.display()));
            return Err(Problem::configuration(
                "no-such-path",
                error.help("name an overlay, a manifest file, a directory, or - for a stream"),
            ));
        }
        if path != Path::new(".") && discover::kustomization_file(path).is_some() {
            return Ok(vec![Self::Overlay(path.to_owned())]);
        }
        if manifests {
            return directory(path).map(|input| vec![input]);
        }
        let roots = discover::roots(path, named).map_err(|error| Problem::unjudged("unreadable", error))?;
        if roots.is_empty() {
            let error = invalid(format!("{} holds no kustomization, nor does a directory below it", path.display())).at(whole(path));
            let help = "name a directory with a kustomization.yaml, or pass --manifests to judge its YAML files as they are";
            return Err(Problem::nothing("no-kustomization", error.help(help)));
        }
        Ok(roots.iter().map(|root| Self::Overlay(tidy(root))).collect())
    }
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

fn directory(dir: &Path) -> Result<Input, Problem> {
    let mut texts = Vec::new();
    for entry in WalkDir::new(dir).sort_by_file_name() {
        let entry = entry.map_err(|error| Problem::unjudged("unreadable", invalid(error.to_string())))?;
        let extension = entry.path().extension().and_then(|extension| extension.to_str());
        if entry.file_type().is_file() && extension.is_some_and(|extension| ["yaml", "yml", "json"].contains(&extension)) {
            texts.push(read(entry.path())?);
        }
    }
    if texts.is_empty() {
        let error = invalid(format!("{} holds no YAML or JSON file", dir.display())).at(whole(dir));
        return Err(Problem::nothing("no-manifests", error));
    }
    Ok(Input::Manifests { path: dir.to_owned(), texts })
}

fn read(path: &Path) -> Result<(PathBuf, String), Problem> {
    let text = read_text(path).map_err(|error| Problem::unjudged("unreadable", error))?;
    Ok((path.to_owned(), text))
}
