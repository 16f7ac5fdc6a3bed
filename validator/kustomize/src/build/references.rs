//! Name references: fields that hold the name of another object follow it when it changes (`api/filters/nameref`).

use std::hash::{DefaultHasher, Hash, Hasher};

use ecow::EcoString;
use foldhash::{HashMap, HashSet};

use crate::context::Context;
use crate::context::budget::Cost;
use crate::error::Error;
use crate::file::config::BackReference;
use crate::object::field_spec::FieldSpec;
use crate::object::gvk::Gvk;
use crate::object::resource::Resource;
use crate::object::resource_map::ResourceMap;
use crate::object::set::set_text;
use crate::source::Origin;
use crate::yaml::node::{Entry, Node, Scalar, Value};

/// Rewrites every reference to an object whose name has changed.
pub(crate) fn apply(context: &Context, map: &mut ResourceMap, references: &[BackReference]) -> Result<(), Error> {
    if map.resources().iter().all(|resource| resource.previous.is_empty()) {
        return check_shapes(context, map, references);
    }
    let identities: Vec<Identity> = map.resources().iter().map(Identity::of).collect();
    let candidates = Candidates::new(map, &identities);
    let mut fields_by_kind: HashMap<Gvk, Vec<(&BackReference, &FieldSpec)>> = HashMap::default();
    for at in 0..identities.len() {
        let Some(resource) = map.resources().get(at) else { break };
        let original = Gvk::new(resource.api_version(), resource.original_id().kind);
        let fields = fields_by_kind.entry(original).or_insert_with_key(|gvk| {
            let all = references.iter().flat_map(|reference| reference.referrers.iter().map(move |spec| (reference, spec)));
            all.filter(|(_, spec)| spec.matches(&gvk.group, &gvk.version, &gvk.kind)).collect()
        });
        if fields.is_empty() {
            continue;
        }
        let referrer = Referrer::new(context, map, &identities, at)?;
        // The tree leaves its place, so that it can change while the other objects are looked at.
        let placeholder = Node::map(resource.node.origin.clone());
        let Some(slot) = map.resources_mut().get_mut(at) else { break };
        let mut node = std::mem::replace(&mut slot.node, placeholder);
        let (mut result, mut wrote_shared) = (Ok(()), false);
        for (reference, spec) in fields.iter() {
            let lookup = Lookup {
                context,
                map,
                identities: &identities,
                candidates: &candidates,
                referrer: &referrer,
                target: &reference.target,
                spec,
            };
            let origin = node.origin.clone();
            result = spec.visit(&mut node, None, &origin, context, &mut |field| {
                lookup.set(field)?;
                wrote_shared |= field.is_share_written();
                Ok(())
            });
            if result.is_err() {
                break;
            }
        }
        if let Some(slot) = map.resources_mut().get_mut(at) {
            slot.node = node;
            result?;
            if wrote_shared {
                slot.settle_shares(context, &slot.node.origin.clone())?;
            }
        }
    }
    Ok(())
}

/// Refuses fields that no name can be in, where no name has changed.
fn check_shapes(context: &Context, map: &mut ResourceMap, references: &[BackReference]) -> Result<(), Error> {
    let mut fields_by_kind: HashMap<Gvk, Vec<&FieldSpec>> = HashMap::default();
    for resource in map.resources_mut() {
        let fields = fields_by_kind.entry(resource.gvk()).or_insert_with_key(|gvk| {
            let all = references.iter().flat_map(|reference| &reference.referrers);
            all.filter(|spec| spec.matches(&gvk.group, &gvk.version, &gvk.kind)).collect()
        });
        if fields.is_empty() {
            continue;
        }
        subject_namespaces(context, resource)?;
        let origin = resource.node.origin.clone();
        for spec in fields.iter() {
            spec.visit(&mut resource.node, None, &origin, context, &mut |node| {
                let items = if node.as_seq().is_some() { node.items() } else { std::slice::from_ref(node) };
                items.iter().try_for_each(|item| match &item.value {
                    Value::Map(_) if item.get("name").and_then(Node::text).is_none() => Err(nameless(context, spec, item)),
                    Value::Seq(_) => Err(context.invalid(&item.origin, "a list where a name must be")),
                    _ => Ok(()),
                })
            })?;
        }
    }
    Ok(())
}

fn nameless(context: &Context, spec: &FieldSpec, node: &Node) -> Error {
    context.invalid(&node.origin, format!("`{}` must have a `name`", spec.path))
}

