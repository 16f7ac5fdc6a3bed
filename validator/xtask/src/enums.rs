//! The values of string types, which published OpenAPI documents do not have, though those of a running API server do.
//!
//! They are read from the Go packages that a document is made from: a type is an enum where its comment says `+enum`, its values are its package's
//! constants of that type, and a definition is a struct of the package whose path its name spells backwards (`io.k8s.api.core.v1.Pod` is
//! `Pod` in `k8s.io/api/core/v1`). Only as much of Go is understood as `gofmt` leaves of it in these packages.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::Path;

use serde_json::Value;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A type by the path of its package and its name.
type Name = (String, String);

/// What is said of types in the packages below one directory.
#[derive(Default)]
pub(crate) struct Types {
    enums: BTreeSet<Name>,
    /// The constants of each type, by their names.
    constants: BTreeMap<Name, BTreeSet<Name>>,
    values: BTreeMap<Name, Constant>,
    structs: BTreeMap<Name, Vec<Field>>,
    /// Types that are what another one is.
    same: BTreeMap<Name, Name>,
}

enum Constant {
    Text(String),
    /// What another constant is.
    Same(Name),
}

struct Field {
    /// Its name in JSON; empty where the fields of its type are the struct's own.
    name: String,
    ty: Name,
}

impl Types {
    /// Reads every package below `k8s.io` in `dir`; nothing where there is no such directory.
    pub(crate) fn read(dir: &Path) -> Result<Option<Self>> {
        let root = dir.join("k8s.io");
        if !root.is_dir() {
            return Ok(None);
        }
        let mut types = Types::default();
        types.package(&root, "k8s.io")?;
        Ok(Some(types))
    }

    fn package(&mut self, dir: &Path, path: &str) -> Result<()> {
        let mut entries: Vec<_> = fs::read_dir(dir)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        entries.sort();
        for entry in entries {
            let Some(name) = entry.file_name().and_then(|name| name.to_str()) else { continue };
            if entry.is_dir() {
                self.package(&entry, &format!("{path}/{name}"))?;
            } else if name.ends_with(".go") && !name.starts_with("zz_") && !name.ends_with("_test.go") {
                File { path, imports: BTreeMap::new(), types: self }.read(&fs::read_to_string(&entry)?);
            }
        }
        Ok(())
    }

    /// Adds `enum` to the properties of a document's definitions.
    pub(crate) fn add_to(&self, document: &mut Value) {
        for (name, definition) in document["definitions"].as_object_mut().into_iter().flatten() {
            let Some(ty) = go_name(name) else { continue };
            let fields: BTreeMap<_, _> = self.fields(&ty).into_iter().collect();
            for (property, schema) in definition.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
                let ty = fields.get(property.as_str()).map(|ty| self.meant(ty)).filter(|ty| self.enums.contains(ty));
                if let Some((ty, schema)) = ty.zip(innermost(schema)) {
                    let constants = self.constants.get(&ty).into_iter().flatten();
                    let values: BTreeSet<_> = constants.filter_map(|constant| self.value(constant)).collect();
                    schema.insert("enum".into(), values.into_iter().collect());
                }
            }
        }
    }

    fn value(&self, constant: &Name) -> Option<&str> {
        match self.values.get(constant)? {
            Constant::Text(text) => Some(text),
            Constant::Same(other) => self.value(other),
        }
    }

    fn meant(&self, ty: &Name) -> Name {
        self.same.get(ty).map_or_else(|| ty.clone(), |other| self.meant(other))
    }

    fn fields(&self, ty: &Name) -> Vec<(&str, &Name)> {
        let own = self.structs.get(&self.meant(ty)).into_iter().flatten();
        own.flat_map(|field| if field.name.is_empty() { self.fields(&field.ty) } else { vec![(&*field.name, &field.ty)] }).collect()
    }
}

