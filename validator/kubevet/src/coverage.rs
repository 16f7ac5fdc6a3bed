//! What of the rendered objects was judged, and what nothing could judge: green means only what it says here.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use kubevet_facts::Facts;
use kubevet_facts::workloads::Reading;
use kustomize::{Node, NoteKind, Render, Sources};
use serde::Serialize;

use crate::findings::{Location, Object, Step, path_text};
use crate::locate;
use crate::paths::shown;
use crate::redact::Secrets;

/// How many kinds or objects a sentence names.
const NAMED: usize = 3;

/// What was judged of some objects.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Coverage {
    /// How many objects there are.
    pub objects: usize,
    /// How many of them nothing is missing of: their kind has a schema, and all their Pods were read.
    pub whole: usize,
    /// Objects of kinds without a schema, so that nothing checked their fields.
    pub without_schema: Vec<Gap>,
    /// Objects of kinds whose schema is not sure enough to check more than types and names of fields.
    pub partly_checked: Vec<Gap>,
    /// What looks like a Pod in a kind that `workloads.yaml` does not describe, so that no rule read it.
    pub unread: Vec<Gap>,
    /// Objects of which rules of their definition, or policies, say something that can't be told here.
    pub undecided: Vec<Gap>,
    /// Objects whose Pods are left out on purpose, as `workloads.yaml` says.
    pub left_out: Vec<Gap>,
    /// Policies on traffic that are no NetworkPolicies, so that what they allow is not evaluated.
    pub policies: Vec<Gap>,
    /// Plugins of kustomizations that were passed over, as the table says.
    pub not_run: Vec<NotRun>,
}

/// A plugin that was not run.
#[derive(Clone, Debug, Serialize)]
pub struct NotRun {
    /// Which, and what comes of it.
    pub what: String,
    /// The file that configures it.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: u32,
}

/// Something that was not judged.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Gap {
    /// The object.
    pub object: Object,
    /// Where in it, where it is only a part.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: u32,
    /// Why it is not judged, where there is more to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Coverage {
    /// What is known of objects, each with the sources that it is made from.
    pub(crate) fn of(objects: &[(&Sources, &Node)], facts: &Facts, reading: &Reading<'_>) -> Self {
        let gap = |at: usize, path: &kubevet_facts::objects::Path, reason: Option<&str>| {
            let (sources, node) = objects.get(at)?;
            let steps: Vec<Step> = path.0.iter().cloned().map(Step::from).collect();
            // What is said of a whole object is said of its kind, as rules do.
            let kind = [Step::Key("kind".to_owned())];
            let shown = if steps.is_empty() { &kind[..] } else { &steps };
            let place = locate::locate(sources, node, shown).into_iter().next()?;
            let path = path_text(&steps, &locate::element_names(node, &steps));
            Some(Gap::at(&place, Object::of(node), path, reason))
        };
        let mut coverage = Coverage { objects: objects.len(), ..Coverage::default() };
        let whole = kubevet_facts::objects::Path::default();
        let mut partly = BTreeSet::new();
        for (at, facts) in facts.objects.iter().enumerate().take(objects.len()) {
            let why = facts.coverage.why.as_deref();
            if facts.coverage.unchecked {
                coverage.without_schema.extend(gap(at, &whole, why));
            }
            if facts.coverage.partly_checked {
                coverage.partly_checked.extend(gap(at, &whole, why));
            }
            if facts.coverage.foreign_policy {
                coverage.policies.extend(gap(at, &whole, None));
            }
            coverage.unread.extend(facts.coverage.unread.iter().filter_map(|path| gap(at, path, None)));
            let undecided = facts.coverage.undecided.iter();
            coverage.undecided.extend(undecided.filter_map(|undecided| gap(at, &undecided.path, Some(&undecided.why))));
            if facts.coverage != kubevet_facts::Coverage::default() {
                partly.insert(at);
            }
        }
        let left_out = reading.left_out.iter().filter(|(at, _)| *at < objects.len());
        coverage.left_out.extend(left_out.filter_map(|(at, reason)| gap(*at, &whole, Some(reason))));
        coverage.whole = objects.len() - partly.len();
        coverage
    }

    /// Adds the plugins that a build has passed over.
    pub(crate) fn add_not_run(&mut self, render: &Render) {
        let skipped = render.notes.iter().filter(|note| note.kind == NoteKind::PluginSkipped);
        self.not_run.extend(skipped.map(|note| {
            let source = render.sources.get(note.origin.source);
            let (line, _) = source.position(note.origin.start);
            NotRun { what: note.message.clone(), file: shown(source.path()), line }
        }));
    }

    /// Adds what was judged of others.
    pub(crate) fn extend(&mut self, other: &Self) {
        self.objects += other.objects;
        self.whole += other.whole;
        self.without_schema.extend_from_slice(&other.without_schema);
        self.partly_checked.extend_from_slice(&other.partly_checked);
        self.unread.extend_from_slice(&other.unread);
        self.undecided.extend_from_slice(&other.undecided);
        self.left_out.extend_from_slice(&other.left_out);
        self.policies.extend_from_slice(&other.policies);
        self.not_run.extend_from_slice(&other.not_run);
    }

    /// Takes credentials out of what is said of objects: their names and keys can hold one, as anything can.
    pub(crate) fn redact(&mut self, secrets: &Secrets) {
        let Self { without_schema, partly_checked, unread, undecided, left_out, policies, .. } = self;
        for gap in [without_schema, partly_checked, unread, undecided, left_out, policies].into_iter().flatten() {
            let Object { api_version, kind, namespace, name } = &mut gap.object;
            for text in [api_version, kind, name, &mut gap.path].into_iter().chain(namespace).chain(&mut gap.reason) {
                if let Cow::Owned(clean) = secrets.scrub(text) {
                    *text = clean;
                }
            }
        }
        for plugin in &mut self.not_run {
            if let Cow::Owned(clean) = secrets.scrub(&plugin.what) {
                plugin.what = clean;
            }
        }
    }

    /// Whether nothing is missing.
    pub fn is_whole(&self) -> bool {
        self.whole == self.objects && self.not_run.is_empty()
    }
}

