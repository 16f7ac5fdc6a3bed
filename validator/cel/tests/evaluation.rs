//! What expressions evaluate to, by tables.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use kubevet_cel::value::{List, ListKind};
use kubevet_cel::{Budget, Fault, Value, evaluate, parse};

fn result(text: &str) -> Result<Value, Fault> {
    let ports = [80, 443].map(|port| Value::object([("port", Value::Int(port))]));
    let web = Value::object([
        ("name", Value::string("web")),
        ("ports", Value::list(ports.to_vec())),
        ("labels", Value::object([("a", Value::string("x"))])),
    ]);
    let set =
        |items: &[i64]| Value::List(Arc::new(List { items: items.iter().map(|item| Value::Int(*item)).collect(), kind: ListKind::Set }));
    let variables = [("self", web), ("one", set(&[1, 2])), ("two", set(&[2, 1])), ("nobody", Value::Unknown("only the cluster knows"))];
    evaluate(&parse(text).unwrap(), &variables, &Budget::default())
}

#[test]
fn these_are_true() {
    let texts = [
        "1 + 2 * 3 == 7 && -1 < 0 && 7 % 3 == 1 && 1 < 1.5 && 1 == 1.0 && 2u > 1",
        "'a' + \"b\" == 'ab' && r'\\d' == '\\\\d' && '\\u00e9'.size() == 1 && size('né') == 2 && b'ab'.size() == 2",
        "'''a\n'b''' == 'a\\n\\'b' // and a comment",
        "self.ports.all(p, p.port > 0) && self.ports.exists(p, p.port == 443) && self.ports.exists_one(p, p.port == 80)",
        "self.ports.map(p, p.port) == [80, 443] && self.ports.map(p, p.port > 80, p.port) == [443] && self.ports.filter(p, p.port < 100).size() == 1",
        "self.labels.all(k, k == 'a') && self.labels.all(k, v, v == 'x') && self.labels.transformList(k, v, k + v) == ['ax']",
        "self.labels.transformMap(k, v, v + v) == {'a': 'xx'} && self.ports.exists(i, p, i == 1 && p.port == 443)",
        "{'a': 1}.transformMapEntry(k, v, {v: k}) == {1: 'a'}",
        "has(self.name) && !has(self.other) && 'a' in self.labels && !('b' in self.labels) && 80 in [80]",
        "self.?other.orValue('none') == 'none' && self.?name.value() == 'web' && self.ports[?5].hasValue() == false",
        "self.?labels.?a.optMap(x, x + 'y').orValue('') == 'xy' && optional.none().or(optional.of(1)).value() == 1",
        "self.?labels.a.orValue('') == 'x' && !self.?other.a.b.hasValue() && [?self.?other, 1] == [1]",
        "(self.other == 1 || true) && !(self.other == 1 && false)",
        "[1, 2].exists(x, x / (x - 1) == 2) && (true ? 1 : self.other) == 1",
        "one == two && one + two == one && [1, 2] != [2, 1]",
        "duration('1h30m') == duration('90m') && duration('90s').getMinutes() == 1 && string(duration('1.5s')) == '1.5s'",
        "timestamp('2026-03-01T12:00:00+02:00').getHours() == 10 && timestamp('2026-03-01T12:00:00Z').getDayOfWeek() == 0",
        "timestamp('2026-01-02T00:00:00Z') - timestamp('2026-01-01T00:00:00Z') == duration('24h')",
        "timestamp('2026-01-01T00:00:00Z').getHours('+05:30') == 5 && timestamp('2026-01-01T00:00:00Z').getDate() == 1",
        "int('12') == 12 && double('1.5') == 1.5 && string(1.0) == '1' && string(true) == 'true' && type(1) == int",
        "'a,b'.split(',') == ['a', 'b'] && ['a', 'b'].join('-') == 'a-b' && 'abc'.substring(1) == 'bc' && ' a '.trim() == 'a'",
        "'abcab'.indexOf('b') == 1 && 'abcab'.lastIndexOf('b') == 4 && 'aB'.lowerAscii() == 'ab' && 'ab'.replace('a', 'c') == 'cb'",
        "'a1b22'.find('[0-9]+') == '1' && 'a1b22'.findAll('[0-9]+') == ['1', '22'] && 'web-1'.matches('^web-[0-9]$')",
        "'%s has %d'.format(['web', 2]) == 'web has 2'",
        "[1, 2].isSorted() && [1, 2].sum() == 3 && [3, 1].min() == 1 && [3, 1].max() == 3 && [1, 2, 1].lastIndexOf(1) == 2",
        "sets.contains([1, 2], [2]) && sets.equivalent([1, 1, 2], [2, 1]) && !sets.intersects([1], [2])",
        "quantity('1Gi').isGreaterThan(quantity('1G')) && quantity('500m').add(quantity('0.5')).compareTo(quantity('1')) == 0 && isQuantity('1Ki') && !isQuantity('x')",
        "ip('10.0.0.1').family() == 4 && cidr('10.0.0.0/8').containsIP('10.1.2.3') && isIP('::1') && !isCIDR('10.0.0.0')",
        "url('https://a.example:8443/b?c=d').getHost() == 'a.example:8443' && isURL('https://a') && !isURL('a b')",
        "semver('1.2.3').isLessThan(semver('1.10.0')) && isSemver('1.0.0')",
        "!format.dns1123Label().validate('web').hasValue() && format.dns1123Label().validate('Web').hasValue()",
        "!format.uri().validate('/a').hasValue() && !format.uuid().validate('11111111222233334444555555555555').hasValue()",
        "format.named('dns1123Label').hasValue() && !format.named('other').hasValue()",
        "!(nobody.may && false) && (true || nobody) && [1, 2].all(ip, ip > 0)",
        "-9223372036854775808 < 0 && 0x10 == 16 && 1e3 == 1000.0 && .5 < 1.0",
    ];
    for text in texts {
        assert_eq!(result(text), Ok(Value::Bool(true)), "{text}");
    }
}

