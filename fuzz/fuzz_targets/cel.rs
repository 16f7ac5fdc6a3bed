//! An expression in CEL is read, checked, costed and evaluated within bounds, or can't be.

#![no_main]

use std::collections::BTreeMap;
use std::sync::Arc;

use kubevet_cel::check::{Names, ObjectType, Type, check};
use kubevet_cel::cost::{Bounds, estimate};
use kubevet_cel::{Budget, Value, evaluate, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(expr) = parse(text) else { return };
    let texts = Type::List(Arc::new(Type::String));
    let fields = [("name", Type::String), ("size", Type::Int), ("tags", texts), ("any", Type::Dyn)];
    let fields: BTreeMap<String, Type> = fields.map(|(name, found)| (name.to_owned(), found)).into();
    let own = Type::Object(Arc::new(ObjectType { name: "object".to_owned(), fields }));
    let names = Names { variables: vec![("self".to_owned(), own), ("object".to_owned(), Type::Dyn)], minor: 36 };
    if let Ok(checked) = check(&expr, &names) {
        let bounds = |most, element| Arc::new(Bounds { most, smallest: 2, element, ..Bounds::default() });
        let text = bounds(64, None);
        let fields = [("name", text.clone()), ("size", bounds(0, None)), ("tags", bounds(8, Some(text))), ("any", bounds(u64::MAX, None))];
        let fields = fields.map(|(name, bounds)| (name.to_owned(), bounds)).into();
        estimate(&expr, &checked, &Bounds { smallest: 2, fields, ..Bounds::default() }, 36);
    }
    let object = || {
        let tags = Value::list(["a", "b:1.2.3", "10.0.0.0/8"].map(Value::string).to_vec());
        Value::object([("name", Value::string("web-1")), ("size", Value::Int(-3)), ("tags", tags), ("any", Value::Double(0.5))])
    };
    let _ = evaluate(&expr, &[("self", object()), ("object", object())], &Budget::default());
});
