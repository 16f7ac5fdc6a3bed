//! What expressions are estimated to cost. The figures are those of Kubernetes' own tests of its estimate.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use kubevet_cel::check::{Names, ObjectType, Type, check};
use kubevet_cel::cost::{Bounds, estimate};
use kubevet_cel::parse;

/// The longest text, and the most elements of a list of lists, that fit into a request.
const LONGEST: u64 = (3 << 20) - 2;

type Schema = (Type, Bounds);

fn scalar(found: Type, most: u64, smallest: u64) -> Schema {
    (found, Bounds { most, smallest, ..Bounds::default() })
}

fn text(most: u64) -> Schema {
    scalar(Type::String, most, 2)
}

fn list(item: Schema, most: u64) -> Schema {
    (Type::List(Arc::new(item.0)), Bounds { most, smallest: 2, element: Some(Arc::new(item.1)), ..Bounds::default() })
}

fn map(value: Schema, most: u64) -> Schema {
    let bounds = Bounds { most, smallest: 2, element: Some(Arc::new(value.1)), is_map: true, ..Bounds::default() };
    (Type::Map(Arc::new(Type::String), Arc::new(value.0)), bounds)
}

fn object(fields: &[(&str, Schema)]) -> Schema {
    let types = fields.iter().map(|(name, (found, _))| ((*name).to_owned(), found.clone())).collect();
    let bounds = fields.iter().map(|(name, (_, bounds))| ((*name).to_owned(), Arc::new(bounds.clone()))).collect();
    let found = Type::Object(Arc::new(ObjectType { name: "object".into(), fields: types }));
    (found, Bounds { smallest: 2, fields: bounds, ..Bounds::default() })
}

fn cost((own, bounds): &Schema, text: &str, minor: u32) -> u64 {
    let names = Names { variables: vec![("self".into(), own.clone()), ("oldSelf".into(), own.clone())], minor };
    let expr = parse(text).unwrap();
    estimate(&expr, &check(&expr, &names).unwrap(), bounds, minor)
}

#[test]
fn costs_are_those_of_the_server() {
    let number = || scalar(Type::Double, 0, 1);
    let numbers = |most| list(number(), most);
    let texts = |most, length| list(text(length), most);
    let port = scalar(Type::Dyn, LONGEST, 1);
    let cases = [
        (numbers(1_572_863), "self.all(x, true)", 4_718_591),
        (numbers(10), "self.all(x, true)", 32),
        (numbers(10), "self.all(x, self.all(y, true))", 352),
        (numbers(10), "self.all(x, self.all(y, self.all(z, true)))", 3_552),
        (numbers(5_000), "self[1] == 0.0", 2),
        (numbers(1_572_863), "self.all(x, x == 0.0)", 6_291_454),
        (list(numbers(9), 51), "self[0][0] == -1.0", 3),
        (list(port, 10), "self[0] == 5", 3),
        (texts(8, LONGEST), "self[1] == self[1]", 314_577),
        (texts(1_048_575, LONGEST), "self.join(' ') == 'aa bb'", 329_853_068_905),
        (texts(10, 40), "self.join(' ') == 'aa bb'", 43),
        (texts(1_048_575, LONGEST), "self.isSorted() == true", 329_854_432_052),
        (texts(10, 40), "self.isSorted() == true", 52),
        (map(number(), 100), "has(self.x)", 1),
        (map(number(), 100), "self.all(x, true)", 302),
        (map(text(LONGEST), 393_215), "self.all(x, x.contains(self[x]))", 2_752_507),
        (map(scalar(Type::Duration, 32, 3), 42), "self['c'] == self['d']", 8),
        (map(scalar(Type::Int, 0, 1), 10), "oldSelf.size() == self.size()", 5),
        (list(map(number(), 9), 3_000), "self[0].x > 2.0", 4),
        (list(map(number(), 524_287), 1_048_575), "self.all(x, x.y == 25.2)", 6_291_452),
        (list(scalar(Type::Timestamp, 12, 12), 42), "self[2].getDayOfMonth() == 13", 4),
        (text(LONGEST), "self.contains('test')", 314_574),
        (text(40), "self.contains('test')", 5),
        (text(LONGEST), "self.startsWith('test')", 2),
        (text(LONGEST), "size(self + 'hello') > size('hello')", 314_578),
        (text(LONGEST), "self.matches('x')", 314_574),
        (text(LONGEST), "''.matches('(((((((((())))))))))[0-9]')", 7),
        (text(LONGEST), "self.matches('')", 1),
        (text(LONGEST), "self.find('[0-9]+') == ''", 629_147),
        (text(LONGEST), "self.lowerAscii() == 'lower!'", 314_575),
        (text(9), "self.contains('A')", 2),
        (
            object(&[("str", text(LONGEST)), ("before", text(8)), ("after", text(16))]),
            "self.str.replace(self.before, self.after) == 'does not matter'",
            629_154,
        ),
        (object(&[("str", text(LONGEST)), ("separator", text(LONGEST))]), "self.str.split(self.separator) == []", 629_160),
        (object(&[("str", text(40)), ("separator", text(40))]), "self.str.split(self.separator) == []", 22),
    ];
    for (schema, expression, expected) in &cases {
        assert_eq!(cost(schema, expression, 36), *expected, "{expression}");
    }
}

#[test]
fn what_nothing_bounds_costs_anything() {
    let count = object(&[("count", scalar(Type::Int, 0, 1))]);
    assert!(cost(&count, "'has ' + string(self.count)", 36) > 10_000_000);
    assert!(cost(&count, "'has %d'.format([self.count])", 36) < 100);
    let names = object(&[("names", list(text(LONGEST), 1_048_575))]);
    assert!(cost(&names, "self.names.all(a, self.names.exists_one(b, a == b))", 36) > 10_000_000);
    assert!(cost(&names, "self.names.map(a, a + 'x').filter(b, b.size() > 3).join(',') == ''", 36) > 10_000_000);
}

#[test]
fn a_quantity_was_dear_until_1_34() {
    let schema = text(LONGEST);
    assert_eq!(cost(&schema, "quantity(self).isInteger()", 33), 314_575);
    assert_eq!(cost(&schema, "quantity(self).isInteger()", 34), 3);
}
