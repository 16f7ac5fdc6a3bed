//! Looks at an input with rules: a search through bodies in which what isn't plain may have any value.

use regorus::Value;

use super::program::{Makes, Program};

/// How deep rules and lines may follow each other: each takes its part of the stack.
pub(super) const DEPTH: u32 = 200;

/// What a look at one input may take for a rule; with more, the engine is asked.
#[derive(Clone, Copy, Debug)]
pub(in crate::policy) struct Limits {
    /// Lines and values.
    steps: u32,
    /// Results of a rule or a comprehension that are kept.
    pub(super) results: usize,
}

impl Limits {
    /// For rules that anyone may have written.
    pub(in crate::policy) const OTHERS: Self = Self { steps: 20_000, results: 1_000 };

    /// For kubevet's own, which take no longer here than in the engine.
    pub(in crate::policy) const OWN: Self = Self { steps: 50_000_000, results: 1_000_000 };
}

/// What is known of a value.
#[derive(Clone, Debug)]
pub(super) enum Seen {
    Undefined,
    Known(Value),
    /// It may have any value or none.
    Unknown,
}

/// What is known of the results of a rule.
#[derive(Clone, Debug)]
pub(in crate::policy) enum Results {
    None,
    Known(Value),
    Open,
}

/// Whether a search goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    On,
    Stop,
}

/// What is called with each way in which something holds.
pub(super) type Then<'t, 'p> = &'t mut dyn FnMut(&mut Look<'p>) -> Flow;

/// The same, with a value.
pub(super) type ThenSeen<'t, 'p> = &'t mut dyn FnMut(&mut Look<'p>, Seen) -> Flow;

/// An input, and what is known of rules for it.
pub(super) struct Look<'p> {
    pub(super) program: &'p Program,
    pub(super) input: &'p Value,
    pub(super) environment: &'p Value,
    /// Of rules that need no arguments.
    pub(super) values: Vec<Option<Seen>>,
    /// Variables of the definition at hand, where they have a value.
    pub(super) variables: Vec<Option<Seen>>,
    /// Whether all that was asked on the way here certainly holds.
    pub(super) is_certain: bool,
    /// Whether something had two values, or may have had: an error that the engine is to tell.
    is_in_conflict: bool,
    pub(super) limits: Limits,
    steps: u32,
    pub(super) depth: u32,
}

impl<'p> Look<'p> {
    pub(super) fn new(program: &'p Program, input: &'p Value, environment: &'p Value) -> Self {
        let values = vec![None; program.rules.len()];
        Self {
            program,
            input,
            environment,
            values,
            variables: Vec::new(),
            is_certain: true,
            is_in_conflict: false,
            limits: Limits::OTHERS,
            steps: 0,
            depth: DEPTH,
        }
    }

    /// The results of a rule, as far as they are certain.
    pub(super) fn results_of(&mut self, number: usize, limits: Limits) -> Results {
        (self.limits, self.steps) = (limits, limits.steps);
        // The rule itself may be unknown where none of its bodies holds.
        let found = self.rule(number);
        let is_of_another = std::mem::take(&mut self.is_in_conflict) && !matches!(found, Seen::Unknown);
        match found {
            _ if is_of_another => Results::Open,
            Seen::Undefined => Results::None,
            Seen::Known(Value::Set(items)) if items.is_empty() => Results::None,
            Seen::Known(value) => Results::Known(value),
            Seen::Unknown if self.may_find(number) || self.is_in_conflict => Results::Open,
            Seen::Unknown => Results::None,
        }
    }

    /// Whether a body of a rule could hold.
    fn may_find(&mut self, number: usize) -> bool {
        self.steps = self.limits.steps;
        let rule = &self.program.rules[number];
        if matches!(rule.makes, Makes::Unknown | Makes::Function) || rule.default.is_some() {
            return true;
        }
        rule.definitions.iter().any(|definition| {
            self.variables = vec![None; definition.variables];
            definition.branches.iter().any(|branch| self.body(&branch.body, &mut |_| Flow::Stop) == Flow::Stop)
        })
    }

    /// Takes a step; without any left, nothing is certain.
    pub(super) fn is_spent(&mut self) -> bool {
        self.steps = self.steps.saturating_sub(1);
        self.steps == 0 || self.depth == 0 || self.is_in_conflict
    }

    pub(super) fn open(&mut self, then: Then<'_, 'p>) -> Flow {
        let before = std::mem::replace(&mut self.is_certain, false);
        let flow = then(self);
        self.is_certain = before;
        flow
    }

    pub(super) fn conflict(&mut self) -> Seen {
        self.is_in_conflict = true;
        Seen::Unknown
    }
}