/// Namespaces of the ServiceAccounts that a RoleBinding names.
fn subject_namespaces(context: &Context, resource: &Resource) -> Result<Vec<EcoString>, Error> {
    let mut namespaces = Vec::new();
    if resource.kind() == "RoleBinding" && !resource.is_cluster_scoped() {
        for subject in resource.node.get("subjects").map(Node::items).unwrap_or_default() {
            // kubectl panics where one of these is not what it should be.
            if subject.as_map().is_none() {
                return Err(context.invalid(&subject.origin, "a subject must be a map"));
            }
            let (Some(namespace), Some(kind)) = (subject.get("namespace"), subject.get("kind")) else { continue };
            let Some(kind) = kind.as_str() else {
                return Err(context.invalid(&kind.origin, "the kind of a subject must be a string"));
            };
            match namespace.as_str() {
                _ if kind != "ServiceAccount" => {}
                Some(text) => namespaces.push(text.into()),
                None => return Err(context.invalid(&namespace.origin, "the namespace of a subject is blank, or no string")),
            }
        }
    }
    Ok(namespaces)
}

/// Objects by the names that they had, and by those together with the namespace that they are in now.
struct Candidates {
    positions: HashMap<u64, Vec<u32>>,
    /// By the namespaces that objects were in first: those that they are in now.
    moves: HashMap<EcoString, Places>,
}

/// Namespaces, effective and as written.
type Places = HashSet<(EcoString, EcoString)>;

impl Candidates {
    fn new(map: &ResourceMap, identities: &[Identity]) -> Self {
        let mut positions: HashMap<u64, Vec<u32>> = HashMap::default();
        let mut moves: HashMap<EcoString, Places> = HashMap::default();
        for (at, (resource, identity)) in map.resources().iter().zip(identities).enumerate() {
            let namespace = if identity.is_cluster_scoped { None } else { Some(&*identity.effective_namespace) };
            if namespace.is_some() {
                let first = resource.previous.first().map_or(&identity.effective_namespace, |id| &id.namespace);
                let now = (identity.effective_namespace.clone(), identity.namespace.clone());
                match moves.get_mut(first) {
                    Some(places) if places.contains(&now) => {}
                    Some(places) => drop(places.insert(now)),
                    None => drop(moves.insert(first.clone(), HashSet::from_iter([now]))),
                }
            }
            for id in &resource.previous {
                for key in [Self::key(&id.name, None, true), Self::key(&id.name, namespace, false)] {
                    let list = positions.entry(key).or_default();
                    if list.last() != Some(&(at as u32)) {
                        list.push(at as u32);
                    }
                }
            }
        }
        Self { positions, moves }
    }

    /// Whether any object within reach of `referrer` was in `namespace` first.
    fn any_from(&self, namespace: &str, referrer: &Referrer<'_>) -> bool {
        let reaches = |(effective, written): &(EcoString, EcoString)| {
            let mine = referrer.identity;
            mine.is_cluster_scoped || mine.effective_namespace == *effective || referrer.subject_namespaces.contains(written)
        };
        self.moves.get(namespace).is_some_and(|places| places.iter().any(reaches))
    }

    /// The hash of a name in a namespace, in none, or `anywhere`.
    fn key(name: &str, namespace: Option<&str>, anywhere: bool) -> u64 {
        let mut hasher = DefaultHasher::new();
        (name, namespace, anywhere).hash(&mut hasher);
        hasher.finish()
    }

