//! Names that got, lost or exchanged a prefix or a suffix.

use std::collections::{BTreeMap, HashMap, HashSet};

/// What stands before and behind the part that an old and a new name have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Affixes<'a> {
    old: (&'a str, &'a str),
    new: (&'a str, &'a str),
}

impl Affixes<'_> {
    /// The new name, if the old one has the affixes.
    fn apply(&self, name: &str) -> Option<String> {
        let rest = name.strip_prefix(self.old.0)?.strip_suffix(self.old.1)?;
        (!rest.is_empty()).then(|| format!("{}{rest}{}", self.new.0, self.new.1))
    }

    /// Whether something was only added, or only taken away.
    fn is_one_sided(&self) -> bool {
        self.old == ("", "") || self.new == ("", "")
    }
}

/// How many names of a kind are looked at to find out what became of all, spread over them.
const SAMPLE: usize = 40;

/// How many renames are looked for.
const ROUNDS: usize = 8;

/// How many objects an exchange of one affix for another must explain: two names often have an end in common by chance.
const EXCHANGED: usize = 3;

/// The names of a kind, on both sides.
pub(super) type Names<'a> = (Vec<&'a str>, Vec<&'a str>);

/// The places of an old name and of a new one, behind that of their kind.
type Place = (usize, usize, usize);

/// Names that are matched: each behind its kind.
#[derive(Default)]
struct Taken {
    old: HashSet<(usize, usize)>,
    new: HashSet<(usize, usize)>,
}

/// Which names are which, where that is certain: the rename that explains most of them first. Each is compared with those of its own kind.
pub(super) fn renamed(kinds: &[Names<'_>]) -> Vec<Place> {
    let mut found: Vec<Place> = Vec::new();
    let mut taken = Taken::default();
    for _ in 0..ROUNDS {
        let Some(affixes) = best(kinds, &taken) else { break };
        for (kind, (olds, news)) in kinds.iter().enumerate() {
            let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
            for (new, name) in news.iter().enumerate().filter(|(new, _)| !taken.new.contains(&(kind, *new))) {
                by_name.entry(name).or_default().push(new);
            }
            let mut wanted: HashMap<String, Vec<usize>> = HashMap::new();
            for (old, name) in olds.iter().enumerate().filter(|(old, _)| !taken.old.contains(&(kind, *old))) {
                affixes.apply(name).into_iter().for_each(|name| wanted.entry(name).or_default().push(old));
            }
            for (name, olds) in wanted {
                // The same name in two namespaces is not told apart here.
                if let ([old], Some([new])) = (&olds[..], by_name.get(&*name).map(Vec::as_slice)) {
                    found.push((kind, *old, *new));
                    taken.old.insert((kind, *old));
                    taken.new.insert((kind, *new));
                }
            }
        }
    }
    found
}

/// The rename that explains most of what is left, if one certainly does.
fn best<'a>(kinds: &[Names<'a>], taken: &Taken) -> Option<Affixes<'a>> {
    let mut seen: BTreeMap<Affixes<'_>, Vec<Place>> = BTreeMap::new();
    for (kind, (olds, news)) in kinds.iter().enumerate() {
        let olds: Vec<_> = olds.iter().enumerate().filter(|(old, _)| !taken.old.contains(&(kind, *old))).collect();
        let news: Vec<_> = news.iter().enumerate().filter(|(new, _)| !taken.new.contains(&(kind, *new))).collect();
        for (old, before) in olds.iter().step_by(olds.len().div_ceil(SAMPLE).max(1)) {
            for (new, after) in &news {
                affixes(before, after).into_iter().for_each(|affixes| seen.entry(affixes).or_default().push((kind, *old, *new)));
            }
        }
    }
    let is_certain = |affixes: &Affixes<'_>, places: &[Place]| match (affixes.is_one_sided(), places) {
        // Nothing else of the kind may be meant.
        (true, [(kind, old, new)]) => {
            let meets = |place: &Place| place.0 == *kind && (place.1 == *old || place.2 == *new);
            let is_small = kinds.get(*kind).is_some_and(|(olds, _)| olds.len() <= SAMPLE);
            is_small && seen.values().flatten().filter(|place| meets(place)).count() == 1
        }
        (true, _) => true,
        (false, places) => places.len() >= EXCHANGED,
    };
    let certain = seen.iter().filter(|(affixes, places)| is_certain(affixes, places));
    let best = certain.max_by_key(|(affixes, places)| (places.len(), affixes.is_one_sided(), std::cmp::Reverse(**affixes)));
    best.map(|(affixes, _)| *affixes)
}

