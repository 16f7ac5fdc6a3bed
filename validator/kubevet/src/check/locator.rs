//! Makes findings of verdicts: which object, which lines, which waiver.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kubevet_facts::objects::Segment;
use kubevet_facts::workloads::View;
use kustomize::{Error, ErrorKind, Node, Note, Origin, Place, Render, Source, Sources};

use super::in_place::{About, Waivers, key};
use super::judgement::Used;
use super::renders::with_sources;
use crate::environments::Level;
use crate::findings::{Finding, Location, Object, Role, Step, Waived};
use crate::identity::Identity;
use crate::locate;
use crate::paths::shown;
use crate::policy::{Related, Rule, Verdict};
use crate::problem::Problem;
use crate::project::Project;
use crate::remedy::Edit;
use crate::waivers::Waiver;

/// How many Pods of one object a verdict on the object is held against.
const MOST_VIEWS: usize = 64;

/// Knows the objects that a rule may speak of.
pub(super) struct Locator<'a> {
    project: &'a Project,
    /// The overlay's path as people see it.
    overlay: PathBuf,
    environment: &'a str,
    /// The objects that are judged, then those that are only there.
    objects: &'a [(&'a Sources, &'a Node)],
    in_place: &'a Waivers<'a>,
    /// Renders of other environments that verdicts may speak of.
    pub(super) elsewhere: &'a [(&'a str, Arc<Render>)],
    /// The Pods of objects of other kinds than Kubernetes' own, in whose terms verdicts may speak.
    views: HashMap<usize, Vec<&'a View<'a>>>,
    by_identity: Option<HashMap<Object, usize>>,
}

impl<'a> Locator<'a> {
    pub(super) fn new(
        project: &'a Project,
        overlay: &Path,
        environment: &'a str,
        objects: &'a [(&'a Sources, &'a Node)],
        in_place: &'a Waivers<'a>,
    ) -> Self {
        let overlay = shown(overlay);
        Self { project, overlay, environment, objects, in_place, elsewhere: &[], views: HashMap::new(), by_identity: None }
    }

