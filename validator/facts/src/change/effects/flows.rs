//! Flows that NetworkPolicies allow on one side and not on the other, by the line that makes the difference.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::Serialize;

use super::outside;
use super::strangers::Strangers;
use super::words;
use crate::change::Change;
use crate::objects::{Index, ObjectId, Path};
use crate::traffic::addresses::EVERYWHERE;
use crate::traffic::network::Network;
use crate::traffic::policy::{Direction, Who};
use crate::traffic::ports::{Ports, Protocol};

/// The most classes of pairs that are compared. Only what tells very many workloads apart has more.
const MOST_COMPARED: usize = 200_000;

/// The most flows that a fact lists.
const MOST: usize = 8;

/// Flows that are allowed on one side only.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Flows {
    /// What is allowed now and was not before.
    pub opened: Vec<FlowChange>,
    /// What was allowed before and is not now; what is needed comes first.
    pub cut: Vec<FlowChange>,
    /// What was not looked at.
    pub uncompared: Option<Uncompared>,
}

/// Pairs of workloads of which it is not known what they may do otherwise than before, as there are too many.
#[derive(Clone, Debug, Serialize)]
pub struct Uncompared {
    /// The first object whose change may have to do with them.
    pub object: ObjectId,
    /// Where in it.
    pub path: Path,
    /// How many pairs there are, on the side that has more.
    pub pairs: usize,
}

/// What one line opens or cuts.
#[derive(Clone, Debug, Serialize)]
pub struct FlowChange {
    /// The NetworkPolicy, workload or Namespace whose change does it.
    pub object: ObjectId,
    /// Where in it.
    pub path: Path,
    /// The flows: `Deployment web, Deployment api → StatefulSet redis TCP 6379`.
    pub flows: Vec<String>,
    /// How many flows are not listed.
    pub more: usize,
    /// How many pairs of workloads it is about.
    pub pairs: usize,
    /// The flows among them that the configuration of workloads asks for now.
    pub needed: Vec<String>,
    /// How many of those are not listed.
    #[serde(rename = "moreNeeded")]
    pub more_needed: usize,
    /// Whether it is a new workload that no policy isolates, in a namespace that has policies.
    pub unguarded: bool,
    /// Whether all of it is about workloads that the other side has not.
    pub newcomers: bool,
    /// Whether it is about addresses anywhere.
    pub world: bool,
}

/// A flow that configuration asks for: the ids of both workloads, and the port.
pub(super) type Need = (String, String, Protocol, u16);

/// One side of a comparison.
#[derive(Clone, Copy)]
pub(super) struct Side<'s, 'a> {
    pub(super) index: &'s Index<'a>,
    pub(super) network: &'s Network<'a>,
}

/// Compares two sides; `needs` are those of the new one.
pub(super) fn flows(old: Side<'_, '_>, new: Side<'_, '_>, changes: &[&Change], needs: impl FnOnce() -> Vec<Need>) -> Flows {
    let by = |is_new: bool| {
        let number = move |change: &Change| if is_new { change.new } else { change.old };
        changes.iter().copied().filter_map(move |change| Some((number(change)?, change))).collect::<HashMap<_, _>>()
    };
    let (old_changes, new_changes) = (by(false), by(true));
    let (old_marks, new_marks) = (marks(old, &old_changes), marks(new, &new_changes));
    let (old, new) =
        (Known { side: old, changes: &old_changes, marks: &old_marks }, Known { side: new, changes: &new_changes, marks: &new_marks });
    let (opened, cut) = (Comparison { from: old, to: new, forward: true }.run(), Comparison { from: new, to: old, forward: false }.run());
    let uncompared = uncompared(opened.left.max(cut.left), changes);
    if opened.is_empty() && cut.is_empty() {
        return Flows { uncompared, ..Flows::default() };
    }
    let needs = needs();
    let facts = |found: Found<'_, '_>| {
        let mut facts = found.facts(&needs);
        facts.sort_by_key(|fact| (fact.needed.is_empty(), !fact.world));
        facts
    };
    Flows { opened: facts(opened), cut: facts(cut), uncompared }
}

/// Tells of what was left out at a change that may have to do with it: of a policy, or else of anything.
fn uncompared(pairs: usize, changes: &[&Change]) -> Option<Uncompared> {
    let is_policy = |change: &&&Change| change.object.kind == "NetworkPolicy";
    let change = changes.iter().find(is_policy).or(changes.first()).filter(|_| pairs > 0)?;
    let path = change.fields.first().map(|field| field.path.clone()).unwrap_or_default();
    Some(Uncompared { object: change.object.clone(), path, pairs })
}

