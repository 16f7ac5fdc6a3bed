//! Waivers in place beside what is judged: which of them covers a finding.
//!
//! A change that is judged by the policies of a revision is judged by that revision's waivers too: then comments count as they are there, for the same place of the
//! same object of the same overlay. What the change writes holds once it is merged.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;
use kustomize::{Error, Node, Note, Origin, Render, Source, Sources};

use super::renders::with_sources;
use crate::identity;
use crate::locate;
use crate::location::{Location, Object, Step};
use crate::paths::shown;
use crate::waivers::{Found, InPlace, MOST, Reach, may_hold, of_annotation, of_comments, too_many};

/// What tells a waiver in place from the others: its file and the first byte of its rule.
pub(super) type Key = (PathBuf, u32, String);

/// That of a waiver.
pub(super) fn key(waiver: &InPlace) -> Key {
    let place = &waiver.allow.place;
    (shown(place.source.path()), place.start, waiver.allow.rule.clone())
}

/// What a finding is about.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    pub(super) rule: &'a str,
    pub(super) object: &'a Object,
    /// The object itself, with what its origins point into, and the path in it.
    pub(super) node: Option<(&'a Sources, &'a Node)>,
    pub(super) path: &'a [Step],
    /// The line to change.
    pub(super) cause: Option<&'a Location>,
    /// What the build noted, if it is about that.
    pub(super) note: Option<&'a Note>,
}

/// The waivers in place of an input.
pub(super) struct Standing {
    pub(super) waivers: Vec<InPlace>,
    /// Those that can't be read.
    pub(super) wrong: Vec<Error>,
    /// Those of each source, which a render may have several times.
    of_sources: HashMap<*const Source, Vec<usize>>,
    /// Whether the object of a waiver for a whole document comes from that document, rather than being patched by it.
    is_resource: Vec<bool>,
    renders: Vec<Arc<Render>>,
}

impl Standing {
    /// Those of renders.
    pub(super) fn of(renders: &[Arc<Render>]) -> Self {
        let mut standing =
            Self { waivers: Vec::new(), wrong: Vec::new(), of_sources: HashMap::new(), is_resource: Vec::new(), renders: renders.to_vec() };
        let mut found = Found::default();
        for render in renders {
            let mut files: HashMap<&Path, (&Source, Vec<usize>)> = HashMap::new();
            for (_, source) in render.sources.iter() {
                // The texts of inline patches are sources of the file's path too, and are read with it.
                let (first, of_file) = files.entry(source.path()).or_insert_with(|| {
                    let of_file = if may_hold(source) { of_comments(source) } else { Found::default() };
                    let new = found.waivers.len()..found.waivers.len() + of_file.waivers.len();
                    found.waivers.extend(of_file.waivers);
                    found.wrong.extend(of_file.wrong);
                    (source, new.collect())
                });
                if !of_file.is_empty() && first.text() == source.text() {
                    standing.of_sources.insert(Arc::as_ptr(source), of_file.clone());
                }
            }
            if render.sources.iter().any(|(_, source)| may_hold(source)) {
                standing.add_annotations(render, &mut found);
            }
        }
        standing.is_resource = vec![false; found.waivers.len()];
        (standing.waivers, standing.wrong) = (found.waivers, found.wrong);
        for (sources, node) in renders.iter().flat_map(|render| with_sources(render)) {
            for at in standing.at(sources.get(node.origin.source), node.origin.key).collect::<Vec<_>>() {
                standing.is_resource[at] = true;
            }
        }
        standing
    }

    fn add_annotations(&mut self, render: &Render, found: &mut Found) {
        // One that is given to all objects is one.
        let mut seen = HashSet::new();
        for object in &render.objects {
            let annotated = of_annotation(&render.sources, object);
            let place = annotated.waivers.first().map(|waiver| &waiver.allow.place);
            if place.is_some_and(|place| !seen.insert((Arc::as_ptr(&place.source), place.start))) {
                continue;
            }
            for waiver in annotated.waivers {
                let known = self.of_sources.entry(Arc::as_ptr(&waiver.allow.place.source)).or_default();
                if known.len() > MOST {
                    break;
                }
                if known.len() == MOST {
                    found.wrong.push(too_many(waiver.allow.place.clone()));
                }
                known.push(found.waivers.len());
                found.waivers.push(waiver);
            }
            found.wrong.extend(annotated.wrong);
        }
    }