    /// Takes the Pods in whose terms verdicts may speak.
    pub(super) fn show(&mut self, views: &'a [View<'a>]) {
        views.iter().for_each(|view| self.views.entry(view.at).or_default().push(view));
    }

    /// The Pods of an object; of very many only the first, as each verdict may ask.
    fn of(&self, at: usize) -> &[&'a View<'a>] {
        let views = self.views.get(&at).map_or(&[][..], Vec::as_slice);
        views.get(..MOST_VIEWS).unwrap_or(views)
    }

    /// The index of the object that a verdict is about; `at` is that of the object that was evaluated, if it was one.
    pub(super) fn subject(&mut self, at: Option<usize>, verdict: &Verdict) -> Result<usize, Problem> {
        match (&verdict.object, at) {
            (Some(object), _) => self.index(verdict.rule, object),
            (None, Some(at)) => Ok(at),
            (None, None) => Err(self.wrong(verdict.rule, "gave a result without an object".to_owned())),
        }
    }

    fn index(&mut self, rule: usize, object: &Object) -> Result<usize, Problem> {
        let objects = self.objects;
        // Where an identity is there twice, the first counts.
        let map = self
            .by_identity
            .get_or_insert_with(|| objects.iter().enumerate().rev().map(|(at, (_, node))| (Object::of(node), at)).collect());
        map.get(object).copied().ok_or_else(|| self.wrong(rule, format!("speaks of {object}, which is not in the render")))
    }

    /// Whether a rule that looks at all objects together judges one of them: of what is shown as another kind, some rules make no sense.
    pub(super) fn is_judged(&self, at: usize, rule: usize) -> bool {
        let rule = &self.project.catalog.rules[rule];
        let kind = |view: &View<'_>| view.node.str_at(&["kind"]).is_some_and(|kind| rule.kinds.iter().any(|known| known == kind));
        let mut views = self.of(at).iter().filter(|view| kind(view)).peekable();
        views.peek().is_none() || views.any(|view| view.is_judged_by(&rule.id))
    }

    /// A path that may be that of a view, as one of the object: of that in which it leads deepest.
    fn placed(&self, at: usize, path: Vec<Step>) -> Vec<Step> {
        let depth = |node: &Node| (1..=path.len()).take_while(|end| locate::resolve(node, &path[..*end]).is_some()).count();
        let mut best = (depth(self.objects[at].1), None);
        for view in self.of(at) {
            let depth = depth(&view.node);
            if depth > best.0 {
                best = (depth, Some(view));
            }
        }
        best.1.map_or(path.clone(), |view| path_in_object(view, &path))
    }

    fn wrong(&self, rule: usize, what: String) -> Problem {
        let rule: &Rule = &self.project.catalog.rules[rule];
        let place = Place { source: Arc::clone(&rule.file.source), start: 0, end: 0 };
        Problem::unjudged("rule-result", Error::new(ErrorKind::Invalid, format!("rule {} {what}", rule.id)).at(place))
    }

    /// The finding, and the waivers that cover it.
    pub(super) fn finding(&mut self, at: usize, mut verdict: Verdict) -> Result<(Finding, Vec<Used>), Problem> {
        verdict.path = self.placed(at, verdict.path);
        let rule = verdict.rule;
        for (object, path) in verdict.remedies.iter_mut().flat_map(|remedy| &mut remedy.edits).filter_map(Edit::place_mut) {
            let at = match object {
                Some(object) => self.index(rule, object)?,
                None => at,
            };
            *path = self.placed(at, std::mem::take(path));
        }
        let (sources, node) = self.objects[at];
        let object = Object::of(node);
        let mut locations = locate::locate(sources, node, &verdict.path);
        if let (Some(cause), Some(text)) = (locations.first_mut(), &verdict.text) {
            locate::narrow(cause, text);
        }
        for related in &verdict.related {
            if let Some(environment) = &related.environment {
                // Usually both come from one line of a base, which is among the places already.
                let found = self.elsewhere(environment, related);
                locations.extend(found.filter(|found| !locations.iter().any(|known| known.is_at(found))));
                continue;
            }
            let at = match &related.object {
                Some(object) => self.index(verdict.rule, object)?,
                None => at,
            };
            let (sources, node) = self.objects[at];
            let cause = locate::locate(sources, node, &self.placed(at, related.path.clone())).into_iter().next();
            locations.extend(cause.map(|cause| noted_as(related, cause)));
        }
        let names = locate::element_names(node, &verdict.path);
        let identity = Identity::of(node, &verdict.path, &verdict.message);
        Ok(self.found(On { node: Some((sources, node)), names: &names, note: None }, identity, object, locations, verdict))
    }

    /// The place of what belongs to a verdict in another environment.
    fn elsewhere(&self, environment: &str, related: &Related) -> Option<Location> {
        let mut objects = self.elsewhere.iter().filter(|(name, _)| *name == environment).flat_map(|(_, render)| with_sources(render));
        let (sources, node) = objects.find(|(_, node)| related.object.as_ref() == Some(&Object::of(node)))?;
        locate::locate(sources, node, &related.path).into_iter().next().map(|cause| noted_as(related, cause))
    }

    /// A finding on all objects together, in the file that stands for them.
    pub(super) fn of_all(&self, source: Arc<Source>, is_overlay: bool, verdict: Verdict) -> (Finding, Vec<Used>) {
        let name = || shown(source.path()).display().to_string();
        let manifests = || Object { api_version: String::new(), kind: "Manifests".to_owned(), namespace: None, name: name() };
        let object = if is_overlay { kustomization(&source) } else { manifests() };
        // Its first line is enough to look at.
        let end = source.text().lines().next().map_or(0, str::len) as u32;
        let location = Location { source, start: 0, end, role: Role::Cause, note: None };
        self.found(On::default(), Identity::of_message(&verdict.message), object, vec![location], Verdict { path: Vec::new(), ..verdict })
    }

    /// A finding on the kustomization itself, at the place of something that the build noted.
    pub(super) fn noted(&self, sources: &Sources, note: &Note, verdict: Verdict) -> (Finding, Vec<Used>) {
        let origin = &note.origin;
        let source = Arc::clone(sources.get(origin.source));
        let object = kustomization(&source);
        let location = |origin: &Origin, role, note| Location {
            source: Arc::clone(sources.get(origin.source)),
            start: origin.key,
            end: origin.end,
            role,
            note,
        };
        let related = note.related.iter().map(|(origin, why)| location(origin, Role::Related, Some((*why).to_owned())));
        let locations = [location(origin, Role::Cause, None)].into_iter().chain(related).collect();
        let on = On { note: Some(note), ..On::default() };
        self.found(on, Identity::of_message(&verdict.message), object, locations, verdict)
    }

    fn found(&self, on: On<'_>, identity: Identity, object: Object, locations: Vec<Location>, verdict: Verdict) -> (Finding, Vec<Used>) {
        let rule = &self.project.catalog.rules[verdict.rule];
        let id = verdict.policy.as_ref().map_or_else(|| rule.id.clone(), |policy| format!("admission/{policy}"));
        let own_level = verdict.policy.as_ref().and_then(|_| self.project.table.own_level(&id, self.environment));
        let level = own_level.unwrap_or(if verdict.warns { verdict.level.min(Level::Warn) } else { verdict.level });
        let covers = |waiver: &Waiver| {
            !waiver.expired(self.in_place.today) && waiver.covers(&id, self.environment, &object, &verdict.path, on.names)
        };
        let listed = self.project.waivers.iter().position(covers);
        let about = About { rule: &id, object: &object, node: on.node, path: &verdict.path, cause: locations.first(), note: on.note };
        let is_asked = listed.is_none() || !self.in_place.are_trusted();
        let in_place = is_asked.then(|| self.in_place.covering(&about)).flatten();
        let used = listed.map(Used::Listed).into_iter().chain(in_place.map(|waiver| Used::InPlace(key(waiver)))).collect();
        let of_list = |waiver: &Waiver| Waived { reason: waiver.reason.clone(), expiry: Some(waiver.expiry.to_string()), in_place: false };
        let waived = listed.map(|at| of_list(&self.project.waivers[at])).or_else(|| in_place.map(|waiver| waiver.allow.waived()));
        let finding = Finding {
            rule: id.clone(),
            level,
            message: verdict.message,
            help: rule.help.clone(),
            environments: vec![self.environment.to_owned()],
            overlays: vec![self.overlay.clone()],
            object,
            also: Vec::new(),
            identity,
            path: verdict.path,
            locations,
            waived,
            baselined: false,
            remedies: verdict.remedies,
            fix: None,
        };
        (finding, used)
    }
}

