//! What OPA's compiler refuses and the engine would only meet, or get wrong, while it evaluates: recursion, and calls of what isn't there or with too many
//! or too few arguments.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::ast::{At, Body, Import, Kind, Mistake, Module, Rule, Stmt, StmtKind, Term};
use super::names::{each_child, each_term, first};

/// How many rules may need each other in a row: each takes its part of the stack.
const LONGEST: usize = 256;

/// A path below `data`.
type Path = Vec<String>;

/// The same, with a hole for each part that is computed.
type Pattern = Vec<Option<String>>;

/// All rules that are loaded together.
#[derive(Debug, Default)]
pub(crate) struct Program {
    rules: BTreeMap<Path, Node>,
}

/// All definitions of a rule.
#[derive(Debug)]
struct Node {
    /// Which module, and where.
    module: usize,
    at: At,
    arity: Option<usize>,
    needs: Vec<(Pattern, At)>,
    calls: Vec<Call>,
}

/// A call of a rule or of a builtin.
#[derive(Debug)]
struct Call {
    path: Path,
    /// What it is called, unless it can only be a rule.
    builtin: Option<String>,
    count: usize,
    /// Whether it is a line of its own, where one more argument may take the result.
    is_line: bool,
    at: At,
}

/// How many arguments the builtin of a name takes, if that is fixed; else what is wrong with the name, and what to do about it.
pub(crate) type Builtins = dyn Fn(&str) -> Result<Option<usize>, (String, Option<String>)>;

impl Program {
    /// Adds a rewritten module under a number.
    pub(crate) fn add(&mut self, number: usize, module: &Module) {
        let package = module.package.path().unwrap_or_default();
        let names = Resolver::new(module, &package);
        for rule in &module.rules {
            let path: Path = package.iter().cloned().chain(beginning(&rule.head.name)).collect();
            let node = self.rules.entry(path).or_insert_with(|| Node {
                module: number,
                at: rule.at,
                arity: rule.head.arguments.as_ref().map(Vec::len),
                needs: Vec::new(),
                calls: Vec::new(),
            });
            names.rule(rule, node);
        }
    }

    /// What is wrong with the modules together, each with the number of its module.
    pub(crate) fn mistakes(&self, builtins: &Builtins) -> Vec<(usize, Mistake)> {
        let mut found = Vec::new();
        for node in self.rules.values() {
            found.extend(node.calls.iter().filter_map(|call| Some((node.module, self.call(call, builtins)?))));
        }
        found.extend(self.recursion());
        found
    }

    fn call(&self, Call { path, builtin, count, is_line, at }: &Call, builtins: &Builtins) -> Option<Mistake> {
        let shown = || format!("data.{}", path.join("."));
        let fits = |arity: usize| *count == arity || (*is_line && *count == arity + 1);
        let (message, help) = match (self.rules.get(path), builtin) {
            (Some(Node { arity: Some(arity), .. }), _) if fits(*arity) => return None,
            (Some(Node { arity: Some(arity), .. }), _) => (format!("function {} takes {}, not {count}", shown(), arguments(*arity)), None),
            (Some(_), _) => (format!("rule {} is no function", shown()), None),
            (None, Some(name)) => match builtins(name) {
                Ok(Some(arity)) if !fits(arity) => (format!("{name} takes {}, not {count}", arguments(arity)), None),
                Ok(_) => return None,
                Err(wrong) => wrong,
            },
            // kubevet's own are loaded where they are needed.
            (None, None) if path.first().is_some_and(|first| first == "kubevet") => return None,
            (None, None) => (format!("there is no function {}", shown()), None),
        };
        Some(Mistake { at: *at, message, help })
    }

    /// The rules that a pattern can mean.
    fn meant(&self, pattern: &Pattern) -> Vec<&Path> {
        let ground: Path = pattern.iter().map_while(Clone::clone).collect();
        // A rule above: what follows is looked up in its value.
        let above = (1..=ground.len()).filter_map(|length| self.rules.get_key_value(&ground[..length]).map(|(path, _)| path));
        let matches =
            |path: &&Path| std::iter::zip(path.iter(), pattern).all(|(name, wanted)| wanted.as_ref().is_none_or(|wanted| wanted == name));
        let below = self.rules.range::<Path, _>((Bound::Excluded(&ground), Bound::Unbounded)).map(|(path, _)| path);
        above.chain(below.take_while(|path| path.starts_with(&ground)).filter(matches)).collect()
    }