#[test]
fn errors_are_the_servers_and_ignorance_is_ours() {
    let cases = [
        ("self.other", "no such key: other"),
        ("self.ports[2]", "index out of bounds: 2"),
        ("1 / 0", "division by zero"),
        ("9223372036854775807 + 1", "integer overflow"),
        ("'a' < 1", "no such overload: <"),
        ("{'a': 1, 'a': 2}", "Failed with repeated key"),
        ("int('x')", "type conversion error from 'string' to 'int': \"x\""),
        ("optional.none().value()", "optional.none() dereference"),
    ];
    for (text, message) in cases {
        assert_eq!(result(text), Err(Fault::Error(message.into())), "{text}");
    }
    for text in [
        "nobody.may",
        "nobody || false",
        "true && nobody",
        "[1].all(x, nobody)",
        "timestamp('2026-01-01T00:00:00Z').getHours('Europe/Berlin')",
        "unheard(1)",
    ] {
        assert!(matches!(result(text), Err(Fault::Unknown(_))), "{text}");
    }
}

#[test]
fn texts_that_are_no_expressions_say_where() {
    let cases = [
        ("", 0),
        ("a +", 3),
        ("a b", 2),
        ("'a", 2),
        ("has(a)", 4),
        ("[1].all(1, true)", 8),
        ("for", 0),
        ("a ? b", 5),
        ("f(a,)", 4),
        ("'\\q'", 3),
        ("9223372036854775808", 0),
        ("a = 1", 2),
    ];
    for (text, at) in cases {
        assert_eq!(parse(text).map_err(|error| error.at), Err(at), "{text}");
    }
}

#[test]
fn hostile_expressions_end() {
    let deep = format!("{}1{}", "(".repeat(5_000), ")".repeat(5_000));
    assert!(parse(&deep).is_err());
    assert!(parse(&"!".repeat(5_000)).is_err());
    assert!(parse(&vec!["1"; 5_000].join(" + ")).is_err());
    assert!(parse(&vec!["true"; 5_000].join(" && ")).is_ok());
    let list = format!("[{}]", vec!["1"; 1_000].join(","));
    let slow = [
        format!("{list}.all(a, {list}.all(b, {list}.all(c, true)))"),
        format!("[{}].map(a, a.replace('a', {:?})).map(b, b.replace('a', {:?}))", "'aaaa'", "a".repeat(5_000), "a".repeat(5_000)),
        format!("['aaaaaaaaaaaaaaaa']{}.size() == 1", ".map(x, x + x)".repeat(60)),
        "'%.999999999f'.format([1.0])".to_owned(),
        format!("{list}.all(a, 'a'.matches(r'\\pL{{1000}}'))"),
    ];
    for text in slow {
        assert!(matches!(result(&text), Err(Fault::Unknown(_))), "{:.60}", text);
    }
    // Go takes no repetition of more than a thousand, so the server has no value either.
    let wrong = format!("{list}.all(a, 'a'.matches('(a{{1,1000}}){{1,1000}}'))");
    assert!(matches!(result(&wrong), Err(Fault::Error(_))), "{:?}", result(&wrong));
}
