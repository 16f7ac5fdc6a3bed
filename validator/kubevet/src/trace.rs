//! `kubevet trace`: who set a field, and what it was before.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kustomize::{Entry, Error, Node, Origin, Render, Source, Sources, yaml};
use serde::Serialize;

use crate::discover::FILE_NAMES;
use crate::escape;
use crate::locate;
use crate::location::{Object, Step, path_text};
use crate::origins::Printed;
use crate::paths::{normalize, shown};
use crate::problem::{invalid, suggest};
use crate::redact::{MASK, Secrets};

/// The history of a field.
#[derive(Debug)]
pub struct Trace<'r> {
    /// Whose field it is.
    pub object: Object,
    /// The path for people.
    pub path: String,
    whole: &'r Node,
    steps: Vec<Step>,
    /// What is there now; nothing where it was removed.
    pub node: Option<&'r Node>,
    /// What was done to it, the newest first.
    pub stages: Vec<Stage>,
}

/// One place that set or removed a field.
#[derive(Clone, Debug)]
pub struct Stage {
    /// The file.
    pub source: Arc<Source>,
    /// First byte of what stands there, its key included.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
    /// Whether the field was removed there.
    pub removes: bool,
    /// What the place is in its kustomization.
    pub by: By,
}

/// What a place is in its kustomization.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct By {
    /// The field of the kustomization, such as `patches` or `images`, that holds the place or names its file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The kustomization that names the file, where the place is not in one itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kustomization: Option<PathBuf>,
}

impl<'r> Trace<'r> {
    /// The history of the field that `path` leads to in an object of the render.
    ///
    /// # Errors
    /// Where there is no such field and nothing removed one; the error names what is nearest.
    pub fn of(render: &'r Render, object: &'r Node, path: &[Step]) -> Result<Self, Error> {
        let files = Files::of(&render.sources);
        let stage = |origin: &Origin, removes| Stage {
            source: Arc::clone(render.sources.get(origin.source)),
            start: origin.key,
            end: origin.end,
            removes,
            by: files.by(&render.sources, origin),
        };
        let names = locate::element_names(object, path);
        let (subject, text) = (Object::of(object), path_text(path, &names));
        let mut node = object;
        for (at, step) in path.iter().enumerate() {
            let Some(next) = locate::child(node, step) else {
                let Step::Key(key) = step else { return Err(missing(node, &subject, &path_text(&path[..at], &names), &text)) };
                let removed = node.removed().iter().rev().filter(|removal| &*removal.key == key);
                let stages: Vec<Stage> = removed
                    .flat_map(|removal| std::iter::once(stage(&removal.by, true)).chain(removal.had.history().map(|had| stage(had, false))))
                    .collect();
                if stages.is_empty() {
                    return Err(missing(node, &subject, &path_text(&path[..at], &names), &text));
                }
                let (path, steps) = (path_text(&path[..=at], &names), path[..=at].to_owned());
                return Ok(Self { object: subject, path, whole: object, steps, node: None, stages });
            };
            node = next;
        }
        // The line that names an object says more of it than the whole of its text.
        let origin = if path.is_empty() { node.at(&["metadata", "name"]).map_or(&node.origin, |name| &name.origin) } else { &node.origin };
        let stages = origin.history().map(|origin| stage(origin, false)).collect();
        Ok(Self { object: subject, path: text, whole: object, steps: path.to_owned(), node: Some(node), stages })
    }

    /// Writes it for people: what it is now, then each place that set it.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_human(&self, render: &Render, secrets: &Secrets, out: &mut dyn Write) -> io::Result<()> {
        let line = |text: &str| escape::line(&secrets.scrub(text)).into_owned();
        let path = if self.path.is_empty() { String::new() } else { format!("  {}", line(&self.path)) };
        write!(out, "{}{path}", line(&self.object.to_string()))?;
        let now = self.now(render, secrets).map_err(|error| io::Error::other(error.message))?;
        match &now.value {
            _ if self.node.is_none() => writeln!(out, " is not there any more")?,
            Some(value) if !value.contains('\n') => writeln!(out, ": {}", line(value))?,
            _ => writeln!(out)?,
        }
        for (at, stage) in self.stages.iter().enumerate() {
            let verb = match (at, stage.removes) {
                (_, true) => "removed",
                (0, _) => "set",
                _ => "before",
            };
            let (row, column) = stage.source.position(stage.start);
            let place = format!("{}:{row}:{column}", shown(stage.source.path()).display());
            writeln!(out, "\n{verb:<8} {}{}", line(&place), line(&stage.by.to_string()))?;
            writeln!(out, "         {}", escape::line(&secrets.line(&stage.source, row as usize - 1)))?;
        }
        // What is within has places of its own.
        if !now.lines.is_empty() {
            writeln!(out)?;
        }
        now.lines.iter().try_for_each(|text| writeln!(out, "{}", line(text)))?;
        Ok(())
    }

    /// The same as one JSON document.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_json(&self, render: &Render, secrets: &Secrets, out: &mut dyn Write) -> io::Result<()> {
        let stages = self.stages.iter().map(|stage| {
            let (line, column) = stage.source.position(stage.start);
            Place {
                file: shown(stage.source.path()),
                address: stage.source.address(),
                line,
                column,
                removes: stage.removes,
                text: secrets.line(&stage.source, line as usize - 1),
                by: &stage.by,
            }
        });
        let value = self.now(render, secrets).map_err(|error| io::Error::other(error.message))?.value;
        let document = Document { object: &self.object, path: &self.path, is_there: self.node.is_some(), value, stages: stages.collect() };
        writeln!(out, "{}", escape::json(&serde_json::to_string_pretty(&document)?))
    }

    /// What is there now, as the object is printed, without what is secret: a value on one line, or all lines, each with its place.
    fn now(&self, render: &Render, secrets: &Secrets) -> Result<Now, Error> {
        let Some(node) = self.node else { return Ok(Now::default()) };
        let printed = Printed::of(self.whole)?;
        let source = printed.source();
        let Some(field) = printed.tree().and_then(|tree| locate::resolve(tree, &self.steps)) else { return Ok(Now::default()) };
        if node.as_scalar().is_none() {
            let lines = source.position(field.origin.key).0..=source.position(field.origin.end.saturating_sub(1)).0;
            let lines = printed.annotated(self.whole, &render.sources, lines, secrets);
            return Ok(Now { value: None, lines });
        }
        let (start, end) = (field.origin.start as usize, field.origin.end as usize);
        let is_hidden = secrets.masked(source).iter().any(|range| range.start < end && start < range.end);
        let value = if is_hidden { MASK } else { source.text().get(start..end).unwrap_or_default() };
        Ok(Now { value: Some(value.to_owned()), lines: Vec::new() })
    }
}

