//! Rights that subjects have on one side and not on the other, with the line that gives them.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use super::dangers::{rank, why};
use super::roles::{Atom, GROUP, Held, Roles, Rule, Subject, What, own_rules, role_of, subjects};
use crate::objects::{Index, Object, ObjectId, Path};

/// A rule that allows more things than this is not looked at any further.
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
    /// The role or binding that gives it, or gave it.
    pub object: ObjectId,
    /// Where in it: a rule, a verb or resource of it, or a subject.
    pub path: Path,
    /// Who has it: `ServiceAccount shop/web`.
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
pub(super) fn rights(old: &Index<'_>, new: &Index<'_>) -> Rights {
    let (old, new) = (Roles::new(old), Roles::new(new));
    Rights { granted: gained(&old, &new), revoked: gained(&new, &old) }
}

/// A thing that is allowed, how dangerous that is (0 is the worst), and the line that allows it.
type Gain<'a> = (usize, Atom<'a>, Path);

/// What several subjects may get alike: of which object, where they have it, and what.
type Alike<'s, 'a> = (usize, &'s str, Vec<(usize, Atom<'a>)>);

/// What subjects hold in `to` and not in `from`.
fn gained<'a>(from: &Roles<'a>, to: &Roles<'a>) -> Vec<Grant> {
    let mut found: BTreeMap<(usize, &str, Subject<'a>), Vec<Gain<'a>>> = BTreeMap::new();
    for (subject, held) in &to.held {
        let before = Before::of(from, subject);
        let mut seen = HashSet::new();
        for held in held.iter().filter(|held| !before.has_rule(held)) {
            for atom in held.rule.atoms(held.scope.is_empty()).take(MOST_ATOMS) {
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
        let mut rights = listed(&atoms);
        let more = rights.len().saturating_sub(MOST);
        rights.truncate(MOST);
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
    grants.sort_by_key(|(worst, _)| *worst);
    grants.into_iter().map(|(_, grant)| grant).collect()
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