    /// The waivers whose lines a byte of a source is in.
    fn at<'s>(&'s self, source: &Arc<Source>, offset: u32) -> impl Iterator<Item = usize> + use<'s> {
        let all = self.of_sources.get(&Arc::as_ptr(source)).map_or(&[][..], Vec::as_slice);
        let holds = move |at: &usize| matches!(&self.waivers[*at].reach, Reach::Lines { range, .. } if range.contains(&offset));
        all.iter().copied().filter(holds)
    }

    fn of_annotation(&self, sources: &Sources, node: &Node) -> impl Iterator<Item = usize> {
        let annotation = node.at(&["metadata", "annotations", crate::waivers::ANNOTATION]);
        let origin = annotation.map(|annotation| &annotation.origin);
        let of_source = origin.and_then(|origin| self.of_sources.get(&Arc::as_ptr(sources.get(origin.source))));
        let is_its = move |at: &usize| origin.is_some_and(|origin| self.waivers[*at].reach == Reach::Object(origin.key));
        of_source.into_iter().flatten().copied().filter(is_its)
    }

    /// The waiver that covers a finding: one at the line to change, at a field that the finding is in, at the object or at a patch of it.
    fn covering(&self, about: &About<'_>, today: Date) -> Option<usize> {
        if self.waivers.is_empty() {
            return None;
        }
        let is_its = |at: &usize| self.waivers[*at].allow.is_of(about.rule) && !self.waivers[*at].allow.expired(today);
        let of_cause = about.cause.into_iter().flat_map(|cause| self.at(&cause.source, cause.start));
        let Some((sources, node)) = about.node else { return of_cause.into_iter().find(is_its) };
        let of_fields = (0..=about.path.len()).filter_map(|end| locate::resolve(node, &about.path[..end]));
        let of_fields = of_fields.flat_map(|field| self.at(sources.get(field.origin.source), field.origin.key));
        let near = of_cause.chain(of_fields).chain(self.of_annotation(sources, node)).find(is_its);
        near.or_else(|| {
            let is_patch = |at: &usize| {
                let whole = matches!(&self.waivers[*at].reach, Reach::Lines { whole: Some(kind), .. } if *kind == about.object.kind);
                whole && !self.is_resource[*at]
            };
            let patches: Vec<usize> = (0..self.waivers.len()).filter(|at| is_its(at) && is_patch(at)).collect();
            if patches.is_empty() {
                return None;
            }
            let mut found = None;
            any_origin(node, &mut |origin| {
                found = found.or_else(|| self.at(sources.get(origin.source), origin.key).find(|at| patches.contains(at)));
                found.is_some()
            });
            found
        })
    }

    /// The same of a finding on what is there now, by what was there.
    fn covered_then(&self, about: &About<'_>, today: Date) -> Option<usize> {
        if self.waivers.is_empty() {
            return None;
        }
        let mut all = self.renders.iter().flat_map(|render| with_sources(render));
        if let Some(note) = about.note {
            let notes = self.renders.iter().flat_map(|render| render.notes.iter().map(move |note| (&render.sources, note)));
            let (sources, was) = { notes }.find(|(_, was)| was.kind == note.kind && was.message == note.message)?;
            let is_its = |at: &usize| self.waivers[*at].allow.is_of(about.rule) && !self.waivers[*at].allow.expired(today);
            return self.at(sources.get(was.origin.source), was.origin.key).find(is_its);
        }
        let (_, node) = about.node?;
        // Only what Kustomize generates has a hash in its name; a Deployment that is called so is another one.
        let is_generated = matches!(&*about.object.kind, "ConfigMap" | "Secret");
        let name = |object: &Object| if is_generated { identity::object_text(object) } else { object.to_string() };
        let is_it = |was: &Object| was.api_version == about.object.api_version && name(was) == name(about.object);
        let (sources, was) = all.find(|(_, was)| is_it(&Object::of(was)))?;
        let path = identity::path_in(node, was, about.path);
        let causes = locate::locate(sources, was, &path);
        self.covering(&About { node: Some((sources, was)), path: &path, cause: causes.first(), ..*about }, today)
    }
}

/// Whether something is true of an origin of a node, of what is in it or of what was taken out.
fn any_origin(node: &Node, is: &mut impl FnMut(&Origin) -> bool) -> bool {
    is(&node.origin)
        || node.removed().iter().any(|removal| is(&removal.by))
        || node.entries().iter().any(|entry| any_origin(&entry.value, is))
        || node.items().iter().any(|item| any_origin(item, is))
}

/// What covers the findings of an input.
pub(super) struct Waivers<'a> {
    pub(super) here: Standing,
    /// What the revision has that the change is judged by, rendered when it is first asked for.
    trusted: Option<Trusted<'a>>,
    /// Whether the table lets them hold.
    hold: bool,
    /// The day on which waivers are judged.
    pub(super) today: Date,
}

struct Trusted<'a> {
    render: Box<dyn Fn() -> Vec<Arc<Render>> + 'a>,
    standing: OnceCell<Standing>,
}

impl<'a> Waivers<'a> {
    /// Those of the renders of an input. Where `trusted` is there, it gives what counts instead of them.
    pub(super) fn new(renders: &[Arc<Render>], trusted: Option<Box<dyn Fn() -> Vec<Arc<Render>> + 'a>>, hold: bool, today: Date) -> Self {
        let trusted = trusted.map(|render| Trusted { render, standing: OnceCell::new() });
        Self { here: Standing::of(renders), trusted, hold, today }
    }

    /// None.
    pub(super) fn none(today: Date) -> Self {
        Self::new(&[], None, false, today)
    }

    /// Whether those of a revision count, of which nobody asks whether they are of any use.
    pub(super) fn are_trusted(&self) -> bool {
        self.trusted.is_some()
    }

    /// The waiver that covers a finding.
    pub(super) fn covering(&self, about: &About<'_>) -> Option<&InPlace> {
        if !self.hold {
            return None;
        }
        let (standing, at) = match &self.trusted {
            None => (&self.here, self.here.covering(about, self.today)?),
            Some(trusted) => {
                let standing = trusted.standing.get_or_init(|| Standing::of(&(trusted.render)()));
                (standing, standing.covered_then(about, self.today)?)
            }
        };
        standing.waivers.get(at)
    }
}
