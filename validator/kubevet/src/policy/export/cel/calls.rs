//! Functions and operators that mean the same in CEL.

use super::{Names, Result, Said, Translator, is_plain, quoted, text_of};
use crate::policy::compile::{Kind, Term};

impl Translator<'_> {
    pub(super) fn call(&mut self, function: &Term, arguments: &[Term], names: &Names) -> Result<Said> {
        let name = function.path().unwrap_or_default().join(".");
        if self.modules.names(&self.package).contains(&name) {
            let arguments: Vec<Said> = arguments.iter().map(|argument| self.value(argument, names)).collect::<Result<_>>()?;
            return self.helper(&name, Some(&arguments), names);
        }
        if name == "object.get" {
            return self.field_or(arguments, names);
        }
        let given: Vec<Said> = arguments.iter().map(|argument| self.value(argument, names)).collect::<Result<_>>()?;
        let texts: Vec<&str> = given.iter().map(text_of).collect::<Result<_>>()?;
        let mut guards: Vec<String> = given.iter().flat_map(|said| said.guards.clone()).collect();
        let is_text = |value: &str| format!("type({value}) == string");
        let value = match (name.as_str(), &texts[..]) {
            ("is_string", [x]) => is_text(x),
            ("is_number", [x]) => format!("(type({x}) == int || type({x}) == double)"),
            ("is_boolean", [x]) => format!("type({x}) == bool"),
            ("is_array", [x]) => format!("type({x}) == list"),
            ("is_object", [x]) => format!("type({x}) == map"),
            ("startswith", [x, part]) | ("endswith", [x, part]) | ("contains", [x, part]) => {
                guards.extend([is_text(x), is_text(part)]);
                let method = match name.as_str() {
                    "startswith" => "startsWith",
                    "endswith" => "endsWith",
                    _ => "contains",
                };
                format!("{x}.{method}({part})")
            }
            ("regex.match", [pattern, x]) => {
                guards.push(is_text(x));
                format!("{x}.matches({pattern})")
            }
            ("count", [x]) => format!("size({x})"),
            _ => return Err(format!("it calls {name}, which is not said in CEL")),
        };
        Ok(Said { guards, value: Some(value) })
    }

    /// `object.get(map, "field", default)`
    fn field_or(&mut self, arguments: &[Term], names: &Names) -> Result<Said> {
        let [map, field, default] = arguments else { return Err("it calls object.get with other arguments".to_owned()) };
        let field = field.as_text().ok_or("it looks up a field that is computed")?;
        let (map, default) = (self.value(map, names)?, self.value(default, names)?);
        let base = text_of(&map)?;
        let (there, value) = if is_plain(&field) {
            (format!("has({base}.{field})"), format!("{base}.{field}"))
        } else {
            (format!("{} in {base}", quoted(&field)), format!("{base}[{}]", quoted(&field)))
        };
        let value = format!("({there} ? {value} : dyn({}))", text_of(&default)?);
        Ok(Said { guards: [map.guards.clone(), default.guards.clone()].concat(), value: Some(value) })
    }

    pub(super) fn infix(&mut self, op: &str, left: &Term, right: &Term, names: &Names) -> Result<Said> {
        let is_count = |term: &Term| match &term.kind {
            Kind::Call(function, _) => function.path().is_some_and(|path| path == ["count"]),
            Kind::Const(written) => written.parse::<i64>().is_ok(),
            _ => false,
        };
        // What is of another type is greater or smaller in Rego, and an error in CEL.
        let is_said = match op {
            "==" | "!=" => true,
            "<" | "<=" | ">" | ">=" => is_count(left) && is_count(right),
            _ => false,
        };
        if !is_said {
            return Err(format!("it has {op} between values whose types nobody knows"));
        }
        let (left, right) = (self.value(left, names)?, self.value(right, names)?);
        let value = format!("dyn({}) {op} dyn({})", text_of(&left)?, text_of(&right)?);
        Ok(Said { guards: [left.guards, right.guards].concat(), value: Some(value) })
    }
}
