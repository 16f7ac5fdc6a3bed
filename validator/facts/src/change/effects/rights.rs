//! Rights that subjects have on one side and not on the other, with the line that gives them.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use super::dangers::{rank, why};
use super::identity::{Switch, switches};
use super::roles::{Atom, GROUP, Held, Roles, Rule, Subject, What, own_rules, role_of, subjects};
use super::{Change, Side};
use crate::objects::{Object, ObjectId, Path};

/// Of a rule that allows more things than this the others are told of as one.
const MOST_ATOMS: usize = 4_096;

/// The most of anything that a fact lists.
const MOST: usize = 8;

/// What subjects may do on one side only.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Rights {
    /// What they may do now and could not before, the most dangerous first.
    pub granted: Vec<Grant>,
    /// What they could do before and may not now.
    pub revoked: Vec<Grant>,
}

/// What one object gives to some subjects.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// The role or binding that gives it, or gave it, or the workload that has another ServiceAccount.
    pub object: ObjectId,
    /// Where in it: a rule, a verb or resource of it, a subject, or the name of a ServiceAccount.
    pub path: Path,
    /// Who has it: `ServiceAccount shop/web`; of a workload with another one, its Pods.
    pub subjects: Vec<String>,
    /// How many subjects are not listed.
    pub more_subjects: usize,
    /// Whether it is known who has it: some binding among the objects names the role.
    pub bound: bool,
    /// The namespace in which they have it; none where they have it in the whole cluster.
    pub namespace: Option<String>,
    /// What they may do, the most dangerous first.
    pub rights: Vec<Right>,
    /// How many rights are not listed.
    pub more: usize,
}

/// Something that a subject may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Right {
    /// `get, list secrets`
    pub text: String,
    /// Why it is more than it looks, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub danger: Option<&'static str>,
}

/// Compares two sides.
pub(super) fn rights(old: Side<'_, '_>, new: Side<'_, '_>, changes: &[&Change]) -> Rights {
    let (was, is) = (Roles::new(old.index), Roles::new(new.index));
    let side = |from: &Roles<'_>, to: &Roles<'_>, switches: &[Switch<'_>]| {
        let mut grants = gained(from, to);
        grants.extend(switches.iter().flat_map(|switch| switched(from, to, switch)));
        grants.sort_by_key(|(worst, _)| *worst);
        grants.into_iter().map(|(_, grant)| grant).collect()
    };
    let granted = side(&was, &is, &switches(old, new, changes.iter().map(|change| (change.old, change.new))));
    let revoked = side(&is, &was, &switches(new, old, changes.iter().map(|change| (change.new, change.old))));
    Rights { granted, revoked }
}

/// What the Pods of a workload get with the ServiceAccount that it has in `to`. What that account itself did not have is told of elsewhere.
fn switched(from: &Roles<'_>, to: &Roles<'_>, switch: &Switch<'_>) -> Vec<(usize, Grant)> {
    let account = |(namespace, name)| Subject::ServiceAccount(namespace, name);
    let Some(object) = to.index.objects.get(switch.at) else { return Vec::new() };
    let own = account(switch.is);
    let known = Before::of(from, &own);
    let before = switch.was.map(|was| Before::of(from, &account(was)));
    let mut found: BTreeMap<&str, Vec<(usize, Atom<'_>)>> = BTreeMap::new();
    for held in to.held.get(&own).into_iter().flatten() {
        for atom in held.rule.atoms(held.scope.is_empty(), MOST_ATOMS) {
            let had = before.as_ref().is_some_and(|before| before.has_rule(held) || before.covers(held.scope, &atom));
            let gain = (rank(&atom, held.scope), atom);
            let of_scope = found.entry(held.scope).or_default();
            if !had && (known.has_rule(held) || known.covers(held.scope, &atom)) {
                of_scope.push(gain);
            }
        }
    }
    let grant = |(scope, mut atoms): (&str, Vec<(usize, Atom<'_>)>)| {
        atoms.sort();
        atoms.dedup();
        let worst = atoms.first()?.0;
        let (rights, more) = shortened(&atoms);
        let subject = format!("the Pods of {} {}, as {own},", object.kind, object.name);
        let namespace = (!scope.is_empty()).then(|| scope.to_owned());
        let (object, path) = (object.id(), switch.path.clone());
        Some((worst, Grant { object, path, subjects: vec![subject], more_subjects: 0, bound: true, namespace, rights, more }))
    };
    found.into_iter().filter_map(grant).collect()
}

/// A thing that is allowed, how dangerous that is (0 is the worst), and the line that allows it.
type Gain<'a> = (usize, Atom<'a>, Path);

/// What several subjects may get alike: of which object, where they have it, and what.
type Alike<'s, 'a> = (usize, &'s str, Vec<(usize, Atom<'a>)>);

