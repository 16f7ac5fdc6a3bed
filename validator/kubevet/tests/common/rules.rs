//! Rego rules and inputs by chance, for asking two engines the same.

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

/// A package with the names of its rules.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) text: String,
    pub(crate) rules: Vec<String>,
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

/// A package of a few rules, each of which may need those before it.
pub(crate) fn program(chance: &mut Chance) -> Program {
    let mut maker = Maker { chance, functions: Vec::new(), values: Vec::new(), names: 0, text: "package generated\n".to_owned() };
    for number in 0..4 + maker.chance.below(4) {
        maker.rule(number);
    }
    Program { text: maker.text, rules: maker.values }
}

struct Maker<'a> {
    chance: &'a mut Chance,
    /// With how many arguments they take.
    functions: Vec<(String, usize)>,
    values: Vec<String>,
    names: usize,
    text: String,
}

/// The variables that a body has, those of outer bodies included.
type Scope = Vec<String>;

impl Maker<'_> {
    fn name(&mut self) -> String {
        self.names += 1;
        // Now and then one that is a rule's, or a variable's of another body.
        match self.chance.below(12) {
            0 => "r1".to_owned(),
            1 | 2 => (*self.chance.pick(&["x", "y", "k"])).to_owned(),
            _ => format!("v{}", self.names),
        }
    }

    fn rule(&mut self, number: usize) {
        let name = format!("r{number}");
        match self.chance.below(10) {
            0..=3 => {
                for _ in 0..1 + self.chance.below(2) {
                    let mut scope = Scope::new();
                    let body = self.body(&mut scope, 3);
                    let element = self.term(&scope, 2);
                    let _ = writeln!(self.text, "\n{name} contains {element} if {{\n{body}}}");
                }
                self.values.push(name);
            }
            4 | 5 => {
                let mut scope = Scope::new();
                let body = self.body(&mut scope, 3);
                let (key, value) = (self.key(&scope), self.term(&scope, 2));
                let _ = writeln!(self.text, "\n{name}[{key}] := {value} if {{\n{body}}}");
                self.values.push(name);
            }
            6 | 7 => {
                let is_default = self.chance.one_in(2);
                if is_default {
                    let _ = writeln!(self.text, "\ndefault {name} := \"none\"");
                }
                let mut scope = Scope::new();
                if self.chance.one_in(5) {
                    let value = self.term(&scope, 2);
                    let _ = writeln!(self.text, "\n{name} := {value}");
                } else {
                    let body = self.body(&mut scope, 2);
                    let value = self.term(&scope, 2);
                    let _ = write!(self.text, "\n{name} := {value} if {{\n{body}}}");
                    self.others(&Scope::new());
                }
                self.values.push(name);
            }
            8 => {
                let mut scope = Scope::new();
                let body = self.body(&mut scope, 3);
                let _ = write!(self.text, "\n{name} if {{\n{body}}}");
                self.others(&Scope::new());
                self.values.push(name);
            }
            _ => {
                let function = format!("f{number}");
                let count = 1 + self.chance.below(2);
                if count == 1 && self.chance.one_in(3) {
                    let _ = writeln!(self.text, "\ndefault {function}(_) := \"other\"");
                }
                for _ in 0..1 + self.chance.below(2) {
                    let mut scope = Scope::new();
                    let arguments: Vec<String> = (0..count)
                        .map(|_| match self.chance.below(8) {
                            0 => "\"web\"".to_owned(),
                            1 => "1".to_owned(),
                            2 => {
                                scope.push("first".to_owned());
                                "[first, _]".to_owned()
                            }
                            _ => {
                                let name = self.name();
                                if scope.contains(&name) {
                                    return "_".to_owned();
                                }
                                scope.push(name.clone());
                                name
                            }
                        })
                        .collect();
                    let outer = scope.clone();
                    let arguments = arguments.join(", ");
                    if self.chance.one_in(3) {
                        let value = self.term(&scope, 2);
                        let _ = writeln!(self.text, "\n{function}({arguments}) := {value}");
                    } else {
                        let body = self.body(&mut scope, 2);
                        let value = self.term(&scope, 2);
                        let _ = write!(self.text, "\n{function}({arguments}) := {value} if {{\n{body}}}");
                        self.others(&outer);
                    }
                }
                self.functions.push((function, count));
            }
        }
    }

    /// What may follow a body.
    fn others(&mut self, outer: &Scope) {
        while self.chance.one_in(3) {
            let mut scope = outer.clone();
            let body = self.body(&mut scope, 2);
            let value = self.term(&scope, 2);
            let _ = write!(self.text, " else := {value} if {{\n{body}}}");
        }
        self.text.push('\n');
    }

    fn body(&mut self, scope: &mut Scope, most: usize) -> String {
        let mut text = String::new();
        for _ in 0..1 + self.chance.below(most) {
            let statement = self.statement(scope, 2);
            let _ = writeln!(text, "\t{statement}");
        }
        text
    }

    fn fresh(&mut self, scope: &mut Scope) -> String {
        loop {
            let name = self.name();
            if !scope.contains(&name) {
                return name;
            }
            self.names += 1;
        }
    }

    fn statement(&mut self, scope: &mut Scope, depth: usize) -> String {
        let with = if self.chance.one_in(12) { format!(" with input as {}", self.term(scope, 1)) } else { String::new() };
        let text = match self.chance.below(20) {
            0..=3 => {
                let collection = self.collection(scope);
                let value = self.fresh(scope);
                if self.chance.one_in(2) {
                    scope.push(value.clone());
                    format!("some {value} in {collection}")
                } else {
                    let key = self.fresh(scope);
                    let key = if key == value { "_".to_owned() } else { key };
                    scope.extend([key.clone(), value.clone()].into_iter().filter(|name| name != "_"));
                    format!("some {key}, {value} in {collection}")
                }
            }
            4..=7 => {
                let value = self.term(scope, depth);
                let name = self.fresh(scope);
                scope.push(name.clone());
                format!("{name} := {value}")
            }
            8 | 9 => {
                let text = format!("not {}", self.test(scope, depth));
                return text + &with;
            }
            10 => {
                let domain = self.collection(scope);
                let mut inner = scope.clone();
                let value = self.fresh(scope);
                inner.push(value.clone());
                let body = self.body(&mut inner, 2);
                return format!("every {value} in {domain} {{\n{body}\t}}{with}");
            }
            11 => {
                let name = self.fresh(scope);
                scope.push(name.clone());
                let field = *self.chance.pick(&FIELDS);
                let value = self.constant();
                format!("some {name}\n\tinput.rows[{name}].{field} == {value}")
            }
            12 => {
                let (one, two) = (self.fresh(scope), self.fresh(scope));
                let pattern = if one == two { format!("[{one}, _]") } else { format!("[{one}, {two}]") };
                let values = format!("[{}, {}]", self.term(scope, 1), self.term(scope, 1));
                scope.extend([one, two]);
                format!("{pattern} := {values}")
            }
            13 => {
                let collection = self.reference(scope);
                let (path, value) = (self.fresh(scope), self.fresh(scope));
                if path == value {
                    return format!("walk({collection}, [_, _])");
                }
                scope.extend([path.clone(), value.clone()]);
                return format!("walk({collection}, [{path}, {value}])");
            }
            14 => {
                let value = self.term(scope, 1);
                let name = self.fresh(scope);
                if name == "r1" {
                    return self.test(scope, depth);
                }
                scope.push(name.clone());
                format!("{name} = {value}")
            }
            _ => self.test(scope, depth),
        };
        text + &with
    }

    /// Something that may be false or undefined.
    fn test(&mut self, scope: &Scope, depth: usize) -> String {
        match self.chance.below(9) {
            0..=3 => {
                let sign = *self.chance.pick(&["==", "!=", "<", ">=", "=="]);
                format!("{} {sign} {}", self.term(scope, depth), self.term(scope, 1))
            }
            4 => format!("{} in {}", self.term(scope, 1), self.collection(scope)),
            5 => format!("startswith({}, {})", self.text(scope), self.text(scope)),
            6 => format!("{}, {} in {}", self.term(scope, 1), self.term(scope, 1), self.collection(scope)),
            _ => self.reference(scope),
        }
    }

    fn collection(&mut self, scope: &Scope) -> String {
        match self.chance.below(9) {
            0..=2 => "input.rows".to_owned(),
            3 | 4 => "input.map".to_owned(),
            5 if !scope.is_empty() => format!("{}.{}", self.chance.pick(scope), self.chance.pick(&FIELDS)),
            6 => format!("object.get(input, \"{}\", [])", self.chance.pick(&["rows", "map", "name"])),
            7 if !self.values.is_empty() => self.chance.pick(&self.values).clone(),
            8 => format!("{{{}, {}}}", self.term(scope, 1), self.term(scope, 1)),
            _ => "[1, \"web\", {\"host\": \"db\"}]".to_owned(),
        }
    }

    fn key(&mut self, scope: &Scope) -> String {
        if self.chance.one_in(3) { self.constant() } else { self.reference(scope) }
    }

    fn constant(&mut self) -> String {
        (*self.chance.pick(&["\"web\"", "1", "\"a\"", "null", "true", "false", "2.5", "\"\"", "[]", "{}", "set()"])).to_owned()
    }

    fn reference(&mut self, scope: &Scope) -> String {
        let field = *self.chance.pick(&FIELDS);
        match self.chance.below(10) {
            0 | 1 if !scope.is_empty() => self.chance.pick(scope).clone(),
            2..=4 if !scope.is_empty() => format!("{}.{field}", self.chance.pick(scope)),
            5 if !scope.is_empty() => format!("{}[\"sub\"].{}", self.chance.pick(scope), self.chance.pick(&["a", "b", "b.c"])),
            6 => format!("input.rows[{}].{field}", self.chance.below(3)),
            7 if !self.values.is_empty() => self.chance.pick(&self.values).clone(),
            8 if !scope.is_empty() && !self.values.is_empty() => format!("{}[{}]", self.chance.pick(&self.values), self.chance.pick(scope)),
            _ => format!("input.{}", self.chance.pick(&["name", "n", "on", "map.a.host", "map.b", "missing", "rows"])),
        }
    }

    /// A text, or what may be one.
    fn text(&mut self, scope: &Scope) -> String {
        if self.chance.one_in(3) { "\"we\"".to_owned() } else { self.reference(scope) }
    }

    fn term(&mut self, scope: &Scope, depth: usize) -> String {
        if depth == 0 {
            return if self.chance.one_in(3) { self.constant() } else { self.reference(scope) };
        }
        let depth = depth - 1;
        match self.chance.below(24) {
            0 => self.constant(),
            1 => format!("sprintf(\"{}\", [{}])", self.chance.pick(&["%s", "%d", "%v %v", "%5.1f|", "%q", "%x", "none", "%-6v|%%"]), self.term(scope, depth)),
            2 => format!("[{}, {}]", self.term(scope, depth), self.term(scope, depth)),
            3 => format!("{{\"a\": {}, \"b\": {}}}", self.term(scope, depth), self.term(scope, depth)),
            4 => format!("{{{}}}", self.term(scope, depth)),
            5 => format!("count({})", self.collection(scope)),
            6 => format!("({} {} {})", self.reference(scope), self.chance.pick(&["+", "-", "*", "/", "%"]), self.chance.pick(&["1", "0", "2"])),
            7 => format!("concat(\",\", [{}, {}])", self.text(scope), self.text(scope)),
            8 => format!("object.get({}, \"{}\", {})", self.reference(scope), self.chance.pick(&FIELDS), self.term(scope, depth)),
            9..=11 => {
                let mut inner = scope.clone();
                let body = self.body(&mut inner, 2);
                let item = self.term(&inner, depth.min(1));
                let item = if item.contains('|') || item.contains(" in ") { format!("[{item}]") } else { item };
                let body = body.trim_end().replace('\n', "\n\t");
                match self.chance.below(3) {
                    0 => format!("[{item} |\n\t{body}\n\t]"),
                    1 => format!("{{{item} |\n\t{body}\n\t}}"),
                    _ => format!("{{{}: {item} |\n\t{body}\n\t}}", self.reference(&inner)),
                }
            }
            12 if !self.functions.is_empty() => {
                let (function, count) = self.chance.pick(&self.functions).clone();
                let arguments: Vec<String> = (0..count).map(|_| self.term(scope, depth)).collect();
                format!("{function}({})", arguments.join(", "))
            }
            13 => format!("upper({})", self.text(scope)),
            14 => format!("({} in {})", self.term(scope, depth), self.collection(scope)),
            15 => format!("({} {} {})", self.term(scope, depth), self.chance.pick(&["==", "<", "!="]), self.term(scope, depth)),
            16 => format!("type_name({})", self.term(scope, depth)),
            17 => format!("$\"{{{}}} of {{{}}}\"", self.plain(scope), self.plain(scope)),
            _ => self.reference(scope),
        }
    }

    /// A reference without quotes in it.
    fn plain(&mut self, scope: &Scope) -> String {
        let reference = self.reference(scope);
        if reference.contains('"') { "input.name".to_owned() } else { reference }
    }
}
