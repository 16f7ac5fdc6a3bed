//! Which object of a new state is which of an old one.

use std::collections::{HashMap, HashSet};

use kustomize::Node;

use crate::objects::{Index, Object};

/// An object on both sides, or on one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Its place among the old objects.
    pub old: Option<usize>,
    /// Its place among the new objects.
    pub new: Option<usize>,
    /// What they have in common.
    pub how: How,
}

/// How two objects were found to be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The API server calls them the same.
    Identity,
    /// The kind is served by another group now.
    Moved,
    /// Their names differ in the hash of their content only.
    Hash,
    /// They were renamed, or are in another namespace.
    Renamed,
    /// There is only one.
    Alone,
}

/// What a name consists of that tells an object, in one of the steps by which objects are matched.
type Key<'a> = (&'a str, &'a str, &'a str, &'a str);

/// Matches objects: by identity, then across groups of a kind, then through content hashes, namespaces and affixes of names. What is left
/// is alone. In the order of the new objects, then of the old ones.
pub fn pairs(old: &[&Node], new: &[&Node]) -> Vec<Pair> {
    let (old, new) = (Index::new(old), Index::new(new));
    let mut matcher = Matcher { old: &old.objects, new: &new.objects, partner: vec![None; new.objects.len()], taken: HashSet::new() };
    matcher.by(How::Identity, |object| (object.group(), object.kind, object.namespace, object.name));
    matcher.by(How::Moved, |object| ("", object.kind, object.namespace, object.name));
    matcher.by(How::Hash, |object| (object.group(), object.kind, object.namespace, stem(object.name)));
    matcher.by(How::Renamed, |object| (object.group(), object.kind, "", object.name));
    matcher.by(How::Renamed, |object| (object.group(), object.kind, "", stem(object.name)));
    matcher.by_affix();
    let mut pairs: Vec<_> = matcher
        .partner
        .iter()
        .enumerate()
        .map(|(new, partner)| Pair { old: partner.map(|(old, _)| old), new: Some(new), how: partner.map_or(How::Alone, |(_, how)| how) })
        .collect();
    let gone = (0..old.objects.len()).filter(|at| !matcher.taken.contains(at));
    pairs.extend(gone.map(|at| Pair { old: Some(at), new: None, how: How::Alone }));
    pairs
}

/// What is left of a kind.
#[derive(Default)]
struct Sides {
    old: Vec<usize>,
    new: Vec<usize>,
}

struct Matcher<'m, 'a> {
    old: &'m [Object<'a>],
    new: &'m [Object<'a>],
    partner: Vec<Option<(usize, How)>>,
    taken: HashSet<usize>,
}

impl<'a> Matcher<'_, 'a> {
    /// Matches what has the same key, where only one object on either side is left that has it.
    fn by(&mut self, how: How, key: impl Fn(&Object<'a>) -> Key<'a>) {
        let mut left: HashMap<Key<'a>, Vec<usize>> = HashMap::new();
        for (at, object) in self.old.iter().enumerate().rev().filter(|(at, _)| !self.taken.contains(at)) {
            left.entry(key(object)).or_default().push(at);
        }
        let mut wanted: HashMap<Key<'a>, usize> = HashMap::new();
        for (_, object) in self.new.iter().enumerate().filter(|(at, _)| self.partner[*at].is_none()) {
            *wanted.entry(key(object)).or_default() += 1;
        }
        for at in 0..self.new.len() {
            if self.partner[at].is_some() {
                continue;
            }
            let key = key(&self.new[at]);
            let Some(found) = left.get_mut(&key) else { continue };
            // The same identity twice is matched in its order; anything else must be certain.
            if how != How::Identity && (found.len() > 1 || wanted.get(&key).is_some_and(|count| *count > 1)) {
                continue;
            }
            if let Some(old) = found.pop() {
                self.partner[at] = Some((old, how));
                self.taken.insert(old);
            }
        }
    }

    /// Matches what got or lost a prefix or suffix, where nothing else of the kind could be meant.
    fn by_affix(&mut self) {
        let mut kinds: HashMap<(&str, &str), Sides> = HashMap::new();
        for (at, object) in self.old.iter().enumerate().filter(|(at, _)| !self.taken.contains(at)) {
            kinds.entry((object.group(), object.kind)).or_default().old.push(at);
        }
        for (at, object) in self.new.iter().enumerate().filter(|(at, _)| self.partner[*at].is_none()) {
            kinds.entry((object.group(), object.kind)).or_default().new.push(at);
        }
        // Comparing each with each is for a few.
        const MOST: usize = 200;
        for Sides { old: olds, new: news } in kinds.into_values().filter(|sides| sides.old.len() * sides.new.len() <= MOST * MOST) {
            let alike = |old: usize, new: usize| {
                let (old, new) = (stem(self.old[old].name), stem(self.new[new].name));
                let (short, long) = if old.len() < new.len() { (old, new) } else { (new, old) };
                !short.is_empty()
                    && (long.strip_prefix(short).is_some_and(|rest| rest.starts_with('-'))
                        || long.strip_suffix(short).is_some_and(|rest| rest.ends_with('-')))
            };
            let mut found = Vec::new();
            for new in &news {
                let mut candidates = olds.iter().filter(|old| alike(**old, *new));
                if let (Some(old), None) = (candidates.next(), candidates.next())
                    && news.iter().filter(|new| alike(*old, **new)).count() == 1
                {
                    found.push((*old, *new));
                }
            }
            for (old, new) in found {
                self.partner[new] = Some((old, How::Renamed));
                self.taken.insert(old);
            }
        }
    }
}

/// A name without the hash that Kustomize ends names of generated objects with.
pub(super) fn stem(name: &str) -> &str {
    const LENGTH: usize = 10;
    let hash = |text: &str| text.len() == LENGTH && text.bytes().all(|byte| b"bcdfghkmt2456789".contains(&byte));
    name.rsplit_once('-').filter(|(_, end)| hash(end)).map_or(name, |(stem, _)| stem)
}
