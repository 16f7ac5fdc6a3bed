//! Looks at an input with rules: a search through bodies in which what isn't plain may have any value.

use std::collections::{BTreeMap, BTreeSet};

use regorus::Value;

use super::program::{Branch, Collects, Expr, Inner, Makes, Program, Step};

/// Lines and values that a look at one input may take; with more, the engine is asked.
const STEPS: u32 = 20_000;

/// How deep rules and lines may follow each other: each takes its part of the stack.
const DEPTH: u32 = 200;

/// Results of a rule or a comprehension that are kept.
const MOST: usize = 1_000;

/// What is known of a value.
#[derive(Clone, Debug)]
enum Seen {
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
enum Flow {
    On,
    Stop,
}

/// What is called with each way in which something holds.
type Then<'t, 'p> = &'t mut dyn FnMut(&mut Look<'p>) -> Flow;

/// The same, with a value.
type ThenSeen<'t, 'p> = &'t mut dyn FnMut(&mut Look<'p>, Seen) -> Flow;

/// An input, and what is known of rules for it.
pub(super) struct Look<'p> {
    program: &'p Program,
    input: &'p Value,
    environment: &'p Value,
    /// Of rules that need no arguments.
    values: Vec<Option<Seen>>,
    /// Variables of the definition at hand, where they have a value.
    variables: Vec<Option<Seen>>,
    /// Whether all that was asked on the way here certainly holds.
    is_certain: bool,
    /// Whether something had two values, or may have had: an error that the engine is to tell.
    is_in_conflict: bool,
    steps: u32,
    depth: u32,
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
            steps: STEPS,
            depth: DEPTH,
        }
    }

    /// The results of a rule, as far as they are certain.
    pub(super) fn results_of(&mut self, number: usize) -> Results {
        self.steps = STEPS;
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
        self.steps = STEPS;
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
    fn is_spent(&mut self) -> bool {
        self.steps = self.steps.saturating_sub(1);
        self.steps == 0 || self.depth == 0 || self.is_in_conflict
    }

    fn open(&mut self, then: Then<'_, 'p>) -> Flow {
        let before = std::mem::replace(&mut self.is_certain, false);
        let flow = then(self);
        self.is_certain = before;
        flow
    }

    fn body(&mut self, steps: &'p [Step], then: Then<'_, 'p>) -> Flow {
        let Some((step, rest)) = steps.split_first() else { return then(self) };
        if self.is_spent() {
            return Flow::Stop;
        }
        self.depth -= 1;
        let flow = self.step(step, &mut |look| look.body(rest, then));
        self.depth += 1;
        flow
    }

    fn step(&mut self, step: &'p Step, then: Then<'_, 'p>) -> Flow {
        match step {
            Step::Open => self.open(then),
            Step::Test(expr) => self.each(expr, &mut |look, seen| match seen {
                Seen::Undefined | Seen::Known(Value::Bool(false)) => Flow::On,
                Seen::Known(_) => then(look),
                Seen::Unknown => look.open(then),
            }),
            Step::Not(expr) => match self.one(expr) {
                Seen::Undefined | Seen::Known(Value::Bool(false)) => then(self),
                Seen::Known(_) => Flow::On,
                Seen::Unknown => self.open(then),
            },
            Step::Unify(left, right) => {
                let (pattern, value) = if self.is_pattern(left) || !self.is_pattern(right) { (left, right) } else { (right, left) };
                self.each(value, &mut |look, seen| look.unify(pattern, seen, then))
            }
            Step::Some(key, value, collection) => self.each(collection, &mut |look, seen| {
                let mut found = |look: &mut Self, at: Seen, item: Seen| match key {
                    Some(key) => look.unify(key, at, &mut |look| look.unify(value, item.clone(), then)),
                    None => look.unify(value, item, then),
                };
                look.items(seen, &mut found)
            }),
            Step::Every(key, value, domain, inner) => match self.one(domain) {
                Seen::Undefined => Flow::On,
                seen => self.every(seen, key.as_ref(), value, inner, then),
            },
        }
    }

    fn every(&mut self, domain: Seen, key: Option<&'p Expr>, value: &'p Expr, inner: &'p Inner, then: Then<'_, 'p>) -> Flow {
        if self.lacks(&inner.needs) || !matches!(domain, Seen::Known(Value::Array(_) | Value::Set(_) | Value::Object(_))) {
            return self.open(then);
        }
        let (mut fails, mut is_open) = (false, false);
        let flow = self.items(domain, &mut |look, at, item| {
            let outer = std::mem::replace(&mut look.is_certain, true);
            let mut holds = (false, false);
            let mut end = |look: &mut Self| {
                holds = (true, look.is_certain);
                if look.is_certain { Flow::Stop } else { Flow::On }
            };
            let flow = match key {
                Some(key) => look.unify(key, at, &mut |look| look.unify(value, item.clone(), &mut |look| look.body(&inner.body, &mut end))),
                None => look.unify(value, item, &mut |look| look.body(&inner.body, &mut end)),
            };
            look.is_certain = outer;
            match holds {
                (true, true) => Flow::On,
                // It may have been broken off.
                (true, false) => {
                    is_open = true;
                    Flow::On
                }
                (false, _) if flow == Flow::Stop => {
                    is_open = true;
                    Flow::Stop
                }
                (false, _) => {
                    fails = true;
                    Flow::Stop
                }
            }
        });
        match fails {
            true => Flow::On,
            false if is_open || flow == Flow::Stop => self.open(then),
            false => then(self),
        }
    }

    /// Whether one of the variables has no certain value yet.
    fn lacks(&self, needs: &[usize]) -> bool {
        needs.iter().any(|at| !matches!(self.variables.get(*at), Some(Some(Seen::Known(_)))))
    }

    /// Whether a side of `=` is to be taken apart.
    fn is_pattern(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Variable(at) => self.variables.get(*at).is_some_and(Option::is_none),
            Expr::Any => true,
            Expr::Array(items) | Expr::Object(items) => items.iter().any(|item| self.is_pattern(item)),
            _ => false,
        }
    }

    fn unify(&mut self, pattern: &'p Expr, seen: Seen, then: Then<'_, 'p>) -> Flow {
        match (pattern, seen) {
            (_, Seen::Undefined) => Flow::On,
            (Expr::Any, Seen::Known(_)) => then(self),
            (Expr::Variable(at), seen) if self.variables.get(*at).is_some_and(Option::is_none) => {
                let is_known = matches!(seen, Seen::Known(_));
                self.variables[*at] = Some(seen);
                let flow = if is_known { then(self) } else { self.open(then) };
                self.variables[*at] = None;
                flow
            }
            (Expr::Array(patterns), Seen::Known(Value::Array(items))) if self.is_pattern(pattern) => {
                if patterns.len() != items.len() {
                    return Flow::On;
                }
                let pairs: Vec<(&'p Expr, Seen)> = std::iter::zip(patterns, items.iter().cloned().map(Seen::Known)).collect();
                self.unify_all(&pairs, then)
            }
            (Expr::Object(patterns), Seen::Known(Value::Object(fields))) if self.is_pattern(pattern) => {
                let mut pairs: Vec<(&'p Expr, Seen)> = Vec::new();
                for pair in patterns.chunks_exact(2) {
                    match self.one(&pair[0]) {
                        Seen::Known(key) => match fields.get(&key) {
                            Some(value) => pairs.push((&pair[1], Seen::Known(value.clone()))),
                            None => return Flow::On,
                        },
                        _ => return self.open(then),
                    }
                }
                self.unify_all(&pairs, then)
            }
            (Expr::Array(_), Seen::Known(Value::Object(_))) | (Expr::Object(_), Seen::Known(Value::Array(_))) => Flow::On,
            (pattern, Seen::Known(value)) => self.each(pattern, &mut |look, seen| match seen {
                Seen::Undefined => Flow::On,
                Seen::Known(other) if other == value => then(look),
                Seen::Known(_) => Flow::On,
                Seen::Unknown => look.open(then),
            }),
            (_, Seen::Unknown) => self.open(then),
        }
    }

    fn unify_all(&mut self, pairs: &[(&'p Expr, Seen)], then: Then<'_, 'p>) -> Flow {
        match pairs.split_first() {
            None => then(self),
            Some(((pattern, seen), rest)) => self.unify(pattern, seen.clone(), &mut |look| look.unify_all(rest, then)),
        }
    }

    /// Each key and item of a collection.
    fn items(&mut self, seen: Seen, found: &mut dyn FnMut(&mut Self, Seen, Seen) -> Flow) -> Flow {
        let mut all: Box<dyn Iterator<Item = (Value, Value)>> = match &seen {
            Seen::Known(Value::Array(items)) => Box::new(items.iter().enumerate().map(|(at, item)| (Value::from(at), item.clone()))),
            Seen::Known(Value::Set(items)) => Box::new(items.iter_sorted().map(|item| (item.clone(), item.clone()))),
            Seen::Known(Value::Object(fields)) => Box::new(fields.iter_sorted().map(|(key, value)| (key.clone(), value.clone()))),
            Seen::Known(_) | Seen::Undefined => return Flow::On,
            Seen::Unknown => return found(self, Seen::Unknown, Seen::Unknown),
        };
        let stops = all.any(|(key, item)| self.is_spent() || found(self, Seen::Known(key), Seen::Known(item)) == Flow::Stop);
        if stops { Flow::Stop } else { Flow::On }
    }

    /// The one value of what has no more; of what may have several, it is unknown.
    fn one(&mut self, expr: &'p Expr) -> Seen {
        let (mut first, mut count) = (Seen::Undefined, 0);
        let before = self.is_certain;
        let flow = self.each(expr, &mut |_, seen| {
            count += 1;
            first = seen;
            if count > 1 { Flow::Stop } else { Flow::On }
        });
        self.is_certain = before;
        match count {
            1 if flow == Flow::On => first,
            0 if flow == Flow::On => Seen::Undefined,
            _ => Seen::Unknown,
        }
    }

    /// Each value of a term, in each way that it has one. Undefined ones may be left out.
    fn each(&mut self, expr: &'p Expr, then: ThenSeen<'_, 'p>) -> Flow {
        match expr {
            Expr::Known(value) => then(self, Seen::Known(value.clone())),
            Expr::Input => self.walk(self.input, &[], then),
            Expr::Environment => self.walk(self.environment, &[], then),
            Expr::Variable(at) => {
                let seen = self.variables.get(*at).cloned().flatten().unwrap_or(Seen::Unknown);
                then(self, seen)
            }
            Expr::Any | Expr::Unknown => then(self, Seen::Unknown),
            Expr::Rule(number) => {
                let seen = self.rule(*number);
                then(self, seen)
            }
            Expr::Path(head, keys) => match &**head {
                // The input is not copied for the way through it.
                Expr::Input => self.walk(self.input, keys, then),
                Expr::Environment => self.walk(self.environment, keys, then),
                head => self.each(head, &mut |look, seen| match seen {
                    Seen::Known(value) => look.walk(&value, keys, then),
                    Seen::Undefined => Flow::On,
                    Seen::Unknown => then(look, Seen::Unknown),
                }),
            },
            Expr::Call(function, arguments) => {
                let function = *function;
                self.known(arguments, Vec::new(), &mut |look, values| {
                    let seen = match values.map(|values| function.call(&values)) {
                        Some(Some(Some(value))) => Seen::Known(value),
                        Some(Some(None)) => return Flow::On,
                        Some(None) | None => Seen::Unknown,
                    };
                    then(look, seen)
                })
            }
            Expr::CallRule(number, arguments) => self.seen(arguments, Vec::new(), &mut |look, arguments| {
                let seen = look.function(*number, arguments);
                then(look, seen)
            }),
            Expr::Member(terms) => self.known(terms, Vec::new(), &mut |look, values| then(look, values.map_or(Seen::Unknown, member))),
            Expr::Array(items) => self.known(items, Vec::new(), &mut |look, values| {
                then(look, values.map_or(Seen::Unknown, |values| Seen::Known(Value::from(values))))
            }),
            Expr::Set(items) => self.known(items, Vec::new(), &mut |look, values| {
                let set = |values: Vec<Value>| Seen::Known(Value::from(values.into_iter().collect::<BTreeSet<_>>()));
                then(look, values.map_or(Seen::Unknown, set))
            }),
            Expr::Object(fields) => self.known(fields, Vec::new(), &mut |look, values| {
                let seen = values.map_or(Seen::Unknown, |values| look.object(&values));
                then(look, seen)
            }),
            Expr::Collect(collects, terms, inner) => {
                let seen = self.collect(*collects, terms, inner);
                then(self, seen)
            }
        }
    }

    /// The values of some terms, or nothing where one is unknown.
    fn known(&mut self, terms: &'p [Expr], values: Vec<Value>, then: &mut dyn FnMut(&mut Self, Option<Vec<Value>>) -> Flow) -> Flow {
        let Some((first, rest)) = terms.split_first() else { return then(self, Some(values)) };
        self.each(first, &mut |look, seen| match seen {
            Seen::Undefined => Flow::On,
            Seen::Unknown => then(look, None),
            Seen::Known(value) => {
                let mut values = values.clone();
                values.push(value);
                look.known(rest, values, then)
            }
        })
    }

    /// What is seen of some terms.
    fn seen(&mut self, terms: &'p [Expr], values: Vec<Seen>, then: &mut dyn FnMut(&mut Self, Vec<Seen>) -> Flow) -> Flow {
        let Some((first, rest)) = terms.split_first() else { return then(self, values) };
        self.each(first, &mut |look, seen| match seen {
            Seen::Undefined => Flow::On,
            seen => {
                let mut values = values.clone();
                values.push(seen);
                look.seen(rest, values, then)
            }
        })
    }

    /// Goes from a value along keys. A variable without a value takes each key.
    fn walk(&mut self, value: &Value, keys: &'p [Expr], then: ThenSeen<'_, 'p>) -> Flow {
        let Some((key, rest)) = keys.split_first() else {
            return if *value == Value::Undefined { Flow::On } else { then(self, Seen::Known(value.clone())) };
        };
        match key {
            Expr::Known(key) => match at(value, key) {
                Some(next) => self.walk(next, rest, then),
                None => Flow::On,
            },
            Expr::Any => self.items(Seen::Known(value.clone()), &mut |look, _, item| match item {
                Seen::Known(item) => look.walk(&item, rest, then),
                _ => Flow::On,
            }),
            key if self.is_pattern(key) => self.items(Seen::Known(value.clone()), &mut |look, found, item| match item {
                Seen::Known(item) => look.unify(key, found, &mut |look| look.walk(&item, rest, then)),
                _ => Flow::On,
            }),
            key => self.each(key, &mut |look, seen| match seen {
                Seen::Undefined => Flow::On,
                Seen::Known(key) => match at(value, &key) {
                    Some(next) => look.walk(next, rest, then),
                    None => Flow::On,
                },
                Seen::Unknown => then(look, Seen::Unknown),
            }),
        }
    }

    fn collect(&mut self, collects: Collects, terms: &'p [Expr], inner: &'p Inner) -> Seen {
        if self.lacks(&inner.needs) {
            return Seen::Unknown;
        }
        let Some(found) = self.results(&inner.body, terms) else {
            return if collects == Collects::Object { self.conflict() } else { Seen::Unknown };
        };
        match collects {
            Collects::Array => Seen::Known(Value::from(found.into_iter().flatten().collect::<Vec<_>>())),
            Collects::Set => Seen::Known(Value::from(found.into_iter().flatten().collect::<BTreeSet<_>>())),
            Collects::Object => self.object(&found.concat()),
        }
    }

    /// The values of terms for each way in which a body holds, or nothing where that is not certain.
    fn results(&mut self, body: &'p [Step], terms: &'p [Expr]) -> Option<Vec<Vec<Value>>> {
        let mut found = Vec::new();
        let outer = std::mem::replace(&mut self.is_certain, true);
        let flow = self.body(body, &mut |look| {
            look.known(terms, Vec::new(), &mut |look, values| match values.filter(|_| look.is_certain && found.len() < MOST) {
                Some(values) => {
                    found.push(values);
                    Flow::On
                }
                None => Flow::Stop,
            })
        });
        self.is_certain = outer;
        (flow == Flow::On).then_some(found)
    }

    /// The value of a rule that takes no arguments.
    fn rule(&mut self, number: usize) -> Seen {
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
    fn function(&mut self, number: usize, arguments: Vec<Seen>) -> Seen {
        let rule = &self.program.rules[number];
        let is_function = rule.makes == Makes::Function;
        if rule.makes == Makes::Unknown || is_function == arguments.is_empty() || self.is_spent() {
            return Seen::Unknown;
        }
        let variables = std::mem::take(&mut self.variables);
        let is_certain = std::mem::replace(&mut self.is_certain, true);
        self.depth -= 1;
        let seen = match rule.makes {
            Makes::Set | Makes::Object => self.partial(number),
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
        for definition in &rule.definitions {
            let [branch] = definition.branches.as_slice() else { return Seen::Unknown };
            self.variables = vec![None; definition.variables];
            let Some(found) = self.branch(branch) else { return Seen::Unknown };
            for mut values in found {
                match (values.pop(), values.pop()) {
                    (Some(value), Some(key)) => pairs.extend([key, value]),
                    (Some(value), None) => drop(items.insert(value)),
                    _ => {}
                }
            }
        }
        if rule.makes == Makes::Set { Seen::Known(Value::from(items)) } else { self.object(&pairs) }
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
    fn branch(&mut self, branch: &'p Branch) -> Option<Vec<Vec<Value>>> {
        let mut found = Vec::new();
        let outer = std::mem::replace(&mut self.is_certain, true);
        let flow = self.body(&branch.body, &mut |look| {
            let key = branch.key.as_ref().map(|key| look.one(key));
            match (key, look.one(&branch.value)) {
                (None, Seen::Known(value)) if look.is_certain && found.len() < MOST => found.push(vec![value]),
                (Some(Seen::Known(key)), Seen::Known(value)) if look.is_certain && found.len() < MOST => found.push(vec![key, value]),
                _ => return Flow::Stop,
            }
            Flow::On
        });
        self.is_certain = outer;
        (flow == Flow::On).then_some(found)
    }

    /// An object of keys and values in turns.
    fn object(&mut self, pairs: &[Value]) -> Seen {
        let mut fields: BTreeMap<Value, Value> = BTreeMap::new();
        for pair in pairs.chunks_exact(2) {
            if fields.insert(pair[0].clone(), pair[1].clone()).is_some_and(|other| other != pair[1]) {
                return self.conflict();
            }
        }
        Seen::Known(Value::from(fields))
    }

    fn conflict(&mut self) -> Seen {
        self.is_in_conflict = true;
        Seen::Unknown
    }
}

fn at<'v>(value: &'v Value, key: &Value) -> Option<&'v Value> {
    match value {
        Value::Object(fields) => fields.get(key),
        Value::Array(items) => match key {
            Value::Number(_) => items.iter().nth(usize::try_from(key.as_u64().ok()?).ok()?),
            _ => None,
        },
        Value::Set(items) => items.get(key),
        _ => None,
    }
}

/// Whether a collection has a value, or a value at a key.
fn member(mut terms: Vec<Value>) -> Seen {
    let (Some(collection), Some(value), key) = (terms.pop(), terms.pop(), terms.pop()) else { return Seen::Unknown };
    let is_in = match (&collection, &key) {
        (Value::Array(items), None) => items.iter().any(|item| *item == value),
        (Value::Set(items), None) => items.contains(&value),
        (Value::Object(fields), None) => fields.values().any(|item| *item == value),
        (Value::Array(_) | Value::Object(_), Some(key)) => at(&collection, key) == Some(&value),
        _ => return Seen::Unknown,
    };
    Seen::Known(Value::from(is_in))
}