/// Workloads that nothing tells apart on either side.
struct Group {
    members: Vec<usize>,
    /// The same workload as the first member, on the other side.
    before: Option<usize>,
    /// Whether anything about its traffic may differ.
    touched: bool,
}

/// What makes a difference: on which side the object stands, its number, and where in it.
type Cause = (bool, usize, Path);

/// A side, and what is to be known of it beforehand.
#[derive(Clone, Copy)]
struct Known<'s, 'a> {
    side: Side<'s, 'a>,
    /// The changes by the numbers of their objects.
    changes: &'s HashMap<usize, &'s Change>,
    /// See [`marks`].
    marks: &'s [Option<u64>],
}

/// Looks for what `to` allows and `from` does not.
struct Comparison<'s, 'a> {
    from: Known<'s, 'a>,
    to: Known<'s, 'a>,
    /// Whether `to` is the new side.
    forward: bool,
}

/// What was found: from whom to whom which ports, by what makes the difference.
struct Found<'s, 'a> {
    comparison: Comparison<'s, 'a>,
    groups: Vec<Group>,
    rows: BTreeMap<Cause, Vec<Row>>,
    /// How many pairs of workloads were not looked at.
    left: usize,
}

struct Row {
    from: End,
    to: End,
    ports: Ports,
}

enum End {
    Group(usize),
    /// A new one that nothing isolates.
    Newcomer(usize),
    /// Who is not among the workloads, in words, and whether that is addresses anywhere.
    Outside(String, bool),
}

impl<'s, 'a> Comparison<'s, 'a> {
    fn run(self) -> Found<'s, 'a> {
        let groups = self.groups();
        let mut rows: BTreeMap<Cause, Vec<Row>> = BTreeMap::new();
        let (mut compared, mut left) = (0, 0usize);
        for (source, sender) in groups.iter().enumerate() {
            for (destination, listener) in groups.iter().enumerate() {
                if !(sender.touched || listener.touched) {
                    continue;
                }
                if compared >= MOST_COMPARED {
                    left = left.saturating_add(sender.members.len().saturating_mul(listener.members.len()));
                    continue;
                }
                compared += 1;
                let Some((src, dst)) = sender.members.first().zip(listener.members.first()) else { continue };
                // Most pairs are closed at the listener already.
                if self.to.side.network.one_side(Direction::Ingress, *src, *dst).is_empty() {
                    continue;
                }
                let Some(before) = self.before(sender, listener, *src, *dst) else { continue };
                let opened = self.to.side.network.between(*src, *dst).without(&before);
                if let Some(cause) = (!opened.is_empty()).then(|| self.cause(sender, listener, *src, *dst, &opened)).flatten() {
                    rows.entry(cause).or_default().push(Row { from: End::Group(source), to: End::Group(destination), ports: opened });
                }
            }
        }
        for (number, group) in groups.iter().enumerate().filter(|(_, group)| group.touched) {
            for direction in Direction::ALL {
                self.beyond(direction, number, group, &mut rows);
            }
        }
        Found { comparison: self, groups, rows, left }
    }

    /// What workloads may exchange with who is not among the workloads.
    fn beyond(&self, direction: Direction, number: usize, group: &Group, rows: &mut BTreeMap<Cause, Vec<Row>>) {
        let (from, to) = (self.from.side.network, self.to.side.network);
        let Some(own) = group.members.first().copied() else { return };
        let mut add = |cause, group, other, ports| {
            let (from, to) = if direction == Direction::Egress { (group, other) } else { (other, group) };
            rows.entry(cause).or_default().push(Row { from, to, ports });
        };
        if group.before.is_none() && to.isolated_by(direction, own).is_empty() {
            for member in group.members.iter().copied().filter(|member| self.is_guarded(direction, *member)) {
                let Some(cause) = self.labels(member) else { continue };
                add(cause, End::Newcomer(member), End::Outside(outside::words(&[EVERYWHERE]), true), Ports::all());
            }
            return;
        }
        let was = group.before.map(|before| from.outside(direction, before)).unwrap_or_default();
        for (ports, ranges) in outside::beyond(&was, &to.outside(direction, own)) {
            let Some(cause) = self.cause_outside(direction, own, group.before, &ports) else { continue };
            add(cause, End::Group(number), End::Outside(outside::words(&ranges), outside::is_world(&ranges)), ports);
        }
        // What policies that were there let everybody is no news of a new one.
        let is_news = |rules: &[(usize, Path)]| group.before.is_some() || rules.iter().any(|(at, _)| self.to.changes.contains_key(at));
        let known = group.before.map(|before| Strangers::of(from, direction, before)).unwrap_or_default();
        for (who, ports, rules) in Strangers::of(to, direction, own).beyond(&known).filter(|(_, _, rules)| is_news(rules)) {
            let Some(cause) = self.blame(direction, own, group.before, rules, None) else { continue };
            add(cause, End::Group(number), End::Outside(who, false), ports);
        }
    }

