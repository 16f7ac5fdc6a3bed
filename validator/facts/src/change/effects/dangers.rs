//! Rights that are more than they look: the table `tables/rights.txt`.

use std::sync::OnceLock;

use super::roles::{Atom, What};

/// A row of the table of dangerous rights.
struct Danger {
    in_cluster_only: bool,
    group: &'static str,
    resources: Vec<&'static str>,
    verbs: Vec<&'static str>,
    why: &'static str,
}

/// The rows, and roles of every cluster with why they are dangerous.
type Table = (Vec<Danger>, Vec<(&'static str, &'static str)>);

/// The table, read once.
fn dangers() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let (mut rows, mut roles) = (Vec::new(), Vec::new());
        for line in super::super::tables::lines(include_str!("../tables/rights.txt")) {
            if let Some(role) = line.strip_prefix("ROLE ") {
                roles.extend(role.split_once(' '));
                continue;
            }
            let (in_cluster_only, line) = line.strip_prefix("CLUSTER ").map_or((false, line), |line| (true, line));
            let mut parts = line.splitn(4, ' ');
            let (Some(group), Some(resources), Some(verbs), Some(why)) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
                continue;
            };
            let group = if group == "-" { "" } else { group };
            rows.push(Danger { in_cluster_only, group, resources: resources.split(',').collect(), verbs: verbs.split(',').collect(), why });
        }
        (rows, roles)
    })
}

/// How dangerous something is: the number of its row, or a number behind all rows.
pub(super) fn rank(atom: &Atom<'_>, scope: &str) -> usize {
    let (rows, roles) = dangers();
    let is_it = |danger: &Danger| {
        let What::Resource(group, resource, _) = atom.what else { return false };
        let below = |text: &str| text.split_once('/').map(|(_, below)| format!("*/{below}"));
        let of_resource = |known: &&str| {
            *known == resource || resource == "*" || below(known).is_some_and(|all| all == resource) || is_below(known, resource)
        };
        (!danger.in_cluster_only || scope.is_empty())
            && (danger.group == group || group == "*")
            && danger.resources.iter().any(of_resource)
            && (danger.verbs.contains(&atom.verb) || atom.verb == "*")
    };
    match atom.what {
        What::Role(_, name) => roles.iter().position(|(known, _)| *known == name).map_or(usize::MAX, |at| rows.len() + at),
        What::Rest => rows.len() + roles.len(),
        _ => rows.iter().position(is_it).unwrap_or(usize::MAX),
    }
}

/// `userextras/*` stands for `userextras/scopes`.
fn is_below(pattern: &str, resource: &str) -> bool {
    pattern.strip_suffix('*').is_some_and(|start| !start.is_empty() && resource.starts_with(start))
}

/// Why what has that number is dangerous.
pub(super) fn why(rank: usize) -> Option<&'static str> {
    let (rows, roles) = dangers();
    if rank == rows.len() + roles.len() {
        return Some("too much to look at each");
    }
    rows.get(rank).map(|danger| danger.why).or_else(|| roles.get(rank.checked_sub(rows.len())?).map(|(_, why)| *why))
}
