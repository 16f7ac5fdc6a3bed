//! What Flux fills into what it builds: the values that `postBuild` of its Kustomizations gives in files of the project.
//!
//! Semantics: <https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution>. Values of ConfigMaps are taken from manifests of the project; those of
//! Secrets are nobody's to read here, so what they fill in is known by its form alone, as is all that the project does not say.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use kustomize::{Node, Render, Scalar, Source, Sources, Tag, yaml};
use regex::{Captures, Regex};

/// The group of Flux's Kustomizations.
const GROUP: &str = "kustomize.toolkit.fluxcd.io/";

/// The label or annotation by which Flux leaves an object as it is.
const SWITCH: &str = "kustomize.toolkit.fluxcd.io/substitute";

/// What stands where something is filled in.
pub(crate) const OPEN: &str = "${";

/// Whether a manifest may say something about what is filled in.
pub(crate) fn may_tell(text: &str) -> bool {
    text.contains(GROUP) || text.contains("ConfigMap")
}

/// Whether one has a Kustomization of Flux's that fills in something.
pub(crate) fn is_of_flux(text: &str) -> bool {
    text.contains(GROUP) && text.contains("postBuild")
}

/// A longer value is not filled in.
const LONGEST: usize = 1 << 16;

/// How many bytes are filled into a build.
const MOST: usize = 1 << 22;

/// What is filled in where.
#[derive(Debug, Default)]
pub(crate) struct Substitutions {
    /// By directories from the top of the checkout.
    of_directories: HashMap<PathBuf, Values>,
}

/// What is filled into a build.
#[derive(Clone, Debug, Default)]
struct Values {
    known: BTreeMap<String, String>,
    /// Whether these are all, so that defaults count for others.
    are_all: bool,
    /// The files that say so.
    files: Vec<PathBuf>,
}

/// An object of a manifest.
struct Found {
    file: PathBuf,
    node: Node,
}

impl Substitutions {
    /// Those of manifests, each with its path.
    pub(crate) fn of(manifests: impl Iterator<Item = (PathBuf, String)>) -> Self {
        let (mut kustomizations, mut maps) = (Vec::new(), Vec::new());
        for (file, text) in manifests {
            let Ok(render) = kustomize::read_manifests(&file, text) else { continue };
            for node in render.objects {
                let text = |key: &str| node.str_at(&[key]).unwrap_or_default();
                if text("apiVersion").starts_with(GROUP) && node.at(&["spec", "postBuild"]).is_some() {
                    kustomizations.push(Found { file: file.clone(), node });
                } else if text("kind") == "ConfigMap" {
                    maps.push(Found { file: file.clone(), node });
                }
            }
        }
        let mut of_directories: HashMap<PathBuf, Values> = HashMap::new();
        for found in kustomizations {
            let path = found.node.str_at(&["spec", "path"]).unwrap_or_default();
            let directory = crate::paths::normalize(Path::new(path.trim_start_matches("./").trim_end_matches('/')));
            let values = Values::of(&found, &maps);
            match of_directories.get_mut(&directory) {
                // What two of them fill in differently is not known of either.
                Some(known) => {
                    known.known.retain(|name, value| values.known.get(name) == Some(value));
                    known.are_all = false;
                    known.files.extend(values.files);
                }
                None => drop(of_directories.insert(directory, values)),
            }
        }
        Self { of_directories }
    }

    /// Fills in what is known for a directory, and notes the files that say it.
    pub(crate) fn apply(&self, directory: &Path, render: &mut Render) {
        let Some(values) = self.of_directories.get(directory) else { return };
        let is_off =
            |node: &Node| ["labels", "annotations"].iter().any(|place| node.str_at(&["metadata", place, SWITCH]) == Some("disabled"));
        let mut left = MOST;
        render.objects.iter_mut().filter(|node| !is_off(node)).for_each(|node| values.fill(node, &mut left));
        render.inputs.extend(values.files.iter().cloned());
    }
}