/// The affixes by which two names may differ: in front of the longest end that they have in common, behind the longest beginning, or around one
/// of them. Affixes are divided from the rest by a dash.
fn affixes<'a>(old: &'a str, new: &'a str) -> Vec<Affixes<'a>> {
    let mut found = Vec::new();
    // Around: one is a part of the other.
    for (short, long, grows) in [(old, new, true), (new, old, false)] {
        let Some(at) = long.find(short).filter(|_| !short.is_empty() && short.len() < long.len()) else { continue };
        let (before, behind) = (&long[..at], &long[at + short.len()..]);
        if (before.is_empty() || before.ends_with('-')) && (behind.is_empty() || behind.starts_with('-')) {
            let around = (before, behind);
            found.push(if grows { Affixes { old: ("", ""), new: around } } else { Affixes { old: around, new: ("", "") } });
        }
    }
    if !found.is_empty() {
        return found;
    }
    let end = old.bytes().rev().zip(new.bytes().rev()).take_while(|(a, b)| a == b).count();
    if let Some(dash) = old.get(old.len() - end..).and_then(|end| end.find('-')) {
        let length = end - dash - 1;
        if length > 0 {
            found.push(Affixes { old: (&old[..old.len() - length], ""), new: (&new[..new.len() - length], "") });
        }
    }
    let begin = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
    if let Some(dash) = old.get(..begin).and_then(|begin| begin.rfind('-')).filter(|dash| *dash > 0) {
        found.push(Affixes { old: ("", &old[dash..]), new: ("", &new[dash..]) });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::renamed;

    #[test]
    fn one_rename_explains_as_many_as_possible() {
        let kinds = |old: &[&'static str], new: &[&'static str]| [(old.to_vec(), new.to_vec())];
        for (old, new, expected) in [
            (
                &["web", "web-api", "api"][..],
                &["my-api", "my-web", "my-web-api"][..],
                &["web my-web", "web-api my-web-api", "api my-api"][..],
            ),
            (&["web"], &["web-canary"], &["web web-canary"]),
            (&["web"], &["webs"], &[]),
            (&["web"], &["web-a", "web-b"], &[]),
            (
                &["dev-web", "dev-api", "dev-db"],
                &["prod-api", "prod-db", "prod-web"],
                &["dev-web prod-web", "dev-api prod-api", "dev-db prod-db"],
            ),
            (&["a-config"], &["b-config"], &[]),
            (&["web", "db"], &["x-web-y", "x-db-y"], &["web x-web-y", "db x-db-y"]),
            (&["", "web"], &["a-", "é-web"], &["web é-web"]),
            (
                &["web-blue", "api-blue", "db-blue"],
                &["web-green", "api-green", "db-green"],
                &["web-blue web-green", "api-blue api-green", "db-blue db-green"],
            ),
        ] {
            let kinds = kinds(old, new);
            let mut found: Vec<(usize, String)> =
                renamed(&kinds).iter().map(|(_, a, b)| (*a, format!("{} {}", old[*a], new[*b]))).collect();
            found.sort();
            assert_eq!(found.into_iter().map(|(_, text)| text).collect::<Vec<_>>(), expected, "{old:?} {new:?}");
        }
    }
}
