//! Gives an object another name, wherever it is named; proved by building everything again.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kustomize::yaml::Dialect;
use kustomize::{Node, Render, Source, Sources};

use super::compare::{Said, differences};
use super::edit::documents;
use super::entries::entries;
use super::exceptions::{self, Exceptions};
use super::holder::anchor;
use super::occurrences::{Names, Occurrences};
use super::outcome::FixedFile;
use super::refusal::Refusal;
use super::texts::Texts;
use crate::check::{Examined, Memory, Settings, examine};
use crate::discover::FILE_NAMES;
use crate::findings::Finding;
use crate::input::Input;
use crate::locate;
use crate::location::{Object, Step};
use crate::named::first_name;
use crate::paths::shown;
use crate::project::Project;
use crate::remedy::Edit;

/// The longest name that Kubernetes takes.
const LONGEST: usize = 253;

/// What is to be renamed: whatever is made of one document or entry of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renamed {
    anchor: (PathBuf, u32),
    kind: String,
    /// The name in the object's own file.
    pub name: String,
}

impl Renamed {
    /// What an object of a render is made of.
    pub fn of(sources: &Sources, object: &Node) -> Option<Self> {
        let name = first_name(sources, object)?.to_owned();
        Some(Self { anchor: anchor(sources, object), kind: Object::of(object).kind, name })
    }

    /// Where an object begins that is to be renamed: what generators merge has a beginning for each of them.
    fn beginnings(&self, before: &Examined) -> Vec<(PathBuf, RangeInclusive<u32>)> {
        let (file, at) = &self.anchor;
        let mut found = vec![(file.clone(), *at..=*at)];
        for render in before.renders.iter().flat_map(|(_, renders)| renders) {
            let is_called_so =
                |object: &&Node| Object::of(object).kind == self.kind && first_name(&render.sources, object) == Some(&self.name);
            let called_so: Vec<&Node> = render.objects.iter().filter(is_called_so).collect();
            if let [one] = called_so.as_slice()
                && anchor(&render.sources, one) == self.anchor
            {
                found.extend(render.sources.iter().flat_map(|(_, source)| generators(source, &self.kind, &self.name)));
            }
        }
        found
    }
}

/// The generators of a kustomization that make an object of that name.
fn generators(source: &Source, kind: &str, name: &str) -> Vec<(PathBuf, RangeInclusive<u32>)> {
    if !FILE_NAMES.iter().any(|known| source.path().ends_with(known)) || !source.text().contains("Generator") {
        return Vec::new();
    }
    let entry = |root: &Node, path: &[Step]| {
        let is_generator = matches!(path.first(), Some(Step::Key(list)) if list.ends_with("Generator"));
        let node = locate::resolve(root, path.get(..2)?).filter(|_| is_generator)?;
        Some((shown(source.path()), node.origin.start..=node.origin.end))
    };
    let roots = documents(source.text(), Dialect::YamlV2).unwrap_or_default();
    let of_root = |root: &Node| {
        entries(root, kind).iter().filter(|(_, text)| *text == name).filter_map(|(path, _)| entry(root, path)).collect::<Vec<_>>()
    };
    roots.iter().flat_map(of_root).collect()
}

/// Those of some kinds whose objects an entry of a kustomization may name at a byte.
pub fn kinds_named_at<'k>(root: &Node, at: u32, kinds: impl Iterator<Item = &'k str>) -> Vec<&'k str> {
    let is_at = |node: &Node| (node.origin.start..=node.origin.end).contains(&at);
    let names = |kind: &&str| entries(root, kind).iter().any(|(path, _)| locate::resolve(root, path).is_some_and(is_at));
    kinds.filter(names).collect()
}

