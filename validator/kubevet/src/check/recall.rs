//! What the rules said of each object when an overlay was judged last: of one that is written as it was, and of which the same is known, they say the same.
//!
//! What rules about a whole overlay say hangs on everything: they say the same only where all that they see is the same.

use std::collections::HashMap;
use std::sync::Arc;

use kubevet_facts::schema::{Version, is_custom};
use kubevet_facts::{Alone, ObjectFacts};

use super::answer::{About, Answer, Kept};
use super::side::{Side, Sourced};
use crate::location::Object;
use crate::policy::Subject;

/// An overlay as it was when it was judged.
#[derive(Debug)]
pub(super) struct Recall {
    side: Side,
    places: HashMap<Object, usize>,
    asked: Kept,
}

/// What of it still holds for the objects as they are, by their places.
#[derive(Debug, Default)]
pub(super) struct Recalled<'r> {
    asked: Option<&'r Kept>,
    /// The place that an object of the same text had.
    same: Vec<Option<usize>>,
    /// What is known of objects alone.
    pub(super) alone: Vec<Option<Arc<Alone>>>,
}

impl Recall {
    pub(super) fn new(side: Side, mut asked: Kept, answers: Vec<(About, Answer)>) -> Self {
        for (about, answer) in answers {
            match about {
                About::Object(at) => asked.answers.get_mut(at).into_iter().for_each(|place| *place = Some(answer.clone())),
                About::All => asked.of_all = Some(answer),
                About::View(_) | About::Change | About::Gone(_) => {}
            }
        }
        let places = side.objects().0.iter().enumerate().map(|(at, (_, node))| (Object::of(node), at)).collect();
        Self { side, places, asked }
    }

    /// What of it holds for other objects.
    pub(super) fn of(&self, objects: &[Sourced<'_>], version: Version) -> Recalled<'_> {
        let (known, _) = self.side.objects();
        let place = |(_, node): &Sourced<'_>| {
            let at = *self.places.get(&Object::of(node))?;
            known.get(at).is_some_and(|(_, known)| known == node).then_some(at)
        };
        let same: Vec<Option<usize>> = objects.iter().map(place).collect();
        let custom =
            |objects: &[Sourced<'_>]| -> Vec<usize> { (0..objects.len()).filter(|at| is_custom(version, objects[*at].1)).collect() };
        // Of a definition, what the objects of its kind name is read.
        let are_defined_alike = custom(objects).iter().map(|at| same[*at]).eq(custom(&known).into_iter().map(Some));
        let alone = |(at, (_, node)): (&Option<usize>, &Sourced<'_>)| {
            let known = self.asked.alone.get((*at)?)?;
            (are_defined_alike || !is_custom(version, node)).then(|| Arc::clone(known))
        };
        let alone = std::iter::zip(&same, objects).map(alone).collect();
        Recalled { asked: Some(&self.asked), same, alone }
    }
}

impl<'r> Recalled<'r> {
    fn place(&self, at: usize) -> Option<(usize, &'r Kept)> {
        Some(((*self.same.get(at)?)?, self.asked?))
    }

    /// The object at a place as rules saw it.
    pub(super) fn subject(&self, at: usize) -> Option<&'r Subject> {
        let (place, asked) = self.place(at)?;
        asked.subjects.get(place)
    }

    /// What was said of all objects together.
    pub(super) fn of_all(&self) -> Option<&'r Answer> {
        self.asked?.of_all.as_ref()
    }

    /// What was said of the object at a place, if the same is known of it.
    pub(super) fn answer(&self, at: usize, facts: &ObjectFacts) -> Option<&'r Answer> {
        let (place, asked) = self.place(at)?;
        asked.answers.get(place)?.as_ref().filter(|_| asked.facts.get(place) == Some(facts))
    }
}