    /// Positions of the objects that `referrer` may mean by `name`, in order, and perhaps some more.
    fn named(&self, name: &str, referrer: &Referrer<'_>) -> Vec<usize> {
        let mut keys = Vec::new();
        if referrer.identity.is_cluster_scoped {
            keys.push(Self::key(name, None, true));
        } else {
            keys.push(Self::key(name, None, false));
            keys.push(Self::key(name, Some(&referrer.identity.effective_namespace), false));
            keys.extend(referrer.subject_namespaces.iter().map(|namespace| Self::key(name, Some(namespace), false)));
        }
        let mut found: Vec<usize> = keys.iter().filter_map(|key| self.positions.get(key)).flatten().map(|at| *at as usize).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// What the other objects are while one is changed.
struct Identity {
    api_version: EcoString,
    name: EcoString,
    name_origin: Origin,
    /// As it is written.
    namespace: EcoString,
    namespace_origin: Origin,
    effective_namespace: EcoString,
    is_cluster_scoped: bool,
    is_service_account: bool,
}

impl Identity {
    fn of(resource: &Resource) -> Self {
        let origin = |key: &str| resource.node.at(&["metadata", key]).map_or(&resource.node.origin, |node| &node.origin).clone();
        Self {
            api_version: resource.api_version().into(),
            name: resource.name().into(),
            name_origin: origin("name"),
            namespace_origin: origin("namespace"),
            namespace: resource.namespace().into(),
            effective_namespace: resource.effective_namespace().into(),
            is_cluster_scoped: resource.is_cluster_scoped(),
            is_service_account: resource.kind() == "ServiceAccount",
        }
    }
}

/// The object that refers.
struct Referrer<'a> {
    identity: &'a Identity,
    at: usize,
    /// Namespaces of the ServiceAccounts that a RoleBinding names.
    subject_namespaces: Vec<EcoString>,
    /// Group and kind that its `roleRef` asks for.
    role: Option<Gvk>,
}

impl<'a> Referrer<'a> {
    fn new(context: &Context, map: &ResourceMap, identities: &'a [Identity], at: usize) -> Result<Self, Error> {
        let (Some(identity), Some(resource)) = (identities.get(at), map.resources().get(at)) else {
            return Err(Error::new(crate::ErrorKind::Invalid, "an object is missing"));
        };
        let subject_namespaces = subject_namespaces(context, resource)?;
        let role_part = |key: &str| resource.node.at(&["roleRef", key]).filter(|node| !node.is_null()).and_then(Node::text);
        let role = role_part("apiGroup").zip(role_part("kind"));
        let role = role.map(|(group, kind)| Gvk { group: group.into(), version: "".into(), kind: kind.into() });
        Ok(Self { identity, at, subject_namespaces, role })
    }

    /// Whether the referrer could mean `other`: by scope and namespace.
    fn reaches(&self, other: &Identity) -> bool {
        let mine = self.identity;
        if mine.is_cluster_scoped || other.is_cluster_scoped || mine.effective_namespace == other.effective_namespace {
            return true;
        }
        // A ServiceAccount may be bound from another namespace, if the binding says so.
        other.is_service_account && self.subject_namespaces.contains(&other.namespace)
    }
}

/// A field that may refer to objects of one kind.
struct Lookup<'a> {
    context: &'a Context,
    map: &'a ResourceMap,
    identities: &'a [Identity],
    candidates: &'a Candidates,
    referrer: &'a Referrer<'a>,
    target: &'a Gvk,
    spec: &'a FieldSpec,
}

impl<'a> Lookup<'a> {
    fn set(&self, node: &mut Node) -> Result<(), Error> {
        if node.is_null() {
            return Ok(());
        }
        match &mut node.value {
            Value::Scalar(_) => self.set_scalar(node),
            Value::Map(_) => self.set_map(node),
            Value::Seq(seq) => seq.items.iter_mut().try_for_each(|item| match &item.value {
                Value::Scalar(_) => self.set_scalar(item),
                Value::Map(_) => self.set_map(item),
                Value::Seq(_) => Err(self.context.invalid(&item.origin, "a list where a name must be")),
            }),
        }
    }

    fn set_scalar(&self, node: &mut Node) -> Result<(), Error> {
        let Some(old) = node.text() else { return Ok(()) };
        let same = |a: &Identity, b: &Identity| a.name == b.name;
        if let Some(referral) = self.select(old, None, same, &node.origin)?
            && *referral.name != *old
        {
            set_text(self.context, node, referral.name.clone(), &referral.name_origin)?;
        }
        Ok(())
    }

    /// A map with `name` and perhaps `namespace`, as in the subjects of a binding.
    fn set_map(&self, node: &mut Node) -> Result<(), Error> {
        let Some(old) = node.get("name").and_then(Node::text) else {
            return Err(nameless(self.context, self.spec, node));
        };
        let namespace = node.get("namespace").and_then(Node::text);
        let same = |a: &Identity, b: &Identity| a.name == b.name && a.namespace == b.namespace;
        let Some(referral) = self.select(old, namespace, same, &node.origin)? else { return Ok(()) };
        let Some(map) = node.as_map_mut() else { return Ok(()) };
        let name = ("name", &referral.name, &referral.name_origin);
        for (key, new, origin) in [name, ("namespace", &referral.namespace, &referral.namespace_origin)] {
            match map.get_mut(key) {
                // No namespace stands for any, not for the default one.
                _ if new.is_empty() => {}
                Some(value) if value.text() == Some(new) => {}
                Some(value) => set_text(self.context, value, new.clone(), origin)?,
                None => {
                    self.context.charge(Cost::text(new), origin)?;
                    let value = Node::scalar(Scalar::quoted(new.clone()), origin.clone());
                    map.entries_mut().push(Entry { key: Scalar::string(key), value });
                }
            }
        }
        Ok(())
    }

