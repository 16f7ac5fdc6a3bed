//! What is wrong with expressions before anything is evaluated.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use kubevet_cel::check::{Names, ObjectType, Type, check};
use kubevet_cel::parse;

/// The type of an expression, or the first thing that is wrong with it.
fn checked(text: &str, minor: u32) -> Result<String, String> {
    let list = |item| Type::List(Arc::new(item));
    let map = Type::Map(Arc::new(Type::String), Arc::new(Type::Int));
    let fields = [
        ("name", Type::String),
        ("size", Type::Int),
        ("tags", list(Type::String)),
        ("limits", map),
        ("port", Type::Dyn),
        ("every", Type::Duration),
    ];
    let fields = fields.map(|(name, found)| (name.to_owned(), found)).into();
    let own = Type::Object(Arc::new(ObjectType { name: "object".into(), fields }));
    let names = Names { variables: vec![("self".into(), own)], minor };
    match check(&parse(text).unwrap(), &names) {
        Ok(found) => Ok(found.result.to_string()),
        Err(problems) => Err(format!("{}: {}", problems[0].at, problems[0].message)),
    }
}

#[test]
fn types_are_found() {
    let cases = [
        ("self.size + 1", "int"),
        ("self.size < 1.5 && self.name.startsWith('a')", "bool"),
        ("self.tags.map(t, t.size())", "list(int)"),
        ("self.limits.all(k, v, v > k.size())", "bool"),
        ("self.limits.transformMap(k, v, k + string(v))", "map(string, string)"),
        ("self.tags.filter(t, t != '').join(',')", "string"),
        ("self.?name.orValue('a')", "string"),
        ("self.?tags[?0].optMap(t, t.size()).orValue(0)", "int"),
        ("self.port == 80 || self.port == 'http'", "bool"),
        ("self.every > duration('1h')", "bool"),
        ("[1, 'a']", "list(dyn)"),
        ("quantity(self.name).isLessThan(quantity('1Gi'))", "bool"),
        ("timestamp('2026-01-01T00:00:00Z') + self.every", "timestamp"),
        ("type(self.port) == int", "bool"),
        ("true ? self.name : 'b'", "string"),
        ("format.named('uuid').value().validate(self.name).hasValue()", "bool"),
    ];
    for (text, expected) in cases {
        assert_eq!(checked(text, 36), Ok(expected.to_owned()), "{text}");
    }
}

#[test]
fn what_is_wrong_is_said_where() {
    let cases = [
        ("other == 1", "0: undeclared reference to 'other' (in container '')"),
        ("self.sise > 1", "4: undefined field 'sise'"),
        ("self.size == 'a'", "10: found no matching overload for '_==_' applied to '(int, string)'"),
        ("self.name != null", "10: found no matching overload for '_!=_' applied to '(string, null)'"),
        ("self.name.sizes() > 1", "9: undeclared reference to 'sizes' (in container '')"),
        ("math.greatest(1, 2) == 2", "0: undeclared reference to 'greatest' (in container '')"),
        ("quantity(self.name).sign() > 0", "19: found no matching overload for 'sign' applied to '(kubernetes.Quantity)'"),
        ("self.name", ""),
        ("self.size && true", "4: expected type 'bool' but found 'int'"),
        ("self.tags.all(t, t.size())", "18: expected type 'bool' but found 'int'"),
        ("self.name.all(t, true)", "4: expression of type 'string' cannot be range of a comprehension (must be list, map, or dynamic)"),
        ("self.tags[0].x == 1", "12: type 'string' does not support field selection"),
        ("self.tags + self.name == []", "10: found no matching overload for '_+_' applied to '(list(string), string)'"),
    ];
    for (text, expected) in cases {
        let found = checked(text, 36).err().unwrap_or_default();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn functions_come_with_versions() {
    let cases = [("isSemver(self.name)", 34), ("self.tags.all(i, t, true)", 33), ("isIP(self.name)", 31), ("sets.contains([1], [1])", 30)];
    for (text, since) in cases {
        assert_eq!(checked(text, since), Ok("bool".to_owned()), "{text}");
        assert!(checked(text, since - 1).is_err(), "{text}");
    }
}
