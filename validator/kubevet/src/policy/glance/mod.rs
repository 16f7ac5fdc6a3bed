//! A first look at an input: what rules certainly find in it, so that the engine need not be asked.
//!
//! Rules are evaluated here as far as that is plain; all else may have any value or none. So an answer is either certain or open, and where it is open the
//! engine is asked. Most rules ask for something first that most objects don't have: a kind, a field, a container without a probe.

mod bodies;
mod calls;
mod look;
mod program;
mod rules;
mod terms;
mod translate;

use regorus::Value;

pub(super) use look::{Limits, Results};
pub(super) use program::Program;
pub(super) use translate::program;

/// An input that is looked at, with `data.environment`.
pub(super) struct Glance<'p> {
    program: &'p Program,
    look: look::Look<'p>,
}

impl<'p> Glance<'p> {
    pub(super) fn new(program: &'p Program, input: &'p Value, environment: &'p Value) -> Self {
        Self { program, look: look::Look::new(program, input, environment) }
    }

    /// The results of a rule, such as `data.main.deny`; of one that isn't known they are open.
    pub(super) fn results(&mut self, query: &str, limits: Limits) -> Results {
        let number = query.strip_prefix("data.").and_then(|path| self.program.number(path.split('.')));
        number.map_or(Results::Open, |number| self.look.results_of(number, limits))
    }
}
