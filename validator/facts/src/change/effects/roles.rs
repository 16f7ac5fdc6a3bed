//! Roles and bindings, expanded: which subject holds which rule, by which line.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::rc::Rc;

use kustomize::Node;

use crate::objects::{Index, Object};
use crate::selectors::{Labels, Selector};

/// The API group of roles and bindings.
pub(super) const GROUP: &str = "rbac.authorization.k8s.io";

/// Roles of every cluster that others add to, each with the labels by which they do.
const AGGREGATED: [(&str, &[&str]); 3] =
    [("admin", &["rbac.authorization.k8s.io/aggregate-to-admin", EDIT, VIEW]), ("edit", &[EDIT, VIEW]), ("view", &[VIEW])];
const EDIT: &str = "rbac.authorization.k8s.io/aggregate-to-edit";
const VIEW: &str = "rbac.authorization.k8s.io/aggregate-to-view";

/// A role by its kind, namespace (empty for a ClusterRole) and name.
pub(super) type RoleName<'a> = (&'a str, &'a str, &'a str);

/// Who holds rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Subject<'a> {
    /// Of a namespace, with its name.
    ServiceAccount(&'a str, &'a str),
    /// By name.
    User(&'a str),
    /// By name.
    Group(&'a str),
    /// Whoever is bound to a role that no binding among the objects names.
    Holder(RoleName<'a>),
}

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::ServiceAccount(namespace, name) => write!(f, "ServiceAccount {namespace}/{name}"),
            Subject::User(name) => write!(f, "User {name}"),
            Subject::Group(name) => write!(f, "Group {name}"),
            Subject::Holder((kind, "", name)) => write!(f, "whoever is bound to {kind} {name}"),
            Subject::Holder((kind, namespace, name)) => write!(f, "whoever is bound to {kind} {namespace}/{name}"),
        }
    }
}

/// What a rule of a role allows, each list sorted.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Rule<'a> {
    pub(super) verbs: Vec<&'a str>,
    pub(super) groups: Vec<&'a str>,
    pub(super) resources: Vec<&'a str>,
    pub(super) names: Vec<&'a str>,
    pub(super) urls: Vec<&'a str>,
    /// Instead: all that a role allows which is not among the objects, by its kind and name.
    pub(super) all_of: Option<(&'a str, &'a str)>,
}

/// One thing that a rule allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Atom<'a> {
    pub(super) verb: &'a str,
    pub(super) what: What<'a>,
}

/// What an atom is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum What<'a> {
    /// A resource of a group, or one object of it.
    Resource(&'a str, &'a str, Option<&'a str>),
    /// A path of the API server that is no resource.
    Url(&'a str),
    /// All that a role allows, by its kind and name.
    Role(&'a str, &'a str),
    /// What a rule allows beyond the most that is looked at.
    Rest,
}

impl<'a> Rule<'a> {
    fn read(node: &'a Node) -> Self {
        let list = |key: &str| {
            let mut values: Vec<&str> = node.get(key).map_or(&[][..], Node::items).iter().filter_map(Node::as_str).collect();
            values.sort_unstable();
            values.dedup();
            values
        };
        Rule {
            verbs: list("verbs"),
            groups: list("apiGroups"),
            resources: list("resources"),
            names: list("resourceNames"),
            urls: list("nonResourceURLs"),
            all_of: None,
        }
    }

    /// Everything, as `cluster-admin` has it.
    fn everything() -> Self {
        let all = || vec!["*"];
        Rule { verbs: all(), groups: all(), resources: all(), names: Vec::new(), urls: all(), all_of: None }
    }

    fn of_role(kind: &'a str, name: &'a str) -> Self {
        let none = Vec::new;
        Rule { verbs: none(), groups: none(), resources: none(), names: none(), urls: none(), all_of: Some((kind, name)) }
    }

    /// Each thing that it allows, beyond the most of them as one; `everywhere` is whether it is bound in the whole cluster, as paths of the
    /// API server need it.
    pub(super) fn atoms(&self, everywhere: bool, most: usize) -> impl Iterator<Item = Atom<'a>> {
        let each = self.each(everywhere);
        each.take(most.saturating_add(1))
            .enumerate()
            .map(move |(at, atom)| if at < most { atom } else { Atom { verb: "", what: What::Rest } })
    }

    fn each(&self, everywhere: bool) -> impl Iterator<Item = Atom<'a>> {
        let names = || {
            let none = self.names.is_empty().then_some(None);
            none.into_iter().chain(self.names.iter().map(|name| Some(*name)))
        };
        let of_resources = self.verbs.iter().flat_map(move |verb| {
            self.groups.iter().flat_map(move |group| {
                let each = move |resource: &'a str| names().map(move |name| What::Resource(group, resource, name));
                self.resources.iter().flat_map(move |resource| each(resource)).map(move |what| Atom { verb, what })
            })
        });
        let urls = self.urls.iter().filter(move |_| everywhere);
        let of_urls = urls.flat_map(|url| self.verbs.iter().map(move |verb| Atom { verb, what: What::Url(url) }));
        let role = self.all_of.map(|(kind, name)| Atom { verb: "", what: What::Role(kind, name) });
        of_resources.chain(of_urls).chain(role)
    }

    /// Whether it allows that.
    pub(super) fn covers(&self, atom: &Atom<'_>) -> bool {
        let has = |list: &[&str], value: &str| list.iter().any(|known| *known == value || *known == "*");
        let of_url = |known: &&str, url: &str| *known == url || known.strip_suffix('*').is_some_and(|start| url.starts_with(start));
        match atom.what {
            What::Role(kind, name) => self.all_of == Some((kind, name)),
            // Only what allows everything surely allows that.
            What::Rest => [&self.verbs, &self.groups, &self.resources].iter().all(|list| list.contains(&"*")) && self.names.is_empty(),
            _ if !has(&self.verbs, atom.verb) => false,
            What::Url(url) => self.urls.iter().any(|known| of_url(known, url)),
            What::Resource(group, resource, name) => {
                let below = resource.split_once('/').map(|(_, below)| below);
                let of_all = |known: &&str| known.strip_prefix("*/").is_some_and(|known| Some(known) == below);
                let named = self.names.is_empty() || name.is_some_and(|name| self.names.contains(&name));
                named && has(&self.groups, group) && (has(&self.resources, resource) || self.resources.iter().any(of_all))
            }
        }
    }
}

