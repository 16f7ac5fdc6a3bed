//! What may stand at a place of an object of a built-in kind, for who writes one.

use super::Version;
use super::table::{Table, Type};

/// What may stand somewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// The names of fields, in no order.
    pub fields: Vec<String>,
    /// The only values, where there are such.
    pub values: Vec<String>,
    /// Whether a list stands there.
    pub is_list: bool,
    /// Whether a map, with fields or with keys of its own, stands there.
    pub is_map: bool,
}

/// What may stand at a path of a kind's objects, in which `None` is any element of a list; nothing where the kind or the path is not known.
pub fn shape(version: Version, api_version: &str, kind: &str, path: &[Option<&str>]) -> Option<Shape> {
    let table = Table::of(version);
    let top = Type::Definition(table.kind(api_version, kind)?.definition);
    let mut at = &top;
    for step in path {
        at = match (at, step) {
            (Type::List(item), None) => item,
            (Type::Map(value), Some(_)) => value,
            (Type::Definition(number), Some(name)) => table.definition(*number)?.field(name)?,
            _ => return None,
        };
    }
    Some(match at {
        Type::Definition(number) => {
            let fields = table.definition(*number)?.names().map(str::to_owned).collect();
            Shape { fields, is_map: true, ..Shape::default() }
        }
        Type::Enum(values) => Shape { values: values.iter().map(|value| (**value).to_owned()).collect(), ..Shape::default() },
        Type::Bool => Shape { values: vec!["true".to_owned(), "false".to_owned()], ..Shape::default() },
        Type::List(_) => Shape { is_list: true, ..Shape::default() },
        Type::Map(_) | Type::AnyMap => Shape { is_map: true, ..Shape::default() },
        _ => Shape::default(),
    })
}

/// The kinds of a version, each with its `apiVersion`.
pub fn served(version: Version) -> impl Iterator<Item = (&'static str, &'static str)> {
    Table::of(version).kinds()
}