/// What a finding is on.
#[derive(Clone, Copy, Default)]
struct On<'a> {
    /// An object.
    node: Option<(&'a Sources, &'a Node)>,
    /// The names of the list elements on the path in it.
    names: &'a [Option<&'a str>],
    /// What a build noted.
    note: Option<&'a Note>,
}

/// A verdict on a view, as one on its object.
pub(super) fn in_object(view: &View<'_>, verdict: Verdict) -> Verdict {
    let related = verdict.related.into_iter().map(|related| match related.object {
        None if related.environment.is_none() => Related { path: path_in_object(view, &related.path), ..related },
        _ => related,
    });
    let mut remedies = verdict.remedies;
    for (object, path) in remedies.iter_mut().flat_map(|remedy| &mut remedy.edits).filter_map(Edit::place_mut) {
        if object.is_none() {
            *path = path_in_object(view, path);
        }
    }
    let path = if verdict.object.is_none() { path_in_object(view, &verdict.path) } else { verdict.path };
    Verdict { path, related: related.collect(), remedies, ..verdict }
}

fn path_in_object(view: &View<'_>, path: &[Step]) -> Vec<Step> {
    let segment = |step: &Step| match step {
        Step::Key(key) => Segment::from(key.as_str()),
        Step::Index(index) => Segment::from(*index),
    };
    let path = view.in_object(&kubevet_facts::objects::Path(path.iter().map(segment).collect()));
    path.0.into_iter().map(Step::from).collect()
}

/// A file of a kustomization as an object.
fn kustomization(source: &Source) -> Object {
    Object {
        api_version: "kustomize.config.k8s.io/v1beta1".to_owned(),
        kind: "Kustomization".to_owned(),
        namespace: None,
        name: shown(source.path()).parent().unwrap_or(Path::new(".")).display().to_string(),
    }
}

fn noted_as(related: &Related, cause: Location) -> Location {
    Location { role: Role::Related, note: Some(related.note.clone()), ..cause }
}