/// A rule of a role, and where it stands: the number of the object and of the rule in it. What is not among the objects stands nowhere.
pub(super) type Placed<'a> = (Option<(usize, usize)>, Rc<Rule<'a>>);

/// A rule that a subject holds.
#[derive(Debug)]
pub(super) struct Held<'a> {
    /// The namespace where it holds it; empty for the whole cluster.
    pub(super) scope: &'a str,
    /// The rule.
    pub(super) rule: Rc<Rule<'a>>,
    /// Where it stands.
    pub(super) at: Option<(usize, usize)>,
    /// The role.
    pub(super) role: RoleName<'a>,
    /// The number of the binding, and that of the subject in it.
    pub(super) binding: Option<(usize, usize)>,
}

/// All roles and bindings of a state.
#[derive(Debug)]
pub(super) struct Roles<'a> {
    pub(super) index: &'a Index<'a>,
    /// What each role allows, with what is aggregated into it.
    pub(super) expanded: HashMap<RoleName<'a>, Vec<Placed<'a>>>,
    /// What each subject holds.
    pub(super) held: BTreeMap<Subject<'a>, Vec<Held<'a>>>,
}

impl<'a> Roles<'a> {
    pub(super) fn new(index: &'a Index<'a>) -> Self {
        let mut roles = Roles { index, expanded: HashMap::new(), held: BTreeMap::new() };
        let own: Vec<RoleName<'a>> =
            ["Role", "ClusterRole"].into_iter().flat_map(|kind| roles.of_kind(kind)).map(|(_, role)| name(role)).collect();
        let mut aggregated = HashSet::new();
        for role in own.iter().copied().chain(AGGREGATED.iter().map(|(name, _)| ("ClusterRole", "", *name))) {
            let rules = roles.expand(role);
            let others = rules.iter().filter_map(|(at, _)| index.objects.get(at.as_ref()?.0)).map(name).filter(|other| *other != role);
            aggregated.extend(others);
            roles.expanded.insert(role, rules);
        }
        let mut bound = HashSet::new();
        for (at, binding) in ["RoleBinding", "ClusterRoleBinding"].into_iter().flat_map(|kind| roles.of_kind(kind)).collect::<Vec<_>>() {
            let Some(role) = role_of(binding) else { continue };
            bound.insert(role);
            let rules = match roles.expanded.get(&role) {
                Some(rules) => rules.clone(),
                None => roles.of_every_cluster(role),
            };
            for (number, subject) in subjects(binding) {
                let held = rules.iter().map(|(rule_at, rule)| Held {
                    scope: binding.namespace,
                    rule: Rc::clone(rule),
                    at: *rule_at,
                    role,
                    binding: Some((at, number)),
                });
                roles.held.entry(subject).or_default().extend(held);
            }
        }
        // What nobody here is bound to is somebody's elsewhere, and so are the roles of every cluster.
        let unbound: Vec<RoleName<'a>> =
            roles.expanded.keys().filter(|role| !bound.contains(*role) && !aggregated.contains(*role)).copied().collect();
        for role in unbound {
            let rules = roles.expanded.get(&role).into_iter().flatten().filter(|(at, _)| at.is_some());
            let held: Vec<_> =
                rules.map(|(at, rule)| Held { scope: role.1, rule: Rc::clone(rule), at: *at, role, binding: None }).collect();
            if !held.is_empty() {
                roles.held.insert(Subject::Holder(role), held);
            }
        }
        roles
    }

    fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = (usize, &'a Object<'a>)> + use<'a> {
        let index = self.index;
        index.of_kind(GROUP, kind).iter().filter_map(move |at| Some((*at, index.objects.get(*at)?)))
    }

    /// What a role allows; nothing that is known of one that is neither among the objects nor in every cluster.
    fn expand(&self, role: RoleName<'a>) -> Vec<Placed<'a>> {
        let (kind, namespace, own) = role;
        let Some(at) = self.index.find(GROUP, kind, namespace, own) else { return self.of_every_cluster(role) };
        // Roles may be made of roles that are made of roles, and of each other.
        let (mut found, mut seen, mut open) = (Vec::new(), HashSet::from([at]), vec![at]);
        while let Some(at) = open.pop() {
            let Some(object) = self.index.objects.get(at) else { continue };
            let selectors = object.node.at(&["aggregationRule", "clusterRoleSelectors"]).map_or(&[][..], Node::items);
            if selectors.is_empty() {
                found.extend(rules(at, object));
                continue;
            }
            let selectors: Vec<Selector<'_>> = selectors.iter().filter_map(|node| Selector::of_label_selector(node).ok()).collect();
            let fits = |object: &Object<'_>| selectors.iter().any(|selector| selector.matches(&Labels::new(object.labels())));
            let others = self.of_kind("ClusterRole").filter(|(other, object)| !seen.contains(other) && fits(object));
            let mut others: Vec<usize> = others.map(|(other, _)| other).collect();
            seen.extend(&others);
            others.reverse();
            open.extend(others);
        }
        found
    }

    fn of_every_cluster(&self, (kind, _, own): RoleName<'a>) -> Vec<Placed<'a>> {
        if (kind, own) == ("ClusterRole", "cluster-admin") {
            return vec![(None, Rc::new(Rule::everything()))];
        }
        let labels = AGGREGATED.iter().find(|(known, _)| kind == "ClusterRole" && *known == own).map_or(&[][..], |(_, labels)| labels);
        let is_part = |object: &Object<'_>| {
            let set = Labels::new(object.labels());
            labels.iter().any(|label| set.get(label) == Some("true"))
        };
        let parts = self.of_kind("ClusterRole").filter(|(_, object)| is_part(object)).flat_map(|(at, object)| rules(at, object));
        std::iter::once((None, Rc::new(Rule::of_role(kind, own)))).chain(parts).collect()
    }
}

fn rules<'a>(at: usize, role: &Object<'a>) -> Vec<Placed<'a>> {
    let rules = role.node.get("rules").map_or(&[][..], Node::items).iter().enumerate();
    rules.map(|(number, node)| (Some((at, number)), Rc::new(Rule::read(node)))).collect()
}

/// What a role says itself.
pub(super) fn own_rules<'a>(role: &Object<'a>) -> Vec<Rc<Rule<'a>>> {
    rules(0, role).into_iter().map(|(_, rule)| rule).collect()
}

/// The identity of a role.
pub(super) fn name<'a>(role: &Object<'a>) -> RoleName<'a> {
    (role.kind, role.namespace, role.name)
}

/// The role that a binding names.
pub(super) fn role_of<'a>(binding: &Object<'a>) -> Option<RoleName<'a>> {
    let (kind, name) = (binding.node.str_at(&["roleRef", "kind"])?, binding.node.str_at(&["roleRef", "name"])?);
    Some((kind, if kind == "Role" { binding.namespace } else { "" }, name))
}

/// The subjects of a binding, with their numbers.
pub(super) fn subjects<'a>(binding: &Object<'a>) -> impl Iterator<Item = (usize, Subject<'a>)> + use<'a> {
    let namespace = binding.namespace;
    let nodes = binding.node.get("subjects").map_or(&[][..], Node::items).iter().enumerate();
    nodes.filter_map(move |(at, node)| {
        let name = node.str_at(&["name"])?;
        let subject = match node.str_at(&["kind"])? {
            "ServiceAccount" => Subject::ServiceAccount(node.str_at(&["namespace"]).unwrap_or(namespace), name),
            "User" => Subject::User(name),
            "Group" => Subject::Group(name),
            _ => return None,
        };
        Some((at, subject))
    })
}