/// What subjects hold in `to` and not in `from`.
fn gained<'a>(from: &Roles<'a>, to: &Roles<'a>) -> Vec<(usize, Grant)> {
    let mut found: BTreeMap<(usize, &str, Subject<'a>), Vec<Gain<'a>>> = BTreeMap::new();
    for (subject, held) in &to.held {
        let before = Before::of(from, subject);
        let mut seen = HashSet::new();
        for held in held.iter().filter(|held| !before.has_rule(held)) {
            for atom in held.rule.atoms(held.scope.is_empty(), MOST_ATOMS) {
                if before.covers(held.scope, &atom) || !seen.insert((held.scope, atom)) {
                    continue;
                }
                let Some((at, path)) = cause(from, to, subject, held, &atom) else { continue };
                found.entry((at, held.scope, *subject)).or_default().push((rank(&atom, held.scope), atom, path));
            }
        }
    }
    // Who gets the same by the same object is told of together.
    let mut alike: BTreeMap<Alike<'_, 'a>, (Vec<Subject<'a>>, Path)> = BTreeMap::new();
    for ((at, scope, subject), mut gains) in found {
        gains.sort();
        let path = gains.first().map(|(_, _, path)| path.clone()).unwrap_or_default();
        let key: Vec<_> = gains.into_iter().map(|(rank, atom, _)| (rank, atom)).collect();
        alike.entry((at, scope, key)).or_insert_with(|| (Vec::new(), path)).0.push(subject);
    }
    let mut grants: Vec<(usize, Grant)> = Vec::new();
    for ((at, scope, atoms), (subjects, path)) in alike {
        // The line may be of the other side: what a binding that is gone gave.
        let Some(object) = to.index.objects.get(at) else { continue };
        let worst = atoms.first().map_or(usize::MAX, |(rank, _)| *rank);
        let (rights, more) = shortened(&atoms);
        grants.push((
            worst,
            Grant {
                object: object.id(),
                path,
                more_subjects: subjects.len().saturating_sub(MOST),
                bound: subjects.iter().any(|subject| !matches!(subject, Subject::Holder(_))),
                subjects: subjects.iter().take(MOST).map(ToString::to_string).collect(),
                namespace: (!scope.is_empty()).then(|| scope.to_owned()),
                rights,
                more,
            },
        ));
    }
    grants
}

/// What a subject held on the other side.
struct Before<'b, 'a> {
    held: Vec<(&'b str, &'b Rule<'a>)>,
    verbatim: HashSet<(&'b str, &'b Rule<'a>)>,
}

impl<'b, 'a> Before<'b, 'a> {
    fn of(from: &'b Roles<'a>, subject: &Subject<'a>) -> Self {
        let mut held: Vec<(&str, &Rule<'a>)> = Vec::new();
        let mut add = |subject: &Subject<'a>| {
            held.extend(from.held.get(subject).into_iter().flatten().map(|held| (held.scope, &*held.rule)));
        };
        add(subject);
        match subject {
            // What its groups had it had.
            Subject::ServiceAccount(namespace, _) => {
                let is_one = |name: &str| {
                    let of_namespace = name.strip_prefix("system:serviceaccounts:") == Some(namespace);
                    of_namespace || matches!(name, "system:serviceaccounts" | "system:authenticated")
                };
                let groups = from.held.keys().filter(|subject| matches!(subject, Subject::Group(name) if is_one(name)));
                groups.for_each(&mut add);
            }
            Subject::User(_) => add(&Subject::Group("system:authenticated")),
            // Whether or not somebody was bound to it here.
            Subject::Holder(role) => held.extend(from.expanded.get(role).into_iter().flatten().map(|(_, rule)| (role.1, &**rule))),
            Subject::Group(_) => {}
        }
        let verbatim = held.iter().copied().collect();
        Before { held, verbatim }
    }

    fn has_rule(&self, held: &Held<'a>) -> bool {
        self.verbatim.contains(&(held.scope, &*held.rule)) || self.verbatim.contains(&("", &*held.rule))
    }

    fn covers(&self, scope: &str, atom: &Atom<'_>) -> bool {
        self.held.iter().any(|(known, rule)| (known.is_empty() || *known == scope) && rule.covers(atom))
    }
}

/// The object of `to` whose line makes the difference, and the line.
fn cause<'a>(from: &Roles<'a>, to: &Roles<'a>, subject: &Subject<'a>, held: &Held<'a>, atom: &Atom<'a>) -> Option<(usize, Path)> {
    let before =
        |object: &Object<'a>| from.index.find(GROUP, object.kind, object.namespace, object.name).and_then(|at| from.index.objects.get(at));
    if let Some((at, number)) = held.at {
        let role = to.index.objects.get(at)?;
        let own = before(role).map(own_rules).unwrap_or_default();
        if !own.iter().any(|rule| rule.covers(atom)) {
            return Some((at, in_rule(&own, role, number, atom)));
        }
        let bound = from.expanded.get(&held.role);
        if bound.is_some_and(|rules| !rules.iter().any(|(_, rule)| rule.covers(atom))) {
            return Some((at, Path::of(&["metadata", "labels"])));
        }
    }
    let Some((at, number)) = held.binding else { return Some((held.at?.0, Path::of(&["metadata", "labels"]))) };
    let binding = to.index.objects.get(at)?;
    let named = before(binding).filter(|before| role_of(before) != role_of(binding));
    let is_same = named.is_some_and(|before| subjects(before).any(|(_, known)| known == *subject));
    Some((at, if is_same { Path::of(&["roleRef"]) } else { Path::of(&["subjects"]).with(number) }))
}

/// Where in a rule something stands, given what the role said before: a verb or a resource, where the rest was there.
fn in_rule(own: &[std::rc::Rc<Rule<'_>>], role: &Object<'_>, number: usize, atom: &Atom<'_>) -> Path {
    let path = Path::of(&["rules"]).with(number);
    let list = |key: &str| role.node.get("rules").and_then(|rules| rules.items().get(number)?.get(key));
    let at = |key: &str, value: &str| {
        let found = list(key)?.items().iter().position(|item| item.as_str() == Some(value))?;
        Some(path.with(key).with(found))
    };
    let What::Resource(group, resource, _) = atom.what else { return path };
    let of_group = || own.iter().filter(|rule| rule.groups.contains(&group));
    if of_group().any(|rule| rule.resources.contains(&resource)) {
        return at("verbs", atom.verb).unwrap_or(path);
    }
    if of_group().any(|rule| rule.verbs.contains(&atom.verb)) {
        return at("resources", resource).unwrap_or(path);
    }
    path
}

/// Rights for people, and how many are not listed.
fn shortened(atoms: &[(usize, Atom<'_>)]) -> (Vec<Right>, usize) {
    let mut rights = listed(atoms);
    let more = rights.len().saturating_sub(MOST);
    rights.truncate(MOST);
    (rights, more)
}

/// Rights for people: what is the same but for the verb or the resource is one.
fn listed(atoms: &[(usize, Atom<'_>)]) -> Vec<Right> {
    type Thing<'a> = (usize, String, Option<&'a str>);
    let is_all = |atom: &Atom<'_>| matches!(atom.what, What::Resource("*", "*", None)) && atom.verb == "*";
    let all = atoms.iter().any(|(_, atom)| is_all(atom));
    let mut verbs: BTreeMap<Thing<'_>, Vec<&str>> = BTreeMap::new();
    let mut rights = Vec::new();
    for (rank, atom) in atoms {
        match atom.what {
            What::Role(kind, name) => rights.push((*rank, Right { text: format!("all that {kind} {name} allows"), danger: why(*rank) })),
            What::Rest => {
                rights.push((*rank, Right { text: format!("what else its rule names, beyond {MOST_ATOMS} things"), danger: why(*rank) }))
            }
            What::Url("*") if all => {}
            What::Url(url) => verbs.entry((*rank, url.to_owned(), None)).or_default().push(atom.verb),
            What::Resource(group, resource, name) => {
                let known = verbs.entry((*rank, shown(group, resource), name)).or_default();
                if !known.contains(&atom.verb) {
                    known.push(atom.verb);
                }
            }
        }
    }
    type Verbs<'a> = (usize, Vec<&'a str>, Option<&'a str>);
    let mut together: BTreeMap<Verbs<'_>, Vec<String>> = BTreeMap::new();
    for ((rank, resource, name), verbs) in verbs {
        together.entry((rank, verbs, name)).or_default().push(resource);
    }
    for ((rank, verbs, name), resources) in together {
        let verbs = if verbs.contains(&"*") { "do anything with".to_owned() } else { some(&verbs) };
        let name = name.map(|name| format!(" named {name}")).unwrap_or_default();
        rights.push((rank, Right { text: format!("{verbs} {}{name}", some(&resources)), danger: why(rank) }));
    }
    rights.sort_by_key(|(rank, _)| *rank);
    rights.into_iter().map(|(_, right)| right).collect()
}

/// `pods`; all of a group, or all, in words.
fn shown(group: &str, resource: &str) -> String {
    match (group, resource) {
        ("*", "*") => "everything".to_owned(),
        ("", "*") => "everything in the core group".to_owned(),
        (group, "*") => format!("everything in {group}"),
        (_, resource) => resource.to_owned(),
    }
}

/// A list, of a long one only the beginning.
fn some<T: AsRef<str>>(words: &[T]) -> String {
    let mut text = words.iter().take(MOST).map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
    if words.len() > MOST {
        text.push_str(&format!(" and {} more", words.len() - MOST));
    }
    text
}