    /// Rules that need themselves, and chains that are too long.
    fn recursion(&self) -> Vec<(usize, Mistake)> {
        let numbers: BTreeMap<&Path, usize> = self.rules.keys().enumerate().map(|(number, path)| (path, number)).collect();
        let nodes: Vec<(&Path, &Node)> = self.rules.iter().collect();
        let edges: Vec<BTreeSet<usize>> = nodes
            .iter()
            .map(|(_, node)| node.needs.iter().flat_map(|(pattern, _)| self.meant(pattern)).map(|path| numbers[path]).collect())
            .collect();
        let mut lengths = vec![0usize; nodes.len()];
        let mut states = vec![State::New; nodes.len()];
        let mut found = Vec::new();
        for start in 0..nodes.len() {
            if states[start] != State::New {
                continue;
            }
            let mut way: Vec<(usize, Vec<usize>)> = vec![(start, edges[start].iter().copied().collect())];
            states[start] = State::Open;
            while let Some((at, left)) = way.last_mut() {
                let at = *at;
                match left.pop() {
                    Some(next) if states[next] == State::New => {
                        states[next] = State::Open;
                        way.push((next, edges[next].iter().copied().collect()));
                    }
                    Some(next) if states[next] == State::Open => {
                        let from = way.iter().position(|(node, _)| *node == next).unwrap_or_default();
                        let shown = |number: usize| format!("data.{}", nodes[number].0.join("."));
                        let circle: Vec<String> = way[from..].iter().map(|(node, _)| shown(*node)).chain([shown(next)]).collect();
                        let (path, node) = nodes[next];
                        let what = format!("rule data.{} is recursive: {}", path.join("."), shortened(&circle));
                        let mistake =
                            Mistake::new(node.at, what).help("a rule can't need itself; walk or graph.reachable may do what is meant");
                        found.push((node.module, mistake));
                        states[next] = State::Told;
                    }
                    Some(next) => lengths[at] = lengths[at].max(lengths[next] + 1),
                    None => {
                        states[at] = State::Done;
                        way.pop();
                        if let Some((before, _)) = way.last() {
                            lengths[*before] = lengths[*before].max(lengths[at] + 1);
                        }
                    }
                }
            }
        }
        if let (true, Some(at)) = (found.is_empty(), (0..nodes.len()).filter(|at| lengths[*at] > LONGEST).min_by_key(|at| lengths[*at])) {
            let (path, node) = nodes[at];
            let what = format!("rule data.{} needs more than {LONGEST} rules, one after the other", path.join("."));
            found.push((node.module, Mistake::new(node.at, what).help("let fewer rules need each other")));
        }
        found
    }
}

fn arguments(count: usize) -> String {
    if count == 1 { "1 argument".to_owned() } else { format!("{count} arguments") }
}

fn shortened(circle: &[String]) -> String {
    match circle {
        [first, .., last] if circle.len() > 6 => format!("{first} -> … -> {last}"),
        _ => circle.join(" -> "),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    Open,
    /// In a circle that was told.
    Told,
    Done,
}

/// What a name begins with before anything is computed.
fn beginning(name: &Term) -> Vec<String> {
    match &name.kind {
        Kind::Ref(head, parts) => first(head).map(str::to_owned).into_iter().chain(parts.iter().map_while(Term::as_text)).collect(),
        _ => first(name).map(str::to_owned).into_iter().collect(),
    }
}

/// The key that a part of a reference is, unless it is computed; no rule has one that isn't a text.
fn key(part: &Term) -> Option<String> {
    match &part.kind {
        Kind::Const(written) => Some(part.as_text().unwrap_or_else(|| format!("[{written}]"))),
        _ => None,
    }
}

/// Finds what terms of a module refer to.
struct Resolver<'a> {
    package: &'a Path,
    rules: BTreeSet<&'a str>,
    imports: BTreeMap<String, Path>,
}