    /// The object that `old` named before its name changed. More than one that differ in what would be written is an error.
    fn select(
        &self,
        old: &str,
        namespace: Option<&str>,
        same: impl Fn(&Identity, &Identity) -> bool,
        origin: &Origin,
    ) -> Result<Option<&'a Identity>, Error> {
        let mut candidates = self.candidates.named(old, self.referrer);
        candidates.retain(|at| self.is_candidate(*at, old));
        if let Some(namespace) = namespace.filter(|_| !candidates.is_empty()) {
            candidates = self.in_namespace(candidates, namespace);
        }
        if candidates.len() > 1 {
            candidates.retain(|at| self.same_affixes(*at, true));
        }
        if candidates.len() > 1 {
            candidates.retain(|at| self.same_affixes(*at, false));
        }
        let mut found = candidates.iter().filter_map(|at| self.identities.get(*at));
        let Some(first) = found.next() else { return Ok(None) };
        if found.all(|other| same(first, other)) {
            return Ok(Some(first));
        }
        let names = candidates.iter().filter_map(|at| self.map.resources().get(*at)).map(|resource| resource.id().to_string());
        let names = names.collect::<Vec<_>>().join(", ");
        let message = format!("`{old}` may refer to {} objects of kind {}: {names}", candidates.len(), self.target.kind);
        let mut error = self.context.invalid(origin, message);
        if namespace.is_none() && self.spec.path.starts_with("subjects") {
            error = error.help("write its `namespace` into the subject");
        }
        for at in candidates {
            if let Some(identity) = self.identities.get(at) {
                error = error.related(crate::Place::of(&self.context.sources, &identity.name_origin), "one of them");
            }
        }
        Err(error)
    }

    fn is_candidate(&self, at: usize, old: &str) -> bool {
        let (Some(resource), Some(identity)) = (self.map.resources().get(at), self.identities.get(at)) else { return false };
        let was_selected = |gvk: &Gvk| resource.previous.iter().any(|id| id.is_selected(&identity.api_version, gvk));
        resource.previous.iter().any(|id| *id.name == *old)
            && self.referrer.reaches(identity)
            && was_selected(self.target)
            && match &self.referrer.role {
                Some(role) if self.spec.path.ends_with("roleRef/name") => was_selected(role),
                _ => true,
            }
    }

    /// Those that were in `namespace` first, or, where nothing at all was, those that are in it now.
    fn in_namespace(&self, candidates: Vec<usize>, namespace: &str) -> Vec<usize> {
        let originally = |at: &usize| {
            let (resource, identity) = (self.map.resources().get(*at), self.identities.get(*at));
            let first = resource.and_then(|resource| resource.previous.first()).map(|id| &*id.namespace);
            first.or(identity.map(|identity| &*identity.effective_namespace)) == Some(namespace)
        };
        if self.candidates.any_from(namespace, self.referrer) {
            return candidates.into_iter().filter(originally).collect();
        }
        let is_now = |at: &usize| self.identities.get(*at).is_some_and(|identity| *identity.effective_namespace == *namespace);
        candidates.into_iter().filter(is_now).collect()
    }

    /// Whether the chains of prefixes and suffixes end alike; with `or_empty` an empty chain is like any.
    fn same_affixes(&self, at: usize, or_empty: bool) -> bool {
        let (Some(mine), Some(other)) = (self.map.resources().get(self.referrer.at), self.map.resources().get(at)) else {
            return false;
        };
        let alike = |a: &[EcoString], b: &[EcoString]| {
            if a.is_empty() || b.is_empty() {
                return or_empty || (a.is_empty() && b.is_empty());
            }
            a.iter().rev().zip(b.iter().rev()).all(|(a, b)| a == b)
        };
        alike(&mine.prefixes, &other.prefixes) && alike(&mine.suffixes, &other.suffixes)
    }
}