/// What is there now.
#[derive(Default)]
struct Now {
    value: Option<String>,
    lines: Vec<String>,
}

/// What of it goes into JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'t> {
    object: &'t Object,
    path: &'t str,
    is_there: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    stages: Vec<Place<'t>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place<'t> {
    file: PathBuf,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'t str>,
    line: u32,
    column: u32,
    removes: bool,
    text: String,
    #[serde(flatten)]
    by: &'t By,
}

impl std::fmt::Display for By {
    /// What stands behind a place: `  patches of overlays/prod/kustomization.yaml`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.field, &self.kustomization) {
            (Some(field), Some(kustomization)) => write!(f, "  {field} of {}", shown(kustomization).display()),
            (Some(field), None) => write!(f, "  {field}"),
            (None, _) => Ok(()),
        }
    }
}

/// What the files of a render are in its kustomizations.
struct Files {
    /// Each kustomization with its fields.
    kustomizations: Vec<(PathBuf, Node)>,
}

impl Files {
    fn of(sources: &Sources) -> Self {
        let is_kustomization = |path: &Path| FILE_NAMES.iter().any(|name| path.ends_with(name));
        let mut kustomizations: Vec<(PathBuf, Node)> = Vec::new();
        for (_, source) in sources.iter().filter(|(_, source)| is_kustomization(source.path())) {
            let path = normalize(source.path());
            if kustomizations.iter().any(|(known, _)| *known == path) {
                continue;
            }
            let mut own = Sources::default();
            let id = own.add(Source::new(source.path(), source.text()));
            // What was built can be read.
            let document = yaml::read(&own, id, yaml::Dialect::YamlV2).ok().and_then(|documents| documents.into_iter().next());
            kustomizations.extend(document.map(|document| (path, document)));
        }
        Self { kustomizations }
    }

    fn by(&self, sources: &Sources, origin: &Origin) -> By {
        let path = normalize(sources.get(origin.source).path());
        if let Some((_, document)) = self.kustomizations.iter().find(|(known, _)| *known == path) {
            let holds = |entry: &&Entry| {
                entry.value.origin.key <= origin.key && origin.key < entry.value.origin.end.max(entry.value.origin.key + 1)
            };
            let field = document.entries().iter().find(holds).map(|entry| entry.key.text.to_string());
            return By { field, kustomization: None };
        }
        for (kustomization, document) in &self.kustomizations {
            let directory = kustomization.parent().unwrap_or(Path::new(""));
            let names_it = |text: &str| {
                // A generator's file may have a key before it.
                let names = [Some(text), text.split_once('=').map(|(_, path)| path)];
                names.into_iter().flatten().any(|name| normalize(&directory.join(name)) == path)
            };
            let field = document.entries().iter().find(|entry| has_text(&entry.value, &names_it));
            if let Some(field) = field {
                return By { field: Some(field.key.text.to_string()), kustomization: Some(kustomization.clone()) };
            }
        }
        By::default()
    }
}

fn has_text(node: &Node, is_meant: &impl Fn(&str) -> bool) -> bool {
    node.as_str().is_some_and(is_meant)
        || node.items().iter().any(|item| has_text(item, is_meant))
        || node.entries().iter().any(|entry| has_text(&entry.value, is_meant))
}

/// Why there is nothing to tell.
fn missing(node: &Node, object: &Object, above: &str, path: &str) -> Error {
    let error = invalid(format!("{object} has no {path}, and nothing removed one"));
    let what = if above.is_empty() { "the object" } else { above };
    if node.as_scalar().is_some() {
        return error.help(format!("{what} is a value, with nothing in it"));
    }
    if node.as_seq().is_some() {
        return error.help(format!("{what} is a list of {} elements, counted from 0", node.items().len()));
    }
    let asked = path.strip_prefix(above).unwrap_or(path).trim_start_matches(['.', '[', '"']);
    let asked = asked.split(['.', '[', '"']).next().unwrap_or_default();
    error.help(format!("of the fields of {what}: {}", suggest(asked, node.entries().iter().map(|entry| &*entry.key.text))))
}