impl<'a> Resolver<'a> {
    fn new(module: &'a Module, package: &'a Path) -> Self {
        let rules = super::names::defined(module).collect();
        let import = |import: &Import| Some((import.name()?, import.components()));
        Self { package, rules, imports: module.imports.iter().filter_map(import).collect() }
    }

    /// The path that a name stands for.
    fn resolved(&self, name: &str) -> Option<Path> {
        if let Some(path) = self.imports.get(name) {
            return (path.first().is_some_and(|first| first == "data")).then(|| path[1..].to_vec());
        }
        match name {
            "data" => Some(Vec::new()),
            "input" => None,
            // A name of another file of the package is one that nothing here gives a value to; a variable finds no rule.
            _ => Some(self.package.iter().cloned().chain([name.to_owned()]).collect()),
        }
    }

    fn rule(&self, rule: &Rule, node: &mut Node) {
        for branch in &rule.branches {
            branch.value.iter().for_each(|term| self.term(term, node));
            branch.body.iter().for_each(|body| self.body(body, node));
        }
        rule.head.element.iter().for_each(|term| self.term(term, node));
        if let Kind::Ref(_, parts) = &rule.head.name.kind {
            parts.iter().for_each(|term| self.term(term, node));
        }
    }

    fn body(&self, body: &Body, node: &mut Node) {
        body.iter().for_each(|statement| self.statement(statement, node));
    }

    fn statement(&self, statement: &Stmt, node: &mut Node) {
        if let StmtKind::Term(Term { kind: Kind::Call(function, arguments), at }) = &statement.kind {
            self.call(function, arguments, *at, true, node);
            arguments.iter().chain(statement.with.iter().map(|with| &with.value)).for_each(|term| self.term(term, node));
            return;
        }
        each_term(statement, &mut |term| self.term(term, node));
        if let StmtKind::Every(_, _, _, body) = &statement.kind {
            self.body(body, node);
        }
    }

    fn term(&self, term: &Term, node: &mut Node) {
        match &term.kind {
            Kind::Var(name) => node.needs.extend(self.resolved(name).map(|path| (path.into_iter().map(Some).collect(), term.at))),
            Kind::Ref(head, parts) => {
                if let Some(path) = first(head).and_then(|name| self.resolved(name)) {
                    let pattern = path.into_iter().map(Some).chain(parts.iter().map(key)).collect();
                    node.needs.push((pattern, term.at));
                } else {
                    self.term(head, node);
                }
                parts.iter().for_each(|part| self.term(part, node));
                return;
            }
            Kind::Call(function, arguments) => self.call(function, arguments, term.at, false, node),
            Kind::ArrayOf(item, body) | Kind::SetOf(item, body) => {
                self.term(item, node);
                self.body(body, node);
            }
            Kind::ObjectOf(key, value, body) => {
                self.term(key, node);
                self.term(value, node);
                self.body(body, node);
            }
            _ => {}
        }
        each_child(term, &mut |child| self.term(child, node));
    }

    fn call(&self, function: &Term, arguments: &[Term], at: At, is_line: bool, node: &mut Node) {
        let path = function.path().unwrap_or_default();
        let is_name = path.len() == 1 && path.first().is_some_and(|name| self.rules.contains(name.as_str()));
        let is_path = path.first().is_some_and(|name| name == "data" || self.imports.contains_key(name));
        let target = match path.split_first() {
            Some((name, rest)) if is_name || is_path => self.resolved(name).map(|mut path| {
                path.extend(rest.iter().cloned());
                path
            }),
            _ => None,
        };
        let builtin = if target.is_none() { Some(path.join(".")) } else { None };
        // It may be a function of another file of the package, too.
        let path = target.unwrap_or_else(|| self.package.iter().chain(&path).cloned().collect());
        node.needs.push((path.iter().cloned().map(Some).collect(), at));
        node.calls.push(Call { path, builtin, count: arguments.len(), is_line, at: function.at });
    }
}