impl Values {
    fn of(found: &Found, maps: &[Found]) -> Self {
        let mut values = Self { known: BTreeMap::new(), are_all: true, files: vec![found.file.clone()] };
        let namespace = found.node.str_at(&["metadata", "namespace"]);
        for from in found.node.at(&["spec", "postBuild", "substituteFrom"]).map_or(&[][..], Node::items) {
            let name = from.str_at(&["name"]).unwrap_or_default();
            let is_it = |map: &&Found| {
                let own = map.node.str_at(&["metadata", "namespace"]);
                map.node.str_at(&["metadata", "name"]) == Some(name) && (own.is_none() || namespace.is_none() || own == namespace)
            };
            let mut fitting = maps.iter().filter(is_it);
            match (from.str_at(&["kind"]), fitting.next(), fitting.next()) {
                (Some("ConfigMap"), Some(map), None) => {
                    values.known.extend(texts(map.node.get("data")));
                    values.files.push(map.file.clone());
                }
                _ => values.are_all = false,
            }
        }
        values.known.extend(texts(found.node.at(&["spec", "postBuild", "substitute"])));
        values
    }

    /// Fills in a tree, as long as there are bytes `left`.
    fn fill(&self, node: &mut Node, left: &mut usize) {
        if let Some(scalar) = node.as_scalar_mut() {
            return self.fill_scalar(scalar, left);
        }
        if let Some(map) = node.as_map_mut() {
            for entry in map.entries_mut() {
                if let Some(filled) = self.filled(&entry.key.text, left) {
                    entry.key.text = filled.into();
                }
                self.fill(&mut entry.value, left);
            }
        }
        if let Some(list) = node.as_seq_mut() {
            list.items.iter_mut().for_each(|item| self.fill(item, left));
        }
    }

    /// Flux fills in the text that Kustomize printed, so a value without quotes may become a number.
    fn fill_scalar(&self, scalar: &mut Scalar, left: &mut usize) {
        if scalar.tag != Tag::Str {
            return;
        }
        let Some(filled) = self.filled(&scalar.text, left) else { return };
        match self.printed(scalar, left) {
            Some(read) => (scalar.text, scalar.tag) = (read.text, read.tag),
            None => scalar.text = filled.into(),
        }
    }

    /// What is read where a scalar is printed and filled in then; nothing where that is no scalar any more.
    fn printed(&self, scalar: &Scalar, left: &mut usize) -> Option<Scalar> {
        let mut sources = Sources::default();
        let origin = kustomize::Origin::new(sources.add(Source::new("", "")), 0, 0);
        let mut text = String::new();
        yaml::emit(&Node::scalar(scalar.clone(), origin), &mut text);
        let id = sources.add(Source::new("", self.filled(&text, left)?));
        let mut read = yaml::read(&sources, id, yaml::Dialect::YamlV2).ok()?;
        let mut node = read.pop().filter(|_| read.is_empty())?;
        yaml::canonical(&mut node, &sources).ok()?;
        node.as_scalar().cloned()
    }

    /// A text with what is known, where that is anything; what is not known stays as it is.
    fn filled(&self, text: &str, left: &mut usize) -> Option<String> {
        static VARIABLE: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"(\$?)\$\{([A-Za-z_][A-Za-z0-9_]*)(?::?[=-]([^{}$]*))?\}").ok());
        let variable = VARIABLE.as_ref().filter(|_| text.contains(OPEN))?;
        let mut is_any = false;
        let value = |found: &Captures<'_>| {
            let (all, escape) = (found.get(0).map_or("", |all| all.as_str()), found.get(1).is_some_and(|escape| !escape.is_empty()));
            let known = found.get(2).and_then(|name| self.known.get(name.as_str())).map(String::as_str);
            let default = found.get(3).filter(|_| self.are_all).map(|default| default.as_str());
            match known.filter(|value| !value.is_empty()).or(default).or(known).filter(|value| !escape && value.len() <= *left) {
                Some(value) => {
                    is_any = true;
                    *left -= value.len();
                    value.to_owned()
                }
                None => all.to_owned(),
            }
        };
        let filled = variable.replace_all(text, value).into_owned();
        is_any.then_some(filled)
    }
}

/// The texts of a map; those that are encrypted or filled in themselves are not known.
fn texts(node: Option<&Node>) -> impl Iterator<Item = (String, String)> {
    let entries = node.map_or(&[][..], Node::entries).iter();
    let pairs = entries.filter_map(|entry| Some((entry.key.text.to_string(), entry.value.text()?.to_owned())));
    pairs.filter(|(_, value)| value.len() <= LONGEST && !value.contains(OPEN) && !value.starts_with("ENC["))
}
