//! Rego rules and inputs by chance, for asking two engines the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Value, json};

/// A sequence of numbers that a seed determines.
#[derive(Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// One in so many times.
    fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

/// Packages that need each other, with the paths of their rules.
#[derive(Debug)]
pub(crate) struct Program {
    /// Texts by the names of their files.
    pub(crate) modules: BTreeMap<String, String>,
    /// Such as `data.generated.r0`.
    pub(crate) rules: Vec<String>,
}

impl std::fmt::Display for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.modules.values().try_for_each(|text| writeln!(f, "{text}"))
    }
}

const FIELDS: [&str; 6] = ["host", "n", "tags", "sub", "on", "missing"];

/// An input in which things are missing.
pub(crate) fn input(chance: &mut Chance) -> Value {
    let mut input = json!({});
    if !chance.one_in(8) {
        let rows: Vec<Value> = (0..chance.below(4)).map(|_| row(chance)).collect();
        input["rows"] = json!(rows);
    }
    if !chance.one_in(6) {
        let mut map = json!({});
        for key in ["a", "b", "c"] {
            if !chance.one_in(3) {
                map[key] = row(chance);
            }
        }
        input["map"] = map;
    }
    if !chance.one_in(3) {
        input["name"] = json!(chance.pick(&["x", "web", ""]));
    }
    if !chance.one_in(3) {
        input["n"] = json!(chance.below(4));
    }
    if !chance.one_in(3) {
        input["on"] = json!(chance.one_in(2));
    }
    input
}

fn row(chance: &mut Chance) -> Value {
    if chance.one_in(12) {
        return chance.pick(&[json!(null), json!("row"), json!(3), json!([])]).clone();
    }
    let mut row = json!({});
    if !chance.one_in(3) {
        row["host"] = chance.pick(&[json!("web"), json!("db"), json!(7), json!("")]).clone();
    }
    if !chance.one_in(3) {
        row["n"] = chance.pick(&[json!(0), json!(1), json!(2), json!(1.5), json!(-3)]).clone();
    }
    if !chance.one_in(3) {
        let tags: Vec<&str> = (0..chance.below(3)).map(|_| *chance.pick(&["a", "b", "web"])).collect();
        row["tags"] = json!(tags);
    }
    if !chance.one_in(3) {
        row["sub"] = if chance.one_in(2) { json!({"a": chance.below(3)}) } else { json!({"b": {"c": "deep"}}) };
    }
    if !chance.one_in(3) {
        row["on"] = json!(chance.one_in(2));
    }
    row
}

/// A few rules, each of which may need those before it, in one to three packages.
pub(crate) fn program(chance: &mut Chance) -> Program {
    let count = 4 + chance.below(4);
    // Where another package begins.
    let starts: BTreeSet<usize> = (0..chance.below(3)).map(|_| 1 + chance.below(count - 1)).collect();
    let last = starts.len();
    let mut maker =
        Maker { chance, functions: Vec::new(), rules: Vec::new(), packages: vec![String::new()], last, names: 0, is_open: true };
    for number in 0..count {
        if starts.contains(&number) {
            maker.packages.push(String::new());
        }
        maker.rule(number);
    }
    let rules = maker.rules.iter().map(|rule| format!("data.{}.{}", maker.path(rule.package), rule.name)).collect();
    let module = |(at, text): (usize, &String)| {
        let imports: String = (0..at).map(|at| format!("\nimport data.team.p{at}\nimport data.team.p{at} as other{at}\n")).collect();
        (format!("{}.rego", maker.path(at)), format!("package {}\n{imports}{text}", maker.path(at)))
    };
    let modules = maker.packages.iter().enumerate().map(module).collect();
    Program { modules, rules }
}

struct Maker<'a> {
    chance: &'a mut Chance,
    /// With how many arguments they take.
    functions: Vec<(Rule, usize)>,
    rules: Vec<Rule>,
    /// What is in them, the one at hand last.
    packages: Vec<String>,
    /// The number of the last package.
    last: usize,
    names: usize,
    /// Whether OPA's types allow everything of the last term.
    is_open: bool,
}

#[derive(Clone, Debug)]
struct Rule {
    /// The number of its package.
    package: usize,
    name: String,
    is_collection: bool,
}

