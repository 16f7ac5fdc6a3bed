//! What the rules said of each object when an overlay was judged last: of one that is written as it was, and of which the same is known, they say the same.
//!
//! Rules about a whole overlay are asked again: what they say hangs on everything.

use std::collections::HashMap;

use kubevet_facts::ObjectFacts;

use super::answer::{Answer, Kept};
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
}

impl Recall {
    pub(super) fn new(side: Side, mut asked: Kept, answers: Vec<(usize, Answer)>) -> Self {
        for (at, answer) in answers {
            if let Some(place) = asked.answers.get_mut(at) {
                *place = Some(answer);
            }
        }
        let places = side.objects().0.iter().enumerate().map(|(at, (_, node))| (Object::of(node), at)).collect();
        Self { side, places, asked }
    }

    /// What of it holds for other objects.
    pub(super) fn of(&self, objects: &[Sourced<'_>]) -> Recalled<'_> {
        let (known, _) = self.side.objects();
        let place = |(_, node): &Sourced<'_>| {
            let at = *self.places.get(&Object::of(node))?;
            known.get(at).is_some_and(|(_, known)| known == node).then_some(at)
        };
        Recalled { asked: Some(&self.asked), same: objects.iter().map(place).collect() }
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

    /// What was said of the object at a place, if the same is known of it.
    pub(super) fn answer(&self, at: usize, facts: &ObjectFacts) -> Option<&'r Answer> {
        let (place, asked) = self.place(at)?;
        asked.answers.get(place)?.as_ref().filter(|_| asked.facts.get(place) == Some(facts))
    }
}
