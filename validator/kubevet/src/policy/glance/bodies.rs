//! A search through the lines of a body.

use regorus::Value;

use super::look::{DEPTH, Flow, Look, Seen, Then};
use super::program::{Expr, Inner, Step};

impl<'p> Look<'p> {
    pub(super) fn body(&mut self, steps: &'p [Step], then: Then<'_, 'p>) -> Flow {
        let Some((step, rest)) = steps.split_first() else { return then(self) };
        if self.is_spent() {
            return Flow::Stop;
        }
        self.depth -= 1;
        let flow = self.step(step, &mut |look| look.body(rest, then));
        self.depth += 1;
        flow
    }

    pub(super) fn step(&mut self, step: &'p Step, then: Then<'_, 'p>) -> Flow {
        match step {
            Step::Open { asks } => {
                if *asks {
                    self.conflict();
                }
                self.open(then)
            }
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
            Step::Walk(value, pattern) => match self.one(value) {
                Seen::Undefined => Flow::On,
                Seen::Known(value) => self.walk_all(&mut Vec::new(), &value, pattern, then),
                Seen::Unknown => self.open(then),
            },
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
            if inner.asks {
                self.conflict();
            }
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

    /// Goes through a value and all within it, each with the path to it.
    fn walk_all(&mut self, path: &mut Vec<Value>, value: &Value, pattern: &'p Expr, then: Then<'_, 'p>) -> Flow {
        if self.is_spent() || path.len() > DEPTH as usize {
            return Flow::Stop;
        }
        let found = Value::from(vec![Value::from(path.clone()), value.clone()]);
        if self.unify(pattern, Seen::Known(found), then) == Flow::Stop {
            return Flow::Stop;
        }
        self.items(Seen::Known(value.clone()), &mut |look, key, item| match (key, item) {
            (Seen::Known(key), Seen::Known(item)) => {
                path.push(key);
                let flow = look.walk_all(path, &item, pattern, then);
                path.pop();
                flow
            }
            _ => Flow::Stop,
        })
    }

    /// Whether one of the variables has no certain value yet.
    pub(super) fn lacks(&self, needs: &[usize]) -> bool {
        needs.iter().any(|at| !matches!(self.variables.get(*at), Some(Some(Seen::Known(_)))))
    }

    /// Whether a side of `=` is to be taken apart.
    pub(super) fn is_pattern(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Variable(at) => self.variables.get(*at).is_some_and(Option::is_none),
            Expr::Any => true,
            Expr::Array(items) | Expr::Object(items) => items.iter().any(|item| self.is_pattern(item)),
            _ => false,
        }
    }

    pub(super) fn unify(&mut self, pattern: &'p Expr, seen: Seen, then: Then<'_, 'p>) -> Flow {
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
            (pattern, Seen::Unknown) => {
                self.meet(std::slice::from_ref(pattern));
                self.open(then)
            }
        }
    }

    pub(super) fn unify_all(&mut self, pairs: &[(&'p Expr, Seen)], then: Then<'_, 'p>) -> Flow {
        match pairs.split_first() {
            None => then(self),
            Some(((pattern, seen), rest)) => self.unify(pattern, seen.clone(), &mut |look| look.unify_all(rest, then)),
        }
    }

    /// Each key and item of a collection.
    pub(super) fn items(&mut self, seen: Seen, found: &mut dyn FnMut(&mut Self, Seen, Seen) -> Flow) -> Flow {
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
}