    /// Whether some policy of a workload's namespace is about a direction.
    fn is_guarded(&self, direction: Direction, workload: usize) -> bool {
        let side = self.to.side;
        let Some(workload) = side.network.cluster.workloads.get(workload) else { return false };
        let namespace = |at: usize| side.index.objects.get(at).map(|object| object.namespace);
        let is_of = |policy: &&crate::traffic::policy::Policy<'a>| policy.rules(direction).is_some();
        side.network.policies.iter().filter(is_of).any(|policy| namespace(policy.at) == Some(workload.namespace))
    }

    /// The labels of a workload's Pods.
    fn labels(&self, workload: usize) -> Option<Cause> {
        let workload = self.to.side.network.cluster.workloads.get(workload)?;
        let path = workload.template.map_or_else(Path::default, |template| Path::of(template.path).with("metadata").with("labels"));
        Some((true, workload.at, path))
    }

    /// What a pair could do on the other side; nothing where that is no question. A workload that is not there on the other side counts with
    /// what is there on both and lets in, or out, only some.
    fn before(&self, sender: &Group, listener: &Group, src: usize, dst: usize) -> Option<Ports> {
        match (sender.before, listener.before) {
            (Some(src), Some(dst)) => Some(self.from.side.network.between(src, dst)),
            (None, Some(_)) if !self.to.side.network.isolated_by(Direction::Ingress, dst).is_empty() => Some(Ports::default()),
            (Some(_), None) if !self.to.side.network.isolated_by(Direction::Egress, src).is_empty() => Some(Ports::default()),
            _ => None,
        }
    }

    /// The object of `from` in a change.
    fn other(&self, change: &Change) -> Option<usize> {
        if self.forward { change.old } else { change.new }
    }

