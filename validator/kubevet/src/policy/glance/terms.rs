//! The values of terms.

use std::collections::{BTreeMap, BTreeSet};

use regorus::Value;

use super::look::{Flow, Look, Seen, ThenSeen};
use super::program::{Collects, Expr, Inner, Step};

impl<'p> Look<'p> {
    /// The one value of what has no more; of what may have several, it is unknown.
    pub(super) fn one(&mut self, expr: &'p Expr) -> Seen {
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

    /// The value of a term that has no more than one, without a search for others; nothing where there may be several.
    fn direct(&mut self, expr: &'p Expr) -> Option<Seen> {
        match expr {
            Expr::Known(value) => Some(Seen::Known(value.clone())),
            Expr::Variable(at) => self.variables.get(*at).cloned().flatten(),
            Expr::Rule(number) => Some(self.rule(*number)),
            Expr::Path(head, keys) => {
                let mut value = match &**head {
                    Expr::Input => self.input.clone(),
                    Expr::Environment => self.environment.clone(),
                    head => match self.direct(head)? {
                        Seen::Known(value) => value,
                        seen => return Some(seen),
                    },
                };
                for key in keys {
                    let next = match key {
                        Expr::Known(key) => at(&value, key),
                        key => match self.direct(key)? {
                            Seen::Known(key) => at(&value, &key),
                            seen => return Some(seen),
                        },
                    };
                    match next {
                        Some(next) => value = next.clone(),
                        None => return Some(Seen::Undefined),
                    }
                }
                Some(if value == Value::Undefined { Seen::Undefined } else { Seen::Known(value) })
            }
            Expr::Call(function, arguments) => {
                let mut values = Vec::with_capacity(arguments.len());
                for (at, argument) in arguments.iter().enumerate() {
                    match self.direct(argument)? {
                        Seen::Known(value) => values.push(value),
                        seen => {
                            self.meet_behind(argument, &seen, &arguments[at + 1..]);
                            return Some(seen);
                        }
                    }
                }
                Some(match function.call(&values) {
                    Some(Some(value)) => Seen::Known(value),
                    Some(None) => Seen::Undefined,
                    None => Seen::Unknown,
                })
            }
            Expr::CallRule(number, arguments) => {
                let mut values = Vec::with_capacity(arguments.len());
                for (at, argument) in arguments.iter().enumerate() {
                    match self.direct(argument)? {
                        Seen::Undefined => {
                            self.meet_behind(argument, &Seen::Undefined, &arguments[at + 1..]);
                            return Some(Seen::Undefined);
                        }
                        seen => values.push(seen),
                    }
                }
                Some(self.function(*number, values))
            }
            _ => None,
        }
    }

    /// Each value of a term, in each way that it has one. Undefined ones may be left out.
    pub(super) fn each(&mut self, expr: &'p Expr, then: ThenSeen<'_, 'p>) -> Flow {
        if let Some(seen) = self.direct(expr) {
            return if matches!(seen, Seen::Undefined) { Flow::On } else { then(self, seen) };
        }
        match expr {
            Expr::Known(value) => then(self, Seen::Known(value.clone())),
            Expr::Input => self.walk(self.input, &[], then),
            Expr::Environment => self.walk(self.environment, &[], then),
            Expr::Variable(at) => {
                let seen = self.variables.get(*at).cloned().flatten().unwrap_or(Seen::Unknown);
                then(self, seen)
            }
            Expr::Any => then(self, Seen::Unknown),
            Expr::Opaque(terms) => {
                self.meet(terms);
                then(self, Seen::Unknown)
            }
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
                    Seen::Unknown => {
                        look.meet(keys);
                        then(look, Seen::Unknown)
                    }
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
    pub(super) fn known(
        &mut self,
        mut terms: &'p [Expr],
        mut values: Vec<Value>,
        then: &mut dyn FnMut(&mut Self, Option<Vec<Value>>) -> Flow,
    ) -> Flow {
        while let Some((first, rest)) = terms.split_first()
            && let Some(seen) = self.direct(first)
        {
            match seen {
                Seen::Known(value) => values.push(value),
                seen => {
                    self.meet_behind(first, &seen, rest);
                    return if matches!(seen, Seen::Undefined) { Flow::On } else { then(self, None) };
                }
            }
            terms = rest;
        }
        let Some((first, rest)) = terms.split_first() else { return then(self, Some(values)) };
        self.each(first, &mut |look, seen| match seen {
            Seen::Undefined => Flow::On,
            Seen::Unknown => {
                look.meet(rest);
                then(look, None)
            }
            Seen::Known(value) => {
                let mut values = values.clone();
                values.push(value);
                look.known(rest, values, then)
            }
        })
    }

    /// What is seen of some terms.
    pub(super) fn seen(
        &mut self,
        mut terms: &'p [Expr],
        mut values: Vec<Seen>,
        then: &mut dyn FnMut(&mut Self, Vec<Seen>) -> Flow,
    ) -> Flow {
        while let Some((first, rest)) = terms.split_first()
            && let Some(seen) = self.direct(first)
        {
            if matches!(seen, Seen::Undefined) {
                self.meet_behind(first, &seen, rest);
                return Flow::On;
            }
            values.push(seen);
            terms = rest;
        }
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
                Seen::Unknown => {
                    look.meet(rest);
                    then(look, Seen::Unknown)
                }
            }),
        }
    }

    /// Evaluates terms for the sake of conflicts alone: something else makes it unknown what comes of them.
    pub(super) fn meet(&mut self, terms: &'p [Expr]) {
        for term in terms {
            match term {
                Expr::Any | Expr::Known(_) | Expr::Variable(_) => {}
                Expr::Array(items) | Expr::Object(items) => self.meet(items),
                term => drop(self.one(term)),
            }
        }
    }

    /// Meets what stands behind a term that is undefined or unknown: the engine goes on to it, but not behind a call, which it moves out of the line.
    fn meet_behind(&mut self, term: &'p Expr, seen: &Seen, rest: &'p [Expr]) {
        if matches!(seen, Seen::Unknown) || !matches!(term, Expr::Call(..) | Expr::CallRule(..)) {
            self.meet(rest);
        }
    }

    pub(super) fn collect(&mut self, collects: Collects, terms: &'p [Expr], inner: &'p Inner) -> Seen {
        if self.lacks(&inner.needs) {
            return if inner.asks { self.conflict() } else { Seen::Unknown };
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
    pub(super) fn results(&mut self, body: &'p [Step], terms: &'p [Expr]) -> Option<Vec<Vec<Value>>> {
        let mut found = Vec::new();
        let outer = std::mem::replace(&mut self.is_certain, true);
        let flow = self.body(body, &mut |look| {
            look.known(terms, Vec::new(), &mut |look, values| match values.filter(|_| look.is_certain && found.len() < look.limits.results)
            {
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

    /// An object of keys and values in turns.
    pub(super) fn object(&mut self, pairs: &[Value]) -> Seen {
        let mut fields: BTreeMap<Value, Value> = BTreeMap::new();
        for pair in pairs.chunks_exact(2) {
            if fields.insert(pair[0].clone(), pair[1].clone()).is_some_and(|other| other != pair[1]) {
                return self.conflict();
            }
        }
        Seen::Known(Value::from(fields))
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
        (Value::Array(_) | Value::Object(_) | Value::Set(_), Some(key)) => at(&collection, key) == Some(&value),
        _ => return Seen::Unknown,
    };
    Seen::Known(Value::from(is_in))
}
