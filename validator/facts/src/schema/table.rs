//! The fields and types of the built-in kinds, per Kubernetes version.
//!
//! A table is a gzipped text that `cargo run -p xtask -- schema-tables` makes from the OpenAPI document of a release:
//! first a line per kind (`apiVersion`, kind, number of its definition, and `off` where servers serve it only if they are told to, with tabs between),
//! an empty line, then a line per definition in order of their numbers: its name (`core.v1.PodSpec`), and `field:type`, with tabs between. A field
//! that patches treat specially is `field~STRATEGY,KEY,KEYS:type`: letters (`m` merge, `r` retainKeys, `=` replace), the merge key, and the keys
//! that tell the elements apart. Types:
//! `s` string, `e…|…` string with these values, `i` 32-bit integer, `l` 64-bit integer, `n` number, `b` boolean, `B` base64,
//! `q` quantity, `t` time, `u` time with microseconds, `x` integer or string, `o` any map, `*` anything, `@7` definition 7,
//! `[T` list and `{T` map of T.
//!
//! What is required and what must be unique in a list is not in it: the API server does not check that by schema
//! (it accepts a NetworkPolicy without the required `podSelector`), but in code, and so do [`super::rules`].

use std::collections::HashMap;
use std::io::Read;
use std::sync::OnceLock;

use flate2::read::GzDecoder;

use super::Version;
use crate::objects::group_of;

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    String,
    Enum(Box<[Box<str>]>),
    Int32,
    Int64,
    Number,
    Bool,
    Bytes,
    Quantity,
    Time,
    MicroTime,
    IntOrString,
    AnyMap,
    Any,
    List(Box<Type>),
    Map(Box<Type>),
    Definition(usize),
}

/// A type with fields.
#[derive(Debug, Default)]
pub(crate) struct Definition {
    /// `core.v1.PodSpec`
    name: Box<str>,
    /// Sorted by length, then by name: a search compares few texts.
    fields: Box<[(Box<str>, Type)]>,
    merges: Box<[(Box<str>, Merge)]>,
}

/// How a patch treats a list or map that it doesn't treat as every other one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Merge {
    /// Elements (or keys) are merged, instead of all being replaced.
    pub(crate) merges: bool,
    /// What a patch of a map doesn't name goes.
    pub(crate) retains_keys: bool,
    /// A map is replaced.
    pub(crate) replaces: bool,
    /// By which field of theirs elements are merged; by their value where it is empty.
    pub(crate) key: Box<str>,
    /// The fields that tell elements apart.
    pub(crate) keys: Box<[Box<str>]>,
}

impl Merge {
    fn parse(text: &str) -> Self {
        let mut parts = text.split(',');
        let letters = parts.next().unwrap_or_default();
        Merge {
            merges: letters.contains('m'),
            retains_keys: letters.contains('r'),
            replaces: letters.contains('='),
            key: parts.next().unwrap_or_default().into(),
            keys: parts.map(Into::into).collect(),
        }
    }
}

impl Definition {
    pub(crate) fn field(&self, name: &str) -> Option<&Type> {
        let order = |field: &str| field.len().cmp(&name.len()).then_with(|| field.cmp(name));
        let at = self.fields.binary_search_by(|(field, _)| order(field)).ok()?;
        self.fields.get(at).map(|(_, ty)| ty)
    }

    /// `core.v1.PodSpec`
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// How patches treat a field, if specially.
    pub(crate) fn merge(&self, field: &str) -> Option<&Merge> {
        self.merges.iter().find(|(name, _)| &**name == field).map(|(_, merge)| merge)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(name, _)| &**name)
    }

    fn parse(line: &str) -> Self {
        let mut merges = Vec::new();
        let mut parts = line.split('\t');
        let own = parts.next().unwrap_or_default();
        let parse = |field: &str| {
            let (name, ty) = field.split_once(':')?;
            let (name, merge) = name.split_once('~').unwrap_or((name, ""));
            if !merge.is_empty() {
                merges.push((name.into(), Merge::parse(merge)));
            }
            Some((name.into(), Type::parse(ty)))
        };
        let mut fields: Vec<_> = parts.filter_map(parse).collect();
        fields.sort_by(|(a, _): &(Box<str>, Type), (b, _)| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
        Definition { name: own.into(), fields: fields.into(), merges: merges.into() }
    }
}

impl Type {
    fn parse(text: &str) -> Self {
        let mut chars = text.chars();
        let letter = chars.next();
        let rest = chars.as_str();
        match letter {
            Some('s') => Type::String,
            Some('e') => Type::Enum(rest.split('|').map(Into::into).collect()),
            Some('i') => Type::Int32,
            Some('l') => Type::Int64,
            Some('n') => Type::Number,
            Some('b') => Type::Bool,
            Some('B') => Type::Bytes,
            Some('q') => Type::Quantity,
            Some('t') => Type::Time,
            Some('u') => Type::MicroTime,
            Some('x') => Type::IntOrString,
            Some('o') => Type::AnyMap,
            Some('[') => Type::List(Box::new(Type::parse(rest))),
            Some('{') => Type::Map(Box::new(Type::parse(rest))),
            Some('@') => rest.parse().map_or(Type::Any, Type::Definition),
            _ => Type::Any,
        }
    }
}