impl Gap {
    fn at(place: &Location, object: Object, path: String, reason: Option<&str>) -> Self {
        let (line, _) = place.source.position(place.start);
        Self { object, path, file: shown(place.source.path()), line, reason: reason.map(str::to_owned) }
    }

    fn place(&self) -> String {
        format!("{}:{}", self.file.display(), self.line)
    }
}

/// In words that a person can act on.
impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pods: BTreeSet<String> =
            self.unread.iter().map(|gap| format!("{} of {} {} ({})", gap.path, gap.object.kind, gap.object.name, gap.place())).collect();
        let mut parts = Vec::new();
        if !self.without_schema.is_empty() {
            let kinds = kinds(&self.without_schema);
            parts.push(format!("the fields of {kinds}, as no schema is known: put CustomResourceDefinitions into policies/schemas"));
        }
        if !self.partly_checked.is_empty() {
            let kinds = kinds(&self.partly_checked);
            parts.push(format!(
                "the values of {kinds}, as the schema that kubevet has is not the released one: put that into policies/schemas"
            ));
        }
        if !pods.is_empty() {
            parts.push(format!("what looks like a Pod at {}: describe the kind in policies/workloads.yaml", listed(pods.into_iter())));
        }
        let undecided: BTreeSet<String> = self
            .undecided
            .iter()
            .map(|gap| format!("{} {} ({}): {}", gap.object.kind, gap.object.name, gap.place(), gap.reason.as_deref().unwrap_or_default()))
            .collect();
        if !undecided.is_empty() {
            parts.push(format!("what can't be told here of {}", listed(undecided.into_iter())));
        }
        let policies: BTreeSet<String> =
            self.policies.iter().map(|gap| format!("{} {} ({})", gap.object.kind, gap.object.name, gap.place())).collect();
        if !policies.is_empty() {
            let policies = listed(policies.into_iter());
            parts
                .push(format!("what {policies} allows, as only NetworkPolicies are evaluated: rules on isolation leave its namespace out"));
        }
        let not_run: BTreeSet<String> =
            self.not_run.iter().map(|plugin| format!("{} ({}:{})", plugin.what, plugin.file.display(), plugin.line)).collect();
        if !not_run.is_empty() {
            parts.push(listed(not_run.into_iter()));
        }
        if parts.is_empty() {
            f.write_str("of what was judged, every kind has a schema, and every Pod was read")?;
        } else {
            write!(f, "not judged: {}", parts.join("; "))?;
        }
        let left_out: BTreeSet<String> =
            self.left_out.iter().map(|gap| format!("{} {} ({})", gap.object.kind, gap.object.name, gap.place())).collect();
        if left_out.is_empty() { Ok(()) } else { write!(f, "; left out on purpose: {}", listed(left_out.into_iter())) }
    }
}

/// The kinds of objects, each with where the first of them is.
fn kinds(gaps: &[Gap]) -> String {
    let mut kinds: BTreeMap<(&str, &str), BTreeSet<(&Path, u32)>> = BTreeMap::new();
    for gap in gaps {
        kinds.entry((&gap.object.kind, &gap.object.api_version)).or_default().insert((&gap.file, gap.line));
    }
    let kind = |((kind, api_version), places): (&(&str, &str), &BTreeSet<(&Path, u32)>)| {
        let more = if places.len() > 1 { format!(" and {} more", places.len() - 1) } else { String::new() };
        let first = places.first().map(|(file, line)| format!("{}:{line}", file.display())).unwrap_or_default();
        format!("{kind} ({api_version}, {first}{more})")
    };
    listed(kinds.iter().map(kind))
}

fn listed(items: impl ExactSizeIterator<Item = String>) -> String {
    let more = items.len().saturating_sub(NAMED);
    let named = items.take(NAMED).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{named} and {more} more") } else { named }
}