/// The files with another name of an object. Nothing is written.
///
/// # Errors
/// What is built afterwards differs in more than the name, or there is more to complain about.
pub fn rename(
    project: &Project,
    inputs: &[Input],
    settings: &Settings,
    (what, new): (&Renamed, &str),
    mut memory: Memory,
) -> Result<Vec<FixedFile>, Refusal> {
    if new.is_empty() || new.len() > LONGEST || !new.chars().all(|next| next.is_ascii_alphanumeric() || "-._:".contains(next)) {
        return Err(Refusal::new("that is no name for an object"));
    }
    let before = examine(project, inputs, settings, Some(&mut memory));
    let names = Names { kind: &what.kind, old: &what.name, new };
    let beginnings = what.beginnings(&before);
    let is_it = |render: &Render, object: &Node| {
        let (file, at) = anchor(&render.sources, object);
        Object::of(object).kind == what.kind && beginnings.iter().any(|(known, range)| *known == file && range.contains(&at))
    };
    let mut found = Occurrences::default();
    let mut expected: Vec<Vec<(&Node, Edit)>> = Vec::new();
    for (judged, renders) in &before.renders {
        let mut edits = Vec::new();
        for render in renders {
            for object in render.objects.iter().filter(|object| is_it(render, object)) {
                found.splices.extend(exceptions::splices(&project.waivers, &judged.environment, &Object::of(object), names));
                edits.extend(found.add(render, object, names));
            }
        }
        expected.push(edits);
    }
    if found.splices.is_empty() {
        return Err(Refusal::new("the name is written in no file of the project"));
    }
    let texts = edited(found, settings)?;
    let drafts = texts.drafts()?;
    let changed: Vec<PathBuf> = texts.edited().map(|(path, _)| path.to_owned()).collect();
    memory.change(Some(&changed), &drafts);
    let after = examine(project, inputs, &Settings { drafts: Some(Arc::new(drafts)), ..settings.clone() }, Some(&mut memory));
    prove(&before, &after, &expected, &Exceptions::of(project, &texts, settings.today)?)?;
    let below = Texts::over(settings.drafts.clone());
    let file = |(path, after): (&Path, &Arc<str>)| FixedFile {
        path: path.to_owned(),
        before: below.get(path).ok().flatten(),
        after: Arc::clone(after),
        marks: Vec::new(),
    };
    Ok(texts.edited().map(file).collect())
}

/// The texts with the new name.
fn edited(found: Occurrences, settings: &Settings) -> Result<Texts, Refusal> {
    let mut texts = Texts::over(settings.drafts.clone());
    // The last ones first, so that the others stay where they are.
    for splice in found.splices.iter().rev() {
        let mut text = texts.read(&splice.file)?.to_string();
        if text.get(splice.start..splice.end).is_none() {
            return Err(Refusal::not_there());
        }
        text.replace_range(splice.start..splice.end, &splice.text);
        texts.put(&splice.file, text);
    }
    found.operations.iter().try_for_each(|operation| operation.apply(&mut texts))?;
    Ok(texts)
}

fn objects(renders: &[Arc<Render>]) -> Vec<&Node> {
    renders.iter().flat_map(|render| &render.objects).collect()
}

/// Whether nothing but the name is another.
fn prove(before: &Examined, after: &Examined, expected: &[Vec<(&Node, Edit)>], exceptions: &Exceptions) -> Result<(), Refusal> {
    let failures = |examined: &Examined| examined.report.problems.iter().filter(|problem| problem.failure.is_some()).count();
    if failures(after) > failures(before) || after.renders.len() < before.renders.len() {
        let new = after.report.problems.iter().find(|problem| problem.failure.is_some());
        let why = new.map(|problem| format!(": {}", problem.error.message)).unwrap_or_default();
        return Err(Refusal::new(format!("with it an overlay can't be judged{why}")));
    }
    for ((judged, renders), edits) in std::iter::zip(&before.renders, expected) {
        let now = after.renders.iter().find(|(now, _)| now.path == judged.path && now.environment == judged.environment);
        let Some(sources) = renders.first().map(|render| &render.sources) else { continue };
        let (old, new) = (objects(renders), now.map(|(_, now)| objects(now)).unwrap_or_default());
        let named: Vec<Object> = edits.iter().map(|(node, _)| Object::of(node)).collect();
        let said =
            Said { edits: std::iter::zip(&named, edits).map(|(object, (_, edit))| (object, edit.clone())).collect(), ..Said::default() };
        if let Some((object, what)) = differences(sources, &old, &new, &said).into_iter().next() {
            return Err(Refusal::new(format!(
                "with it {object} of {} is another in more than the name: {what}",
                shown(&judged.path).display()
            )));
        }
    }
    let open = |finding: &&Finding| !finding.is_accepted();
    if let Some(finding) = before.report.findings.iter().filter(open).find(|finding| exceptions.cover(before, finding)) {
        return Err(Refusal::new(format!("with it a waiver covers {} of {} too", finding.rule, finding.object)));
    }
    let counts = |findings: &mut dyn Iterator<Item = &Finding>| {
        let mut counts: BTreeMap<(String, Vec<PathBuf>), Vec<Finding>> = BTreeMap::new();
        findings.for_each(|finding| counts.entry((finding.rule.clone(), finding.overlays.clone())).or_default().push(finding.clone()));
        counts
    };
    let known = counts(&mut before.report.findings.iter().filter(open));
    let now = counts(&mut after.report.findings.iter().filter(|finding| !exceptions.accept(after, finding)));
    for (key, found) in now {
        let old = known.get(&key).map(Vec::as_slice).unwrap_or_default();
        if found.len() > old.len() {
            let is_new = |finding: &&Finding| !old.iter().any(|known| known.message == finding.message);
            let message = found.iter().find(is_new).or(found.first()).map(|finding| finding.message.clone()).unwrap_or_default();
            return Err(Refusal::new(format!("with it there is a new finding of {}: {message}", key.0)));
        }
    }
    Ok(())
}
