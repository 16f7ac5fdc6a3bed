//! Workloads that no policy tells apart: what holds for one of them holds for all, and is computed once.

use std::collections::HashMap;
use std::hash::Hash;

/// Numbers from 0, in classes of those that nothing told apart so far.
#[derive(Debug)]
pub struct Classes {
    of: Vec<usize>,
    sizes: Vec<usize>,
}

impl Classes {
    /// All numbers below `count`, in one class.
    pub fn new(count: usize) -> Self {
        Classes { of: vec![0; count], sizes: vec![count] }
    }

    /// How many there are, some of which may be empty.
    pub fn count(&self) -> usize {
        self.sizes.len()
    }

    /// The class of a number.
    pub fn of(&self, number: usize) -> Option<usize> {
        self.of.get(number).copied()
    }

    /// The smallest number of each class, by class.
    pub fn first(&self) -> Vec<Option<usize>> {
        let mut first = vec![None; self.sizes.len()];
        for (number, class) in self.of.iter().enumerate() {
            if let Some(first @ None) = first.get_mut(*class) {
                *first = Some(number);
            }
        }
        first
    }

    /// Tells these numbers, each of which comes once, from all others.
    pub fn split(&mut self, members: impl Iterator<Item = usize> + Clone) {
        let mut counts: HashMap<usize, usize> = HashMap::new();
        members.clone().filter_map(|member| self.of(member)).for_each(|class| *counts.entry(class).or_default() += 1);
        let mut parts: HashMap<usize, usize> = HashMap::new();
        for (class, count) in counts {
            if let Some(size) = self.sizes.get_mut(class).filter(|size| **size > count) {
                *size -= count;
                parts.insert(class, self.sizes.len());
                self.sizes.push(count);
            }
        }
        if parts.is_empty() {
            return;
        }
        for member in members {
            if let Some(class) = self.of.get_mut(member) {
                *class = parts.get(class).copied().unwrap_or(*class);
            }
        }
    }

    /// Tells apart numbers with different keys.
    pub fn split_by<K: Eq + Hash>(&mut self, key: impl Fn(usize) -> K) {
        let mut parts: HashMap<(usize, K), usize> = HashMap::new();
        let mut sizes = Vec::new();
        for (number, class) in self.of.iter_mut().enumerate() {
            let part = *parts.entry((*class, key(number))).or_insert_with(|| {
                sizes.push(0);
                sizes.len() - 1
            });
            if let Some(size) = sizes.get_mut(part) {
                *size += 1;
            }
            *class = part;
        }
        self.sizes = sizes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_told_apart() {
        let mut classes = Classes::new(6);
        classes.split([0, 1, 2, 3, 4, 5].into_iter());
        assert_eq!(classes.count(), 1);
        classes.split([1, 3, 5].into_iter());
        classes.split([3, 4].into_iter());
        let of: Vec<_> = (0..6).filter_map(|number| classes.of(number)).collect();
        let same = |a: usize, b: usize| of[a] == of[b];
        assert!(same(0, 2) && same(1, 5) && !same(0, 1) && !same(3, 1) && !same(4, 0) && !same(3, 4));
        classes.split_by(|number| number == 5);
        assert_ne!(classes.of(1), classes.of(5));
        assert_eq!(classes.of(0), classes.of(2));
        assert_eq!(classes.first().into_iter().flatten().collect::<Vec<_>>(), [0, 1, 3, 4, 5]);
        assert_eq!(classes.of(6), None);
    }
}
