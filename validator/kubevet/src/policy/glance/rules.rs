//! The values of rules, with and without arguments.

use std::collections::{BTreeMap, BTreeSet};

use regorus::Value;

use super::look::{Flow, Look, Seen};
use super::program::{Branch, Expr, Makes};

impl<'p> Look<'p> {
    /// The value of a rule that takes no arguments.
    pub(super) fn rule(&mut self, number: usize) -> Seen {
        match self.values.get(number) {
            Some(Some(Seen::Unknown)) => return self.conflict(),
            Some(Some(seen)) => return seen.clone(),
            _ => {}
        }
        let seen = self.function(number, Vec::new());
        self.values[number] = Some(seen.clone());
        seen
    }

    /// The value of a rule for arguments, in a place of its own.
    pub(super) fn function(&mut self, number: usize, arguments: Vec<Seen>) -> Seen {
        let rule = &self.program.rules[number];
        let is_function = rule.makes == Makes::Function;
        if rule.makes == Makes::Unknown || is_function == arguments.is_empty() || self.is_spent() {
            return Seen::Unknown;
        }
        let variables = std::mem::take(&mut self.variables);
        let is_certain = std::mem::replace(&mut self.is_certain, true);
        self.depth -= 1;
        let seen = match rule.makes {
            Makes::Set | Makes::Object | Makes::Sets => self.partial(number),
            _ => self.complete(number, &arguments),
        };
        self.depth += 1;
        self.is_certain = is_certain;
        self.variables = variables;
        if matches!(seen, Seen::Unknown) { self.conflict() } else { seen }
    }

    /// All results of the definitions of a set or an object.
    fn partial(&mut self, number: usize) -> Seen {
        let program = self.program;
        let rule = &program.rules[number];
        let (mut items, mut pairs) = (BTreeSet::new(), Vec::new());
        let mut sets: BTreeMap<Value, BTreeSet<Value>> = BTreeMap::new();
        for definition in &rule.definitions {
            let [branch] = definition.branches.as_slice() else { return Seen::Unknown };
            self.variables = vec![None; definition.variables];
            let Some(found) = self.branch(branch) else { return Seen::Unknown };
            for mut values in found {
                match (values.pop(), values.pop()) {
                    (Some(value), Some(key)) if rule.makes == Makes::Sets => drop(sets.entry(key).or_default().insert(value)),
                    (Some(value), Some(key)) => pairs.extend([key, value]),
                    (Some(value), None) => drop(items.insert(value)),
                    _ => {}
                }
            }
        }
        match rule.makes {
            Makes::Set => Seen::Known(Value::from(items)),
            Makes::Sets => Seen::Known(Value::from(sets.into_iter().map(|(key, set)| (key, Value::from(set))).collect::<BTreeMap<_, _>>())),
            _ => self.object(&pairs),
        }
    }

    /// The one value that definitions give.
    fn complete(&mut self, number: usize, arguments: &[Seen]) -> Seen {
        let program = self.program;
        let rule = &program.rules[number];
        let mut value: Option<Value> = None;
        for definition in &rule.definitions {
            if definition.arguments.len() != arguments.len() {
                return Seen::Unknown;
            }
            for branch in &definition.branches {
                self.variables = vec![None; definition.variables];
                let pairs: Vec<(&Expr, Seen)> = std::iter::zip(&definition.arguments, arguments.iter().cloned()).collect();
                let mut found: Option<Vec<Vec<Value>>> = Some(Vec::new());
                let flow = self.unify_all(&pairs, &mut |look| {
                    found = if look.is_certain { look.branch(branch) } else { look.branch(branch).filter(Vec::is_empty) };
                    if found.is_some() { Flow::On } else { Flow::Stop }
                });
                let Some(found) = found.filter(|_| flow == Flow::On) else { return Seen::Unknown };
                for one in found.iter().flatten() {
                    match &value {
                        Some(other) if other != one => return self.conflict(),
                        _ => value = Some(one.clone()),
                    }
                }
                if !found.is_empty() {
                    break;
                }
            }
        }
        match (value, &rule.default) {
            (Some(value), _) => Seen::Known(value),
            (None, Some(default)) => self.one(default),
            (None, None) => Seen::Undefined,
        }
    }

    /// The results of a branch: a key and a value, or a value.
    pub(super) fn branch(&mut self, branch: &'p Branch) -> Option<Vec<Vec<Value>>> {
        let mut found = Vec::new();
        let outer = std::mem::replace(&mut self.is_certain, true);
        let flow = self.body(&branch.body, &mut |look| {
            let key = branch.key.as_ref().map(|key| look.one(key));
            match (key, look.one(&branch.value)) {
                (None, Seen::Known(value)) if look.is_certain && found.len() < look.limits.results => found.push(vec![value]),
                (Some(Seen::Known(key)), Seen::Known(value)) if look.is_certain && found.len() < look.limits.results => {
                    found.push(vec![key, value])
                }
                _ => return Flow::Stop,
            }
            Flow::On
        });
        self.is_certain = outer;
        (flow == Flow::On).then_some(found)
    }
}