    /// The workloads of `to` that have Pods of their own network, in groups.
    fn groups(&self) -> Vec<Group> {
        let (from, to) = (self.from.side.network, self.to.side.network);
        let by_id: HashMap<&str, usize> = from.cluster.workloads.iter().enumerate().map(|(at, workload)| (&*workload.id, at)).collect();
        // What has another name now is what it was.
        let by_object: HashMap<usize, usize> = from.cluster.workloads.iter().enumerate().map(|(at, workload)| (workload.at, at)).collect();
        let (marks_from, marks_to) = (self.from.marks, self.to.marks);
        let mut groups: BTreeMap<(Option<usize>, usize, bool), Group> = BTreeMap::new();
        for (number, workload) in to.cluster.workloads.iter().enumerate() {
            let renamed = || by_object.get(&self.to.changes.get(&workload.at).and_then(|change| self.other(change))?).copied();
            let before = by_id.get(&*workload.id).copied().or_else(renamed);
            let was = before.and_then(|before| from.cluster.workloads.get(before));
            if workload.host_network || was.is_some_and(|was| was.host_network) {
                continue;
            }
            let ports = |workload: &crate::traffic::cluster::Workload<'a>| {
                workload.ports.iter().map(|port| (port.name, port.protocol, port.port)).collect::<HashSet<_>>()
            };
            let touched = was.is_none_or(|was| ports(was) != ports(workload))
                || before.and_then(|before| marks_from.get(before)) != marks_to.get(number)
                || marks_to.get(number).is_none_or(Option::is_none);
            let group = groups.entry((before.map(|before| from.class(before)), to.class(number), touched));
            group.or_insert_with(|| Group { members: Vec::new(), before, touched }).members.push(number);
        }
        groups.into_values().collect()
    }

    /// What lets the ports through that the other side does not, of the listener's side if that is one.
    fn cause(&self, sender: &Group, listener: &Group, src: usize, dst: usize, opened: &Ports) -> Option<Cause> {
        let (from, to) = (self.from.side.network, self.to.side.network);
        let is_closed = |direction| match (sender.before, listener.before) {
            (Some(src), Some(dst)) => !opened.without(&from.one_side(direction, src, dst)).is_empty(),
            (before, _) => (direction == Direction::Ingress) == before.is_none(),
        };
        let direction = [Direction::Ingress, Direction::Egress].into_iter().find(|direction| is_closed(*direction))?;
        let (own, other, before) = match direction {
            Direction::Ingress => (dst, src, listener.before),
            Direction::Egress => (src, dst, sender.before),
        };
        let destination = to.cluster.workloads.get(dst)?;
        let lets = to
            .rules(direction, own)
            .filter(|(rule, _, _)| to.reaches(*rule, other) && !to.ports_of(*rule, destination).intersection(opened).is_empty());
        let rules: Vec<(usize, Path)> = lets.filter_map(|(number, _, rule)| Some((to.policy_of(number)?.at, rule.path.clone()))).collect();
        self.blame(direction, own, before, rules, Some(other))
    }

    fn cause_outside(&self, direction: Direction, own: usize, before: Option<usize>, opened: &Ports) -> Option<Cause> {
        let to = self.to.side.network;
        let listener = to.cluster.workloads.get(own)?;
        let lets = to.rules(direction, own).filter(|(number, _, rule)| {
            let peers = rule.peers.as_ref();
            peers.is_none_or(|peers| peers.iter().any(|peer| matches!(peer.who, Who::Addresses { .. })))
                && !to.ports_of(*number, listener).intersection(opened).is_empty()
        });
        let rules = lets.filter_map(|(number, _, rule)| Some((to.policy_of(number)?.at, rule.path.clone()))).collect();
        self.blame(direction, own, before, rules, None)
    }

    /// Of the rules that let something through the one that changed; else the policy that held it up and does not any more; else the
    /// workload, or its other end, whose labels changed.
    fn blame(
        &self,
        direction: Direction,
        own: usize,
        before: Option<usize>,
        rules: Vec<(usize, Path)>,
        other: Option<usize>,
    ) -> Option<Cause> {
        let is_changed = |(at, _): &&(usize, Path)| self.to.changes.contains_key(at);
        if let Some((at, path)) = rules.iter().find(is_changed) {
            return Some((true, *at, path.clone()));
        }
        let from = self.from.side.network;
        let was = before.map_or(&[][..], |before| from.isolated_by(direction, before));
        let mut policies =
            was.iter().filter_map(|number| from.policies.get(*number)).filter(|policy| self.from.changes.contains_key(&policy.at));
        if let (true, Some(policy)) = (rules.is_empty(), policies.next()) {
            return Some((false, policy.at, Path::default()));
        }
        let workloads = &self.to.side.network.cluster.workloads;
        for number in [Some(own), other].into_iter().flatten() {
            let Some(workload) = workloads.get(number) else { continue };
            let namespace = self.to.side.index.find("", "Namespace", "", workload.namespace);
            if self.to.changes.contains_key(&workload.at) {
                return self.labels(number);
            }
            if let Some(at) = namespace.filter(|at| self.to.changes.contains_key(at)) {
                return Some((true, at, Path::of(&["metadata", "labels"])));
            }
        }
        rules.into_iter().next().map(|(at, path)| (true, at, path))
    }

    /// The object, and the path in it as it is now where it is there now.
    fn place(&self, (is_to, at, path): &Cause) -> Option<(ObjectId, Path)> {
        let known = if *is_to { self.to } else { self.from };
        let object = known.side.index.objects.get(*at)?.id();
        let is_new = *is_to == self.forward;
        let Some(change) = known.changes.get(at).filter(|change| change.old.is_some() && change.new.is_some()) else {
            return Some((object, path.clone()));
        };
        let is_near = |one: &Path, other: &Path| one.0.starts_with(&other.0) || other.0.starts_with(&one.0);
        let of_spec =
            |field: &&crate::change::Field| path.0.is_empty() || is_near(if is_new { &field.path } else { &field.old_path }, path);
        // What a side allows is in what it has, not in what it lacks.
        let is_there = |field: &&crate::change::Field| if is_new { field.new.is_some() } else { field.old.is_some() };
        let near = || change.fields.iter().filter(of_spec);
        let field = near().find(is_there).or_else(|| near().next());
        Some((object, field.map_or_else(|| path.clone(), |field| field.path.clone())))
    }
}