/// `io.k8s.api.core.v1.Pod` as its package and name.
fn go_name(definition: &str) -> Option<Name> {
    let (package, name) = definition.strip_prefix("io.k8s.")?.rsplit_once('.')?;
    Some((format!("k8s.io/{}", package.replace('.', "/")), name.to_owned()))
}

/// The schema of the texts in a list or map, or of a text itself.
fn innermost(schema: &mut Value) -> Option<&mut serde_json::Map<String, Value>> {
    let inner = ["items", "additionalProperties"].into_iter().find(|key| schema.get(key).is_some());
    match inner {
        Some(key) => innermost(&mut schema[key]),
        None => schema.as_object_mut(),
    }
}

fn after_equals(line: &str) -> &str {
    line.split_once("= ").map_or("", |(_, value)| value)
}

/// One file of a package while it is read.
struct File<'a> {
    path: &'a str,
    imports: BTreeMap<String, String>,
    types: &'a mut Types,
}

impl File<'_> {
    fn read(&mut self, text: &str) {
        let mut comment_says_enum = false;
        let mut within: Option<Vec<Field>> = None;
        let mut open = String::new();
        for line in text.lines() {
            let words: Vec<_> = line.split_whitespace().collect();
            if let Some(fields) = &mut within {
                if line == "}" {
                    let fields = within.take().unwrap_or_default();
                    self.types.structs.insert((self.path.to_owned(), std::mem::take(&mut open)), fields);
                } else {
                    fields.extend(self.field(&words));
                }
                continue;
            }
            match words[..] {
                ["//", "+enum"] => comment_says_enum = true,
                [word, ..] if word.starts_with("//") => continue,
                ["type", name, "struct", "{"] => (open, within) = (name.to_owned(), Some(Vec::new())),
                ["type", name, "string"] if comment_says_enum => {
                    self.types.enums.insert((self.path.to_owned(), name.to_owned()));
                }
                ["type", name, "=", other] => self.alias(name, other, comment_says_enum),
                ["type", name, other] => self.same(name, other),
                ["const", name, ty, "=", ..] | [name, ty, "=", ..] => self.constant(name, ty, after_equals(line)),
                // `Exact = PathType("Exact")`
                [name, "=", ..] => {
                    if let Some((ty, value)) = after_equals(line).split_once('(') {
                        self.constant(name, ty, value.trim_end_matches(')'));
                    }
                }
                [import] | ["import", import] if import.starts_with('"') => self.import(None, import),
                [alias, import] if import.starts_with('"') => self.import(Some(alias), import),
                _ => {}
            }
            comment_says_enum = comment_says_enum && words.first().is_some_and(|word| word.starts_with("//"));
        }
    }

    fn import(&mut self, alias: Option<&str>, path: &str) {
        let path = path.trim_matches('"');
        let own = path.rsplit('/').next().unwrap_or(path);
        self.imports.insert(alias.unwrap_or(own).to_owned(), path.to_owned());
    }

    /// Go's tools give an alias and its type one comment: that which they read last. Servers before 1.35 have no enum where that comment says none.
    fn alias(&mut self, name: &str, other: &str, is_enum: bool) {
        if let Some(other) = self.name(other) {
            if is_enum {
                self.types.enums.insert(other)
            } else {
                self.types.enums.remove(&other)
            };
        }
        self.same(name, other);
    }

    fn same(&mut self, name: &str, other: &str) {
        self.types.same.extend(self.name(other).map(|other| ((self.path.to_owned(), name.to_owned()), other)));
    }

    /// A constant of a type of this package, `Always RestartPolicy = "Always"`.
    fn constant(&mut self, name: &str, ty: &str, value: &str) {
        let own = |name: &str| (self.path.to_owned(), name.to_owned());
        let text = value.split('"').nth(1).map(|text| Constant::Text(text.to_owned()));
        if let Some(value) = text.or_else(|| self.name(value).map(Constant::Same)) {
            self.types.constants.entry(own(ty)).or_default().insert(own(name));
            self.types.values.insert(own(name), value);
        }
    }

    /// A field with a name in JSON: `Type EnumType `json:"type"``.
    fn field(&self, words: &[&str]) -> Option<Field> {
        let tag = words.iter().position(|word| word.starts_with("`json:"))?;
        let ty = self.name(words.get(tag.checked_sub(1)?)?)?;
        let json = words.get(tag)?.split('"').nth(1)?;
        let name = if json.split(',').any(|part| part == "inline") { "" } else { json.split(',').next()? };
        Some(Field { name: name.to_owned(), ty })
    }

    /// The named type in an expression such as `[]*v1.Pod`.
    fn name(&self, expression: &str) -> Option<Name> {
        let named = expression.rsplit([']', '*']).next()?;
        match named.split_once('.') {
            Some((package, name)) => Some((self.imports.get(package)?.clone(), name.to_owned())),
            None => Some((self.path.to_owned(), named.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const V1: &str = r#"
package v1

import (
	"k8s.io/api/core/v1"
	beta "k8s.io/api/demo/v1beta1"
)

// Policy says when.
// +enum
// Not one of ours.
type Policy string

const (
	// Always is always.
	Always Policy = "Always"
	Never  Policy = "Never again"
)

// +enum
type Scope string

const All Scope = "*"

// Kind is no enum.
type Kind string

const Loud Kind = "Loud"

// Base is in others.
type Base struct {
	Policy *Policy `json:"policy,omitempty" protobuf:"bytes,1,opt,name=policy"`
}

type Demo struct {
	Base `json:",inline"`
	// +optional
	Scopes []Scope `json:"scopes,omitempty"`
	Kind Kind `json:"kind"`
	Times map[string]beta.Time `json:"times"`
	hidden Policy
}

type Same Demo
"#;

    const BETA: &str = r#"
import (
	"k8s.io/api/demo/v1"
)

// Scope is what it is there.
type Scope = v1.Scope

// +enum
type Time string

const (
	Early = Time("early")
	Late  = Time(Evening)
	Evening string = "late"
)
"#;

    fn enums(files: &[(&str, &str)]) -> Value {
        let mut types = Types::default();
        for (path, text) in files {
            File { path, imports: BTreeMap::new(), types: &mut types }.read(text);
        }
        let text = serde_json::json!({"type": "string"});
        let properties = serde_json::json!({
            "policy": text,
            "scopes": {"type": "array", "items": text},
            "kind": text,
            "times": {"type": "object", "additionalProperties": text},
        });
        let definition = serde_json::json!({"properties": properties});
        let mut document =
            serde_json::json!({"definitions": {"io.k8s.api.demo.v1.Demo": definition, "io.k8s.api.demo.v1.Same": definition}});
        types.add_to(&mut document);
        document
    }

    #[test]
    fn enums_are_read_as_their_generator_reads_them() {
        let document = enums(&[("k8s.io/api/demo/v1", V1), ("k8s.io/api/demo/v1beta1", BETA)]);
        for name in ["Demo", "Same"] {
            let found = &document["definitions"][format!("io.k8s.api.demo.v1.{name}")]["properties"];
            assert_eq!(found["policy"]["enum"], serde_json::json!(["Always", "Never again"]), "{name}");
            assert_eq!(found["times"]["additionalProperties"]["enum"], serde_json::json!(["early", "late"]), "{name}");
            assert!(found["kind"].get("enum").is_none(), "{name}");
            // The comment of the alias counts, which says nothing of an enum.
            assert!(found["scopes"]["items"].get("enum").is_none(), "{name}");
        }
    }

    #[test]
    fn an_alias_that_says_so_keeps_the_enum() {
        let beta = BETA.replace("// Scope is what it is there.", "// +enum");
        let document = enums(&[("k8s.io/api/demo/v1", V1), ("k8s.io/api/demo/v1beta1", &beta)]);
        let scopes = &document["definitions"]["io.k8s.api.demo.v1.Demo"]["properties"]["scopes"];
        assert_eq!(scopes["items"]["enum"], serde_json::json!(["*"]));
    }
}