/// A variable of a body or of one around it.
#[derive(Clone, Debug)]
struct Variable {
    name: String,
    /// Whether OPA's types allow everything of it.
    is_open: bool,
}

type Scope = Vec<Variable>;

impl Maker<'_> {
    /// A name that no variable here has.
    fn fresh(&mut self, scope: &Scope) -> String {
        loop {
            self.names += 1;
            // Now and then it is a rule's, or that of a variable in another body.
            let name = match self.chance.below(30) {
                0 => (*self.chance.pick(&["r1", "p0"])).to_owned(),
                1..=5 => (*self.chance.pick(&["x", "y", "k"])).to_owned(),
                _ => format!("v{}", self.names),
            };
            if !scope.iter().any(|known| known.name == name) {
                return name;
            }
        }
    }

    fn out(&mut self) -> &mut String {
        let last = self.packages.len() - 1;
        &mut self.packages[last]
    }

    fn path(&self, package: usize) -> String {
        if package == self.last { "generated".to_owned() } else { format!("team.p{package}") }
    }

    /// A rule that the package at hand makes.
    fn own(&self, name: String, is_collection: bool) -> Rule {
        Rule { package: self.packages.len() - 1, name, is_collection }
    }

    /// What a rule is called in the package at hand.
    fn called(&mut self, rule: &Rule) -> String {
        let Rule { package, name, .. } = rule;
        if package + 1 == self.packages.len() {
            return name.clone();
        }
        match self.chance.below(4) {
            0 => format!("data.team.p{package}.{name}"),
            1 => format!("other{package}.{name}"),
            _ => format!("p{package}.{name}"),
        }
    }

    fn rule(&mut self, number: usize) {
        let name = format!("r{number}");
        match self.chance.below(10) {
            0..=3 => {
                for _ in 0..1 + self.chance.below(2) {
                    let (body, terms) = self.body_and(&Scope::new(), 3, 1, 2);
                    let _ = writeln!(self.out(), "\n{name} contains {} if {{\n{body}}}", terms[0]);
                }
                self.rules.push(self.own(name, true));
            }
            4 | 5 => {
                let (body, terms) = self.body_and(&Scope::new(), 3, 2, 2);
                let _ = writeln!(self.out(), "\n{name}[{}] := {} if {{\n{body}}}", terms[0], terms[1]);
                self.rules.push(self.own(name, true));
            }
            6..=8 => {
                if self.chance.one_in(2) {
                    let _ = writeln!(self.out(), "\ndefault {name} := \"none\"");
                }
                if self.chance.one_in(5) {
                    let value = self.term(&Scope::new(), 2);
                    let _ = writeln!(self.out(), "\n{name} := {value}");
                } else {
                    let (body, terms) = self.body_and(&Scope::new(), 2, 1, 2);
                    let _ = write!(self.out(), "\n{name} := {} if {{\n{body}}}", terms[0]);
                    self.others(&Scope::new());
                }
                self.rules.push(self.own(name, false));
            }
            _ => self.function(format!("f{number}")),
        }
    }

    fn function(&mut self, name: String) {
        let count = 1 + self.chance.below(2);
        if self.chance.one_in(3) {
            let wild = vec!["_"; count].join(", ");
            let _ = writeln!(self.out(), "\ndefault {name}({wild}) := \"other\"");
        }
        for _ in 0..1 + self.chance.below(2) {
            let mut scope = Scope::new();
            let mut arguments = Vec::new();
            for _ in 0..count {
                arguments.push(match self.chance.below(10) {
                    0 => "\"web\"".to_owned(),
                    1 => "1".to_owned(),
                    2 if scope.is_empty() => {
                        scope.push(Variable { name: "first".to_owned(), is_open: true });
                        "[first, _]".to_owned()
                    }
                    _ => {
                        let name = self.fresh(&scope);
                        scope.push(Variable { name: name.clone(), is_open: true });
                        name
                    }
                });
            }
            let arguments = arguments.join(", ");
            if self.chance.one_in(3) {
                let value = self.term(&scope, 2);
                let _ = writeln!(self.out(), "\n{name}({arguments}) := {value}");
            } else {
                let (body, terms) = self.body_and(&scope, 2, 1, 2);
                let _ = write!(self.out(), "\n{name}({arguments}) := {} if {{\n{body}}}", terms[0]);
                self.others(&scope);
            }
        }
        self.functions.push((self.own(name, false), count));
    }

    /// What may follow a body.
    fn others(&mut self, outer: &Scope) {
        while self.chance.one_in(3) {
            let (body, terms) = self.body_and(outer, 2, 1, 2);
            let _ = write!(self.out(), " else := {} if {{\n{body}}}", terms[0]);
        }
        self.out().push('\n');
    }

    /// A body and some terms that use what it has.
    fn body_and(&mut self, outer: &Scope, most: usize, terms: usize, depth: usize) -> (String, Vec<String>) {
        let mut scope = outer.clone();
        let mut body = String::new();
        for _ in 0..1 + self.chance.below(most) {
            let statement = self.statement(&mut scope, depth);
            let _ = writeln!(body, "\t{statement}");
        }
        let terms: Vec<String> = (0..terms).map(|_| self.term(&scope, depth)).collect();
        // OPA demands that every variable is used.
        let words = |text: &str, name: &str| {
            text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|word| *word == name).count()
        };
        for variable in &scope[outer.len()..] {
            let uses = words(&body, &variable.name) + terms.iter().map(|term| words(term, &variable.name)).sum::<usize>();
            if uses < 2 {
                let _ = writeln!(body, "\t[{}] != null", variable.name);
            }
        }
        (body, terms)
    }

    fn declare(&mut self, scope: &mut Scope, is_open: bool) -> String {
        let name = self.fresh(scope);
        scope.push(Variable { name: name.clone(), is_open });
        name
    }

    fn statement(&mut self, scope: &mut Scope, depth: usize) -> String {
        let with = if self.chance.one_in(12) {
            let mut target = (*self.chance.pick(&["input", "input", "input.rows", "input.map.a", "r0"])).to_owned();
            let value = self.open(scope);
            if target == "r0" {
                let first = self.rules.first().filter(|rule| rule.name == "r0").cloned();
                target = first.map(|rule| self.called(&rule)).unwrap_or_default();
                if target == "r0" {
                    target = format!("data.{}.r0", self.path(0));
                }
            }
            if target.is_empty() { String::new() } else { format!(" with {target} as {value}") }
        } else {
            String::new()
        };
        let text = match self.chance.below(20) {
            0..=3 => {
                let collection = self.collection(scope);
                let is_open = self.is_open;
                if self.chance.one_in(2) {
                    format!("some {} in {collection}", self.declare(scope, is_open))
                } else {
                    let key = if self.chance.one_in(4) { "_".to_owned() } else { self.declare(scope, is_open) };
                    format!("some {key}, {} in {collection}", self.declare(scope, is_open))
                }
            }
            4..=7 => {
                let value = self.term(scope, depth);
                let is_open = self.is_open;
                format!("{} := {value}", self.declare(scope, is_open))
            }
            8 | 9 => format!("not {}", self.test(scope, depth)),
            10 if depth > 0 => {
                let domain = self.collection(scope);
                let is_open = self.is_open;
                let mut inner = scope.clone();
                let value = self.declare(&mut inner, is_open);
                let (body, _) = self.body_and(&inner, 2, 0, depth - 1);
                format!("every {value} in {domain} {{\n\t\t[{value}] != null\n{body}\t}}")
            }
            11 => {
                let (field, value) = (*self.chance.pick(&FIELDS), self.constant());
                let name = self.declare(scope, true);
                return format!("some {name}\n\tinput.rows[{name}].{field} == {value}");
            }
            12 => {
                let values = format!("[{}, {}]", self.term(scope, depth.min(1)), self.term(scope, depth.min(1)));
                let one = self.declare(scope, false);
                let two = if self.chance.one_in(3) { "_".to_owned() } else { self.declare(scope, false) };
                format!("[{one}, {two}] := {values}")
            }
            13 => {
                let value = self.open(scope);
                let (path, value_in) = (self.declare(scope, true), self.declare(scope, true));
                format!("walk({value}, [{path}, {value_in}])")
            }
            14 => {
                let value = self.term(scope, depth.min(1));
                let is_open = self.is_open;
                let name = self.fresh(scope);
                if name == "r1" {
                    return self.test(scope, depth);
                }
                scope.push(Variable { name: name.clone(), is_open });
                format!("{name} = {value}")
            }
            15 => {
                // Both sides are patterns.
                let (one, two) = (self.open(scope), self.open(scope));
                let name = format!("u{}", self.names);
                self.names += 1;
                scope.push(Variable { name: name.clone(), is_open: true });
                let four = self.open(scope);
                // What goes on with it is undefined in OPA, whatever the values are, and refused here.
                let goes_on = [".", "["].iter().any(|next| four.starts_with(&format!("{name}{next}")));
                format!("[{name}, {one}] = [{two}, {}]", if goes_on { &name } else { &four })
            }
            _ => self.test(scope, depth),
        };
        // A variable there is another one in OPA, and refused here.
        let is_name = |rest: &str| rest.starts_with(|first: char| first.is_alphabetic());
        let has_variable = |value: &str| !value.starts_with("input.") || value.split('[').skip(1).any(is_name);
        let is_refused = text.starts_with("some ") && with.split(" as ").nth(1).is_some_and(has_variable);
        if is_refused { text } else { text + &with }
    }

    /// Something that may be false or undefined.
    fn test(&mut self, scope: &Scope, depth: usize) -> String {
        match self.chance.below(10) {
            0..=3 => {
                let sign = *self.chance.pick(&["==", "!=", "==", "=", "<", "<=", ">", ">="]);
                format!("{} {sign} {}", self.open(scope), self.term(scope, depth))
            }
            4 => format!("{} in {}", self.term(scope, depth.min(1)), self.collection(scope)),
            5 => format!("startswith({}, {})", self.text(scope), self.text(scope)),
            6 => format!("{}, {} in {}", self.term(scope, depth.min(1)), self.term(scope, depth.min(1)), self.collection(scope)),
            7 if !self.functions.is_empty() => self.call(scope, depth),
            _ => self.reference(scope),
        }
    }

    fn collection(&mut self, scope: &Scope) -> String {
        let open: Vec<String> = scope.iter().filter(|variable| variable.is_open).map(|variable| variable.name.clone()).collect();
        let collections: Vec<Rule> = self.rules.iter().filter(|rule| rule.is_collection).cloned().collect();
        let text = match self.chance.below(10) {
            0..=2 => "input.rows".to_owned(),
            3 | 4 => "input.map".to_owned(),
            5 if !open.is_empty() => format!("{}.{}", self.chance.pick(&open), self.chance.pick(&FIELDS)),
            6 => self.open(scope),
            7 if !collections.is_empty() => {
                self.is_open = false;
                let rule = self.chance.pick(&collections).clone();
                return self.called(&rule);
            }
            8 => {
                // OPA goes through a set of several terms as it is written, and twice where two are equal.
                let text = format!("{{{}}}", self.term(scope, 0));
                self.is_open = false;
                return text;
            }
            9 => {
                let text = format!("[{}, {}]", self.term(scope, 0), self.term(scope, 0));
                self.is_open = false;
                return text;
            }
            _ => "input.rows".to_owned(),
        };
        self.is_open = true;
        text
    }

    fn constant(&mut self) -> String {
        (*self.chance.pick(&["\"web\"", "1", "\"a\"", "null", "true", "false", "2.5", "\"\"", "[]", "{}", "set()"])).to_owned()
    }

    /// A reference of which OPA's types know nothing.
    fn open(&mut self, scope: &Scope) -> String {
        let open: Vec<String> = scope.iter().filter(|variable| variable.is_open).map(|variable| variable.name.clone()).collect();
        let field = *self.chance.pick(&FIELDS);
        self.is_open = true;
        match self.chance.below(9) {
            0 | 1 if !open.is_empty() => self.chance.pick(&open).clone(),
            2..=4 if !open.is_empty() => format!("{}.{field}", self.chance.pick(&open)),
            5 if !open.is_empty() => format!("{}[\"sub\"].{}", self.chance.pick(&open), self.chance.pick(&["a", "b", "b.c"])),
            6 => format!("input.rows[{}].{field}", self.chance.below(3)),
            7 if !open.is_empty() => format!("input.map[{}].{field}", self.chance.pick(&open)),
            _ => format!("input.{}", self.chance.pick(&["name", "n", "on", "map.a.host", "map.b", "missing", "rows"])),
        }
    }

    fn reference(&mut self, scope: &Scope) -> String {
        match self.chance.below(8) {
            0 if !scope.is_empty() => {
                let variable = self.chance.pick(scope).clone();
                self.is_open = variable.is_open;
                variable.name
            }
            1 if !self.rules.is_empty() => {
                self.is_open = false;
                let rule = self.chance.pick(&self.rules).clone();
                self.called(&rule)
            }
            // All of a package.
            2 if self.packages.len() > 1 && self.chance.one_in(4) => {
                self.is_open = false;
                format!("p{}", self.chance.below(self.packages.len() - 1))
            }
            _ => self.open(scope),
        }
    }

    /// A text, or what may be one.
    fn text(&mut self, scope: &Scope) -> String {
        if self.chance.one_in(4) { "\"we\"".to_owned() } else { self.open(scope) }
    }

    fn call(&mut self, scope: &Scope, depth: usize) -> String {
        let (function, count) = self.chance.pick(&self.functions).clone();
        let function = self.called(&function);
        let arguments: Vec<String> =
            (0..count).map(|_| if self.chance.one_in(3) && depth > 0 { self.term(scope, depth - 1) } else { self.open(scope) }).collect();
        self.is_open = false;
        format!("{function}({})", arguments.join(", "))
    }

    fn term(&mut self, scope: &Scope, depth: usize) -> String {
        let text = match self.chance.below(26) {
            _ if depth == 0 && self.chance.one_in(3) => self.constant(),
            _ if depth == 0 => return self.reference(scope),
            0 => self.constant(),
            1 => {
                let format = *self.chance.pick(&["%s", "%d", "%v %v", "%5.1f|", "%q", "%x", "none", "%-6v|%%", "%03d", "%+v"]);
                format!("sprintf(\"{format}\", [{}])", self.term(scope, depth - 1))
            }
            2 => format!("[{}, {}]", self.term(scope, depth - 1), self.term(scope, depth - 1)),
            3 => format!("{{\"a\": {}, \"b\": {}}}", self.term(scope, depth - 1), self.term(scope, depth - 1)),
            4 => format!("{{{}}}", self.term(scope, depth - 1)),
            5 => format!("count({})", self.chance.pick(&["input.rows", "input.map", "input.name"])),
            6 => format!("({} {} {})", self.open(scope), self.chance.pick(&["+", "-", "*", "/", "%"]), self.chance.pick(&["1", "0", "2"])),
            7 => format!("concat(\",\", [{}, {}])", self.text(scope), self.text(scope)),
            8 => format!("object.get({}, \"{}\", {})", self.open(scope), self.chance.pick(&FIELDS), self.term(scope, depth - 1)),
            9..=12 => {
                let kind = self.chance.below(3);
                let (body, terms) = self.body_and(scope, 2, 2, depth - 1);
                let item =
                    if terms[0].starts_with('(') || terms[0].starts_with("not") { format!("[{}]", terms[0]) } else { terms[0].clone() };
                let body = body.trim_end().replace('\n', "\n\t");
                match kind {
                    0 => format!("[{item} |\n\t{body}\n\t\t[{}] != null\n\t]", terms[1]),
                    1 => format!("{{{item} |\n\t{body}\n\t\t[{}] != null\n\t}}", terms[1]),
                    _ => format!("{{{}: {item} |\n\t{body}\n\t}}", terms[1]),
                }
            }
            13 if !self.functions.is_empty() => self.call(scope, depth),
            14 => format!("upper({})", self.text(scope)),
            15 => format!("({} in {})", self.term(scope, depth - 1), self.collection(scope)),
            16 => format!("({} {} {})", self.open(scope), self.chance.pick(&["==", "!="]), self.term(scope, depth - 1)),
            17 => format!("type_name({})", self.term(scope, depth - 1)),
            18 => format!("$\"{{{}}} of {{{}}}\"", self.plain(scope), self.plain(scope)),
            _ => return self.reference(scope),
        };
        self.is_open = false;
        text
    }

    /// A reference without quotes in it.
    fn plain(&mut self, scope: &Scope) -> String {
        let reference = self.reference(scope);
        if reference.contains('"') { "input.name".to_owned() } else { reference }
    }
}