/// What a server says of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Served {
    /// The number of its definition.
    pub(crate) definition: usize,
    /// Whether it is there only where `--runtime-config` says so.
    pub(crate) is_off: bool,
}

/// The kinds of one version. Definitions are decoded when they are first asked for.
pub(crate) struct Table {
    kinds: HashMap<Box<str>, HashMap<Box<str>, Served>>,
    definitions: Vec<(Box<str>, OnceLock<Definition>)>,
}

impl Table {
    /// The table of a version, unpacked once.
    pub(crate) fn of(version: Version) -> &'static Table {
        static TABLES: [OnceLock<Table>; Version::ALL.len()] = [const { OnceLock::new() }; Version::ALL.len()];
        let packed: &[u8] = match version {
            Version::V1_29 => include_bytes!("tables/1.29.gz"),
            Version::V1_30 => include_bytes!("tables/1.30.gz"),
            Version::V1_31 => include_bytes!("tables/1.31.gz"),
            Version::V1_32 => include_bytes!("tables/1.32.gz"),
            Version::V1_33 => include_bytes!("tables/1.33.gz"),
            Version::V1_34 => include_bytes!("tables/1.34.gz"),
            Version::V1_35 => include_bytes!("tables/1.35.gz"),
            Version::V1_36 => include_bytes!("tables/1.36.gz"),
        };
        TABLES[version as usize].get_or_init(|| Table::unpack(packed))
    }

    fn unpack(packed: &[u8]) -> Self {
        let mut text = String::new();
        // The bytes are part of this program; a test reads each table.
        let _ = GzDecoder::new(packed).read_to_string(&mut text);
        let (kinds, definitions) = text.split_once("\n\n").unwrap_or_default();
        let mut table = Table { kinds: HashMap::new(), definitions: Vec::new() };
        for line in kinds.lines() {
            let mut parts = line.split('\t');
            if let (Some(api_version), Some(kind), Some(Ok(definition))) = (parts.next(), parts.next(), parts.next().map(str::parse)) {
                let is_off = parts.next() == Some("off");
                table.kinds.entry(api_version.into()).or_default().insert(kind.into(), Served { definition, is_off });
            }
        }
        table.definitions = definitions.lines().map(|line| (line.into(), OnceLock::new())).collect();
        table
    }

    /// What is known of a kind.
    pub(crate) fn kind(&self, api_version: &str, kind: &str) -> Option<Served> {
        self.kinds.get(api_version)?.get(kind).copied()
    }

    /// The definition of a kind.
    pub(crate) fn definition_of(&self, api_version: &str, kind: &str) -> Option<&Definition> {
        self.definition(self.kind(api_version, kind)?.definition)
    }

    /// Whether some kind is of a group.
    pub(super) fn has_group(&self, group: &str) -> bool {
        self.kinds.keys().any(|api_version| group_of(api_version) == group)
    }

    /// Every apiVersion with its kinds.
    pub(super) fn kinds(&self) -> impl Iterator<Item = (&str, &str)> {
        self.kinds.iter().flat_map(|(api_version, kinds)| kinds.keys().map(|kind| (&**api_version, &**kind)))
    }

    /// The same, without those that are off.
    pub(super) fn kinds_on(&self) -> impl Iterator<Item = (&str, &str)> {
        self.kinds().filter(|(api_version, kind)| self.kind(api_version, kind).is_some_and(|served| !served.is_off))
    }

    /// The definitions of a kind, in each of its apiVersions.
    pub(super) fn of_kind(&self, kind: &str) -> Vec<&Definition> {
        self.kinds.values().filter_map(|kinds| self.definition(kinds.get(kind)?.definition)).collect()
    }

    /// Every definition.
    pub(super) fn all(&self) -> impl Iterator<Item = &Definition> {
        (0..self.definitions.len()).filter_map(|number| self.definition(number))
    }

    /// The names of all fields.
    pub(super) fn fields(&self) -> impl Iterator<Item = &str> {
        self.all().flat_map(Definition::names)
    }

    pub(crate) fn definition(&self, number: usize) -> Option<&Definition> {
        self.definitions.get(number).map(|(line, decoded)| decoded.get_or_init(|| Definition::parse(line)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_whole() {
        for version in Version::ALL {
            let table = Table::of(version);
            assert!(table.kinds().count() > 50, "{version}");
            for (api_version, kind) in table.kinds() {
                let found = table.definition_of(api_version, kind);
                assert_eq!(found.and_then(|definition| definition.field("kind")), Some(&Type::String), "{version} {api_version} {kind}");
            }
            for number in 0..table.definitions.len() {
                let definition = table.definition(number).unwrap();
                let in_range = |ty: &Type| !matches!(ty, Type::Definition(at) if *at >= table.definitions.len());
                assert!(definition.fields.iter().all(|(_, ty)| in_range(ty)), "{version} {number}");
            }
        }
    }

    #[test]
    fn types_are_read() {
        assert_eq!(Type::parse("{[s"), Type::Map(Box::new(Type::List(Box::new(Type::String)))));
        assert_eq!(Type::parse("e|A"), Type::Enum(["".into(), "A".into()].into()));
        assert_eq!(Type::parse("@12"), Type::Definition(12));
    }
}
