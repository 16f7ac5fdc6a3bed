//! Field specs: which field of which kinds a transformer works on, and the walk to it (`api/filters/fieldspec`).

use crate::context::Context;
use crate::context::budget::Cost;
use crate::error::{Error, ErrorKind, Place};
use crate::object::field_path;
use crate::source::Origin;
use crate::yaml::node::{Entry, Map, Node, Scalar, Tag, Value};

/// A field of some kinds of objects, as written in Kustomize's tables and in `configurations`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FieldSpec {
    /// The API group; empty for any.
    pub(crate) group: String,
    /// The API version; empty for any.
    pub(crate) version: String,
    /// The kind; empty for any.
    pub(crate) kind: String,
    /// The path, parts separated by `/`; a part that ends in `[]` is a list.
    pub(crate) path: String,
    /// Whether the field is created where it is missing.
    pub(crate) create: bool,
}

/// What a missing field is created as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CreateAs {
    /// A scalar of this tag.
    Scalar(Tag),
    /// An empty map.
    Map,
    /// An empty list.
    Seq,
}

impl FieldSpec {
    /// Whether this applies to objects of the given group, version and kind.
    pub(crate) fn matches(&self, group: &str, version: &str, kind: &str) -> bool {
        let selects = |wanted: &str, actual: &str| wanted.is_empty() || wanted == actual;
        selects(&self.kind, kind) && selects(&self.group, group) && selects(&self.version, version)
    }

    /// Calls `set` with every node at the path; lists on the way are walked element by element.
    ///
    /// Missing fields are created where both the spec and `create` ask for it; what is created has the origin `cause`.
    /// A null on the way counts as missing. Nothing happens where the path leads nowhere.
    ///
    /// # Errors
    /// Those of `set`, and a scalar on the way.
    pub(crate) fn visit(
        &self,
        object: &mut Node,
        create: Option<CreateAs>,
        cause: &Origin,
        context: &Context,
        set: &mut dyn FnMut(&mut Node) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let path = self.path.strip_prefix('/').unwrap_or(&self.path);
        let mut walk = Walk { spec: self, create: create.filter(|_| self.create), cause, context, set };
        walk.node(object, Some(path))
    }
}

struct Walk<'a> {
    spec: &'a FieldSpec,
    create: Option<CreateAs>,
    cause: &'a Origin,
    context: &'a Context,
    set: &'a mut dyn FnMut(&mut Node) -> Result<(), Error>,
}

impl Walk<'_> {
    fn node(&mut self, node: &mut Node, path: Option<&str>) -> Result<(), Error> {
        self.context.charge(Cost::steps(1), self.cause)?;
        let Some(path) = path else { return (self.set)(node) };
        let (first, rest) = field_path::split_first(path, b'/');
        let place = &node.origin;
        match &mut node.value {
            Value::Map(_) if first.is_empty() => {
                let message = format!("the field spec `{}` has an empty field name", self.spec.path);
                Err(Error::new(ErrorKind::Invalid, message).at(Place::of(&self.context.sources, place)))
            }
            Value::Map(_) if field_path::is_element(&first) => {
                let message =
                    format!("the field spec `{}` has the part `{first}`, which selects elements of a list, for a map", self.spec.path);
                Err(Error::new(ErrorKind::Invalid, message).at(Place::of(&self.context.sources, place)))
            }
            Value::Map(map) => self.field(map, &first, rest),
            Value::Seq(seq) => seq.items.iter_mut().try_for_each(|item| self.node(item, Some(path))),
            Value::Scalar(scalar) if scalar.tag == Tag::Null => Ok(()),
            Value::Scalar(_) => Err(Error::new(
                ErrorKind::Invalid,
                format!("the field spec `{}` leads through `{first}`, but this is neither a map nor a list", self.spec.path),
            )
            .at(Place::of(&self.context.sources, place))),
        }
    }

    fn field(&mut self, map: &mut Map, part: &str, rest: Option<&str>) -> Result<(), Error> {
        let (name, is_list) = part.strip_suffix("[]").map_or((part, false), |name| (name, true));
        let kind = match self.create {
            _ if is_list => None,
            None => None,
            Some(leaf) if rest.is_none() => Some(leaf),
            Some(_) => Some(CreateAs::Map),
        };
        let index = match (map.index_of(name), kind) {
            (Some(index), _) => index,
            (None, None) => return Ok(()),
            (None, Some(kind)) => {
                self.context.charge(Cost::text(name), self.cause)?;
                map.entries_mut().push(Entry { key: Scalar::string(name), value: kind.node(self.cause.clone()) });
                map.entries().len() - 1
            }
        };
        let Some(entry) = map.entries_mut().get_mut(index) else { return Ok(()) };
        if entry.value.is_null() {
            if is_list {
                entry.value.value = CreateAs::Seq.node(self.cause.clone()).value;
            } else if let Some(kind) = kind {
                let origin = self.cause.clone().replacing(&entry.value.origin);
                entry.value = kind.node(origin);
            }
        }
        self.node(&mut entry.value, rest)
    }
}

impl CreateAs {
    fn node(self, origin: Origin) -> Node {
        match self {
            Self::Scalar(tag) => Node::scalar(Scalar::plain("", tag), origin),
            Self::Map => Node::map(origin),
            Self::Seq => Node::seq(Vec::new(), origin),
        }
    }
}
