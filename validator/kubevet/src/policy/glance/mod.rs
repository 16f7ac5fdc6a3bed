//! A first look at an input: which rules certainly find nothing in it, so that the engine need not be asked.
//!
//! Rules are evaluated here as far as that is plain; all else may have any value or none. So an answer is either certain or open, and only a rule of which
//! no body can hold is left out. Most rules ask for something first that most objects don't have: a kind, a field, a container without a probe.

mod calls;
mod look;
mod program;
mod translate;

use regorus::Value;

pub(super) use program::Program;

/// An input that is looked at, with `data.environment`.
pub(super) struct Glance<'p> {
    program: &'p Program,
    look: look::Look<'p>,
}

impl<'p> Glance<'p> {
    pub(super) fn new(program: &'p Program, input: &'p Value, environment: &'p Value) -> Self {
        Self { program, look: look::Look::new(program, input, environment) }
    }

    /// Whether a rule, such as `data.main.deny`, could have a result; one that isn't known could.
    pub(super) fn may_find(&mut self, query: &str) -> bool {
        let number = query.strip_prefix("data.").and_then(|path| self.program.number(path.split('.')));
        number.is_none_or(|number| self.look.may_find(number))
    }
}