/// What tells workloads apart for policies that are not changed: their numbers, mixed. Nothing for what a changed policy selects.
fn marks(side: Side<'_, '_>, changes: &HashMap<usize, &Change>) -> Vec<Option<u64>> {
    let network = side.network;
    let mut marks = vec![Some(0u64); network.cluster.workloads.len()];
    for (number, policy) in network.policies.iter().enumerate() {
        let is_changed = changes.contains_key(&policy.at);
        let name = side.index.objects.get(policy.at).map(|object| (object.namespace, object.name));
        let hash = |what: (Option<Direction>, usize)| {
            let mut hasher = DefaultHasher::new();
            (name, what).hash(&mut hasher);
            hasher.finish()
        };
        for selected in network.selected.get(number).into_iter().flatten() {
            if let Some(mark) = marks.get_mut(*selected) {
                *mark = mark.filter(|_| !is_changed).map(|mark| mark.wrapping_add(hash((None, 0))));
            }
        }
        if is_changed {
            continue;
        }
        for direction in Direction::ALL {
            let rules = policy.rules(direction).unwrap_or(&[]).iter().enumerate();
            // Everybody is a peer where none is named.
            for (at, _) in rules.filter(|(_, rule)| rule.peers.is_some()) {
                let Some(resolved) = network.rule_number(number, direction, at) else { continue };
                let own = hash((Some(direction), at));
                for peer in network.peers(resolved) {
                    if let Some(mark) = marks.get_mut(peer) {
                        *mark = mark.map(|mark| mark.wrapping_add(own));
                    }
                }
            }
        }
    }
    marks
}

impl Found<'_, '_> {
    fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn facts(&self, needs: &[Need]) -> Vec<FlowChange> {
        let workloads = &self.comparison.to.side.network.cluster.workloads;
        let mut group_of: HashMap<&str, usize> = HashMap::new();
        for (number, group) in self.groups.iter().enumerate() {
            group_of.extend(group.members.iter().filter_map(|member| Some((&*workloads.get(*member)?.id, number))));
        }
        let mut placed: BTreeMap<(ObjectId, Path), Vec<&Row>> = BTreeMap::new();
        for (cause, rows) in &self.rows {
            let Some(place) = self.comparison.place(cause) else { continue };
            placed.entry(place).or_default().extend(rows);
        }
        let fact = |((object, path), rows): ((ObjectId, Path), Vec<&Row>)| {
            let namespace = object.namespace.clone().unwrap_or_default();
            let names = |end: &End| match end {
                End::Group(number) => {
                    let members = self.groups.get(*number).into_iter().flat_map(|group| &group.members);
                    members.filter_map(|member| Some(words::workload(&workloads.get(*member)?.id, &namespace))).collect()
                }
                End::Newcomer(number) => workloads.get(*number).map(|own| words::workload(&own.id, &namespace)).into_iter().collect(),
                End::Outside(text, _) => vec![text.clone()],
            };
            let size = |end: &End| match end {
                End::Group(number) => self.groups.get(*number).map_or(0, |group| group.members.len()),
                End::Newcomer(_) | End::Outside(..) => 1,
            };
            let mut flows = words::flows(rows.iter().map(|row| (names(&row.from), names(&row.to), words::ports(&row.ports))).collect());
            let is_row = |need: &&Need, row: &Row| {
                let is_end = |end: &End, id: &str| matches!(end, End::Group(number) if group_of.get(id) == Some(number));
                is_end(&row.from, &need.0) && is_end(&row.to, &need.1) && row.ports.of(need.2).contains(need.3)
            };
            let asked = needs.iter().filter(|need| rows.iter().any(|row| is_row(need, row)));
            let asked = asked.map(|(from, to, protocol, port)| {
                let mut ports = Ports::default();
                ports.insert(*protocol, (*port, *port));
                (vec![words::workload(from, &namespace)], vec![words::workload(to, &namespace)], words::ports(&ports))
            });
            let mut needed = words::flows(asked.collect());
            let more_needed = needed.len().saturating_sub(MOST);
            needed.truncate(MOST);
            let more = flows.len().saturating_sub(MOST);
            flows.truncate(MOST);
            let is_world = |row: &&&Row| matches!(row.from, End::Outside(_, true)) || matches!(row.to, End::Outside(_, true));
            let is_new = |end: &End| match end {
                End::Group(number) => self.groups.get(*number).is_some_and(|group| group.before.is_none()),
                End::Newcomer(_) => true,
                End::Outside(..) => false,
            };
            let is_newcomer = |end: &End| matches!(end, End::Newcomer(_));
            FlowChange {
                object,
                path,
                flows,
                more,
                pairs: rows.iter().map(|row| size(&row.from).saturating_mul(size(&row.to))).sum(),
                needed,
                more_needed,
                unguarded: rows.iter().any(|row| is_newcomer(&row.from) || is_newcomer(&row.to)),
                newcomers: rows.iter().all(|row| is_new(&row.from) || is_new(&row.to)),
                world: rows.iter().any(|row| is_world(&row)),
            }
        };
        placed.into_iter().map(fact).collect()
    }
}
